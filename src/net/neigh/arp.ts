import { MSEC } from "../../sim/sim.ts";
import { Ev } from "../../sim/trace.ts";
import { isLoopback, isMulticast, MAC_BROADCAST, MAC_ZERO, sameMac } from "../../wire/address.ts";
import { ARP_LEN, ARP_REPLY, ARP_REQUEST, Arp } from "../../wire/arp.ts";
import type { Bytes } from "../../wire/bytes.ts";
import { ETH_P_ARP } from "../../wire/ethernet.ts";
import type { InetAddress, NetDevice } from "../device/device.ts";
import { devQueueXmit } from "../device/transmit.ts";
import { routeInput } from "../fib/input.ts";
import { flow, RT_SCOPE_LINK } from "../fib/route.ts";
import { drop } from "../kernel.ts";
import type { NetNs } from "../netns.ts";
import type { Skb } from "../skb.ts";
import type { Neighbour } from "./table.ts";

/** linux: net/ipv4/arp.c, arp_send */
function arpSend(
  ns: NetNs,
  dev: NetDevice,
  operation: number,
  to: Bytes,
  fields: { senderIp: number; targetMac: Bytes; targetIp: number },
  about: number,
): void {
  const skb = ns.kernel.newSkb(ns, ARP_LEN, "arp", null, about);
  Arp.write(skb.data, skb.network, {
    operation,
    senderMac: dev.mac,
    senderIp: fields.senderIp,
    targetMac: fields.targetMac,
    targetIp: fields.targetIp,
  });
  devQueueXmit(ns, skb, dev, to, ETH_P_ARP);
}

/** Ask who has an address (linux: net/ipv4/arp.c, arp_solicit). */
export function arpSolicit(ns: NetNs, entry: Neighbour, about: Skb | null): void {
  const dev = entry.dev;
  const announce = ns.sysctl.max(dev.conf, "arp_announce");
  let src = 0;
  if (about) {
    const from = about.ip.src;
    const ours = ns.fib.isLocal(from);
    if (announce === 0 && ours) src = from;
    else if (announce === 1 && ours)
      for (const a of dev.addresses)
        if (
          (from ^ a.local) >>> (32 - a.prefixLength) === 0 &&
          (entry.ip ^ a.local) >>> (32 - a.prefixLength) === 0
        )
          src = from;
  }
  src ||= ns.fib.selectAddress(dev, entry.ip, RT_SCOPE_LINK);
  const unicast = entry.state === "PROBE";
  arpSend(
    ns,
    dev,
    ARP_REQUEST,
    unicast ? entry.mac : MAC_BROADCAST,
    { senderIp: src, targetMac: unicast ? entry.mac : MAC_ZERO, targetIp: entry.ip },
    about?.id ?? 0,
  );
}

/** linux: net/ipv4/arp.c, arp_rcv, arp_process */
export function arpRcv(ns: NetNs, skb: Skb, dev: NetDevice): void {
  if (dev.noArp || skb.pktType === "OTHERHOST") return drop(ns, skb, "OTHERHOST");
  if (!Arp.check(skb.data, skb.network, skb.tail)) return drop(ns, skb, "HDR_TRUNC");
  const arp = new Arp(skb.data, skb.network);
  if (arp.operation !== ARP_REQUEST && arp.operation !== ARP_REPLY)
    return drop(ns, skb, "ARP_IGNORED");
  ns.trace.emit(Ev.SOCK, ns.id, skb.id, 0);
  arpProcess(ns, skb, dev, false);
}

/** `late`: it has waited for its answer, which is for somebody else (linux: parp_redo). */
export function arpProcess(ns: NetNs, skb: Skb, dev: NetDevice, late: boolean): void {
  const arp = new Arp(skb.data, skb.network);
  const { senderIp, targetIp } = arp;
  if (isMulticast(targetIp) || (isLoopback(targetIp) && !ns.sysctl.or(dev.conf, "route_localnet")))
    return drop(ns, skb, "ARP_IGNORED");
  const reply = (): void =>
    arpSend(
      ns,
      dev,
      ARP_REPLY,
      arp.senderMac,
      { senderIp: targetIp, targetMac: arp.senderMac, targetIp: senderIp },
      skb.id,
    );
  // Duplicate address detection asks with source 0.0.0.0 (RFC 2131).
  if (senderIp === 0) {
    if (
      arp.operation === ARP_REQUEST &&
      ns.fib.isLocal(targetIp) &&
      !ignored(ns, dev, senderIp, targetIp)
    )
      reply();
    return;
  }
  if (arp.operation === ARP_REQUEST) {
    // Only who could send us packets for it is answered.
    const route = routeInput(ns, skb, dev, senderIp, targetIp, 0);
    const type = typeof route === "string" || route.error !== null ? null : route.type;
    if (type === "local") {
      if (ignored(ns, dev, senderIp, targetIp) || filtered(ns, dev, senderIp, targetIp))
        return drop(ns, skb, "ARP_IGNORED");
      learn(ns, dev, arp, "STALE", true);
      return reply();
    }
    if (type !== null && dev.conf.forwarding && proxied(ns, dev, targetIp)) {
      learn(ns, dev, arp, "STALE", true);
      // Who has the address itself shall be heard first, where everybody was asked.
      const waits = !late && skb.pktType !== "HOST" && ns.sysctl.neigh(dev.name, "proxy_delay") > 0;
      return waits ? ns.neigh.proxyQueue.enqueue(skb, dev) : reply();
    }
  }
  // An answer, or a request that tells us of somebody that we know.
  const gratuitous = isGratuitous(ns, dev, arp);
  const known = ns.neigh.find(senderIp, dev) ?? accepted(ns, dev, arp, gratuitous);
  if (!known) return;
  // Of several answers the first counts: it came from the fastest.
  const locked = ns.sysctl.neigh(dev.name, "locktime") * 10 * MSEC;
  const override = gratuitous || ns.sim.now - known.updated > locked;
  const solicited = arp.operation === ARP_REPLY && skb.pktType === "HOST";
  ns.neigh.update(known, arp.senderMac, solicited ? "REACHABLE" : "STALE", override);
}

/** Somebody tells everybody that an address is theirs (linux: net/ipv4/arp.c, arp_is_garp). */
function isGratuitous(ns: NetNs, dev: NetDevice, arp: Arp): boolean {
  if (arp.targetIp !== arp.senderIp) return false;
  if (arp.operation === ARP_REPLY && !sameMac(arp.targetMac, 0, arp.senderMac)) return false;
  return ns.fib.addressType(arp.senderIp, dev) === "unicast";
}

/** An entry for somebody unknown who tells us of themselves (linux: net/ipv4/arp.c, arp_process, arp_accept). */
function accepted(
  ns: NetNs,
  dev: NetDevice,
  { operation, senderIp }: Arp,
  gratuitous: boolean,
): Neighbour | undefined {
  const level = ns.sysctl.max(dev.conf, "arp_accept");
  const near = (a: InetAddress): boolean => (senderIp ^ a.local) >>> (32 - a.prefixLength) === 0;
  if (level !== 1 && !(level === 2 && dev.addresses.some(near))) return undefined;
  const told = operation === ARP_REPLY && ns.fib.addressType(senderIp, dev) === "unicast";
  return gratuitous || told ? ns.neigh.create(senderIp, dev) : undefined;
}

function learn(ns: NetNs, dev: NetDevice, arp: Arp, state: "STALE", create: boolean): void {
  const known =
    ns.neigh.find(arp.senderIp, dev) ?? (create ? ns.neigh.create(arp.senderIp, dev) : undefined);
  if (known) ns.neigh.update(known, arp.senderMac, state, true);
}

/** linux: net/ipv4/arp.c, arp_ignore */
function ignored(ns: NetNs, dev: NetDevice, src: number, dst: number): boolean {
  const level = ns.sysctl.max(dev.conf, "arp_ignore");
  if (level === 0) return false;
  const here = dev.addresses.find((a) => a.local === dst);
  if (level === 1) return !here;
  if (level === 2) return !here || (src !== 0 && (src ^ dst) >>> (32 - here.prefixLength) !== 0);
  if (level === 3) {
    for (const other of ns.devices.values())
      for (const a of other.addresses) if (a.local === dst) return a.scope >= RT_SCOPE_LINK;
    return false;
  }
  return level === 8;
}

/** linux: net/ipv4/arp.c, arp_filter */
function filtered(ns: NetNs, dev: NetDevice, src: number, dst: number): boolean {
  if (!ns.sysctl.or(dev.conf, "arp_filter")) return false;
  const back = ns.fib.lookup(flow({ dst: src, src: dst }));
  return back.hop !== null && back.hop.dev !== dev;
}

/** Do we answer for somebody behind us? (linux: net/ipv4/arp.c, arp_fwd_proxy, pneigh_lookup) */
function proxied(ns: NetNs, dev: NetDevice, dst: number): boolean {
  if (ns.neigh.proxies.some((proxy) => proxy.ip === dst && (!proxy.dev || proxy.dev === dev)))
    return true;
  if (!ns.sysctl.or(dev.conf, "proxy_arp")) return false;
  const there = ns.fib.lookup(flow({ dst, iif: dev.ifindex }));
  return there.type === "unicast" && there.hop !== null && there.hop.dev !== dev;
}

import type { Errno } from "../../base/errno.ts";
import { isMulticast } from "../../wire/address.ts";
import { ETH_P_IP } from "../../wire/ethernet.ts";
import { ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED } from "../../wire/icmp.ts";
import { IP_DF, IPV4_HLEN, Ipv4 } from "../../wire/ipv4.ts";
import { loopbackXmit } from "../device/loopback.ts";
import { devQueueXmit } from "../device/transmit.ts";
import { dissect } from "../fib/input.ts";
import { ipRouteOutput } from "../fib/output.ts";
import { flow, memberOf, RouteError, type RouteResult } from "../fib/route.ts";
import { drop } from "../kernel.ts";
import { setMark } from "../mark.ts";
import { countType } from "../mib.ts";
import { nfHook } from "../netfilter/hook.ts";
import type { NetNs } from "../netns.ts";
import type { Skb } from "../skb.ts";
import type { Sock } from "../socket/sock.ts";
import { ipFragment } from "./fragment.ts";
import { icmpSend } from "./icmp.ts";
import { buildOptions, type echoOptions } from "./options.ts";

export { ipRouteOutput };

/** No IPv4 packet is longer. */
const IP_MAX_MTU = 0xffff;

export interface XmitOptions {
  src: number;
  dst: number;
  protocol: number;
  tos: number;
  ttl: number;
  dontFragment: boolean;
  sk: Sock | null;
  mark: number;
  priority?: number;
  /** Identification to use; else the next one. */
  id?: number;
  /** IP options of an answer. */
  echo?: ReturnType<typeof echoOptions>;
}

/**
 * Put an IPv4 header before skb.head and send (linux: net/ipv4/ip_output.c, __ip_queue_xmit,
 * ip_build_and_send_pkt). Answers what a send call would: null or EPERM, EMSGSIZE …
 */
export function ipQueueXmit(
  ns: NetNs,
  skb: Skb,
  route: RouteResult,
  options: XmitOptions,
): Errno | null {
  skb.transport = skb.head;
  const echo = options.echo;
  if (echo) skb.data.set(echo.bytes, skb.push(echo.bytes.length));
  const at = skb.push(IPV4_HLEN);
  skb.network = at;
  skb.protocol = ETH_P_IP;
  skb.sk = options.sk;
  skb.route = route;
  skb.priority = options.priority ?? 0;
  Ipv4.write(skb.data, at, {
    tos: options.tos,
    totalLength: skb.tail - at,
    id: options.id ?? ns.nextIpId(),
    fragment: options.dontFragment ? IP_DF : 0,
    ttl: options.ttl,
    protocol: options.protocol,
    src: options.src,
    dst: options.dst,
  });
  if (echo) {
    skb.options = { ...echo.options };
    buildOptions(ns, skb, skb.options);
    Ipv4.resize(skb.data, at, IPV4_HLEN + echo.bytes.length);
  }
  setMark(ns, skb, options.mark);
  return ipLocalOut(ns, skb);
}

/** linux: net/ipv4/ip_output.c, ip_local_out; skb.network is a finished packet, skb.route is set. */
export function ipLocalOut(ns: NetNs, skb: Skb): Errno | null {
  const route = skb.route as RouteResult;
  skb.protocol = ETH_P_IP;
  skb.head = skb.network;
  skb.transport = skb.ip.payload;
  ns.mib.IpOutRequests++;
  if (nfHook(ns, "OUTPUT", skb, null, route.dev) !== "ACCEPT") return "EPERM";
  return ipOutput(ns, skb);
}

/** linux: net/ipv4/ip_output.c, ip_output, ip_mc_output */
export function ipOutput(ns: NetNs, skb: Skb): Errno | null {
  const route = skb.route as RouteResult;
  const input = skb.dev;
  const dev = route.dev;
  // What we say to all, or to a group that we are in, we hear ourselves: a copy through the loopback path.
  const group = route.type === "multicast" && memberOf(skb.ip.dst);
  if (!route.input && !dev.isLoopback && (route.type === "broadcast" || group)) {
    const copy = ns.kernel.cloneSkb(ns, skb);
    if (nfHook(ns, "POSTROUTING", copy, null, dev) === "ACCEPT") loopbackXmit(ns, copy, dev);
    else copy.forgetPieces();
    if (group && skb.ip.ttl === 0) {
      drop(ns, skb, "NOT_SPECIFIED");
      return null;
    }
  }
  skb.dev = dev;
  if (nfHook(ns, "POSTROUTING", skb, input, dev) !== "ACCEPT") return "EPERM";
  return ipFinishOutput(ns, skb);
}

/** Fragment what does not fit (linux: net/ipv4/ip_output.c, __ip_finish_output, ip_fragment). */
export function ipFinishOutput(ns: NetNs, skb: Skb): Errno | null {
  const ip = skb.ip;
  const mtu = packetMtu(ns, skb);
  if (ip.totalLength <= mtu && !skb.fragMaxSize) {
    ipFinishOutput2(ns, skb);
    return null;
  }
  if (ip.dontFragment && (!skb.ignoreDf || skb.fragMaxSize > mtu)) {
    ns.mib.IpFragFails++;
    icmpSend(ns, skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, mtu);
    drop(ns, skb, "PKT_TOO_BIG");
    return "EMSGSIZE";
  }
  for (const piece of ipFragment(ns, skb, mtu)) {
    ns.mib.IpFragCreates++;
    ipFinishOutput2(ns, piece);
  }
  ns.mib.IpFragOKs++;
  return null;
}

/**
 * What fits on the way of this packet (linux: include/net/ip.h, ip_dst_mtu_maybe_forward): forwarding
 * believes only its own routes, unless it was told to believe others (ip_forward_use_pmtu).
 */
export function packetMtu(ns: NetNs, skb: Skb): number {
  const route = skb.route as RouteResult;
  if (skb.forwarded && !ns.sysctl.number("ip_forward_use_pmtu"))
    return Math.min(route.mtu || route.dev.mtu, IP_MAX_MTU);
  return Math.min(pathMtu(ns, route, skb.ip.dst), IP_MAX_MTU);
}

/** The MTU towards a destination: the device's, or less when a router said so (RFC 1191). */
export function pathMtu(ns: NetNs, route: RouteResult, dst: number): number {
  const learned = ns.pmtu.get(dst);
  const own = route.mtu || route.dev.mtu;
  if (!learned) return own;
  if (learned.expires <= ns.sim.now) {
    ns.pmtu.delete(dst);
    return own;
  }
  return Math.min(own, learned.mtu);
}

/** What is said to all, or to a group, is counted besides (linux: IP_UPD_PO_STATS). */
export function countGroup(ns: NetNs, skb: Skb, { type }: RouteResult, way: "In" | "Out"): void {
  if (type !== "broadcast" && type !== "multicast") return;
  const group = type === "broadcast" ? "Bcast" : "Mcast";
  ns.mib[`IpExt${way}${group}Pkts`]++;
  ns.mib[`IpExt${way}${group}Octets`] += skb.tail - skb.network;
}

/** A send that failed after there was a packet (linux: net/ipv4/ip_output.c, ip_send_skb). */
export function countDiscard(ns: NetNs, failed: Errno | null): void {
  if (failed) ns.mib.IpOutDiscards++;
}

/** linux: net/ipv4/icmp.c, icmp_out_count */
export function icmpOutCount(ns: NetNs, type: number): void {
  ns.mib.IcmpOutMsgs++;
  countType(ns.mib.icmpOut, type);
}

/** To the neighbour (linux: net/ipv4/ip_output.c, ip_finish_output2). */
function ipFinishOutput2(ns: NetNs, skb: Skb): void {
  const route = skb.route as RouteResult;
  const dev = route.dev;
  skb.dev = dev;
  skb.head = skb.network;
  ns.mib.IpOutTransmits++;
  ns.mib.IpExtOutOctets += skb.tail - skb.network;
  countGroup(ns, skb, route, "Out");
  if (dev.isLoopback || dev.headerLength === 0) return devQueueXmit(ns, skb, dev, null, ETH_P_IP);
  const ip = skb.ip;
  if (isMulticast(ip.dst) && !route.gateway) {
    const group = Uint8Array.of(
      1,
      0,
      0x5e,
      (ip.dst >>> 16) & 0x7f,
      (ip.dst >>> 8) & 255,
      ip.dst & 255,
    );
    return devQueueXmit(ns, skb, dev, group, ETH_P_IP);
  }
  ns.neigh.output(skb, dev, route.gateway || ip.dst);
}

/**
 * Choose the route again after a table changed what routing looks at (linux: net/netfilter.c,
 * ip_route_me_harder). False when there is none: the packet is dropped.
 */
export function ipRouteMeHarder(ns: NetNs, skb: Skb): boolean {
  const ip = skb.ip;
  const sk = skb.sk;
  // A reset in somebody's name comes from an address that is not ours.
  const type = ns.fib.addressType(ip.src);
  const anySrc = type === "local" || type === "unicast";
  const key = flow({
    dst: ip.dst,
    src: anySrc ? ip.src : 0,
    oif: sk?.boundDevice?.ifindex ?? 0,
    mark: skb.mark,
    tos: ip.tos & 0x1c,
    anySrc,
    uid: sk?.owner.uid ?? 0,
  });
  if (ns.fib.looksInside) dissect(key, skb);
  const route = ipRouteOutput(ns, key, skb.id);
  if (route instanceof RouteError) return false;
  skb.route = route;
  return true;
}

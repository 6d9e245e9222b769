import { SEC } from "../../sim/sim.ts";
import { isMulticast, maskOf } from "../../wire/address.ts";
import { u8, u16 } from "../../wire/bytes.ts";
import { ICMP_ECHO_REPLY, type Icmp } from "../../wire/icmp.ts";
import { IPPROTO_ICMP, IPPROTO_TCP, IPPROTO_UDP, type Ipv4 } from "../../wire/ipv4.ts";
import type { NetDevice } from "../device/device.ts";
import { ipRouteOutput } from "../fib/output.ts";
import { type Flow, flow, RouteError } from "../fib/route.ts";
import type { NetNs } from "../netns.ts";
import type { Skb } from "../skb.ts";
import { tcpLookupEstablished, udpLookup } from "../socket/lookup.ts";
import { rawConcerned } from "../socket/raw.ts";
import type { Sock } from "../socket/sock.ts";

/** How long a better way is kept to (linux: ip_rt_gc_timeout). */
const EXPIRES = 300 * SEC;

/** A router tells whoever sent the quoted packet of a better one (RFC 1122 §3.2.2.2; linux: icmp_redirect). */
export function icmpRedirect(ns: NetNs, skb: Skb, icmp: Icmp, quoted: Ipv4): void {
  if ((icmp.code & 7) > 3 || skb.dev === null) return;
  for (const sock of senders(ns, skb, quoted)) {
    const key = flow({
      src: quoted.src,
      dst: quoted.dst,
      oif: sock?.boundDevice?.ifindex ?? 0,
      mark: sock?.mark ?? 0,
      tos: (sock?.tos ?? quoted.tos) & 0x1c,
      protocol: quoted.protocol,
      uid: sock?.owner.uid ?? 0,
      anySrc: sock?.transparent ?? false,
    });
    believe(ns, key, icmp.rest, skb.ip.src, skb.dev);
  }
}

/** Who has sent what is quoted: sockets, or (null) the kernel, which answers echoes (linux: the err_handlers). */
function senders(ns: NetNs, skb: Skb, quoted: Ipv4): (Sock | null)[] {
  const { src, dst, protocol, payload } = quoted;
  if (payload + 8 > skb.tail) return [];
  const found: (Sock | null)[] = [...rawConcerned(ns, quoted)];
  const ports = [u16(skb.data, payload + 2), u16(skb.data, payload)] as const;
  if (protocol === IPPROTO_ICMP && u8(skb.data, payload) === ICMP_ECHO_REPLY) found.push(null);
  const sock =
    protocol === IPPROTO_TCP
      ? tcpLookupEstablished(ns, dst, ports[0], src, ports[1])
      : protocol === IPPROTO_UDP
        ? udpLookup(ns, dst, ports[0], src, ports[1], skb.dev)
        : null;
  return sock ? [...found, sock] : found;
}

/** linux: net/ipv4/route.c, __ip_do_redirect */
function believe(ns: NetNs, key: Flow, gateway: number, from: number, dev: NetDevice): void {
  const route = ipRouteOutput(ns, key);
  if (route instanceof RouteError || !route.gateway || route.gateway !== from) return;
  if (gateway === from || !accepts(ns, dev) || !sensible(ns, gateway, from, dev)) return;
  const neighbour = ns.neigh.find(gateway, route.dev) ?? ns.neigh.create(gateway, route.dev);
  // First it has to be there: who says so again later is believed.
  if (!neighbour.valid) return ns.neigh.probe(neighbour, null);
  const { hop } = ns.fib.lookup({ ...key, iif: ns.loopback.ifindex });
  if (!hop) return;
  hop.better ??= new Map();
  hop.better.set(key.dst, { gateway, expires: ns.sim.now + EXPIRES });
}

/** linux: include/linux/inetdevice.h, IN_DEV_RX_REDIRECTS: a router has to be told to on all of its devices. */
function accepts(ns: NetNs, dev: NetDevice): boolean {
  const ask = dev.conf.forwarding ? ns.sysctl.and : ns.sysctl.or;
  return ask.call(ns.sysctl, dev.conf, "accept_redirects");
}

function sensible(ns: NetNs, gateway: number, from: number, dev: NetDevice): boolean {
  if (isMulticast(gateway) || gateway === 0xffffffff || gateway === 0) return false;
  if (ns.sysctl.or(dev.conf, "shared_media")) return ns.fib.addressType(gateway) === "unicast";
  const onLink = dev.addresses.some((a) => {
    const mask = maskOf(a.prefixLength);
    return ((a.peer ^ gateway) & mask) === 0 && ((a.peer ^ from) & mask) === 0;
  });
  if (!onLink || !ns.sysctl.or(dev.conf, "secure_redirects")) return onLink;
  // Only to a gateway that some route has already (linux: ip_fib_check_default).
  for (const table of ns.fib.tables.values())
    for (const { nexthops } of table.all())
      if (nexthops.some((hop) => hop.dev === dev && hop.gateway === gateway)) return true;
  return false;
}

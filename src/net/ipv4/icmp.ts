import { SEC } from "../../sim/sim.ts";
import { Ev } from "../../sim/trace.ts";
import { isMulticast } from "../../wire/address.ts";
import { u16 } from "../../wire/bytes.ts";
import {
  ICMP_DEST_UNREACH,
  ICMP_ECHO,
  ICMP_ECHO_REPLY,
  ICMP_FRAG_NEEDED,
  ICMP_HLEN,
  ICMP_REDIRECT,
  Icmp,
} from "../../wire/icmp.ts";
import { IPPROTO_ICMP, IPPROTO_TCP, IPPROTO_UDP, Ipv4 } from "../../wire/ipv4.ts";
import { flow, RouteError, type RouteResult } from "../fib/route.ts";
import { drop } from "../kernel.ts";
import type { NetNs } from "../netns.ts";
import type { Skb } from "../skb.ts";
import { rawIcmpError } from "../socket/raw.ts";
import { tcpIcmpError } from "../tcp/input.ts";
import { udpIcmpError } from "../udp/input.ts";
import { ipQueueXmit, ipRouteOutput } from "./output.ts";

/** What an error quotes at most: 576 bytes in all (RFC 1812 §4.3.2.3; linux: icmp_send). */
const ERROR_SIZE = 576;
/** linux: net/ipv4/icmp.c, XRLIM_BURST_FACTOR */
const BURST = 6;
/** How long a smaller path MTU is believed (linux: ip_rt_mtu_expires). */
const PMTU_EXPIRES = 600 * SEC;

/** linux: net/ipv4/icmp.c, icmp_rcv */
export function icmpRcv(ns: NetNs, skb: Skb): void {
  const at = skb.transport;
  if (!Icmp.check(skb.data, at, skb.tail)) return drop(ns, skb, "HDR_TRUNC");
  if (!Icmp.checksumValid(skb.data, at, skb.tail)) return drop(ns, skb, "ICMP_CSUM");
  const icmp = new Icmp(skb.data, at);
  const route = skb.route;
  if (route && route.type === "broadcast" && icmp.type === ICMP_ECHO)
    if (ns.sysctl.number("icmp_echo_ignore_broadcasts")) return drop(ns, skb, "INVALID_PROTO");
  if (icmp.type === ICMP_ECHO) return icmpEcho(ns, skb);
  if (Icmp.isError(icmp.type)) return icmpError(ns, skb, icmp);
  // Echo replies and the rest are for ping sockets, which rawDeliver has served.
}

/** linux: net/ipv4/icmp.c, icmp_echo, icmp_reply */
function icmpEcho(ns: NetNs, skb: Skb): void {
  if (ns.sysctl.number("icmp_echo_ignore_all")) return drop(ns, skb, "INVALID_PROTO");
  const ip = skb.ip;
  const length = skb.tail - skb.transport;
  ns.trace.emit(Ev.SOCK, ns.id, skb.id, 0);
  const reply = ns.kernel.newSkb(ns, length, "icmp", null, skb.id);
  reply.data.set(skb.data.subarray(skb.transport, skb.tail), reply.head);
  const request = new Icmp(skb.data, skb.transport);
  Icmp.write(reply.data, reply.head, reply.tail, ICMP_ECHO_REPLY, 0, request.rest);
  const ours = ns.fib.addressType(ip.dst) === "local" ? ip.dst : 0;
  const mark = ns.sysctl.number("fwmark_reflect") ? skb.mark : 0;
  const key = flow({ dst: ip.src, src: ours, mark, tos: ip.tos & 0x1c, protocol: IPPROTO_ICMP });
  const route = ipRouteOutput(ns, key, reply.id);
  if (route instanceof RouteError) return drop(ns, reply, "IP_OUTNOROUTES");
  ipQueueXmit(ns, reply, route, {
    src: ours || route.src,
    dst: ip.src,
    protocol: IPPROTO_ICMP,
    tos: ip.tos,
    ttl: ns.sysctl.number("ip_default_ttl"),
    dontFragment: false,
    sk: null,
    mark,
  });
}

/** Somebody could not deliver what we sent (linux: net/ipv4/icmp.c, icmp_unreach, icmp_socket_deliver). */
function icmpError(ns: NetNs, skb: Skb, icmp: Icmp): void {
  const inner = skb.transport + ICMP_HLEN;
  if (skb.tail - inner < 20 || skb.data[inner] === undefined) return drop(ns, skb, "HDR_TRUNC");
  const ip = new Ipv4(skb.data, inner);
  let info = 0;
  if (icmp.type === ICMP_DEST_UNREACH && icmp.code === ICMP_FRAG_NEEDED) {
    info = icmp.rest & 0xffff;
    if (info >= 68)
      ns.pmtu.set(ip.dst, { mtu: Math.max(info, 552), expires: ns.sim.now + PMTU_EXPIRES });
  }
  // A better gateway is news for the routing only, not for sockets; we keep to our routes.
  if (icmp.type === ICMP_REDIRECT) return;
  const at = inner + ip.headerLength;
  if (skb.tail - at < 8) return drop(ns, skb, "HDR_TRUNC");
  rawIcmpError(ns, skb, ip, icmp.type, icmp.code, info);
  const srcPort = u16(skb.data, at);
  const dstPort = u16(skb.data, at + 2);
  if (ip.protocol === IPPROTO_TCP)
    tcpIcmpError(ns, ip.src, srcPort, ip.dst, dstPort, icmp.type, icmp.code, info);
  else if (ip.protocol === IPPROTO_UDP)
    udpIcmpError(ns, ip.src, srcPort, ip.dst, dstPort, icmp.type, icmp.code, info);
}

/** Tokens of one destination (linux: net/ipv4/inetpeer.c, inet_peer_xrlim_allow). */
export interface RateLimit {
  tokens: number;
  last: number;
  /** Redirects sent to it in vain. */
  redirects: number;
}

const REDIRECT_LOAD = SEC / 50;
const REDIRECTS = 9;

function limitOf(ns: NetNs, dst: number): RateLimit {
  let limit = ns.icmpLimits.get(dst);
  if (!limit) {
    limit = { tokens: BURST * SEC, last: ns.sim.now, redirects: 0 };
    ns.icmpLimits.set(dst, limit);
  }
  return limit;
}

/** A packet without a route is answered, at most five at once (linux: net/ipv4/route.c, ip_error). */
export function mayAnswerError(ns: NetNs, src: number): boolean {
  const limit = limitOf(ns, src);
  limit.tokens = Math.min(limit.tokens + ns.sim.now - limit.last, 5 * SEC);
  limit.last = ns.sim.now;
  if (limit.tokens < SEC) return false;
  limit.tokens -= SEC;
  return true;
}

/** Less and less often, and not for ever (linux: net/ipv4/route.c, ip_rt_send_redirect). */
export function sendRedirect(ns: NetNs, skb: Skb, gateway: number): void {
  const { src } = skb.ip;
  const { now } = ns.sim;
  const limit = limitOf(ns, src);
  if (now > limit.last + REDIRECT_LOAD * 1024) limit.redirects = 0;
  if (limit.redirects < REDIRECTS) {
    if (limit.redirects && now <= limit.last + REDIRECT_LOAD * 2 ** limit.redirects) return;
    icmpSend(ns, skb, ICMP_REDIRECT, 1, gateway);
    limit.redirects++;
  }
  limit.last = now;
}

function allowed(ns: NetNs, dst: number, type: number, code: number, route: RouteResult): boolean {
  if (type === ICMP_DEST_UNREACH && code === ICMP_FRAG_NEEDED) return true;
  if (route.dev.isLoopback) return true;
  if (!((1 << type) & ns.sysctl.number("icmp_ratemask"))) return true;
  const interval = ns.sysctl.number("icmp_ratelimit") * 1_000_000;
  const limit = limitOf(ns, dst);
  limit.tokens = Math.min(limit.tokens + ns.sim.now - limit.last, BURST * interval);
  limit.last = ns.sim.now;
  if (limit.tokens < interval) return false;
  limit.tokens -= interval;
  return true;
}

/**
 * Tell the sender of `skb` what is wrong with it (linux: net/ipv4/icmp.c, __icmp_send). `info` goes
 * into the second word: the MTU of "fragmentation needed", the gateway of a redirect.
 */
export function icmpSend(ns: NetNs, skb: Skb, type: number, code: number, info: number): void {
  const ip = skb.ip;
  const inbound = skb.route;
  if (inbound === null || skb.pktType !== "HOST") return;
  if (inbound.type === "broadcast" || inbound.type === "multicast") return;
  if (isMulticast(ip.dst) || ip.dst === 0xffffffff || ip.fragmentOffset) return;
  if (Icmp.isError(type) && ip.protocol === IPPROTO_ICMP) {
    const about = skb.data[ip.payload];
    // Never an error about an error (RFC 1122 §3.2.2).
    if (about === undefined || Icmp.isError(about)) return;
  }
  const local = inbound.type === "local" && inbound.input;
  const src = local || ns.fib.isLocal(ip.dst) ? ip.dst : 0;
  const mark = ns.sysctl.number("fwmark_reflect") ? skb.mark : 0;
  const tos = (ip.tos & 0x1e) | 0xc0;
  const key = flow({ dst: ip.src, src, mark, tos: tos & 0x1c, protocol: IPPROTO_ICMP });
  const route = ipRouteOutput(ns, key);
  if (route instanceof RouteError) return;
  if (!allowed(ns, ip.src, type, code, route)) return;
  const room = Math.min(ERROR_SIZE, route.mtu || route.dev.mtu) - 20 - ICMP_HLEN;
  const quoted = Math.min(ip.end - skb.network, room);
  const error = ns.kernel.newSkb(ns, ICMP_HLEN + quoted, "icmp", null, skb.id);
  error.data.set(skb.data.subarray(skb.network, skb.network + quoted), error.head + ICMP_HLEN);
  // The quoted TTL is the one that it arrived with (we decrement only when sending on).
  Icmp.write(error.data, error.head, error.tail, type, code, info >>> 0);
  relate(skb, error);
  ipQueueXmit(ns, error, route, {
    src: src || route.src,
    dst: ip.src,
    protocol: IPPROTO_ICMP,
    tos,
    ttl: ns.sysctl.number("ip_default_ttl"),
    dontFragment: false,
    sk: null,
    mark,
  });
}

/** The error belongs to the connection of what it is about (linux: nf_ct_attach). */
function relate(about: Skb, error: Skb): void {
  if (about.ct === null) return;
  error.ct = about.ct;
  error.ctinfo = about.ctinfo >= 3 ? 1 : 4;
}

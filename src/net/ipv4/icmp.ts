import { MSEC, SEC } from "../../sim/sim.ts";
import { Ev } from "../../sim/trace.ts";
import { set16, set32, u16 } from "../../wire/bytes.ts";
import { finish, pseudo } from "../../wire/checksum.ts";
import {
  ICMP_DEST_UNREACH,
  ICMP_ECHO,
  ICMP_ECHO_REPLY,
  ICMP_FRAG_NEEDED,
  ICMP_HLEN,
  ICMP_REDIRECT,
  ICMP_TIMESTAMP,
  ICMP_TIMESTAMP_REPLY,
  ICMP_TYPES,
  Icmp,
} from "../../wire/icmp.ts";
import { IPPROTO_ICMP, IPPROTO_TCP, IPPROTO_UDP, IPV4_HLEN, Ipv4 } from "../../wire/ipv4.ts";
import { TCP_HLEN } from "../../wire/tcp.ts";
import { attach } from "../conntrack/entry.ts";
import type { DropReason } from "../drop.ts";
import { learnPathMtu } from "../fib/exception.ts";
import { Flow, flow, RouteError, type RouteResult, RT_SCOPE_LINK } from "../fib/route.ts";
import { drop } from "../kernel.ts";
import { countType } from "../mib.ts";
import type { NetNs } from "../netns.ts";
import type { Skb } from "../skb.ts";
import { tcpLookupEstablished, udpLookup } from "../socket/lookup.ts";
import { rawIcmpError } from "../socket/raw.ts";
import { transportOf } from "../transport.ts";
import { udpIcmpError } from "../udp/input.ts";
import { echoOptions, specificDestination } from "./options.ts";
import {
  countDiscard,
  icmpOutCount,
  ipQueueXmit,
  ipRouteOutput,
  pathMtu,
  type XmitOptions,
} from "./output.ts";
import { icmpRedirect } from "./redirect.ts";

/** What an error quotes at most: 576 bytes in all (RFC 1812 §4.3.2.3; linux: icmp_send). */
const ERROR_SIZE = 576;
/** RFC 7600 §4.8: who has no address says this one. */
const INADDR_DUMMY = 0xc0000008;
/** What is never answered by an error (linux: net/ipv4/icmp.c, icmp_pointers). */
const UNANSWERED = new Set([1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12]);
/** linux: net/ipv4/icmp.c, XRLIM_BURST_FACTOR */
const BURST = 6;

/** linux: net/ipv4/icmp.c, icmp_rcv */
export function icmpRcv(ns: NetNs, skb: Skb): void {
  const at = skb.transport;
  ns.mib.IcmpInMsgs++;
  if (!Icmp.check(skb.data, at, skb.tail)) return inError(ns, skb, "HDR_TRUNC");
  if (!Icmp.checksumValid(skb.data, at, skb.tail)) {
    ns.mib.IcmpInCsumErrors++;
    return inError(ns, skb, "ICMP_CSUM");
  }
  const { type } = new Icmp(skb.data, at);
  countType(ns.mib.icmpIn, type);
  if (type > ICMP_TYPES) return inError(ns, skb, "INVALID_PROTO");
  const route = skb.route?.type;
  if (route === "broadcast" || route === "multicast") {
    if (type !== ICMP_ECHO && type !== ICMP_TIMESTAMP) return inError(ns, skb, "INVALID_PROTO");
    if (ns.sysctl.number("icmp_echo_ignore_broadcasts")) return inError(ns, skb, "INVALID_PROTO");
  }
  if (type === ICMP_ECHO) return icmpEcho(ns, skb);
  if (type === ICMP_TIMESTAMP) return icmpTimestamp(ns, skb);
  if (Icmp.isError(type)) return icmpError(ns, skb, new Icmp(skb.data, at));
  // Echo replies and the rest are for ping sockets, which rawDeliver has served.
}

function inError(ns: NetNs, skb: Skb, reason: DropReason): void {
  ns.mib.IcmpInErrors++;
  drop(ns, skb, reason);
}

/** linux: net/ipv4/icmp.c, icmp_echo */
function icmpEcho(ns: NetNs, skb: Skb): void {
  if (ns.sysctl.number("icmp_echo_ignore_all")) return drop(ns, skb, "INVALID_PROTO");
  icmpReply(ns, skb, skb.data.subarray(skb.transport, skb.tail), ICMP_ECHO_REPLY);
}

/** When it came in and when it was answered (RFC 792; linux: net/ipv4/icmp.c, icmp_timestamp). */
function icmpTimestamp(ns: NetNs, skb: Skb): void {
  const theirs = skb.transport + ICMP_HLEN;
  if (skb.tail - theirs < 4) return inError(ns, skb, "HDR_TRUNC");
  const message = new Uint8Array(ICMP_HLEN + 12);
  message.set(skb.data.subarray(skb.transport, theirs + 4));
  const now = Math.floor(ns.sim.now / MSEC) % 86_400_000;
  set32(message, ICMP_HLEN + 4, now);
  set32(message, ICMP_HLEN + 8, now);
  icmpReply(ns, skb, message, ICMP_TIMESTAMP_REPLY);
}

/** linux: net/ipv4/icmp.c, icmp_reply: no packet without a route */
function icmpReply(ns: NetNs, skb: Skb, message: Uint8Array, type: number): void {
  const ip = skb.ip;
  ns.trace.emit(Ev.SOCK, ns.id, skb.id, 0);
  const reply = ns.kernel.newSkb(ns, message.length, "icmp", null, skb.id);
  reply.data.set(message, reply.head);
  const request = new Icmp(skb.data, skb.transport);
  Icmp.write(reply.data, reply.head, reply.tail, type, 0, request.rest);
  const src = specificDestination(ns, skb);
  const mark = ns.sysctl.number("fwmark_reflect") ? skb.mark : 0;
  const key = new Flow();
  key.dst = ip.src;
  key.src = src;
  key.mark = mark;
  key.tos = ip.tos & 0x1c;
  key.protocol = IPPROTO_ICMP;
  const route = ipRouteOutput(ns, key, reply.id);
  if (route instanceof RouteError) {
    ns.kernel.unmakeSkb(reply);
    ipRouteOutput(ns, key, skb.id);
    return;
  }
  sendIcmp(ns, reply, route, {
    src: src || route.src,
    dst: ip.src,
    protocol: IPPROTO_ICMP,
    tos: ip.tos,
    ttl: ns.sysctl.number("ip_default_ttl"),
    dontFragment: false,
    sk: null,
    mark,
    echo: echoOptions(ns, skb),
  });
}

/** One at a time: none about another (linux: net/ipv4/icmp.c, icmp_xmit_lock, icmp_push_reply). */
function sendIcmp(ns: NetNs, skb: Skb, route: RouteResult, options: XmitOptions): void {
  ns.kernel.icmpBusy = true;
  // Cut to pieces where need be, whatever its header comes to say (linux: ip_sk_ignore_df).
  skb.ignoreDf = true;
  icmpOutCount(ns, skb.data[skb.head] as number);
  countDiscard(ns, ipQueueXmit(ns, skb, route, options));
  ns.kernel.icmpBusy = false;
}

/** Somebody could not deliver what we sent (linux: net/ipv4/icmp.c, icmp_unreach, icmp_socket_deliver). */
function icmpError(ns: NetNs, skb: Skb, icmp: Icmp): void {
  const inner = skb.transport + ICMP_HLEN;
  if (skb.tail - inner < 20 || skb.data[inner] === undefined) return inError(ns, skb, "HDR_TRUNC");
  const ip = new Ipv4(skb.data, inner);
  // A better gateway is news for the routing only, not for sockets.
  if (icmp.type === ICMP_REDIRECT) return icmpRedirect(ns, skb, icmp, ip);
  const at = inner + ip.headerLength;
  if (skb.tail - at < 8) return inError(ns, skb, "HDR_TRUNC");
  const tooBig = icmp.type === ICMP_DEST_UNREACH && icmp.code === ICMP_FRAG_NEEDED;
  const info = tooBig ? icmp.rest & 0xffff : 0;
  const srcPort = u16(skb.data, at);
  const dstPort = u16(skb.data, at + 2);
  const raw = rawIcmpError(ns, skb, ip, icmp.type, icmp.code, info);
  // Who has not sent it does not believe it (linux: tcp_v4_err, __udp4_lib_err, icmp_err).
  const isStream = ip.protocol === IPPROTO_TCP;
  const sock = isStream
    ? tcpLookupEstablished(ns, ip.dst, dstPort, ip.src, srcPort)
    : ip.protocol === IPPROTO_UDP
      ? udpLookup(ns, ip.dst, dstPort, ip.src, srcPort, skb.dev)
      : null;
  if (!sock && (isStream || ip.protocol === IPPROTO_UDP)) ns.mib.IcmpInErrors++;
  const ours = raw || sock || (ip.protocol === IPPROTO_ICMP && skb.data[at] === ICMP_ECHO_REPLY);
  if (ours && info >= 68) learnPathMtu(ns, ip.dst, info);
  if (isStream)
    transportOf(IPPROTO_TCP).error(
      ...[ns, ip.src, srcPort, ip.dst, dstPort, icmp.type, icmp.code, info],
    );
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
    // As if it was last heard of a minute ago (linux: inet_getpeer).
    limit = { tokens: 0, last: ns.sim.now - 60 * SEC, redirects: 0 };
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
  if (now > limit.last + REDIRECT_LOAD * 1024) {
    // What other errors have saved up goes too: it is one account.
    limit.tokens = 0;
    limit.redirects = 0;
  }
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
  if (inbound === null || skb.pktType !== "HOST" || ns.kernel.icmpBusy) return;
  if (inbound.type === "broadcast" || inbound.type === "multicast" || ip.fragmentOffset) return;
  if (Icmp.isError(type) && ip.protocol === IPPROTO_ICMP) {
    const about = ip.payload < skb.tail ? (skb.data[ip.payload] as number) : ICMP_TYPES + 1;
    // Never an error about an error (RFC 1122 §3.2.2), nor about what may be one.
    if (about > ICMP_TYPES || UNANSWERED.has(about)) return;
  }
  const src = inbound.type === "local" ? ip.dst : inboundAddress(ns, skb, inbound);
  const mark = ns.sysctl.number("fwmark_reflect") ? skb.mark : 0;
  const tos = (ip.tos & 0x1e) | 0xc0;
  const key = flow({ dst: ip.src, src, mark, tos: tos & 0x1c, protocol: IPPROTO_ICMP });
  // Type and code lie where rules look for the destination port (linux: union flowi_uli).
  key.dstPort = (type << 8) | code;
  const route = ipRouteOutput(ns, key);
  if (route instanceof RouteError) return;
  if (!allowed(ns, ip.src, type, code, route)) {
    ns.mib.IcmpOutRateLimitHost++;
    return;
  }
  const echo = echoOptions(ns, skb);
  const room =
    Math.min(ERROR_SIZE, pathMtu(ns, route, ip.src)) -
    IPV4_HLEN -
    (echo?.bytes.length ?? 0) -
    ICMP_HLEN;
  if (room <= IPV4_HLEN) return;
  const quoted = Math.min(ip.end - skb.network, room);
  const error = ns.kernel.newSkb(ns, ICMP_HLEN + quoted, "icmp", null, skb.id);
  error.data.set(skb.data.subarray(skb.network, skb.network + quoted), error.head + ICMP_HLEN);
  if (skb.partialSum && quoted >= ip.headerLength + TCP_HLEN) {
    const start = pseudo(ip.src, ip.dst, ip.protocol, ip.end - ip.payload);
    set16(error.data, error.head + ICMP_HLEN + ip.headerLength + 16, ~finish(start) & 0xffff);
  }
  // The quoted TTL is the one that it arrived with (we decrement only when sending on).
  Icmp.write(error.data, error.head, error.tail, type, code, info >>> 0);
  attach(skb, error);
  sendIcmp(ns, error, route, {
    src: src || route.src || INADDR_DUMMY,
    dst: ip.src,
    protocol: IPPROTO_ICMP,
    tos,
    ttl: ns.sysctl.number("ip_default_ttl"),
    dontFragment: false,
    sk: null,
    mark,
    echo,
  });
}

/** Who speaks when it was not for us: the routing says (0), or the device that it came in by. */
function inboundAddress(ns: NetNs, skb: Skb, inbound: RouteResult): number {
  if (!inbound.input || !ns.sysctl.number("icmp_errors_use_inbound_ifaddr")) return 0;
  return skb.iif ? ns.fib.selectAddress(skb.iif, skb.ip.src, RT_SCOPE_LINK) : 0;
}

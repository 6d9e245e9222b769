import { type Bytes, set8, set16, set32, u8, u32 } from "../../wire/bytes.ts";
import { finish, sum } from "../../wire/checksum.ts";
import { IPV4_HLEN } from "../../wire/ipv4.ts";
import type { NetDevice } from "../device/device.ts";
import { flow, type RouteResult, RT_SCOPE_LINK, RT_SCOPE_UNIVERSE } from "../fib/route.ts";
import type { NetNs } from "../netns.ts";
import type { Skb } from "../skb.ts";

/** RFC 791 §3.1: copied flag, class and number. */
const END = 0;
const NOOP = 1;
const RR = 7;
const TIMESTAMP = 68;
const LSRR = 131;
const SSRR = 137;
const ROUTER_ALERT = 148;
const COPIED = 0x80;

/** What the flags of a timestamp option ask for. */
const TS_ONLY = 0;
const TS_ADDRESS = 1;
const TS_PRESPECIFIED = 3;

/** What a header's options ask of us; offsets from the header's beginning, 0 for none (linux: struct ip_options). */
export interface IpOptions {
  length: number;
  recordRoute: number;
  timestamp: number;
  sourceRoute: number;
  /** The address of the device that it leaves by is still to be recorded. */
  recordOut: boolean;
  stampAddress: boolean;
  stampTime: boolean;
  /** The header's checksum is not right any more. */
  changed: boolean;
}

export function noOptions(length: number): IpOptions {
  return {
    length,
    recordRoute: 0,
    timestamp: 0,
    sourceRoute: 0,
    recordOut: false,
    stampAddress: false,
    stampTime: false,
    changed: false,
  };
}

/** Milliseconds since midnight, UT (linux: inet_current_timestamp). */
function timestamp(ns: NetNs): number {
  return Math.floor(ns.sim.now / 1_000_000) % 86_400_000;
}

/**
 * Read the options of a packet that came in and do what they ask (linux: net/ipv4/ip_options.c,
 * __ip_options_compile). A number is where the mistake is: what "parameter problem" points at.
 */
export function readOptions(ns: NetNs, skb: Skb): IpOptions | number {
  const header = skb.network;
  const b = skb.data;
  const options = noOptions(skb.ip.headerLength - IPV4_HLEN);
  const end = header + IPV4_HLEN + options.length;
  // As far as it was read, it counts for what is answered.
  skb.options = options;
  for (let at = header + IPV4_HLEN; at < end; ) {
    const kind = u8(b, at);
    if (kind === END) {
      for (at++; at < end; at++)
        if (u8(b, at) !== END) {
          set8(b, at, END);
          options.changed = true;
        }
      break;
    }
    if (kind === NOOP) {
      at++;
      continue;
    }
    const left = end - at;
    const length = left < 2 ? 0 : u8(b, at + 1);
    if (length < 2 || length > left) return at - header;
    let wrong = -1;
    if (kind === LSRR || kind === SSRR) {
      if (length < 3) wrong = at + 1;
      else if (u8(b, at + 2) < 4) wrong = at + 2;
      else if (options.sourceRoute) wrong = at;
      else options.sourceRoute = at - header;
    } else if (kind === RR) wrong = recordRoute(ns, skb, options, at, length);
    else if (kind === TIMESTAMP) wrong = stamp(ns, skb, options, at, length);
    else if (kind === ROUTER_ALERT && length < 4) wrong = at + 1;
    if (wrong >= 0) return wrong - header;
    at += length;
  }
  return options;
}

function recordRoute(ns: NetNs, skb: Skb, o: IpOptions, at: number, length: number): number {
  const b = skb.data;
  if (o.recordRoute) return at;
  if (length < 3) return at + 1;
  const pointer = u8(b, at + 2);
  if (pointer < 4) return at + 2;
  if (pointer <= length) {
    if (pointer + 3 > length) return at + 2;
    set32(b, at + pointer - 1, specificDestination(ns, skb));
    o.changed = true;
    set8(b, at + 2, pointer + 4);
    o.recordOut = true;
  }
  o.recordRoute = at - skb.network;
  return -1;
}

function stamp(ns: NetNs, skb: Skb, o: IpOptions, at: number, length: number): number {
  const b = skb.data;
  if (o.timestamp) return at;
  if (length < 4) return at + 1;
  const pointer = u8(b, at + 2);
  const flags = u8(b, at + 3);
  const kind = flags & 15;
  if (pointer < 5) return at + 2;
  if (pointer <= length) {
    if (pointer + 3 > length) return at + 2;
    let where = 0;
    if (kind === TS_ONLY) {
      where = at + pointer - 1;
      o.stampTime = true;
      set8(b, at + 2, pointer + 4);
    } else if (kind === TS_ADDRESS || kind === TS_PRESPECIFIED) {
      if (pointer + 7 > length) return at + 2;
      if (kind === TS_ADDRESS) {
        set32(b, at + pointer - 1, specificDestination(ns, skb));
        o.stampAddress = true;
      }
      if (kind === TS_ADDRESS || ns.fib.addressType(u32(b, at + pointer - 1)) !== "unicast") {
        where = at + pointer + 3;
        o.stampTime = true;
        set8(b, at + 2, pointer + 8);
      }
    }
    if (where) {
      set32(b, where, timestamp(ns));
      o.changed = true;
    }
  } else if (kind !== TS_PRESPECIFIED) {
    const overflow = flags >> 4;
    if (overflow === 15) return at + 3;
    set8(b, at + 3, kind | ((overflow + 1) << 4));
    o.changed = true;
  }
  o.timestamp = at - skb.network;
  return -1;
}

/** Our address, as whoever sent the packet knows us (linux: net/ipv4/fib_frontend.c, fib_compute_spec_dst). */
export function specificDestination(ns: NetNs, skb: Skb): number {
  const { src, dst, tos } = skb.ip;
  const dev = skb.dev as NetDevice;
  if (skb.route?.type === "local") return dst;
  if (src === 0) return ns.fib.selectAddress(dev, src, RT_SCOPE_LINK);
  const key = flow({
    dst: src,
    iif: ns.loopback.ifindex,
    tos: tos & 0x1c,
    mark: ns.sysctl.or(dev.conf, "src_valid_mark") ? skb.mark : 0,
  });
  const found = ns.fib.lookup(key);
  if (found.error === null) return ns.fib.preferredSource(found, src);
  return ns.fib.selectAddress(dev, src, RT_SCOPE_UNIVERSE);
}

/** The address that we have on the way out (linux: net/ipv4/route.c, ip_rt_get_source). */
function sourceOf(ns: NetNs, skb: Skb): number {
  const { src, dst, tos } = skb.ip;
  const route = skb.route as RouteResult;
  if (!route.input) return src;
  const key = flow({
    src,
    dst,
    tos: tos & 0x1c,
    oif: route.dev.ifindex,
    iif: skb.dev?.ifindex ?? 0,
    mark: skb.mark,
  });
  const found = ns.fib.lookup(key);
  if (found.error === null) return ns.fib.preferredSource(found, dst);
  return ns.fib.selectAddress(route.dev, route.gateway || dst, RT_SCOPE_UNIVERSE);
}

/** What options ask of who sends a packet on (linux: ip_forward_options). */
export function forwardOptions(ns: NetNs, skb: Skb): void {
  const o = skb.options;
  if (!o) return;
  const b = skb.data;
  if (o.recordOut) {
    const at = skb.network + o.recordRoute;
    set32(b, at + u8(b, at + 2) - 5, sourceOf(ns, skb));
    o.changed = true;
  }
  if (!o.changed) return;
  o.changed = false;
  set16(b, skb.network + 10, 0);
  set16(b, skb.network + 10, finish(sum(b, skb.network, skb.network + skb.ip.headerLength)));
}

/** The options of an answer, and what is still to be filled in (linux: __ip_options_echo). */
export function echoOptions(ns: NetNs, skb: Skb): { bytes: Bytes; options: IpOptions } | null {
  const from = skb.options;
  if (!from?.length) return null;
  const b = skb.data;
  const out = new Uint8Array(40);
  const options = noOptions(0);
  if (from.recordRoute) {
    const at = skb.network + from.recordRoute;
    const length = u8(b, at + 1);
    const pointer = u8(b, at + 2);
    options.recordRoute = IPV4_HLEN;
    out.set(b.subarray(at, at + length), 0);
    if (from.recordOut && pointer <= length) {
      if (pointer + 3 > length) return null;
      out[2] = pointer + 4;
      options.recordOut = true;
    }
    options.length += length;
  }
  if (from.timestamp) {
    const at = skb.network + from.timestamp;
    const length = u8(b, at + 1);
    const start = options.length;
    options.timestamp = IPV4_HLEN + start;
    out.set(b.subarray(at, at + length), start);
    let pointer = u8(b, at + 2);
    if (pointer <= length) {
      if (from.stampAddress) {
        if (pointer + 3 > length) return null;
        options.stampAddress = true;
        pointer += 4;
      }
      if (from.stampTime) {
        if (pointer + 3 > length) return null;
        if ((u8(b, at + 3) & 15) !== TS_PRESPECIFIED) {
          options.stampTime = true;
          pointer += 4;
        } else if (
          pointer + 7 <= length &&
          ns.fib.addressType(u32(out, start + pointer - 1)) !== "unicast"
        ) {
          options.stampTime = true;
          pointer += 8;
        }
      }
      out[start + 2] = pointer;
    }
    options.length += length;
  }
  options.length = (options.length + 3) & ~3;
  return { bytes: out.slice(0, options.length), options };
}

/** Fill in what the options of a packet of ours leave open (linux: ip_options_build). */
export function buildOptions(ns: NetNs, skb: Skb, options: IpOptions): void {
  const b = skb.data;
  const record = skb.network + options.recordRoute;
  const stamped = skb.network + options.timestamp;
  if (options.recordOut) set32(b, record + u8(b, record + 2) - 5, sourceOf(ns, skb));
  if (options.stampAddress) set32(b, stamped + u8(b, stamped + 2) - 9, sourceOf(ns, skb));
  if (options.stampTime) set32(b, stamped + u8(b, stamped + 2) - 5, timestamp(ns));
}

/** Fragments but the first have only the options that say so (linux: ip_options_fragment). */
export function fragmentOptions(data: Bytes, header: number, length: number): void {
  const end = header + IPV4_HLEN + length;
  for (let at = header + IPV4_HLEN; at < end; ) {
    const kind = u8(data, at);
    if (kind === END) return;
    if (kind === NOOP) {
      at++;
      continue;
    }
    const size = at + 1 < end ? u8(data, at + 1) : 0;
    if (size < 2 || size > end - at) return;
    if (!(kind & COPIED)) data.fill(NOOP, at, at + size);
    at += size;
  }
}

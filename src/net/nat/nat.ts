import { Ev } from "../../sim/trace.ts";
import { set16, u8, u16 } from "../../wire/bytes.ts";
import { adjust16, adjust32, finish, sum } from "../../wire/checksum.ts";
import { ICMP_HLEN, ICMP_REDIRECT, Icmp } from "../../wire/icmp.ts";
import {
  IPPROTO_GRE,
  IPPROTO_ICMP,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPV4_HLEN,
  Ipv4,
} from "../../wire/ipv4.ts";
import { TCP_HLEN, Tcp } from "../../wire/tcp.ts";
import { Udp } from "../../wire/udp.ts";
import {
  type Conntrack,
  IPS_DST_NAT,
  IPS_DST_NAT_DONE,
  IPS_SRC_NAT,
  IPS_SRC_NAT_DONE,
  type Tuple,
} from "../conntrack/entry.ts";
import { sourceKey } from "../conntrack/table.ts";
import { invertTuple, sameTuple } from "../conntrack/tuple.ts";
import { checksumRight } from "../netfilter/checksum.ts";
import type { Hook, Verdict } from "../netfilter/extension.ts";
import { jhash2, swap32 } from "../netfilter/ipset/jhash.ts";
import type { NetNs } from "../netns.ts";
import { IP_CT_IS_REPLY, type Skb } from "../skb.ts";

/** What a target asks for (linux: struct nf_nat_range2). Zeros keep what is there. */
export interface NatRange {
  minAddress: number;
  maxAddress: number;
  minPort: number;
  maxPort: number;
  random: boolean;
  persistent: boolean;
}

export type Manip = "SRC" | "DST";

export function manipOf(hook: Hook): Manip {
  return hook === "PREROUTING" || hook === "OUTPUT" ? "DST" : "SRC";
}

/** Has NAT of this kind been decided for the connection? (linux: nf_nat_initialized) */
export function natInitialized(ct: Conntrack, manip: Manip): boolean {
  return (ct.status & (manip === "SRC" ? IPS_SRC_NAT_DONE : IPS_DST_NAT_DONE)) !== 0;
}

/** Decide a new connection's translation, once (linux: nf_nat_core.c, nf_nat_setup_info). */
export function natSetup(ns: NetNs, ct: Conntrack, range: NatRange, manip: Manip): Verdict {
  if (ct.confirmed) return "ACCEPT";
  const current = invertTuple(ct.tuples[1]) as Tuple;
  const wanted = uniqueTuple(ns, current, range, ct, manip);
  if (!sameTuple(wanted, current)) {
    ct.tuples[1] = invertTuple(wanted) as Tuple;
    ct.status |= manip === "SRC" ? IPS_SRC_NAT : IPS_DST_NAT;
  }
  if (manip === "SRC") {
    const source = sourceKey(ct);
    ns.conntrack.bySource.set(source, [ct, ...(ns.conntrack.bySource.get(source) ?? [])]);
  }
  ct.status |= manip === "SRC" ? IPS_SRC_NAT_DONE : IPS_DST_NAT_DONE;
  return "ACCEPT";
}

/** No rule said anything: keep the addresses, but make the tuple unique (linux: nf_nat_alloc_null_binding). */
export function natNullBinding(ns: NetNs, ct: Conntrack, hook: Hook): Verdict {
  const manip = manipOf(hook);
  const address = manip === "SRC" ? ct.tuples[1].dst : ct.tuples[1].src;
  return natSetup(
    ns,
    ct,
    {
      minAddress: address,
      maxAddress: address,
      minPort: 0,
      maxPort: 0,
      random: false,
      persistent: false,
    },
    manip,
  );
}

/** Is the answer to `tuple` some other connection's? (linux: nf_nat_used_tuple) */
function taken(ns: NetNs, tuple: Tuple, ct: Conntrack): boolean {
  const reply = invertTuple(tuple);
  if (!reply) return false;
  const found = ns.conntrack.inDirection(reply, ct.zone, 1);
  return found !== undefined && found.ct !== ct;
}

function inRange(tuple: Tuple, range: NatRange): boolean {
  if (range.minAddress && (tuple.src < range.minAddress || tuple.src > range.maxAddress))
    return false;
  return !range.minPort || (tuple.srcPort >= range.minPort && tuple.srcPort <= range.maxPort);
}

/** linux: nf_nat_core.c, get_unique_tuple */
function uniqueTuple(
  ns: NetNs,
  original: Tuple,
  range: NatRange,
  ct: Conntrack,
  manip: Manip,
): Tuple {
  if (manip === "SRC" && !range.random) {
    if (inRange(original, range)) {
      if (!taken(ns, original, ct)) return original;
    } else {
      // The same client is mapped to the same address and port as before, if that is free.
      for (const before of ns.conntrack.bySource.get(sourceKey(ct)) ?? []) {
        const mapped = invertTuple(before.tuples[1]) as Tuple;
        const same = { ...original, src: mapped.src, srcPort: mapped.srcPort };
        if (!inRange(same, range)) continue;
        if (!taken(ns, same, ct)) return same;
        break;
      }
    }
  }
  const tuple = { ...original };
  if (range.minAddress) {
    const address = bestAddress(original, range, ct.zone);
    if (manip === "SRC") tuple.src = address;
    else tuple.dst = address;
  }
  const port = manip === "SRC" || tuple.protocol === IPPROTO_ICMP ? tuple.srcPort : tuple.dstPort;
  if (!range.random) {
    if (range.minPort) {
      if (
        port >= range.minPort &&
        port <= range.maxPort &&
        (range.minPort === range.maxPort || !taken(ns, tuple, ct))
      )
        return tuple;
    } else if (!taken(ns, tuple, ct)) return tuple;
  }
  return uniquePort(ns, tuple, range, ct, manip);
}

/**
 * One of several addresses, the same for a client (of a server) each time (linux: find_best_ips_proto);
 * the kernel hashes addresses as they lie in memory.
 */
function bestAddress(original: Tuple, range: NatRange, zone: number): number {
  const { minAddress, maxAddress } = range;
  if (minAddress === maxAddress) return minAddress;
  const start = range.persistent ? 0 : (swap32(original.dst) ^ (zone & 0xffff)) >>> 0;
  const hash = jhash2([swap32(original.src), 0, 0, 0], start);
  return minAddress + Math.floor((hash * (maxAddress - minAddress + 1)) / 2 ** 32);
}

/** Look for a port (or ICMP id) that makes the tuple unique (linux: nf_nat_l4proto_unique_tuple). */
function uniquePort(ns: NetNs, tuple: Tuple, range: NatRange, ct: Conntrack, manip: Manip): Tuple {
  const icmp = tuple.protocol === IPPROTO_ICMP;
  if (!icmp && tuple.protocol !== IPPROTO_TCP && tuple.protocol !== IPPROTO_UDP) return tuple;
  const own = manip === "SRC" || icmp ? tuple.srcPort : tuple.dstPort;
  let min = range.minPort;
  let max = range.maxPort;
  if (!range.minPort) {
    if (manip === "DST") return tuple;
    if (icmp) [min, max] = [0, 65535];
    else if (own < 512) [min, max] = [1, 511];
    else if (own < 1024) [min, max] = [600, 1023];
    else [min, max] = [1024, 65535];
  }
  const size = max - min + 1;
  const drawn = size > 1 && (range.random || manip === "SRC");
  const offset = drawn ? ns.sim.rng("nat").below(65536) : 0;
  const set = (port: number): void => {
    if (manip === "SRC" || icmp) tuple.srcPort = port;
    else tuple.dstPort = port;
  };
  for (let i = 0; i < size; i++) {
    set(min + ((offset + i) % size));
    if (i === size - 1 || !taken(ns, tuple, ct)) return tuple;
  }
  return tuple;
}

/** Rewrite a packet of a translated connection (linux: nf_nat_core.c, nf_nat_packet). */
export function natPacket(ns: NetNs, ct: Conntrack, skb: Skb, hook: Hook): Verdict {
  const manip = manipOf(hook);
  const dir = skb.ctinfo >= IP_CT_IS_REPLY ? 1 : 0;
  if (!(ct.status & statusBit(manip, dir))) return "ACCEPT";
  const target = invertTuple(ct.tuples[(1 - dir) as 0]) as Tuple;
  if (skb.ip.protocol === IPPROTO_GRE && !greManip(skb, target, manip)) return "DROP";
  manipPacket(ns, skb, skb.network, target, manip, ct.id);
  return "ACCEPT";
}

/** The call of enhanced GRE; false for a version that nobody knows (linux: gre_manip_pkt). */
function greManip(skb: Skb, target: Tuple, manip: Manip): boolean {
  const at = skb.ip.payload;
  if (skb.ip.end - at < 8) return false;
  if (manip === "SRC") return true;
  const version = u8(skb.data, at + 1) & 7;
  if (version === 1) set16(skb.data, at + 6, target.dstPort);
  return version <= 1;
}

/** A translation of the source is, for answers, one of the destination. */
function statusBit(manip: Manip, dir: number): number {
  return (manip === "SRC") === (dir === 0) ? IPS_SRC_NAT : IPS_DST_NAT;
}

/** linux: nf_nat_proto.c, nf_nat_ipv4_manip_pkt with the layer 4 part; checksums stay right. */
function manipPacket(
  ns: NetNs,
  skb: Skb,
  at: number,
  target: Tuple,
  manip: Manip,
  ctId: number,
): void {
  const ip = new Ipv4(skb.data, at);
  const source = manip === "SRC";
  const oldAddress = source ? ip.src : ip.dst;
  const newAddress = source ? target.src : target.dst;
  const l4 = ip.payload;
  let oldPort = 0;
  let newPort = 0;
  if (!ip.fragmentOffset) {
    skb.pullTransport(ip.protocol === IPPROTO_TCP ? TCP_HLEN : 8);
    if (ip.protocol === IPPROTO_TCP) {
      const tcp = new Tcp(skb.data, l4);
      tcp.addressChanged(oldAddress, newAddress);
      oldPort = source ? tcp.srcPort : tcp.dstPort;
      newPort = source ? target.srcPort : target.dstPort;
      if (source) tcp.srcPort = newPort;
      else tcp.dstPort = newPort;
    } else if (ip.protocol === IPPROTO_UDP) {
      const udp = new Udp(skb.data, l4);
      udp.addressChanged(oldAddress, newAddress);
      oldPort = source ? udp.srcPort : udp.dstPort;
      newPort = source ? target.srcPort : target.dstPort;
      if (source) udp.srcPort = newPort;
      else udp.dstPort = newPort;
    } else if (ip.protocol === IPPROTO_ICMP && target.protocol === IPPROTO_ICMP) {
      const icmp = new Icmp(skb.data, l4);
      if (!Icmp.isError(icmp.type)) {
        oldPort = icmp.id;
        newPort = target.srcPort;
        icmp.id = newPort;
      }
    }
  }
  if (source) ip.src = newAddress;
  else ip.dst = newAddress;
  ns.trace.emit(
    Ev.NAT,
    ns.id,
    skb.id,
    source ? 0 : 1,
    oldAddress,
    oldPort,
    newAddress,
    newPort,
    ctId,
  );
}

/** Whose first eight bytes are rewritten. */
const PORTED = [IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP, IPPROTO_GRE];

/**
 * An ICMP error about a translated packet quotes it as the other side saw it: translate the quote
 * back, and the error's own addresses (linux: nf_nat_icmp_reply_translation).
 */
export function natIcmpReply(ns: NetNs, ct: Conntrack, skb: Skb, hook: Hook): Verdict {
  const manip = manipOf(hook);
  const dir = skb.ctinfo >= IP_CT_IS_REPLY ? 1 : 0;
  const at = skb.ip.payload;
  const end = skb.ip.end;
  const inner = at + ICMP_HLEN;
  if (end - inner < IPV4_HLEN || !checksumRight(skb, hook, IPPROTO_ICMP)) return "DROP";
  skb.pullTransport(ICMP_HLEN + IPV4_HLEN);
  // A better way to an address that is not what it seems is no help.
  if (u8(skb.data, at) === ICMP_REDIRECT) {
    const decided = IPS_SRC_NAT_DONE | IPS_DST_NAT_DONE;
    if ((ct.status & decided) !== decided || ct.status & (IPS_SRC_NAT | IPS_DST_NAT)) return "DROP";
  }
  if (!(ct.status & statusBit(manip, dir))) return "ACCEPT";
  const ip = new Ipv4(skb.data, inner);
  if (end - ip.payload < 8 && PORTED.includes(ip.protocol)) return "DROP";
  const version = ip.protocol === IPPROTO_GRE ? u8(skb.data, ip.payload + 1) & 7 : 0;
  if (manip === "SRC" && version > 1) return "DROP";
  const quoted = ct.tuples[(1 - dir) as 0];
  // The quote goes the other way, so its source is translated where ours is a destination.
  rewriteQuote(skb, ip, quoted, manip === "SRC" ? "DST" : "SRC", end);
  set16(skb.data, at + 2, 0);
  set16(skb.data, at + 2, finish(sum(skb.data, at, end)));
  const target = { ...(invertTuple(quoted) as Tuple), protocol: IPPROTO_ICMP };
  manipPacket(ns, skb, skb.network, target, manip, ct.id);
  return "ACCEPT";
}

/** The quoted header may be cut off after eight bytes of its payload: only ports are sure to be there. */
function rewriteQuote(skb: Skb, ip: Ipv4, tuple: Tuple, manip: Manip, end: number): void {
  const source = manip === "SRC";
  const newAddress = source ? tuple.src : tuple.dst;
  const oldAddress = source ? ip.src : ip.dst;
  const port = ip.payload + (source ? 0 : 2);
  const newPort = source ? tuple.srcPort : tuple.dstPort;
  const data = skb.data;
  if (ip.protocol === IPPROTO_TCP || ip.protocol === IPPROTO_UDP) {
    const check = ip.payload + (ip.protocol === IPPROTO_TCP ? 16 : 6);
    if (check + 2 <= end && (ip.protocol === IPPROTO_TCP || u16(data, check) !== 0)) {
      adjust32(data, check, oldAddress, newAddress);
      adjust16(data, check, u16(data, port), newPort);
    }
    set16(data, port, newPort);
  } else if (ip.protocol === IPPROTO_ICMP) {
    adjust16(data, ip.payload + 2, u16(data, ip.payload + 4), tuple.srcPort);
    set16(data, ip.payload + 4, tuple.srcPort);
  }
  if (source) ip.src = newAddress;
  else ip.dst = newAddress;
}

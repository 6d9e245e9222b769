import type { Bytes } from "../../wire/bytes.ts";
import { u16 } from "../../wire/bytes.ts";
import { Icmp } from "../../wire/icmp.ts";
import { IPPROTO_GRE, IPPROTO_ICMP, IPPROTO_TCP, IPPROTO_UDP, Ipv4 } from "../../wire/ipv4.ts";
import type { Tuple } from "./entry.ts";

const IPPROTO_ICMPV6 = 58;

/** ICMP queries and their answers (linux: nf_conntrack_proto_icmp.c, invmap). */
const ICMP_PAIR: Readonly<Record<number, number>> = {
  8: 0,
  0: 8,
  13: 14,
  14: 13,
  15: 16,
  16: 15,
  17: 18,
  18: 17,
};

/** The tuple of the packet whose IPv4 header is at `off`; null when it has none (linux: nf_ct_get_tuple). */
export function tupleOf(data: Bytes, off: number, end: number): Tuple | null {
  const ip = new Ipv4(data, off);
  if (ip.fragmentOffset) return null;
  const at = ip.payload;
  const protocol = ip.protocol;
  if (protocol === IPPROTO_TCP || protocol === IPPROTO_UDP) {
    if (end - at < 4) return null;
    return {
      src: ip.src,
      dst: ip.dst,
      protocol,
      srcPort: u16(data, at),
      dstPort: u16(data, at + 2),
    };
  }
  if (protocol === IPPROTO_ICMP) {
    if (end - at < 8) return null;
    const icmp = new Icmp(data, at);
    return {
      src: ip.src,
      dst: ip.dst,
      protocol,
      srcPort: icmp.id,
      dstPort: (icmp.type << 8) | icmp.code,
    };
  }
  // Of another family's protocol nothing is tracked (linux: nf_conntrack_icmpv6_packet).
  if (protocol === IPPROTO_ICMPV6) return null;
  const key = protocol === IPPROTO_GRE ? greKey(data, at, end) : 0;
  if (key === null) return null;
  return { src: ip.src, dst: ip.dst, protocol, srcPort: 0, dstPort: key };
}

/**
 * The call of an enhanced GRE header (RFC 2637 §4.1), 0 of a plain one; null of one that carries
 * something else than PPP (linux: nf_conntrack_proto_gre.c, gre_pkt_to_tuple).
 */
function greKey(data: Bytes, at: number, end: number): number | null {
  if (end - at < 8 || (u16(data, at) & 7) !== 1) return 0;
  return u16(data, at + 2) === 0x880b ? u16(data, at + 6) : null;
}

/** The tuple of the answer; null when nothing answers such a packet (linux: nf_ct_invert_tuple). */
export function invertTuple(tuple: Tuple): Tuple | null {
  if (tuple.protocol === IPPROTO_ICMP) {
    const type = ICMP_PAIR[tuple.dstPort >> 8];
    if (type === undefined) return null;
    return {
      src: tuple.dst,
      dst: tuple.src,
      protocol: tuple.protocol,
      srcPort: tuple.srcPort,
      dstPort: (type << 8) | (tuple.dstPort & 255),
    };
  }
  return {
    src: tuple.dst,
    dst: tuple.src,
    protocol: tuple.protocol,
    srcPort: tuple.dstPort,
    dstPort: tuple.srcPort,
  };
}

/** A hash of the tuple and its zone; equal tuples have equal hashes (linux: hash_conntrack_raw). */
export function tupleHash(t: Tuple, zone: number): number {
  let h = Math.imul(t.src ^ (t.srcPort << 15), 0x9e3779b1);
  h = Math.imul(h ^ t.dst ^ (h >>> 15), 0x85ebca6b);
  h = Math.imul(h ^ (t.dstPort | (t.protocol << 16)) ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16) ^ Math.imul(zone, 0x27d4eb2f)) | 0;
}

export function sameTuple(a: Tuple, b: Tuple): boolean {
  return (
    a.src === b.src &&
    a.dst === b.dst &&
    a.srcPort === b.srcPort &&
    a.dstPort === b.dstPort &&
    a.protocol === b.protocol
  );
}

import { type Bytes, u8, u16, u32 } from "./bytes.ts";
import { ETH_P_ARP, ETH_P_IP } from "./ethernet.ts";
import { IP_PROTOCOLS } from "./filter-names.ts";
import { GENEVE_PORT, Geneve } from "./geneve.ts";
import { IPPROTO_TCP, IPPROTO_UDP, Ipv4 } from "./ipv4.ts";
import { UDP_HLEN } from "./udp.ts";

/** A captured frame as a filter sees it: an Ethernet header at 0. */
export interface Filterable {
  data: Bytes;
  length: number;
  out: boolean;
  device: string;
}

/** libpcap's filter language (pcap-filter(7)), as a tree of data that `matches` walks. */
export type Filter =
  | { kind: "all" }
  | { kind: "and" | "or"; a: Filter; b: Filter }
  | { kind: "not"; a: Filter }
  | { kind: "ethertype"; type: number }
  | { kind: "proto"; protocol: number }
  | { kind: "address"; dir: Dir; address: number; mask: number }
  | { kind: "mac"; dir: Dir; mac: Bytes }
  | { kind: "port"; dir: Dir; low: number; high: number; protocol: number }
  | { kind: "group"; what: "broadcast" | "multicast" }
  | { kind: "ip multicast" }
  | { kind: "geneve"; vni: number | null }
  | { kind: "inner"; a: Filter }
  | { kind: "direction"; out: boolean }
  | { kind: "device"; name: string }
  | { kind: "size"; op: "<=" | ">="; value: number }
  | { kind: "compare"; op: string; a: Expr; b: Expr };

export type Dir = "src" | "dst" | "either" | "both";
export type Expr =
  | { kind: "number"; value: number }
  | { kind: "length" }
  | { kind: "load"; proto: string; at: Expr; size: number }
  | { kind: "op"; op: string; a: Expr; b: Expr };

function either(dir: Dir, src: boolean, dst: boolean): boolean {
  if (dir === "src") return src;
  if (dir === "dst") return dst;
  return dir === "both" ? src && dst : src || dst;
}

/** Does the frame match? */
export function matches(filter: Filter, frame: Filterable): boolean {
  const { data } = frame;
  switch (filter.kind) {
    case "all":
      return true;
    case "and":
      return matches(filter.a, frame) && matches(filter.b, frame);
    case "or":
      return matches(filter.a, frame) || matches(filter.b, frame);
    case "not":
      return !matches(filter.a, frame);
    case "direction":
      return frame.out === filter.out;
    case "device":
      return frame.device === filter.name;
    case "size":
      return filter.op === "<=" ? frame.length <= filter.value : frame.length >= filter.value;
    case "ethertype":
      return data.length >= 14 && u16(data, 12) === filter.type;
    case "group":
      if (data.length < 14 || !(u8(data, 0) & 1)) return false;
      return filter.what === "multicast" || data.subarray(0, 6).every((b) => b === 255);
    case "mac": {
      const same = (at: number): boolean => filter.mac.every((b, i) => data[at + i] === b);
      return data.length >= 14 && either(filter.dir, same(6), same(0));
    }
    case "compare": {
      const a = value(filter.a, frame);
      const b = value(filter.b, frame);
      if (a === null || b === null) return false;
      if (filter.op === "==") return a === b;
      if (filter.op === "!=") return a !== b;
      if (filter.op === "<") return a < b;
      if (filter.op === ">") return a > b;
      return filter.op === "<=" ? a <= b : a >= b;
    }
    case "address":
      return addressMatches(filter, data);
    case "ip multicast": {
      const ip = ipOf(data);
      return ip !== null && ip.dst >>> 28 === 14;
    }
    case "geneve": {
      const header = geneveOf(data);
      return header !== null && (filter.vni === null || header.vni === filter.vni);
    }
    case "inner": {
      const header = geneveOf(data);
      if (!header) return false;
      const inner = data.subarray(header.off + header.headerLength);
      return matches(filter.a, { ...frame, data: inner, length: inner.length });
    }
    default: {
      const ip = ipOf(data);
      if (!ip) return false;
      if (filter.kind === "proto") return ip.protocol === filter.protocol;
      if (ip.protocol !== IPPROTO_TCP && ip.protocol !== IPPROTO_UDP) return false;
      if (filter.protocol && ip.protocol !== filter.protocol) return false;
      if (ip.fragmentOffset || ip.payload + 4 > data.length) return false;
      const inside = (port: number): boolean => port >= filter.low && port <= filter.high;
      return either(filter.dir, inside(u16(data, ip.payload)), inside(u16(data, ip.payload + 2)));
    }
  }
}

function ipOf(data: Bytes): Ipv4 | null {
  if (data.length < 34 || u16(data, 12) !== ETH_P_IP) return null;
  return new Ipv4(data, 14);
}

/** The Geneve header of a frame (libpcap: gen_geneve). */
function geneveOf(data: Bytes): Geneve | null {
  const ip = ipOf(data);
  if (ip?.protocol !== IPPROTO_UDP || ip.fragmentOffset) return null;
  const at = ip.payload + UDP_HLEN;
  if (at > data.length || u16(data, ip.payload + 2) !== GENEVE_PORT) return null;
  return Geneve.check(data, at, data.length) ? new Geneve(data, at) : null;
}

function addressMatches(filter: { dir: Dir; address: number; mask: number }, data: Bytes): boolean {
  if (data.length < 34) return false;
  const type = u16(data, 12);
  const at = type === ETH_P_IP ? [26, 30] : type === ETH_P_ARP ? [28, 38] : null;
  if (!at || data.length < (at[1] as number) + 4) return false;
  const same = (offset: number): boolean =>
    (u32(data, offset) & filter.mask) >>> 0 === filter.address;
  return either(filter.dir, same(at[0] as number), same(at[1] as number));
}

function value(e: Expr, frame: Filterable): number | null {
  if (e.kind === "number") return e.value;
  if (e.kind === "length") return frame.length;
  if (e.kind === "op") {
    const a = value(e.a, frame);
    const b = value(e.b, frame);
    if (a === null || b === null) return null;
    const results: Record<string, number> = {
      "&": (a & b) >>> 0,
      "|": (a | b) >>> 0,
      "^": (a ^ b) >>> 0,
      "+": a + b,
      "-": a - b,
      "*": a * b,
      "/": b ? Math.floor(a / b) : 0,
      "<<": (a << b) >>> 0,
      ">>": a >>> b,
    };
    return results[e.op] ?? null;
  }
  const base = baseOf(e.proto, frame.data);
  const at = value(e.at, frame);
  if (base === null || at === null || base + at + e.size > frame.data.length) return null;
  if (e.size === 1) return u8(frame.data, base + at);
  return e.size === 2 ? u16(frame.data, base + at) : u32(frame.data, base + at);
}

function baseOf(proto: string, data: Bytes): number | null {
  if (proto === "ether") return 0;
  if (data.length < 14) return null;
  const type = u16(data, 12);
  if (proto === "arp") return type === ETH_P_ARP ? 14 : null;
  const ip = ipOf(data);
  if (!ip) return null;
  if (proto === "ip") return 14;
  if (ip.protocol !== IP_PROTOCOLS[proto] || ip.fragmentOffset) return null;
  return ip.payload;
}

import { maskOf, parseIpv4, parseMac, parsePrefix } from "./address.ts";
import { type Bytes, u8, u16, u32 } from "./bytes.ts";
import { ETH_P_ARP, ETH_P_IP, ETH_P_IPV6 } from "./ethernet.ts";
import { IPPROTO_ICMP, IPPROTO_TCP, IPPROTO_UDP, Ipv4 } from "./ipv4.ts";

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
  | { kind: "direction"; out: boolean }
  | { kind: "device"; name: string }
  | { kind: "size"; op: "<=" | ">="; value: number }
  | { kind: "compare"; op: string; a: Expr; b: Expr };

type Dir = "src" | "dst" | "either" | "both";
type Expr =
  | { kind: "number"; value: number }
  | { kind: "length" }
  | { kind: "load"; proto: string; at: Expr; size: number }
  | { kind: "op"; op: string; a: Expr; b: Expr };

/** libpcap's refusal: "syntax error" and its kind. */
export class FilterError extends Error {}

const NAMED: Record<string, number> = {
  "tcp-fin": 1,
  "tcp-syn": 2,
  "tcp-rst": 4,
  "tcp-push": 8,
  "tcp-ack": 16,
  "tcp-urg": 32,
  "tcp-ece": 64,
  "tcp-cwr": 128,
  tcpflags: 13,
  icmptype: 0,
  icmpcode: 1,
  "icmp-echoreply": 0,
  "icmp-unreach": 3,
  "icmp-redirect": 5,
  "icmp-echo": 8,
  "icmp-timxceed": 11,
};
const PORTS: Record<string, number> = {
  domain: 53,
  http: 80,
  https: 443,
  ssh: 22,
  bootps: 67,
  ntp: 123,
};
const PROTOS: Record<string, number> = { icmp: IPPROTO_ICMP, tcp: IPPROTO_TCP, udp: IPPROTO_UDP };

class Parser {
  words: string[];
  at = 0;
  /** Qualifiers of the last primitive: "port 80 or 443" repeats them. */
  last: { dir: Dir; type: string; proto: string } | null = null;

  constructor(text: string) {
    this.words = text.match(/[A-Za-z0-9_.:/-]+|&&|\|\||[<>!=]=|<<|>>|[()[\]!<>=&|+*^]/g) ?? [];
  }

  peek(): string {
    return this.words[this.at] ?? "";
  }

  take(word: string): boolean {
    if (this.peek() !== word) return false;
    this.at++;
    return true;
  }

  fail(): never {
    throw new FilterError("can't parse filter expression: syntax error");
  }

  or(): Filter {
    let a = this.and();
    while (this.take("or") || this.take("||")) a = { kind: "or", a, b: this.and() };
    return a;
  }

  and(): Filter {
    let a = this.not();
    for (;;) {
      if (this.take("and") || this.take("&&")) a = { kind: "and", a, b: this.not() };
      else return a;
    }
  }

  not(): Filter {
    if (this.take("not") || this.take("!")) return { kind: "not", a: this.not() };
    if (this.peek() === "(" && !this.arithmeticAhead()) {
      this.at++;
      const inner = this.or();
      if (!this.take(")")) this.fail();
      return inner;
    }
    return this.primitive();
  }

  /** "(tcp[13] & 2) != 0": a parenthesis that belongs to a number. */
  arithmeticAhead(): boolean {
    let depth = 0;
    for (let i = this.at; i < this.words.length; i++) {
      if (this.words[i] === "(") depth++;
      if (this.words[i] === ")" && --depth === 0)
        return /^([<>!=]=?|==|[&|+*^-])$/.test(this.words[i + 1] ?? "");
    }
    return false;
  }

  primitive(): Filter {
    const word = this.peek();
    if (word === "") this.fail();
    if (this.words[this.at + 1] === "[" || word === "len" || word === "(" || /^\d+$/.test(word)) {
      if (
        !(
          this.last &&
          /^\d+$/.test(word) &&
          !/^([<>!=]=?|[&|+*^])$/.test(this.words[this.at + 1] ?? "")
        )
      )
        return this.compare();
    }
    switch (word) {
      case "inbound":
      case "outbound":
        this.at++;
        return { kind: "direction", out: word === "outbound" };
      case "less":
      case "greater":
        this.at++;
        return { kind: "size", op: word === "less" ? "<=" : ">=", value: this.number() };
      case "ifname":
      case "on":
        this.at++;
        return { kind: "device", name: this.words[this.at++] ?? this.fail() };
      case "broadcast":
      case "multicast":
        this.at++;
        return { kind: "group", what: word };
      default:
        return this.qualified();
    }
  }

  number(): number {
    const word = this.words[this.at++] ?? "";
    const value = NAMED[word] ?? (/^(0x[0-9a-f]+|\d+)$/i.test(word) ? Number(word) : Number.NaN);
    if (Number.isNaN(value)) this.fail();
    return value;
  }

  /** [proto] [dir] [type] id */
  qualified(): Filter {
    let proto = "";
    let dir: Dir = "either";
    let type = "";
    let any = false;
    for (;;) {
      const word = this.peek();
      if (["ether", "ip", "arp", "ip6", "tcp", "udp", "icmp", "rarp"].includes(word) && !proto)
        proto = word;
      else if (word === "src" || word === "dst") {
        dir = word;
        const joint = this.words[this.at + 1];
        if (
          (joint === "or" || joint === "and") &&
          ["src", "dst"].includes(this.words[this.at + 2] ?? "")
        ) {
          dir = joint === "or" ? "either" : "both";
          this.at += 2;
        }
      } else if (["host", "net", "port", "portrange", "proto"].includes(word)) type = word;
      else break;
      any = true;
      this.at++;
      if (type) break;
    }
    if (type === "" && dir === "either" && proto !== "" && !this.idAhead()) return bare(proto);
    const id = this.peek();
    if (id === "" || ["and", "or", "not", ")", "&&", "||"].includes(id)) this.fail();
    if (!any && this.last && !this.idIsAddressWithoutType(id)) ({ dir, type, proto } = this.last);
    this.at++;
    this.last = { dir, type, proto };
    return this.make(proto, dir, type, id);
  }

  idAhead(): boolean {
    const word = this.peek();
    return /^[0-9]/.test(word) || /^[0-9a-f]{1,2}(:[0-9a-f]{1,2}){5}$/i.test(word);
  }

  idIsAddressWithoutType(id: string): boolean {
    return parseIpv4(id) !== null && this.last?.type !== "host" && this.last?.type !== "net";
  }

  make(proto: string, dir: Dir, type: string, id: string): Filter {
    const both = (a: Filter): Filter =>
      proto && proto !== "ether" ? { kind: "and", a: bare(proto), b: a } : a;
    if (type === "proto") {
      const name = id.replace(/^\\/, "");
      if (proto === "ether")
        return /^(0x[0-9a-f]+|\d+)$/i.test(name)
          ? { kind: "ethertype", type: Number(name) }
          : bare(name);
      const number = PROTOS[name] ?? (/^\d+$/.test(name) ? Number(name) : this.fail());
      return { kind: "proto", protocol: number };
    }
    if (type === "port" || type === "portrange") {
      const [from = "", to = from] = type === "portrange" ? id.split("-") : [id];
      const port = (text: string): number => {
        const value = PORTS[text] ?? (/^\d+$/.test(text) ? Number(text) : -1);
        if (value < 0)
          throw new FilterError(`can't parse filter expression: unknown port '${text}'`);
        if (value > 65535) throw new FilterError(`illegal port number ${value} > 65535`);
        return value;
      };
      return { kind: "port", dir, low: port(from), high: port(to), protocol: PROTOS[proto] ?? 0 };
    }
    const mac = proto === "ether" ? parseMac(id) : null;
    if (mac) return { kind: "mac", dir, mac };
    if (type === "net" || id.includes("/")) {
      let text = id;
      if (this.take("mask")) {
        const mask = parseIpv4(this.words[this.at++] ?? "") ?? this.fail();
        const address = parseIpv4(id) ?? this.fail();
        return both({ kind: "address", dir, address, mask });
      }
      if (!text.includes("/")) {
        const parts = text.split(".");
        text = `${[...parts, "0", "0", "0"].slice(0, 4).join(".")}/${parts.length * 8}`;
      }
      const prefix = parsePrefix(text) ?? this.fail();
      const mask = maskOf(prefix.length);
      if ((prefix.address & ~mask) !== 0) throw new FilterError(`non-network bits set in "${id}"`);
      return both({ kind: "address", dir, address: prefix.address, mask });
    }
    const address = parseIpv4(id);
    if (address === null) {
      if (type === "" && !/^[\d.]+$/.test(id)) this.fail();
      throw new FilterError(`can't parse filter expression: unknown host '${id}'`);
    }
    return both({ kind: "address", dir, address, mask: 0xffffffff });
  }

  compare(): Filter {
    const a = this.sum();
    const op = this.words[this.at++] ?? "";
    if (!["=", "==", "!=", "<", ">", "<=", ">="].includes(op)) this.fail();
    return { kind: "compare", op: op === "=" ? "==" : op, a, b: this.sum() };
  }

  sum(): Expr {
    let a = this.term();
    while (["&", "|", "+", "-", "*", "/", "<<", ">>", "^"].includes(this.peek())) {
      const op = this.words[this.at++] as string;
      a = { kind: "op", op, a, b: this.term() };
    }
    return a;
  }

  term(): Expr {
    if (this.take("(")) {
      const inner = this.sum();
      if (!this.take(")")) this.fail();
      return inner;
    }
    if (this.take("len")) return { kind: "length" };
    if (this.words[this.at + 1] === "[") {
      const proto = this.words[this.at] as string;
      if (!["ether", "ip", "tcp", "udp", "icmp", "arp"].includes(proto)) this.fail();
      this.at += 2;
      // "ip[6:2]" is one word inside the brackets.
      const inside: string[] = [];
      while (this.peek() !== "]" && this.peek() !== "")
        inside.push(this.words[this.at++] as string);
      if (!this.take("]")) this.fail();
      const [at = "", size = "1"] = inside.join("").split(":");
      const offset = NAMED[at] ?? Number(at);
      if (Number.isNaN(offset) || !["1", "2", "4"].includes(size)) this.fail();
      return { kind: "load", proto, at: { kind: "number", value: offset }, size: Number(size) };
    }
    return { kind: "number", value: this.number() };
  }
}

function bare(proto: string): Filter {
  if (proto === "ip") return { kind: "ethertype", type: ETH_P_IP };
  if (proto === "arp") return { kind: "ethertype", type: ETH_P_ARP };
  if (proto === "rarp") return { kind: "ethertype", type: 0x8035 };
  if (proto === "ip6") return { kind: "ethertype", type: ETH_P_IPV6 };
  if (proto in PROTOS) return { kind: "proto", protocol: PROTOS[proto] as number };
  throw new FilterError("can't parse filter expression: syntax error");
}

/** Compile an expression; empty matches everything. Throws FilterError. */
export function parseFilter(text: string): Filter {
  if (text.trim() === "") return { kind: "all" };
  const parser = new Parser(text);
  const filter = parser.or();
  if (parser.peek() !== "") parser.fail();
  return filter;
}

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
  if (ip.protocol !== PROTOS[proto] || ip.fragmentOffset) return null;
  return ip.payload;
}

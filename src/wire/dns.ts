import { formatIpv4, parseIpv4 } from "./address.ts";
import { type Bytes, set16, set32, u8, u16, u32 } from "./bytes.ts";

/*
 * RFC 1035 §4.1.1:
 *
 *   |                      ID                       |
 *   |QR|   Opcode  |AA|TC|RD|RA| Z|AD|CD|   RCODE   |
 *   |                    QDCOUNT                    |
 *   |                    ANCOUNT                    |
 *   |                    NSCOUNT                    |
 *   |                    ARCOUNT                    |
 */
const HEADER = 12;

/** RFC 1035 §3.2.2 and later: the types that we can print. */
export const DNS_TYPES: Readonly<Record<string, number>> = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  OPT: 41,
  ANY: 255,
};
const TYPE_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(DNS_TYPES).map(([name, number]) => [number, name]),
);

export const DNS_RCODES = [
  "NOERROR",
  "FORMERR",
  "SERVFAIL",
  "NXDOMAIN",
  "NOTIMP",
  "REFUSED",
] as const;
export const NXDOMAIN = 3;
export const REFUSED = 5;

export interface DnsQuestion {
  /** Ends in a dot. */
  name: string;
  /** "A", or "TYPE65" for what has no name here. */
  type: string;
}

export interface DnsRecord {
  name: string;
  type: string;
  ttl: number;
  /** As a zone file has it: `10.0.0.1`, `10 mail.example.com.`, `"text"`. */
  data: string;
}

/** RFC 6891: the OPT record. */
export interface Edns {
  udpSize: number;
  /** RFC 7873, as hex; empty: none. */
  cookie: string;
}

export interface DnsMessage {
  id: number;
  response: boolean;
  opcode: number;
  authoritative: boolean;
  truncated: boolean;
  recursionDesired: boolean;
  recursionAvailable: boolean;
  authenticData: boolean;
  rcode: number;
  questions: DnsQuestion[];
  answers: DnsRecord[];
  authority: DnsRecord[];
  additional: DnsRecord[];
  edns: Edns | null;
}

export function dnsTypeName(type: number): string {
  return TYPE_NAMES.get(type) ?? `TYPE${type}`;
}

/** The number of `A`, `aaaa`, `TYPE65`; null when there is none. */
export function dnsTypeNumber(name: string): number | null {
  const upper = name.toUpperCase();
  const known = DNS_TYPES[upper];
  if (known !== undefined) return known;
  const number = /^TYPE(\d{1,5})$/.exec(upper)?.[1];
  return number === undefined ? null : Number(number);
}

/** A query as a stub resolver sends it. */
export function dnsQuery(id: number, name: string, type: string): DnsMessage {
  return {
    id,
    response: false,
    opcode: 0,
    authoritative: false,
    truncated: false,
    recursionDesired: true,
    recursionAvailable: false,
    authenticData: false,
    rcode: 0,
    questions: [{ name: absoluteName(name), type }],
    answers: [],
    authority: [],
    additional: [],
    edns: null,
  };
}

/** The answer to `query`, still without records. */
export function dnsResponse(query: DnsMessage, rcode = 0): DnsMessage {
  const empty = { answers: [], authority: [], additional: [] };
  return { ...query, ...empty, response: true, recursionAvailable: true, rcode };
}

/** With the dot at the end. */
export function absoluteName(name: string): string {
  return name.endsWith(".") ? name : `${name}.`;
}

/** Is this a name at all? Labels of 1 to 63 bytes, 255 in all (RFC 1035 §2.3.4). */
export function isDnsName(name: string): boolean {
  const bare = name.replace(/\.$/, "");
  return (
    bare.length <= 253 &&
    (bare === "" || bare.split(".").every((l) => l.length > 0 && l.length < 64))
  );
}

class Writer {
  bytes = new Uint8Array(512);
  at = 0;
  names = new Map<string, number>();

  room(more: number): void {
    if (this.at + more <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.at + more));
    grown.set(this.bytes);
    this.bytes = grown;
  }

  u8(value: number): void {
    this.room(1);
    this.bytes[this.at++] = value;
  }

  u16(value: number): void {
    this.room(2);
    set16(this.bytes, this.at, value);
    this.at += 2;
  }

  u32(value: number): void {
    this.room(4);
    set32(this.bytes, this.at, value);
    this.at += 4;
  }

  /** RFC 1035 §4.1.4: a name that ends like an earlier one points at it. */
  name(name: string): void {
    let rest = name.replace(/\.$/, "");
    while (rest !== "") {
      const key = rest.toLowerCase();
      const seen = this.names.get(key);
      if (seen !== undefined) return this.u16(0xc000 | seen);
      if (this.at < 0x4000) this.names.set(key, this.at);
      const dot = rest.indexOf(".");
      const label = dot < 0 ? rest : rest.slice(0, dot);
      this.u8(label.length);
      for (let i = 0; i < label.length; i++) this.u8(label.charCodeAt(i));
      rest = dot < 0 ? "" : rest.slice(dot + 1);
    }
    this.u8(0);
  }

  record(record: DnsRecord): void {
    this.name(record.name);
    this.u16(dnsTypeNumber(record.type) ?? 0);
    this.u16(1);
    this.u32(record.ttl);
    const length = this.at;
    this.u16(0);
    this.data(record.type, record.data);
    set16(this.bytes, length, this.at - length - 2);
  }

  data(type: string, data: string): void {
    const words = data.split(/\s+/);
    const numbers = (count: number): void => {
      for (let i = 0; i < count; i++) this.u16(Number(words[i]));
    };
    switch (type) {
      case "A":
        return this.u32(parseIpv4(data) ?? 0);
      case "NS":
      case "CNAME":
      case "PTR":
        return this.name(data);
      case "MX":
        numbers(1);
        return this.name(words[1] ?? "");
      case "SRV":
        numbers(3);
        return this.name(words[3] ?? "");
      case "SOA":
        this.name(words[0] ?? "");
        this.name(words[1] ?? "");
        for (let i = 2; i < 7; i++) this.u32(Number(words[i]));
        return;
      case "TXT":
        for (const [, text = ""] of data.matchAll(/"([^"]*)"/g)) {
          this.u8(Math.min(text.length, 255));
          for (let i = 0; i < Math.min(text.length, 255); i++) this.u8(text.charCodeAt(i));
        }
        return;
      case "AAAA":
        for (const group of expandIpv6(data)) this.u16(group);
        return;
    }
    // RFC 3597: \# LENGTH HEX
    for (const [, hex = "0"] of (words[2] ?? "").matchAll(/(..)/g))
      this.u8(Number.parseInt(hex, 16));
  }
}

function expandIpv6(text: string): number[] {
  const [head = "", tail] = text.split("::");
  const groups = (part: string): number[] =>
    part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16));
  const left = groups(head);
  const right = groups(tail ?? "");
  const fill = tail === undefined ? 0 : 8 - left.length - right.length;
  return [...left, ...Array<number>(Math.max(fill, 0)).fill(0), ...right].slice(0, 8);
}

/** RFC 5952: the longest run of zeros is left out. */
export function formatIpv6(b: Bytes, at: number): string {
  const groups = Array.from({ length: 8 }, (_, i) => u16(b, at + 2 * i).toString(16));
  const runs = [...groups.join(":").matchAll(/(?:^|:)0(?::0)+(?=:|$)/g)].map((m) => m[0]);
  const longest = runs.sort((a, c) => c.length - a.length)[0];
  if (longest === undefined) return groups.join(":");
  return groups
    .join(":")
    .replace(longest, longest.startsWith(":") ? ":" : "")
    .replace(/^$/, ":")
    .replace(/(^|[^:]):$/, "$1::")
    .replace(/^:(?!:)/, "::");
}

/** The bytes of a message, names compressed. */
export function encodeDns(message: DnsMessage): Bytes {
  const out = new Writer();
  const { edns } = message;
  out.u16(message.id);
  out.u16(
    (message.response ? 0x8000 : 0) |
      (message.opcode << 11) |
      (message.authoritative ? 0x400 : 0) |
      (message.truncated ? 0x200 : 0) |
      (message.recursionDesired ? 0x100 : 0) |
      (message.recursionAvailable ? 0x80 : 0) |
      (message.authenticData ? 0x20 : 0) |
      message.rcode,
  );
  out.u16(message.questions.length);
  out.u16(message.answers.length);
  out.u16(message.authority.length);
  out.u16(message.additional.length + (edns ? 1 : 0));
  for (const question of message.questions) {
    out.name(question.name);
    out.u16(dnsTypeNumber(question.type) ?? 0);
    out.u16(1);
  }
  for (const record of [...message.answers, ...message.authority, ...message.additional])
    out.record(record);
  if (edns) {
    out.u8(0);
    out.u16(41);
    out.u16(edns.udpSize);
    out.u32(0);
    const cookie = edns.cookie.match(/../g) ?? [];
    out.u16(cookie.length ? 4 + cookie.length : 0);
    if (cookie.length) {
      out.u16(10);
      out.u16(cookie.length);
      for (const byte of cookie) out.u8(Number.parseInt(byte, 16));
    }
  }
  return out.bytes.slice(0, out.at);
}

/** Thrown inside, never seen outside: the message is broken. */
class Malformed extends Error {}

class Reader {
  bytes: Bytes;
  at = HEADER;

  constructor(bytes: Bytes) {
    this.bytes = bytes;
  }

  need(count: number): void {
    if (this.at + count > this.bytes.length) throw new Malformed();
  }

  u16(): number {
    this.need(2);
    this.at += 2;
    return u16(this.bytes, this.at - 2);
  }

  u32(): number {
    this.need(4);
    this.at += 4;
    return u32(this.bytes, this.at - 4);
  }

  name(): string {
    let at = this.at;
    let jumped = false;
    let hops = 0;
    let name = "";
    for (;;) {
      if (at >= this.bytes.length || name.length > 255) throw new Malformed();
      const length = u8(this.bytes, at);
      if ((length & 0xc0) === 0xc0) {
        if (at + 1 >= this.bytes.length || ++hops > 64) throw new Malformed();
        if (!jumped) this.at = at + 2;
        jumped = true;
        at = u16(this.bytes, at) & 0x3fff;
        continue;
      }
      if (length > 63 || at + 1 + length > this.bytes.length) throw new Malformed();
      if (length === 0) {
        if (!jumped) this.at = at + 1;
        return name || ".";
      }
      name += `${String.fromCharCode(...this.bytes.subarray(at + 1, at + 1 + length))}.`;
      at += 1 + length;
    }
  }

  record(): { record: DnsRecord; edns: Edns | null } {
    const name = this.name();
    const type = dnsTypeName(this.u16());
    const size = this.u16();
    const ttl = this.u32();
    const length = this.u16();
    this.need(length);
    const end = this.at + length;
    const edns = type === "OPT" ? this.edns(size, end) : null;
    const data = edns ? "" : this.data(type, end);
    this.at = end;
    return { record: { name, type, ttl, data }, edns };
  }

  edns(udpSize: number, end: number): Edns {
    let cookie = "";
    while (this.at + 4 <= end) {
      const code = this.u16();
      const length = this.u16();
      if (this.at + length > end) break;
      if (code === 10) cookie = hexOf(this.bytes.subarray(this.at, this.at + length));
      this.at += length;
    }
    return { udpSize, cookie };
  }

  data(type: string, end: number): string {
    const start = this.at;
    switch (type) {
      case "A":
        return formatIpv4(this.u32());
      case "AAAA":
        this.need(16);
        return formatIpv6(this.bytes, start);
      case "NS":
      case "CNAME":
      case "PTR":
        return this.name();
      case "MX":
        return `${this.u16()} ${this.name()}`;
      case "SRV":
        return `${this.u16()} ${this.u16()} ${this.u16()} ${this.name()}`;
      case "SOA": {
        const names = `${this.name()} ${this.name()}`;
        return `${names} ${this.u32()} ${this.u32()} ${this.u32()} ${this.u32()} ${this.u32()}`;
      }
      case "TXT": {
        const parts: string[] = [];
        while (this.at < end) {
          const length = u8(this.bytes, this.at);
          const from = this.at + 1;
          parts.push(`"${String.fromCharCode(...this.bytes.subarray(from, from + length))}"`);
          this.at = from + length;
        }
        return parts.join(" ");
      }
    }
    return `\\# ${end - start} ${hexOf(this.bytes.subarray(start, end)).toUpperCase()}`.trimEnd();
  }
}

function hexOf(bytes: Bytes): string {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}

/** The message in these bytes; null when they are none. */
export function decodeDns(bytes: Bytes): DnsMessage | null {
  if (bytes.length < HEADER) return null;
  const flags = u16(bytes, 2);
  const message: DnsMessage = {
    id: u16(bytes, 0),
    response: (flags & 0x8000) !== 0,
    opcode: (flags >> 11) & 15,
    authoritative: (flags & 0x400) !== 0,
    truncated: (flags & 0x200) !== 0,
    recursionDesired: (flags & 0x100) !== 0,
    recursionAvailable: (flags & 0x80) !== 0,
    authenticData: (flags & 0x20) !== 0,
    rcode: flags & 15,
    questions: [],
    answers: [],
    authority: [],
    additional: [],
    edns: null,
  };
  const reader = new Reader(bytes);
  try {
    for (let i = u16(bytes, 4); i > 0; i--) {
      const name = reader.name();
      const type = dnsTypeName(reader.u16());
      reader.u16();
      message.questions.push({ name, type });
    }
    const sections = [message.answers, message.authority, message.additional];
    sections.forEach((section, n) => {
      for (let i = u16(bytes, 6 + 2 * n); i > 0; i--) {
        const { record, edns } = reader.record();
        if (edns) message.edns = edns;
        else section.push(record);
      }
    });
  } catch (error) {
    if (error instanceof Malformed) return null;
    throw error;
  }
  return message;
}

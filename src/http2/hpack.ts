import { concatBytes, fromUtf8, utf8 } from "../base/text.ts";
import { Http2Error } from "./error.ts";
import { huffmanDecode, huffmanEncode, huffmanLength } from "./huffman.ts";

/** A field line: its name in lower case, its value. */
export type Field = readonly [name: string, value: string];

/** RFC 7541 appendix A, from index 1. */
const STATIC: readonly Field[] = [
  [":authority", ""],
  [":method", "GET"],
  [":method", "POST"],
  [":path", "/"],
  [":path", "/index.html"],
  [":scheme", "http"],
  [":scheme", "https"],
  ...["200", "204", "206", "304", "400", "404", "500"].map((s): Field => [":status", s]),
  ["accept-charset", ""],
  ["accept-encoding", "gzip, deflate"],
  ...[
    "accept-language accept-ranges accept access-control-allow-origin age allow authorization",
    "cache-control content-disposition content-encoding content-language content-length",
    "content-location content-range content-type cookie date etag expect expires from host if-match",
    "if-modified-since if-none-match if-range if-unmodified-since last-modified link location",
    "max-forwards proxy-authenticate proxy-authorization range referer refresh retry-after server",
    "set-cookie strict-transport-security transfer-encoding user-agent vary via www-authenticate",
  ].flatMap((names) => names.split(" ").map((name): Field => [name, ""])),
];

/** RFC 7541 §7.1: what no intermediary may put into a table. */
const NEVER_INDEXED: ReadonlySet<string> = new Set(["authorization", "proxy-authorization"]);

const DEFAULT_TABLE = 4096;

interface Entry {
  field: Field;
  size: number;
}

/** RFC 7541 §2.3.2 and §4: first in, first out, of limited size. */
export class DynamicTable {
  /** Newest first. */
  entries: Entry[] = [];
  size = 0;
  max: number;

  constructor(max: number) {
    this.max = max;
  }

  resize(max: number): void {
    this.max = max;
    this.evict(0);
  }

  evict(room: number): void {
    while (this.size + room > this.max) {
      const entry = this.entries.pop();
      if (!entry) break;
      this.size -= entry.size;
    }
  }

  add(field: Field, size: number): void {
    this.evict(size);
    // RFC 7541 §4.4: an entry larger than the table empties it.
    if (size > this.max) return;
    this.entries.unshift({ field, size });
    this.size += size;
  }

  /** Index in the joint address space (RFC 7541 §2.3.3). */
  field(index: number): Field {
    const field =
      index <= STATIC.length ? STATIC[index - 1] : this.entries[index - STATIC.length - 1]?.field;
    if (!field) throw new Http2Error("COMPRESSION_ERROR", `no table entry ${index}`);
    return field;
  }

  /** The index of the field, or else of its name, or 0. */
  find(name: string, value: string): { index: number; whole: boolean } {
    let named = 0;
    for (let index = 1; index <= STATIC.length + this.entries.length; index++) {
      const field = this.field(index);
      if (field[0] !== name) continue;
      if (field[1] === value) return { index, whole: true };
      named ||= index;
    }
    return { index: named, whole: false };
  }
}

/** RFC 7541 §4.1. */
function entrySize(name: Uint8Array, value: Uint8Array): number {
  return name.length + value.length + 32;
}

/** RFC 7541 §5.1: a number behind the first bits of an octet. */
function encodeInteger(value: number, bits: number, first: number): Uint8Array {
  const limit = 2 ** bits - 1;
  if (value < limit) return Uint8Array.of(first | value);
  const octets = [first | limit];
  let left = value - limit;
  for (; left >= 128; left = Math.floor(left / 128)) octets.push((left % 128) | 128);
  octets.push(left);
  return Uint8Array.from(octets);
}

function encodeString(bytes: Uint8Array): Uint8Array {
  const short = huffmanLength(bytes);
  return bytes.length > 0 && short <= bytes.length
    ? concatBytes([encodeInteger(short, 7, 0x80), huffmanEncode(bytes)])
    : concatBytes([encodeInteger(bytes.length, 7, 0), bytes]);
}

/** Field lines to a field block. */
export class HpackEncoder {
  table = new DynamicTable(DEFAULT_TABLE);
  /** Sizes that the decoder must hear of before the next field (RFC 7541 §4.2). */
  updates: number[] = [];

  /** The peer's SETTINGS_HEADER_TABLE_SIZE; we use no more than the default. */
  limit(max: number): void {
    const size = Math.min(max, DEFAULT_TABLE);
    if (size === this.table.max && this.updates.length === 0) return;
    this.table.resize(size);
    // The smallest in between counts as well: it has evicted.
    const least = Math.min(size, ...this.updates);
    this.updates = least < size ? [least, size] : [size];
  }

  encode(fields: readonly Field[]): Uint8Array {
    const parts = this.updates.map((size) => encodeInteger(size, 5, 0x20));
    this.updates = [];
    for (const [name, value] of fields) {
      const never = NEVER_INDEXED.has(name);
      const { index, whole } = this.table.find(name, value);
      if (whole && !never) {
        parts.push(encodeInteger(index, 7, 0x80));
        continue;
      }
      const nameBytes = utf8(name);
      const valueBytes = utf8(value);
      const size = entrySize(nameBytes, valueBytes);
      const indexed = !never && size <= this.table.max;
      if (indexed) parts.push(encodeInteger(index, 6, 0x40));
      else parts.push(encodeInteger(index, 4, never ? 0x10 : 0));
      if (index === 0) parts.push(encodeString(nameBytes));
      parts.push(encodeString(valueBytes));
      if (indexed) this.table.add([name, value], size);
    }
    return concatBytes(parts);
  }
}

/** A field block to field lines. What is malformed is a COMPRESSION_ERROR of the connection. */
export class HpackDecoder {
  table: DynamicTable;
  /** Our SETTINGS_HEADER_TABLE_SIZE: the peer's encoder may use less. */
  max: number;
  /** No list of fields may be larger than this (RFC 9113 §10.5.1). */
  maxList: number;

  constructor(max = DEFAULT_TABLE, maxList = 1 << 18) {
    this.table = new DynamicTable(max);
    this.max = max;
    this.maxList = maxList;
  }

  /** `spans`, when given, gets where each field line stands in the block: from, to. */
  decode(block: Uint8Array, spans?: [number, number][]): Field[] {
    const reader = new BlockReader(block);
    const fields: Field[] = [];
    let size = 0;
    while (!reader.done) {
      const first = reader.peek();
      if ((first & 0xe0) === 0x20) {
        if (fields.length) throw new Http2Error("COMPRESSION_ERROR", "table size between fields");
        const max = reader.integer(5);
        if (max > this.max) throw new Http2Error("COMPRESSION_ERROR", "table size over the limit");
        this.table.resize(max);
        continue;
      }
      const from = reader.at;
      const field =
        first & 0x80 ? this.table.field(reader.integer(7)) : this.literal(reader, first);
      size += field[0].length + field[1].length + 32;
      if (size > this.maxList) throw new Http2Error("ENHANCE_YOUR_CALM", "too many header fields");
      fields.push(field);
      spans?.push([from, reader.at]);
    }
    return fields;
  }

  literal(reader: BlockReader, first: number): Field {
    const indexed = (first & 0x40) !== 0;
    const index = reader.integer(indexed ? 6 : 4);
    const name = index ? utf8(this.table.field(index)[0]) : reader.string();
    const value = reader.string();
    const field: Field = [fromUtf8(name), fromUtf8(value)];
    if (indexed) this.table.add(field, entrySize(name, value));
    return field;
  }
}

class BlockReader {
  bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get done(): boolean {
    return this.at >= this.bytes.length;
  }

  peek(): number {
    const octet = this.bytes[this.at];
    if (octet === undefined) throw new Http2Error("COMPRESSION_ERROR", "field block is cut short");
    return octet;
  }

  next(): number {
    const octet = this.peek();
    this.at++;
    return octet;
  }

  integer(bits: number): number {
    const limit = 2 ** bits - 1;
    let value = this.next() & limit;
    if (value < limit) return value;
    for (let shift = 0; ; shift += 7) {
      const octet = this.next();
      value += (octet & 127) * 2 ** shift;
      if (shift > 28) throw new Http2Error("COMPRESSION_ERROR", "number is too large");
      if (octet < 128) return value;
    }
  }

  string(): Uint8Array {
    const coded = (this.peek() & 0x80) !== 0;
    const length = this.integer(7);
    if (this.at + length > this.bytes.length)
      throw new Http2Error("COMPRESSION_ERROR", "string is cut short");
    const bytes = this.bytes.subarray(this.at, this.at + length);
    this.at += length;
    return coded ? huffmanDecode(bytes) : bytes;
  }
}

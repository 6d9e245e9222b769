import { concatBytes, utf8 } from "../../base/text.ts";
import { type Bytes, u8 } from "../../wire/bytes.ts";

/*
 * DER (X.690): tag, length, content. Reading is strict: lengths are minimal and inside their parent,
 * a BOOLEAN is 00 or FF. What is malformed throws a DerError, which the parsers of this folder catch.
 */
export class DerError extends Error {}

export const BOOLEAN = 0x01;
export const INTEGER = 0x02;
export const BIT_STRING = 0x03;
export const OCTET_STRING = 0x04;
export const NULL = 0x05;
export const OID = 0x06;
export const UTF8_STRING = 0x0c;
export const PRINTABLE_STRING = 0x13;
export const IA5_STRING = 0x16;
export const UTC_TIME = 0x17;
export const GENERALIZED_TIME = 0x18;
export const SEQUENCE = 0x30;
export const SET = 0x31;

/** The tag of `[n]`, constructed (EXPLICIT, or IMPLICIT of a structure). */
export function context(n: number): number {
  return 0xa0 | n;
}
/** The tag of `[n] IMPLICIT` of a primitive type. */
export function implicit(n: number): number {
  return 0x80 | n;
}

/** Values one after the other: the whole of some bytes, or the content of a SEQUENCE. */
export class DerReader {
  bytes: Bytes;
  at: number;
  end: number;

  constructor(bytes: Bytes, at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  get done(): boolean {
    return this.at >= this.end;
  }

  /** The next value's tag, -1 at the end. */
  peek(): number {
    return this.done ? -1 : u8(this.bytes, this.at);
  }

  /** The next value, whose tag must be `tag` where given: a reader of its content. */
  enter(tag = -1): DerReader {
    const { bytes } = this;
    const found = this.peek();
    if (found < 0 || (tag >= 0 && found !== tag)) throw new DerError(`no tag ${tag}`);
    // High tag numbers occur in no structure that we read.
    if ((found & 0x1f) === 0x1f) throw new DerError("high tag");
    let at = this.at + 1;
    if (at >= this.end) throw new DerError("no length");
    let length = u8(bytes, at++);
    if (length >= 0x80) {
      const octets = length & 0x7f;
      if (octets === 0 || octets > 3 || at + octets > this.end) throw new DerError("length");
      length = 0;
      for (let i = 0; i < octets; i++) length = (length << 8) | u8(bytes, at++);
      if (length < 0x80 || length < 1 << (8 * (octets - 1))) throw new DerError("long length");
    }
    if (at + length > this.end) throw new DerError("past the end");
    this.at = at + length;
    return new DerReader(bytes, at, at + length);
  }

  /** The content of the next value. */
  content(tag: number): Bytes {
    return this.enter(tag).rest();
  }

  /** The next value with its tag and length. */
  whole(tag = -1): Bytes {
    const start = this.at;
    this.enter(tag);
    return this.bytes.subarray(start, this.at);
  }

  /** What was not read. */
  rest(): Bytes {
    const rest = this.bytes.subarray(this.at, this.end);
    this.at = this.end;
    return rest;
  }

  /** There must be nothing more. */
  finish(): void {
    if (!this.done) throw new DerError("trailing bytes");
  }

  boolean(): boolean {
    const value = this.content(BOOLEAN);
    if (value.length !== 1 || (value[0] !== 0 && value[0] !== 0xff)) throw new DerError("boolean");
    return value[0] === 0xff;
  }

  /** An INTEGER's content, two's complement, minimal. */
  integer(): Bytes {
    const value = this.content(INTEGER);
    const [first, second] = value;
    if (first === undefined) throw new DerError("empty integer");
    if (
      second !== undefined &&
      ((first === 0 && second < 0x80) || (first === 0xff && second > 0x7f))
    )
      throw new DerError("long integer");
    return value;
  }

  /** A small non-negative INTEGER. */
  number(): number {
    const value = this.integer();
    if (value.length > 4 || u8(value, 0) >= 0x80) throw new DerError("number");
    return value.reduce((sum, octet) => sum * 256 + octet, 0);
  }

  /** A BIT STRING of whole octets, as keys and signatures are. */
  bitString(): Bytes {
    const value = this.content(BIT_STRING);
    if (value[0] !== 0) throw new DerError("bit string");
    return value.subarray(1);
  }

  oid(): string {
    return oidText(this.content(OID));
  }
}

/** Dotted form of an OBJECT IDENTIFIER's content. */
export function oidText(content: Bytes): string {
  const arcs: number[] = [];
  let arc = 0;
  content.forEach((octet, i) => {
    if (arc === 0 && octet === 0x80) throw new DerError("oid");
    arc = arc * 128 + (octet & 0x7f);
    if (!Number.isSafeInteger(arc)) throw new DerError("oid");
    if (octet & 0x80) {
      if (i === content.length - 1) throw new DerError("oid");
      return;
    }
    arcs.push(arc);
    arc = 0;
  });
  const [first, ...others] = arcs;
  if (first === undefined) throw new DerError("oid");
  const top = Math.min(2, Math.floor(first / 40));
  return [top, first - 40 * top, ...others].join(".");
}

/** Tag, length and content as one value. */
export function der(tag: number, ...parts: Bytes[]): Bytes {
  const content = concatBytes(parts);
  const { length } = content;
  const head = [tag];
  if (length < 0x80) head.push(length);
  else if (length < 0x100) head.push(0x81, length);
  else if (length < 0x10000) head.push(0x82, length >> 8, length & 0xff);
  else head.push(0x83, length >> 16, (length >> 8) & 0xff, length & 0xff);
  return concatBytes([Uint8Array.from(head), content]);
}

export function sequence(...parts: Bytes[]): Bytes {
  return der(SEQUENCE, ...parts);
}

/** A non-negative INTEGER of big-endian magnitude, or of a small number. */
export function integer(value: Bytes | number): Bytes {
  let magnitude = value instanceof Uint8Array ? value : numberOctets(value);
  let zeros = 0;
  while (zeros < magnitude.length - 1 && magnitude[zeros] === 0) zeros++;
  magnitude = magnitude.subarray(zeros);
  const sign = (magnitude[0] ?? 0) >= 0x80 || magnitude.length === 0;
  return der(INTEGER, ...(sign ? [Uint8Array.of(0)] : []), magnitude);
}

function numberOctets(value: number): Bytes {
  const octets: number[] = [];
  for (let left = value; left > 0; left = Math.floor(left / 256)) octets.unshift(left % 256);
  return Uint8Array.from(octets.length ? octets : [0]);
}

export function oid(text: string): Bytes {
  const [top = 0, second = 0, ...others] = text.split(".").map(Number);
  const octets: number[] = [];
  for (const arc of [top * 40 + second, ...others]) {
    const groups = [arc % 128];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128))
      groups.unshift((left % 128) | 0x80);
    octets.push(...groups);
  }
  return der(OID, Uint8Array.from(octets));
}

export function octetString(content: Bytes): Bytes {
  return der(OCTET_STRING, content);
}

/** A BIT STRING; `unused` bits at its end do not count. */
export function bitString(content: Bytes, unused = 0): Bytes {
  return der(BIT_STRING, Uint8Array.of(unused), content);
}

export function boolean(value: boolean): Bytes {
  return der(BOOLEAN, Uint8Array.of(value ? 0xff : 0));
}

/** RFC 5280 §4.1.2.5: UTCTime until 2049, GeneralizedTime after; `ms` since 1970. */
export function time(ms: number): Bytes {
  const date = new Date(Math.floor(ms / 1000) * 1000);
  const digits = date.toISOString().replace(/\D/g, "").slice(0, 14);
  const year = date.getUTCFullYear();
  return year >= 1950 && year < 2050
    ? der(UTC_TIME, utf8(`${digits.slice(2)}Z`))
    : der(GENERALIZED_TIME, utf8(`${digits}Z`));
}

/** The ms since 1970 of a UTCTime or GeneralizedTime in the form that RFC 5280 demands. */
export function readTime(reader: DerReader): number {
  const tag = reader.peek();
  if (tag !== UTC_TIME && tag !== GENERALIZED_TIME) throw new DerError("time");
  const text = String.fromCharCode(...reader.content(tag));
  const match = /^(\d\d(?:\d\d)?)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (!match || (match[1]?.length === 4) !== (tag === GENERALIZED_TIME)) throw new DerError("time");
  const [written = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1)
    .map(Number);
  const year = tag === UTC_TIME ? written + (written < 50 ? 2000 : 1900) : written;
  const ms = Date.UTC(year, month - 1, day, hour, minute, second);
  const date = new Date(ms);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day || hour > 23 || minute > 59)
    throw new DerError("no such time");
  return ms;
}

import { type Bytes, u8, u16, u24, u32 } from "../wire/bytes.ts";

/** One named piece of a header, and where it stands. */
export interface Field {
  /** As Wireshark's display filters call it: "ip.ttl". */
  name: string;
  label: string;
  value: string;
  /** Bytes of the layer's source, from its beginning. */
  at: number;
  length: number;
  fields: Field[];
}

/** A header, or what is in the last one. */
export interface Layer {
  /** "eth", "ip", "tcp", … */
  protocol: string;
  title: string;
  /** Index of the bytes that `at` counts in: 0 is the frame, others were decrypted from it. */
  source: number;
  at: number;
  length: number;
  fields: Field[];
}

/** Bytes that fields point into. */
export interface Source {
  /** "Frame", "Decrypted TLS record". */
  name: string;
  bytes: Bytes;
}

/** A frame, layer by layer. */
export interface Dissection {
  sources: Source[];
  layers: Layer[];
}

export function hex(value: number, digits: number): string {
  return `0x${value.toString(16).padStart(digits, "0")}`;
}

/** Bytes as one string of hexadecimal digits, cut where it gets long. */
export function hexBytes(bytes: Bytes, most = 32): string {
  const text = [...bytes.subarray(0, most)].map((b) => b.toString(16).padStart(2, "0")).join("");
  return bytes.length > most ? `${text}…` : text;
}

export function text(bytes: Bytes): string {
  let out = "";
  for (const byte of bytes) out += String.fromCharCode(byte);
  return out;
}

/** "Set" or "Not set". */
export function flag(on: boolean): string {
  return on ? "Set" : "Not set";
}

type Show = (value: number) => string;
const decimal: Show = (value) => String(value);

/**
 * Makes the fields of one layer. A reader of headers: every method notes a field and gives its value,
 * so that what is shown is what was read. Whoever reads has checked that the bytes are there.
 */
export class Tree {
  buf: Bytes;
  fields: Field[];

  constructor(buf: Bytes, fields: Field[] = []) {
    this.buf = buf;
    this.fields = fields;
  }

  add(name: string, label: string, at: number, length: number, value: string): Field {
    const field = { name, label, value, at, length, fields: [] };
    this.fields.push(field);
    return field;
  }

  u8(name: string, label: string, at: number, show = decimal): number {
    const value = u8(this.buf, at);
    this.add(name, label, at, 1, show(value));
    return value;
  }

  u16(name: string, label: string, at: number, show = decimal): number {
    const value = u16(this.buf, at);
    this.add(name, label, at, 2, show(value));
    return value;
  }

  u24(name: string, label: string, at: number, show = decimal): number {
    const value = u24(this.buf, at);
    this.add(name, label, at, 3, show(value));
    return value;
  }

  u32(name: string, label: string, at: number, show = decimal): number {
    const value = u32(this.buf, at);
    this.add(name, label, at, 4, show(value));
    return value;
  }

  bytes(name: string, label: string, at: number, length: number): Bytes {
    const value = this.buf.subarray(at, at + length);
    this.add(name, label, at, length, hexBytes(value));
    return value;
  }

  /** A tree within the last field. */
  inside(field: Field): Tree {
    return new Tree(this.buf, field.fields);
  }
}

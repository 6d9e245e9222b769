import { fromUtf8, utf8 } from "../base/text.ts";
import type { Field } from "../http2/hpack.ts";

/** Fields of a call that are its own, not gRPC's: names in lower case, "-bin" values in base64. */
export type Metadata = readonly Field[];

const RESERVED: ReadonlySet<string> = new Set(["content-type", "te", "user-agent"]);

/** What of the fields is metadata. */
export function metadataOf(fields: readonly Field[]): Field[] {
  return fields.filter(
    ([name]) => !name.startsWith(":") && !name.startsWith("grpc-") && !RESERVED.has(name),
  );
}

/** grpc-message: everything but printable ASCII, and "%", as %XX (PROTOCOL-HTTP2.md, Percent-Encoded). */
export function percentEncode(text: string): string {
  let out = "";
  for (const octet of utf8(text))
    out +=
      octet >= 0x20 && octet <= 0x7e && octet !== 0x25
        ? String.fromCharCode(octet)
        : `%${octet.toString(16).toUpperCase().padStart(2, "0")}`;
  return out;
}

/** What cannot be decoded stays as it stands. */
export function percentDecode(text: string): string {
  const octets: number[] = [];
  for (let at = 0; at < text.length; at++) {
    const [, digits = ""] = /^%([0-9a-fA-F]{2})/.exec(text.slice(at, at + 3)) ?? [];
    if (digits) {
      octets.push(Number.parseInt(digits, 16));
      at += 2;
    } else octets.push(...utf8(text[at] ?? ""));
  }
  return fromUtf8(Uint8Array.from(octets));
}

/** Units of grpc-timeout, in ns, from the finest. */
const UNITS: readonly (readonly [string, number])[] = [
  ["n", 1],
  ["u", 1e3],
  ["m", 1e6],
  ["S", 1e9],
  ["M", 60e9],
  ["H", 3600e9],
];
const MAX_DIGITS = 1e8;

/** grpc-timeout of a time in ns: the finest unit in which it has at most eight digits, rounded up. */
export function encodeTimeout(ns: number): string {
  if (ns <= 0) return "0n";
  for (const [unit, size] of UNITS) {
    const count = Math.ceil(ns / size);
    if (count < MAX_DIGITS) return `${count}${unit}`;
  }
  return `${MAX_DIGITS - 1}H`;
}

/** In ns; null when it is none. */
export function decodeTimeout(text: string): number | null {
  const [, digits = "", unit = ""] = /^(\d{1,8})([HMSmun])$/.exec(text) ?? [];
  const size = UNITS.find(([name]) => name === unit)?.[1];
  return size === undefined ? null : Number(digits) * size;
}

import { concatBytes } from "../../base/text.ts";
import type { Bytes } from "../../wire/bytes.ts";

/** One block of a PEM file (RFC 7468). */
export interface PemBlock {
  /** "CERTIFICATE", "PRIVATE KEY", … */
  label: string;
  der: Bytes;
}

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

export function toBase64(bytes: Bytes): string {
  let out = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const group = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    for (let digit = 0; digit < 4; digit++)
      out += digit <= left ? DIGITS[(group >> (18 - 6 * digit)) & 63] : "=";
  }
  return out;
}

/** Null when the text is not base64 with its padding (RFC 4648 §4); white space does not count. */
export function fromBase64(text: string): Bytes | null {
  const digits = text.replace(/\s+/g, "");
  if (digits.length % 4 || !/^[A-Za-z0-9+/]*={0,2}$/.test(digits)) return null;
  const parts: Bytes[] = [];
  for (let i = 0; i < digits.length; i += 4) {
    let group = 0;
    let count = 3;
    for (const digit of digits.slice(i, i + 4)) {
      if (digit === "=") count--;
      group = (group << 6) | Math.max(0, DIGITS.indexOf(digit));
    }
    parts.push(Uint8Array.of(group >> 16, group >> 8, group).subarray(0, count));
  }
  return concatBytes(parts);
}

/** PEM as OpenSSL writes it: 64 characters a line. */
export function toPem(label: string, der: Bytes): string {
  const lines = toBase64(der).match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

/** Every well-formed block of a text, in order; what is between them is commentary. */
export function fromPem(text: string): PemBlock[] {
  const blocks: PemBlock[] = [];
  const pattern = /-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \1-----/g;
  for (const [, label = "", body = ""] of text.matchAll(pattern)) {
    const der = fromBase64(body);
    if (der) blocks.push({ label, der });
  }
  return blocks;
}

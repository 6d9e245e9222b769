import { concatBytes } from "./text.ts";

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

export function toBase64(bytes: Uint8Array): string {
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
export function fromBase64(text: string): Uint8Array | null {
  const digits = text.replace(/\s+/g, "");
  if (digits.length % 4 || !/^[A-Za-z0-9+/]*={0,2}$/.test(digits)) return null;
  const parts: Uint8Array[] = [];
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

/** For URLs and JSON Web Tokens: no padding, "-" and "_" (RFC 4648 §5). */
export function toBase64Url(bytes: Uint8Array): string {
  return toBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** Null when the text is not base64url. */
export function fromBase64Url(text: string): Uint8Array | null {
  if (!/^[\w-]*$/.test(text) || text.length % 4 === 1) return null;
  const digits = text.replaceAll("-", "+").replaceAll("_", "/");
  return fromBase64(digits.padEnd(Math.ceil(digits.length / 4) * 4, "="));
}

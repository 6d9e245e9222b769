import { type Bytes, u8 } from "./bytes.ts";

/** An IPv4 address is an unsigned 32-bit number on the data path; text only at the edge. */
export function formatIpv4(address: number): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

/** Dotted quad to number; null when it is not four decimal octets (inet_pton's grammar). */
export function parseIpv4(text: string): number | null {
  const parts = text.split(".");
  if (parts.length !== 4) return null;
  let value = 0;
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return null;
    value = value * 256 + Number(part);
  }
  return value;
}

/** The netmask of a prefix length, as a number: 24 -> 0xffffff00. */
export function maskOf(length: number): number {
  return length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0;
}

/** The prefix length of a contiguous netmask, or -1. */
export function prefixOf(mask: number): number {
  for (let length = 0; length <= 32; length++) if (maskOf(length) === mask) return length;
  return -1;
}

export interface Prefix {
  address: number;
  length: number;
}

/** "10.4.3.0/24" or "10.4.3.20" (a /32); null when it is neither. Host bits are kept. */
export function parsePrefix(text: string): Prefix | null {
  const slash = text.indexOf("/");
  const address = parseIpv4(slash < 0 ? text : text.slice(0, slash));
  if (address === null) return null;
  if (slash < 0) return { address, length: 32 };
  const tail = text.slice(slash + 1);
  if (!/^\d{1,2}$/.test(tail) || Number(tail) > 32) return null;
  return { address, length: Number(tail) };
}

export function formatMac(b: Bytes, at = 0): string {
  let text = "";
  for (let i = 0; i < 6; i++) {
    const octet = u8(b, at + i).toString(16);
    text += (i ? ":" : "") + (octet.length < 2 ? `0${octet}` : octet);
  }
  return text;
}

export function parseMac(text: string): Bytes | null {
  const parts = text.split(":");
  if (parts.length !== 6 || !parts.every((part) => /^[0-9a-fA-F]{1,2}$/.test(part))) return null;
  return Uint8Array.from(parts, (part) => Number.parseInt(part, 16));
}

export const MAC_BROADCAST: Bytes = new Uint8Array(6).fill(255);
export const MAC_ZERO: Bytes = new Uint8Array(6);

export function sameMac(a: Bytes, aAt: number, b: Bytes, bAt = 0): boolean {
  for (let i = 0; i < 6; i++) if (a[aAt + i] !== b[bAt + i]) return false;
  return true;
}

/** 224.0.0.0/4 */
export function isMulticast(address: number): boolean {
  return address >>> 28 === 0xe;
}

/** 127.0.0.0/8 */
export function isLoopback(address: number): boolean {
  return address >>> 24 === 127;
}

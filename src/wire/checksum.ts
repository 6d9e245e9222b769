import { type Bytes, set16, u16 } from "./bytes.ts";

/** RFC 1071: the 16-bit one's complement sum of bytes [from, to), added to `start`, not folded. */
export function sum(b: Bytes, from: number, to: number, start = 0): number {
  let total = start;
  const even = to - ((to - from) & 1);
  for (let i = from; i < even; i += 2) total += (b[i]! << 8) | b[i + 1]!;
  if (even < to) total += b[even]! << 8;
  return total;
}

/** Fold a sum to 16 bits and complement it: the value that goes into the header. */
export function finish(total: number): number {
  let folded = total;
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x10000);
  return ~folded & 0xffff;
}

/** The sum of the IPv4 pseudo header (RFC 9293 §3.1, RFC 768). */
export function pseudo(src: number, dst: number, protocol: number, length: number): number {
  return (src >>> 16) + (src & 0xffff) + (dst >>> 16) + (dst & 0xffff) + protocol + length;
}

/** RFC 1624 equation 3: keep the checksum at `at` right when a 16-bit word goes from old to new. */
export function adjust16(b: Bytes, at: number, old: number, now: number): void {
  let total = (~u16(b, at) & 0xffff) + (~old & 0xffff) + now;
  total = (total & 0xffff) + (total >>> 16);
  total = (total & 0xffff) + (total >>> 16);
  set16(b, at, ~total & 0xffff);
}

/** The same for a 32-bit word: an address, a sequence number. */
export function adjust32(b: Bytes, at: number, old: number, now: number): void {
  adjust16(b, at, old >>> 16, now >>> 16);
  adjust16(b, at, old & 0xffff, now & 0xffff);
}

/** Sequence numbers are modulo 2^32 (RFC 9293 §3.4). */

/** a < b */
export function before(a: number, b: number): boolean {
  return ((a - b) | 0) < 0;
}

/** a > b */
export function after(a: number, b: number): boolean {
  return ((b - a) | 0) < 0;
}

export function seqAdd(a: number, by: number): number {
  return (a + by) >>> 0;
}

/** How far `b` is behind `a`, as a signed number. */
export function seqDiff(a: number, b: number): number {
  return (a - b) | 0;
}

/** low <= s <= high (linux: include/net/tcp.h, between) */
export function between(s: number, low: number, high: number): boolean {
  return (high - low) >>> 0 >= (s - low) >>> 0;
}

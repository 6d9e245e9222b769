/**
 * Big-endian reads and writes. The only place that asserts an index is inside its buffer: every
 * header is checked once at the door (`X.check`), after which its fields are there.
 */
export type Bytes = Uint8Array;

export function u8(b: Bytes, at: number): number {
  return b[at]!;
}
export function u16(b: Bytes, at: number): number {
  return (b[at]! << 8) | b[at + 1]!;
}
export function u24(b: Bytes, at: number): number {
  return (b[at]! << 16) | (b[at + 1]! << 8) | b[at + 2]!;
}
export function u32(b: Bytes, at: number): number {
  return ((b[at]! << 24) | (b[at + 1]! << 16) | (b[at + 2]! << 8) | b[at + 3]!) >>> 0;
}
export function set8(b: Bytes, at: number, value: number): void {
  b[at] = value;
}
export function set16(b: Bytes, at: number, value: number): void {
  b[at] = value >>> 8;
  b[at + 1] = value;
}
export function set24(b: Bytes, at: number, value: number): void {
  b[at] = value >>> 16;
  b[at + 1] = value >>> 8;
  b[at + 2] = value;
}
export function set32(b: Bytes, at: number, value: number): void {
  b[at] = value >>> 24;
  b[at + 1] = value >>> 16;
  b[at + 2] = value >>> 8;
  b[at + 3] = value;
}

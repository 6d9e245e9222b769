/** linux: include/linux/jhash.h, JHASH_INITVAL */
const INIT = 0xdeadbeef;

function rol(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

/**
 * Bob Jenkins' lookup3 over 32-bit words (linux: include/linux/jhash.h, jhash2). It decides the
 * order in which a hash set lists its members, so it has to be the kernel's.
 */
export function jhash2(words: readonly number[], initval: number): number {
  let a = (INIT + (words.length << 2) + initval) | 0;
  let b = a;
  let c = a;
  let at = 0;
  let left = words.length;
  while (left > 3) {
    a = (a + (words[at] as number)) | 0;
    b = (b + (words[at + 1] as number)) | 0;
    c = (c + (words[at + 2] as number)) | 0;
    a = (a - c) ^ rol(c, 4);
    c = (c + b) | 0;
    b = (b - a) ^ rol(a, 6);
    a = (a + c) | 0;
    c = (c - b) ^ rol(b, 8);
    b = (b + a) | 0;
    a = (a - c) ^ rol(c, 16);
    c = (c + b) | 0;
    b = (b - a) ^ rol(a, 19);
    a = (a + c) | 0;
    c = (c - b) ^ rol(b, 4);
    b = (b + a) | 0;
    left -= 3;
    at += 3;
  }
  if (left === 0) return c >>> 0;
  if (left === 3) c = (c + (words[at + 2] as number)) | 0;
  if (left >= 2) b = (b + (words[at + 1] as number)) | 0;
  a = (a + (words[at] as number)) | 0;
  c = ((c ^ b) - rol(b, 14)) | 0;
  a = ((a ^ c) - rol(c, 11)) | 0;
  b = ((b ^ a) - rol(a, 25)) | 0;
  c = ((c ^ b) - rol(b, 16)) | 0;
  a = ((a ^ c) - rol(c, 4)) | 0;
  b = ((b ^ a) - rol(a, 14)) | 0;
  c = ((c ^ b) - rol(b, 24)) | 0;
  return c >>> 0;
}

/** A big-endian word as a little-endian machine reads it. */
export function swap32(word: number): number {
  return (
    (((word & 0xff) << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0
  );
}

export function swap16(word: number): number {
  return ((word & 0xff) << 8) | (word >>> 8);
}

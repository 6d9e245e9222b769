/**
 * Seeded randomness: sfc32 (Chris Doty-Humphrey, PractRand). Independent streams are derived by
 * name, so that a new consumer does not shift everybody else's numbers.
 */
export class Rng {
  a: number;
  b: number;
  c: number;
  d = 1;

  constructor(seed: number, name: string) {
    // FNV-1a of the name, folded with the seed: any change of either gives another stream.
    let h = 0x811c9dc5 ^ seed;
    for (let i = 0; i < name.length; i++) h = Math.imul(h ^ name.charCodeAt(i), 0x01000193);
    this.a = h | 0;
    this.b = (seed ^ 0x9e3779b9) | 0;
    this.c = Math.imul(h, 0x85ebca6b) | 0;
    for (let i = 0; i < 12; i++) this.u32();
  }

  /** The next unsigned 32-bit number. */
  u32(): number {
    const t = (((this.a + this.b) | 0) + this.d) | 0;
    this.d = (this.d + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (this.c << 21) | (this.c >>> 11);
    this.c = (this.c + t) | 0;
    return t >>> 0;
  }

  /** A number in [0, limit). */
  below(limit: number): number {
    return this.u32() % limit;
  }

  bytes(length: number): Uint8Array {
    const out = new Uint8Array(length);
    for (let i = 0; i < length; i++) out[i] = this.u32() & 0xff;
    return out;
  }
}

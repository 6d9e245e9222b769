import { type Bytes, set8, set16, set24, u8, u16, u24 } from "./bytes.ts";

/*
 * RFC 8926 §3.4:
 *
 *   |Ver|  Opt Len  |O|C|    Rsvd.  |          Protocol Type        |
 *   |        Virtual Network Identifier (VNI)       |    Reserved   |
 *   |                    Variable-Length Options                    |
 */
export const GENEVE_HLEN = 8;
export const GENEVE_PORT = 6081;
/** Ethernet inside (linux: ETH_P_TEB). */
export const ETH_P_TEB = 0x6558;

/** One option TLV: class (2), type (1), length in words (1), data. */
export interface GeneveOption {
  class: number;
  type: number;
  data: Bytes;
}

/** A view of a Geneve header. Valid after `Geneve.check`. */
export class Geneve {
  readonly buf: Bytes;
  readonly off: number;

  constructor(buf: Bytes, off: number) {
    this.buf = buf;
    this.off = off;
  }

  static check(buf: Bytes, off: number, end: number): boolean {
    if (end - off < GENEVE_HLEN || u8(buf, off) >> 6 !== 0) return false;
    return end - off >= GENEVE_HLEN + (u8(buf, off) & 0x3f) * 4;
  }

  get headerLength(): number {
    return GENEVE_HLEN + (u8(this.buf, this.off) & 0x3f) * 4;
  }
  /** A control packet, not data (the O bit). */
  get control(): boolean {
    return (u8(this.buf, this.off + 1) & 0x80) !== 0;
  }
  /** An option that the receiver must understand is present (the C bit). */
  get critical(): boolean {
    return (u8(this.buf, this.off + 1) & 0x40) !== 0;
  }
  get protocol(): number {
    return u16(this.buf, this.off + 2);
  }
  get vni(): number {
    return u24(this.buf, this.off + 4);
  }

  get options(): GeneveOption[] {
    const out: GeneveOption[] = [];
    const end = this.off + this.headerLength;
    let at = this.off + GENEVE_HLEN;
    while (at + 4 <= end) {
      const length = (u8(this.buf, at + 3) & 0x1f) * 4;
      if (at + 4 + length > end) break;
      out.push({
        class: u16(this.buf, at),
        type: u8(this.buf, at + 2),
        data: this.buf.slice(at + 4, at + 4 + length),
      });
      at += 4 + length;
    }
    return out;
  }

  static lengthOf(options: readonly GeneveOption[]): number {
    return options.reduce((total, option) => total + 4 + option.data.length, GENEVE_HLEN);
  }

  static write(
    buf: Bytes,
    off: number,
    fields: { vni: number; protocol: number; options: readonly GeneveOption[] },
  ): void {
    const length = Geneve.lengthOf(fields.options);
    const critical = fields.options.some((option) => option.type & 0x80);
    set8(buf, off, (length - GENEVE_HLEN) / 4);
    set8(buf, off + 1, critical ? 0x40 : 0);
    set16(buf, off + 2, fields.protocol);
    set24(buf, off + 4, fields.vni);
    set8(buf, off + 7, 0);
    let at = off + GENEVE_HLEN;
    for (const option of fields.options) {
      set16(buf, at, option.class);
      set8(buf, at + 2, option.type);
      set8(buf, at + 3, option.data.length / 4);
      buf.set(option.data, at + 4);
      at += 4 + option.data.length;
    }
  }
}

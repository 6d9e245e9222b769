import { type Bytes, set24, set32, u8, u24 } from "./bytes.ts";

/** RFC 7348 §5: flags (1, bit 3 says that the VNI is valid), reserved (3), VNI (3), reserved (1). */
export const VXLAN_HLEN = 8;
export const VXLAN_PORT = 4789;

/** A view of a VXLAN header. Valid after `Vxlan.check`. */
export class Vxlan {
  readonly buf: Bytes;
  readonly off: number;

  constructor(buf: Bytes, off: number) {
    this.buf = buf;
    this.off = off;
  }

  static check(buf: Bytes, off: number, end: number): boolean {
    return end - off >= VXLAN_HLEN && (u8(buf, off) & 0x08) !== 0;
  }

  get flags(): number {
    return u8(this.buf, this.off);
  }
  get vni(): number {
    return u24(this.buf, this.off + 4);
  }

  static write(buf: Bytes, off: number, vni: number): void {
    set32(buf, off, 0x08000000);
    set24(buf, off + 4, vni);
    buf[off + 7] = 0;
  }
}

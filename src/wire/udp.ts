import { type Bytes, set16, u16 } from "./bytes.ts";
import { adjust16, adjust32, finish, pseudo, sum } from "./checksum.ts";
import { IPPROTO_UDP } from "./ipv4.ts";

/** RFC 768: source port (2), destination port (2), length (2), checksum (2). */
export const UDP_HLEN = 8;

/** A view of a UDP header. Valid after `Udp.check`. Port setters keep the checksum right. */
export class Udp {
  readonly buf: Bytes;
  readonly off: number;

  constructor(buf: Bytes, off: number) {
    this.buf = buf;
    this.off = off;
  }

  static check(buf: Bytes, off: number, end: number): boolean {
    if (end - off < UDP_HLEN) return false;
    const length = u16(buf, off + 4);
    return length >= UDP_HLEN && length <= end - off;
  }

  get srcPort(): number {
    return u16(this.buf, this.off);
  }
  get dstPort(): number {
    return u16(this.buf, this.off + 2);
  }
  get length(): number {
    return u16(this.buf, this.off + 4);
  }
  get checksum(): number {
    return u16(this.buf, this.off + 6);
  }
  get payload(): number {
    return this.off + UDP_HLEN;
  }
  get end(): number {
    return this.off + this.length;
  }

  set srcPort(port: number) {
    this.rewrite16(0, port);
  }
  set dstPort(port: number) {
    this.rewrite16(2, port);
  }

  rewrite16(at: number, value: number): void {
    if (this.checksum !== 0) {
      adjust16(this.buf, this.off + 6, u16(this.buf, this.off + at), value);
      if (this.checksum === 0) set16(this.buf, this.off + 6, 0xffff);
    }
    set16(this.buf, this.off + at, value);
  }

  /** The pseudo header's address went from `old` to `now`. */
  addressChanged(old: number, now: number): void {
    if (this.checksum === 0) return;
    adjust32(this.buf, this.off + 6, old, now);
    if (this.checksum === 0) set16(this.buf, this.off + 6, 0xffff);
  }

  /** Zero means "none was computed" (RFC 768). */
  checksumValid(src: number, dst: number): boolean {
    if (this.checksum === 0) return true;
    const start = pseudo(src, dst, IPPROTO_UDP, this.length);
    return finish(sum(this.buf, this.off, this.end, start)) === 0;
  }

  /** Write the header over a payload already in place; `checksum` false leaves it at zero. */
  static write(
    buf: Bytes,
    off: number,
    end: number,
    fields: { srcPort: number; dstPort: number; src: number; dst: number; checksum: boolean },
  ): void {
    set16(buf, off, fields.srcPort);
    set16(buf, off + 2, fields.dstPort);
    set16(buf, off + 4, end - off);
    set16(buf, off + 6, 0);
    if (!fields.checksum) return;
    const start = pseudo(fields.src, fields.dst, IPPROTO_UDP, end - off);
    const value = finish(sum(buf, off, end, start));
    set16(buf, off + 6, value === 0 ? 0xffff : value);
  }
}

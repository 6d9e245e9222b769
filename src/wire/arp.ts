import { type Bytes, set8, set16, set32, u8, u16, u32 } from "./bytes.ts";

/*
 * RFC 826, for Ethernet and IPv4:
 *
 *    0      2      4  5  6      8          14      18         24      28
 *    +------+------+--+--+------+----------+-------+----------+-------+
 *    | htype| ptype|hl|pl| oper | sender hw| s. ip | target hw| t. ip |
 *    +------+------+--+--+------+----------+-------+----------+-------+
 */
export const ARP_LEN = 28;
export const ARP_REQUEST = 1;
export const ARP_REPLY = 2;

export interface ArpFields {
  operation: number;
  senderMac: Bytes;
  senderIp: number;
  targetMac: Bytes;
  targetIp: number;
}

/** A view of an ARP packet. Valid after `Arp.check`. */
export class Arp {
  readonly buf: Bytes;
  readonly off: number;

  constructor(buf: Bytes, off: number) {
    this.buf = buf;
    this.off = off;
  }

  /** Ethernet and IPv4, whole? (linux: net/ipv4/arp.c, arp_rcv) */
  static check(buf: Bytes, off: number, end: number): boolean {
    return (
      end - off >= ARP_LEN &&
      u16(buf, off) === 1 &&
      u16(buf, off + 2) === 0x0800 &&
      u8(buf, off + 4) === 6 &&
      u8(buf, off + 5) === 4
    );
  }

  get operation(): number {
    return u16(this.buf, this.off + 6);
  }
  get senderMac(): Bytes {
    return this.buf.slice(this.off + 8, this.off + 14);
  }
  get senderIp(): number {
    return u32(this.buf, this.off + 14);
  }
  get targetMac(): Bytes {
    return this.buf.slice(this.off + 18, this.off + 24);
  }
  get targetIp(): number {
    return u32(this.buf, this.off + 24);
  }

  static write(buf: Bytes, off: number, fields: ArpFields): void {
    set16(buf, off, 1);
    set16(buf, off + 2, 0x0800);
    set8(buf, off + 4, 6);
    set8(buf, off + 5, 4);
    set16(buf, off + 6, fields.operation);
    buf.set(fields.senderMac, off + 8);
    set32(buf, off + 14, fields.senderIp);
    buf.set(fields.targetMac, off + 18);
    set32(buf, off + 24, fields.targetIp);
  }
}

import { type Bytes, set8, set16, set32, u8, u16, u32 } from "./bytes.ts";
import { adjust16, adjust32, finish, sum } from "./checksum.ts";

/*
 * RFC 791 §3.1:
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +-------+-------+---------------+-------------------------------+
 *   |Version|  IHL  |Type of Service|          Total Length         |
 *   +-------+-------+---------------+-----+-------------------------+
 *   |         Identification        |Flags|      Fragment Offset    |
 *   +---------------+---------------+-----+-------------------------+
 *   |  Time to Live |    Protocol   |         Header Checksum       |
 *   +---------------+---------------+-------------------------------+
 *   |                       Source Address                          |
 *   |                    Destination Address                        |
 *   |                    Options                    |    Padding    |
 */
export const IPV4_HLEN = 20;
export const IPPROTO_ICMP = 1;
export const IPPROTO_IGMP = 2;
export const IPPROTO_TCP = 6;
export const IPPROTO_UDP = 17;
export const IPPROTO_GRE = 47;
export const IP_DF = 0x4000;
export const IP_MF = 0x2000;
export const IP_OFFSET = 0x1fff;

const TOS = 1;
const TOTAL_LENGTH = 2;
const ID = 4;
const FRAGMENT = 6;
const TTL = 8;
const PROTOCOL = 9;
const CHECKSUM = 10;
const SRC = 12;
const DST = 16;

export interface Ipv4Fields {
  tos: number;
  totalLength: number;
  id: number;
  /** Flags and offset as they stand in the header: IP_DF, IP_MF, offset in units of 8 bytes. */
  fragment: number;
  ttl: number;
  protocol: number;
  src: number;
  dst: number;
}

/** A view of an IPv4 header. Valid after `Ipv4.check`. Setters keep the header checksum right. */
export class Ipv4 {
  readonly buf: Bytes;
  readonly off: number;

  constructor(buf: Bytes, off: number) {
    this.buf = buf;
    this.off = off;
  }

  /** A whole, sane header at `off`, checksum included? (linux: net/ipv4/ip_input.c, ip_rcv_core) */
  static check(buf: Bytes, off: number, end: number): boolean {
    if (end - off < IPV4_HLEN || u8(buf, off) >> 4 !== 4) return false;
    const header = (u8(buf, off) & 15) * 4;
    const total = u16(buf, off + TOTAL_LENGTH);
    return header >= IPV4_HLEN && total >= header && end - off >= total;
  }

  get headerLength(): number {
    return (u8(this.buf, this.off) & 15) * 4;
  }
  get tos(): number {
    return u8(this.buf, this.off + TOS);
  }
  get totalLength(): number {
    return u16(this.buf, this.off + TOTAL_LENGTH);
  }
  get id(): number {
    return u16(this.buf, this.off + ID);
  }
  get fragment(): number {
    return u16(this.buf, this.off + FRAGMENT);
  }
  get dontFragment(): boolean {
    return (this.fragment & IP_DF) !== 0;
  }
  /** Is this a fragment of a larger packet? */
  get isFragment(): boolean {
    return (this.fragment & (IP_MF | IP_OFFSET)) !== 0;
  }
  /** Offset of the payload in the whole packet, in bytes. */
  get fragmentOffset(): number {
    return (this.fragment & IP_OFFSET) * 8;
  }
  get ttl(): number {
    return u8(this.buf, this.off + TTL);
  }
  get protocol(): number {
    return u8(this.buf, this.off + PROTOCOL);
  }
  get checksum(): number {
    return u16(this.buf, this.off + CHECKSUM);
  }
  get checksumValid(): boolean {
    return finish(sum(this.buf, this.off, this.off + this.headerLength)) === 0;
  }
  get src(): number {
    return u32(this.buf, this.off + SRC);
  }
  get dst(): number {
    return u32(this.buf, this.off + DST);
  }
  get payload(): number {
    return this.off + this.headerLength;
  }
  get end(): number {
    return this.off + this.totalLength;
  }

  set tos(value: number) {
    const old = u16(this.buf, this.off);
    set8(this.buf, this.off + TOS, value);
    adjust16(this.buf, this.off + CHECKSUM, old, u16(this.buf, this.off));
  }
  set ttl(value: number) {
    const old = u16(this.buf, this.off + TTL);
    set8(this.buf, this.off + TTL, value);
    adjust16(this.buf, this.off + CHECKSUM, old, u16(this.buf, this.off + TTL));
  }
  set src(address: number) {
    adjust32(this.buf, this.off + CHECKSUM, this.src, address);
    set32(this.buf, this.off + SRC, address);
  }
  set dst(address: number) {
    adjust32(this.buf, this.off + CHECKSUM, this.dst, address);
    set32(this.buf, this.off + DST, address);
  }

  /** Write a header of 20 bytes, checksum included. */
  static write(buf: Bytes, off: number, fields: Ipv4Fields): Ipv4 {
    set8(buf, off, 0x45);
    set8(buf, off + TOS, fields.tos);
    set16(buf, off + TOTAL_LENGTH, fields.totalLength);
    set16(buf, off + ID, fields.id);
    set16(buf, off + FRAGMENT, fields.fragment);
    set8(buf, off + TTL, fields.ttl);
    set8(buf, off + PROTOCOL, fields.protocol);
    set16(buf, off + CHECKSUM, 0);
    set32(buf, off + SRC, fields.src);
    set32(buf, off + DST, fields.dst);
    set16(buf, off + CHECKSUM, finish(sum(buf, off, off + IPV4_HLEN)));
    return new Ipv4(buf, off);
  }

  /** The header has options up to `length`: say so. */
  static resize(buf: Bytes, off: number, length: number): void {
    set8(buf, off, 0x40 | (length / 4));
    set16(buf, off + CHECKSUM, 0);
    set16(buf, off + CHECKSUM, finish(sum(buf, off, off + length)));
  }
}

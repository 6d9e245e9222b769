import { type Bytes, set8, set16, set32, u8, u16, u32 } from "./bytes.ts";
import { adjust16, finish, sum } from "./checksum.ts";

/** RFC 792: type (1), code (1), checksum (2), rest of header (4), data. */
export const ICMP_HLEN = 8;

export const ICMP_ECHO_REPLY = 0;
export const ICMP_DEST_UNREACH = 3;
export const ICMP_REDIRECT = 5;
export const ICMP_ECHO = 8;
export const ICMP_TIME_EXCEEDED = 11;
export const ICMP_PARAMETER_PROBLEM = 12;
export const ICMP_TIMESTAMP = 13;
export const ICMP_TIMESTAMP_REPLY = 14;
/** NR_ICMP_TYPES: anything above is a mystery. */
export const ICMP_TYPES = 18;

export const ICMP_NET_UNREACH = 0;
export const ICMP_HOST_UNREACH = 1;
export const ICMP_PROT_UNREACH = 2;
export const ICMP_PORT_UNREACH = 3;
export const ICMP_FRAG_NEEDED = 4;
export const ICMP_NET_ANO = 9;
export const ICMP_HOST_ANO = 10;
export const ICMP_PKT_FILTERED = 13;

/** A view of an ICMP message. Valid after `Icmp.check`. */
export class Icmp {
  readonly buf: Bytes;
  readonly off: number;

  constructor(buf: Bytes, off: number) {
    this.buf = buf;
    this.off = off;
  }

  static check(_buf: Bytes, off: number, end: number): boolean {
    return end - off >= ICMP_HLEN;
  }

  static checksumValid(buf: Bytes, off: number, end: number): boolean {
    return finish(sum(buf, off, end)) === 0;
  }

  get type(): number {
    return u8(this.buf, this.off);
  }
  get code(): number {
    return u8(this.buf, this.off + 1);
  }
  get checksum(): number {
    return u16(this.buf, this.off + 2);
  }
  /** Echo identifier. */
  get id(): number {
    return u16(this.buf, this.off + 4);
  }
  set id(value: number) {
    adjust16(this.buf, this.off + 2, this.id, value);
    set16(this.buf, this.off + 4, value);
  }
  /** Echo sequence number. */
  get seq(): number {
    return u16(this.buf, this.off + 6);
  }
  /** The second word: next-hop MTU (low 16 bits, RFC 1191) or gateway of a redirect. */
  get rest(): number {
    return u32(this.buf, this.off + 4);
  }

  /** Does this type carry the packet that caused it? (linux: net/ipv4/icmp.c, icmp_pointers[].error) */
  static isError(type: number): boolean {
    return (
      type === ICMP_DEST_UNREACH ||
      type === 4 ||
      type === ICMP_REDIRECT ||
      type === ICMP_TIME_EXCEEDED ||
      type === ICMP_PARAMETER_PROBLEM
    );
  }

  /** Write the header over a message whose data (up to `end`) is already in place. */
  static write(
    buf: Bytes,
    off: number,
    end: number,
    type: number,
    code: number,
    rest: number,
  ): void {
    set8(buf, off, type);
    set8(buf, off + 1, code);
    set16(buf, off + 2, 0);
    set32(buf, off + 4, rest);
    set16(buf, off + 2, finish(sum(buf, off, end)));
  }
}

import { type Bytes, set8, set16, set32, u8, u16, u32 } from "./bytes.ts";
import { adjust16, adjust32, finish, pseudo, sum } from "./checksum.ts";
import { IPPROTO_TCP } from "./ipv4.ts";

/*
 * RFC 9293 §3.1:
 *
 *   |          Source Port          |       Destination Port        |
 *   |                        Sequence Number                        |
 *   |                    Acknowledgment Number                      |
 *   |  Data |       |C|E|U|A|P|R|S|F|                               |
 *   | Offset| Rsrvd |W|C|R|C|S|S|Y|I|            Window             |
 *   |           Checksum            |         Urgent Pointer        |
 *   |                           [Options]                           |
 */
export const TCP_HLEN = 20;
export const TH_FIN = 0x01;
export const TH_SYN = 0x02;
export const TH_RST = 0x04;
export const TH_PUSH = 0x08;
export const TH_ACK = 0x10;
export const TH_URG = 0x20;
export const TH_ECE = 0x40;
export const TH_CWR = 0x80;

/** Options understood on both sides; absent ones are undefined. */
export interface TcpOptions {
  mss?: number;
  windowScale?: number;
  sackPermitted?: boolean;
  /** [left, right) edges, absolute sequence numbers. */
  sack?: [number, number][];
  timestamp?: { value: number; echo: number };
}

export interface TcpFields {
  srcPort: number;
  dstPort: number;
  seq: number;
  ack: number;
  flags: number;
  window: number;
  options: Bytes;
  src: number;
  dst: number;
}

/** A view of a TCP header. Valid after `Tcp.check`. Setters keep the checksum right. */
export class Tcp {
  readonly buf: Bytes;
  readonly off: number;

  constructor(buf: Bytes, off: number) {
    this.buf = buf;
    this.off = off;
  }

  static check(buf: Bytes, off: number, end: number): boolean {
    if (end - off < TCP_HLEN) return false;
    const header = (u8(buf, off + 12) >> 4) * 4;
    return header >= TCP_HLEN && header <= end - off;
  }

  get srcPort(): number {
    return u16(this.buf, this.off);
  }
  get dstPort(): number {
    return u16(this.buf, this.off + 2);
  }
  get seq(): number {
    return u32(this.buf, this.off + 4);
  }
  get ack(): number {
    return u32(this.buf, this.off + 8);
  }
  get headerLength(): number {
    return (u8(this.buf, this.off + 12) >> 4) * 4;
  }
  get flags(): number {
    return u8(this.buf, this.off + 13);
  }
  get window(): number {
    return u16(this.buf, this.off + 14);
  }
  get checksum(): number {
    return u16(this.buf, this.off + 16);
  }
  get urgent(): number {
    return u16(this.buf, this.off + 18);
  }
  get payload(): number {
    return this.off + this.headerLength;
  }

  set srcPort(port: number) {
    adjust16(this.buf, this.off + 16, this.srcPort, port);
    set16(this.buf, this.off, port);
  }
  set dstPort(port: number) {
    adjust16(this.buf, this.off + 16, this.dstPort, port);
    set16(this.buf, this.off + 2, port);
  }

  /** The pseudo header's address went from `old` to `now`. */
  addressChanged(old: number, now: number): void {
    adjust32(this.buf, this.off + 16, old, now);
  }

  checksumValid(src: number, dst: number, end: number): boolean {
    const start = pseudo(src, dst, IPPROTO_TCP, end - this.off);
    return finish(sum(this.buf, this.off, end, start)) === 0;
  }

  /** The options, as far as they are well formed; a broken tail is ignored as Linux does. */
  get options(): TcpOptions {
    const out: TcpOptions = {};
    const end = this.payload;
    let at = this.off + TCP_HLEN;
    while (at < end) {
      const kind = u8(this.buf, at);
      if (kind === 0) break;
      if (kind === 1) {
        at++;
        continue;
      }
      if (at + 1 >= end) break;
      const length = u8(this.buf, at + 1);
      if (length < 2 || at + length > end) break;
      if (kind === 2 && length === 4) out.mss = u16(this.buf, at + 2);
      else if (kind === 3 && length === 3) out.windowScale = Math.min(u8(this.buf, at + 2), 14);
      else if (kind === 4 && length === 2) out.sackPermitted = true;
      else if (kind === 5 && (length - 2) % 8 === 0) {
        out.sack = [];
        for (let i = at + 2; i < at + length; i += 8)
          out.sack.push([u32(this.buf, i), u32(this.buf, i + 4)]);
      } else if (kind === 8 && length === 10)
        out.timestamp = { value: u32(this.buf, at + 2), echo: u32(this.buf, at + 6) };
      at += length;
    }
    return out;
  }

  /** Write the header over a payload that begins at `off + 20 + options.length`. */
  static write(buf: Bytes, off: number, end: number, fields: TcpFields): void {
    set16(buf, off, fields.srcPort);
    set16(buf, off + 2, fields.dstPort);
    set32(buf, off + 4, fields.seq);
    set32(buf, off + 8, fields.ack);
    set8(buf, off + 12, ((TCP_HLEN + fields.options.length) / 4) << 4);
    set8(buf, off + 13, fields.flags);
    set16(buf, off + 14, fields.window);
    set16(buf, off + 16, 0);
    set16(buf, off + 18, 0);
    buf.set(fields.options, off + TCP_HLEN);
    const start = pseudo(fields.src, fields.dst, IPPROTO_TCP, end - off);
    set16(buf, off + 16, finish(sum(buf, off, end, start)));
  }
}

import { formatMac } from "./address.ts";
import { type Bytes, set16, u8, u16 } from "./bytes.ts";

/** IEEE 802.3: destination (6), source (6), type (2). */
export const ETH_HLEN = 14;

export const ETH_P_IP = 0x0800;
export const ETH_P_ARP = 0x0806;
export const ETH_P_IPV6 = 0x86dd;
/** IEEE 802.1Q: a tag of four bytes before the type, which it names; 802.1ad's is outside of it. */
export const ETH_P_8021Q = 0x8100;
export const ETH_P_8021AD = 0x88a8;
export const VLAN_HLEN = 4;

/** A view of an Ethernet header. Valid after `Ethernet.check`. */
export class Ethernet {
  readonly buf: Bytes;
  readonly off: number;

  constructor(buf: Bytes, off: number) {
    this.buf = buf;
    this.off = off;
  }

  static check(_buf: Bytes, off: number, end: number): boolean {
    return end - off >= ETH_HLEN;
  }

  get type(): number {
    return u16(this.buf, this.off + 12);
  }

  get dst(): string {
    return formatMac(this.buf, this.off);
  }

  get src(): string {
    return formatMac(this.buf, this.off + 6);
  }

  /** The group bit: broadcast or multicast. */
  get toGroup(): boolean {
    return (u8(this.buf, this.off) & 1) === 1;
  }

  get toBroadcast(): boolean {
    for (let i = 0; i < 6; i++) if (u8(this.buf, this.off + i) !== 255) return false;
    return true;
  }

  static write(buf: Bytes, off: number, dst: Bytes, src: Bytes, type: number): void {
    for (let i = 0; i < 6; i++) {
      buf[off + i] = dst[i]!;
      buf[off + 6 + i] = src[i]!;
    }
    set16(buf, off + 12, type);
  }
}

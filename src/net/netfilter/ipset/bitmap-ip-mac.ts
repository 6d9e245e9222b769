import { formatIpv4, formatMac, MAC_ZERO } from "../../../wire/address.ts";
import { BitmapData } from "./bitmap.ts";
import {
  type Element,
  type Extensions,
  element,
  type Member,
  type PacketAsk,
  type PacketKey,
  type SetError,
} from "./data.ts";
import { packetAddress, packetMac } from "./packet.ts";

/** What a packet brings along besides. */
const NOTHING: Extensions = {
  timeout: null,
  packets: null,
  bytes: null,
  comment: "",
  nomatch: false,
  skbmark: null,
  skbprio: null,
  skbqueue: null,
};

/**
 * Addresses, each with the hardware address that it may be used from, or with none as yet: then the
 * first packet says which (linux: net/netfilter/ipset/ip_set_bitmap_ipmac.c).
 */
export class BitmapIpMac extends BitmapData {
  readonly type = "bitmap:ip,mac";
  override readonly dimension = 2;
  readonly step = 1;
  readonly baseSize = 80;
  override readonly elementSize = 8;
  /** Of elements without a hardware address: their timeout, which begins when they get one. */
  waiting = new Map<number, number>();

  placeOf(e: Element): number {
    return e.ip >= this.first && e.ip <= this.last ? e.ip : -1;
  }

  elementAt(value: number): Element {
    return element({ ip: value });
  }

  override add(e: Element, extensions: Extensions, exist: boolean): SetError | null {
    const value = this.placeOf(e);
    if (value < 0) return "RANGE";
    const known = this.lookup(value);
    const { mac } = known?.element ?? element({});
    if (known && !exist && (mac || !e.mac)) return "EXIST";
    const kept = element({ ip: value, mac: e.mac || mac });
    const waited = this.waiting.get(value) ?? null;
    const timeout = extensions.timeout ?? waited ?? this.options.timeout;
    const member = this.member(kept, { ...extensions, timeout }, known ?? undefined);
    this.waiting.delete(value);
    if (!e.mac && timeout) {
      // The kernel keeps the seconds as they are; where there is an address already, that is a time long past.
      if (mac) {
        this.byValue.delete(value);
        return null;
      }
      member.expires = 0;
      this.waiting.set(value, timeout);
    }
    this.byValue.set(value, member);
    return null;
  }

  override del(e: Element): SetError | null {
    const error = super.del(e);
    if (error === null) this.waiting.delete(e.ip);
    return error;
  }

  override flush(): void {
    super.flush();
    this.waiting.clear();
  }

  override find(e: Element): Member | null {
    const member = this.lookup(this.placeOf(e));
    const mac = member?.element.mac;
    return mac && e.mac && mac !== e.mac ? null : member;
  }

  elementOf(key: PacketKey): Element | null {
    if (key.source.length < this.dimension) return null;
    const mac = packetMac(key, 1);
    if (mac === null || mac === formatMac(MAC_ZERO)) return null;
    const e = element({ ip: packetAddress(key, 0), mac });
    return this.placeOf(e) < 0 ? null : e;
  }

  /** Whom the first packet completes, it matches (linux: ip_set_core.c, ip_set_test, -EAGAIN). */
  override findPacket(key: PacketKey, ask?: PacketAsk): Member | null {
    const e = this.elementOf(key);
    const member = e && this.find(e);
    if (!member || member.element.mac) return super.findPacket(key, ask);
    const { skb } = key;
    const counted = { packets: 1, bytes: skb.tail - skb.network };
    this.add(e, { ...NOTHING, ...counted }, true);
    return this.lookup(e.ip);
  }

  override secondsLeft(member: Member): number {
    return this.waiting.get(member.element.ip) ?? super.secondsLeft(member);
  }

  elementText(e: Element): string {
    return formatIpv4(e.ip) + (e.mac ? `,${e.mac.toUpperCase()}` : "");
  }

  rangeText(): string {
    return `${formatIpv4(this.first)}-${formatIpv4(this.last)}`;
  }
}

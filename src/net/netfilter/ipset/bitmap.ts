import { formatIpv4, maskOf } from "../../../wire/address.ts";
import type { NetNs } from "../../netns.ts";
import {
  type CreateOptions,
  type Element,
  type Extensions,
  element,
  type Member,
  type PacketAsk,
  type PacketKey,
  SetData,
  type SetError,
} from "./data.ts";
import { packetAddress, packetPort } from "./packet.ts";

/** linux: net/netfilter/ipset/ip_set_bitmap_gen.h: one place for each value of a range. */
export abstract class BitmapData extends SetData {
  readonly dimension: number = 1;
  readonly revision = 3;
  first: number;
  last: number;
  byValue = new Map<number, Member>();

  constructor(ns: NetNs, options: CreateOptions) {
    super(ns, options);
    [this.first, this.last] = options.range ?? [0, 0];
  }

  /** The value that stands for the element, -1 when it is out of range. */
  abstract placeOf(e: Element): number;
  abstract readonly step: number;
  /** Bytes of an empty set of no places, and of each place besides its extensions. */
  abstract readonly baseSize: number;
  readonly elementSize: number = 0;
  abstract rangeText(): string;

  lookup(value: number): Member | null {
    const member = this.byValue.get(value);
    return member && this.alive(member) ? member : null;
  }

  add(e: Element, extensions: Extensions, exist: boolean): SetError | null {
    const value = this.placeOf(e);
    if (value < 0) return "RANGE";
    const known = this.lookup(value);
    if (known && !exist) return "EXIST";
    this.byValue.set(value, this.member(this.elementAt(value), extensions, known ?? undefined));
    return null;
  }

  abstract elementAt(value: number): Element;

  del(e: Element): SetError | null {
    const value = this.placeOf(e);
    if (value < 0) return "RANGE";
    if (!this.lookup(value)) return "NOT_IN";
    this.byValue.delete(value);
    return null;
  }

  find(e: Element): Member | null {
    return this.lookup(this.placeOf(e));
  }

  findPacket(key: PacketKey, ask?: PacketAsk): Member | null {
    const e = this.elementOf(key);
    const member = e && this.find(e);
    return member && (!ask || ask.accept(member)) ? member : null;
  }

  flush(): void {
    this.byValue.clear();
  }

  members(): Member[] {
    const values = [...this.byValue.keys()].sort((a, b) => a - b);
    return values.map((value) => this.lookup(value)).filter((member) => member !== null);
  }

  headerText(): string {
    return `range ${this.rangeText()}${this.commonHeader()}`;
  }

  get memory(): number {
    const places = Math.floor((this.last - this.first) / this.step) + 1;
    const bits = Math.ceil(places / 64) * 8;
    return (
      this.baseSize +
      bits +
      places * this.memberSize(this.elementSize) +
      this.commentSize(this.byValue.values())
    );
  }
}

/** linux: net/netfilter/ipset/ip_set_bitmap_ip.c */
export class BitmapIp extends BitmapData {
  readonly type = "bitmap:ip";
  readonly baseSize = 88;

  get step(): number {
    return 2 ** (32 - this.options.netmask);
  }

  placeOf(e: Element): number {
    const ip = (e.ip & maskOf(this.options.netmask)) >>> 0;
    return ip >= this.first && ip <= this.last ? ip : -1;
  }

  elementAt(value: number): Element {
    return element({ ip: value });
  }

  elementOf(key: PacketKey): Element | null {
    const e = element({ ip: packetAddress(key, 0) });
    return this.placeOf(e) < 0 ? null : e;
  }

  elementText(e: Element): string {
    return formatIpv4(e.ip);
  }

  rangeText(): string {
    const netmask = this.options.netmask === 32 ? "" : ` netmask ${this.options.netmask}`;
    return `${formatIpv4(this.first)}-${formatIpv4(this.last)}${netmask}`;
  }
}

/** linux: net/netfilter/ipset/ip_set_bitmap_port.c */
export class BitmapPort extends BitmapData {
  readonly type = "bitmap:port";
  readonly baseSize = 72;
  readonly step = 1;

  placeOf(e: Element): number {
    return e.port >= this.first && e.port <= this.last ? e.port : -1;
  }

  elementAt(value: number): Element {
    return element({ port: value });
  }

  elementOf(key: PacketKey): Element | null {
    const port = packetPort(key, 0);
    if (!port || (port.protocol !== 6 && port.protocol !== 17)) return null;
    const e = element({ port: port.port });
    return this.placeOf(e) < 0 ? null : e;
  }

  elementText(e: Element): string {
    return String(e.port);
  }

  rangeText(): string {
    return `${this.first}-${this.last}`;
  }
}

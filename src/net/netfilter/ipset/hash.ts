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
import { HashTable } from "./hash-table.ts";
import { jhash2 } from "./jhash.ts";
import { packetAddress, packetDevice, packetMac, packetPort } from "./packet.ts";

export type HashPart = "ip" | "net" | "port" | "ip2" | "net2" | "mac" | "mark" | "iface";

/** What is special about a type of hash set: one file each. */
export interface HashType {
  name: string;
  revision: number;
  /** By dimension. */
  parts: readonly HashPart[];
  /** The element as the kernel hashes it: 32-bit words of a little-endian machine. */
  words(element: Element): number[];
  text(element: Element): string;
  /** Bytes of an empty set, and of one element. */
  baseSize: number;
  elementSize: number;
  /** Can it keep all of the addresses as one network, /0? */
  zero?: boolean;
  /** An element that it cannot keep, and with which error. */
  refuses?(element: Element): SetError | null;
  /** What stands in the header before the sizes; "family inet" when absent. */
  head?(options: CreateOptions): string;
}

/** linux: ip_set_hash_gen.h, AHASH_MAX_TUNED: larger no bucket becomes for elements that are one to the hash. */
const BUCKET_MOST = 64;

/** AHASH_INIT_SIZE */
const BUCKET_STEP = 2;

/** What tells elements apart, of each part. */
const KEYS: Readonly<Record<HashPart, (e: Element) => string>> = {
  ip: (e) => `${e.ip} `,
  net: (e) => `${e.ip}/${e.cidr} `,
  port: (e) => `${e.protocol}:${e.port} `,
  ip2: (e) => `${e.ip2} `,
  net2: (e) => `${e.ip2}/${e.cidr2} `,
  mac: (e) => `${e.mac} `,
  mark: (e) => `${e.mark} `,
  iface: (e) => `${e.iface}${e.physdev} `,
};

function sameNet(a: Element, b: Element): boolean {
  return a.ip === b.ip && a.cidr === b.cidr;
}

/** Does the one that is kept stand for the other's device? (linux: hash_netiface4_data_equal) */
function sameDevice(kept: Element, asked: Element): boolean {
  if (kept.physdev !== asked.physdev) return false;
  return kept.wildcard ? asked.iface.startsWith(kept.iface) : kept.iface === asked.iface;
}

/** linux: ip_set_hash_gen.h, mtype: an array of buckets that doubles when one is full. */
export class HashData extends SetData {
  spec: HashType;
  initval: number;
  table: HashTable;
  byKey = new Map<string, Member>();
  /** How many members there are of each prefix length: those are tried, the longest first. */
  nets: number[] = new Array(33).fill(0);
  nets2: number[] = new Array(33).fill(0);

  constructor(ns: NetNs, options: CreateOptions, spec: HashType) {
    super(ns, options);
    // Code, not state: `remember` leaves what is frozen alone.
    this.spec = Object.freeze(spec);
    this.table = new HashTable(Math.ceil(Math.log2(Math.max(options.hashsize, 64))));
    this.initval = options.initval ?? ns.sim.rng("ipset").u32();
  }

  get type(): string {
    return this.spec.name;
  }
  get revision(): number {
    return this.spec.revision;
  }
  get dimension(): number {
    return this.spec.parts.length;
  }
  get hasNet(): boolean {
    return this.spec.parts.includes("net");
  }
  get hasNet2(): boolean {
    return this.spec.parts.includes("net2");
  }
  /** The shortest prefix that it keeps. */
  get least(): number {
    return this.spec.zero ? 0 : 1;
  }
  /** Elements that are one to the hash, and may stand for many devices each (IP_SET_HASH_WITH_MULTI). */
  get multi(): boolean {
    return this.spec.parts.includes("iface");
  }

  /** As it is kept: masked. Null: cannot be kept. */
  normal(e: Element): Element | null {
    const { netmask, bitmask, markmask } = this.options;
    // What a set keeps of an address: of each of two as much.
    const kept = (bitmask ?? maskOf(netmask)) >>> 0;
    const both = this.hasNet2 && this.hasNet ? kept : 0xffffffff;
    const cidr = this.hasNet ? e.cidr : 32;
    const cidr2 = this.hasNet2 ? e.cidr2 : 32;
    if (e.cidr < this.least || e.cidr2 < this.least) return null;
    const ip = (e.ip & maskOf(cidr) & kept) >>> 0;
    const ip2 = (e.ip2 & maskOf(cidr2) & both) >>> 0;
    const mark = (e.mark & markmask) >>> 0;
    // Mostly it is that already; a packet asks for each rule, so no copy is made for nothing.
    if (e.ip === ip && e.cidr === cidr && e.ip2 === ip2 && e.cidr2 === cidr2 && e.mark === mark)
      return e;
    return { ...e, ip, cidr, ip2, cidr2, mark };
  }

  key(e: Element): string {
    const { parts } = this.spec;
    let key = "";
    for (let i = 0; i < parts.length; i++) key += KEYS[parts[i] as HashPart](e);
    return key;
  }

  bucketOf(e: Element): number {
    return jhash2(this.spec.words(e), this.initval) & ((1 << this.table.bits) - 1);
  }

  /** The member that the element is, dead ones too. */
  same(e: Element): Member | undefined {
    if (!this.multi) return this.byKey.get(this.key(e));
    for (const slot of this.table.get(this.bucketOf(e))?.slots ?? [])
      if (slot && sameNet(slot.element, e) && sameDevice(slot.element, e)) return slot;
    return undefined;
  }

  /** How many there are of the element's network, for whatever device. */
  alike(e: Element): number {
    const slots = this.table.get(this.bucketOf(e))?.slots ?? [];
    return slots.filter((slot) => slot && sameNet(slot.element, e)).length;
  }

  lookup(e: Element): Member | null {
    const member = this.same(e);
    return member && this.alive(member) ? member : null;
  }

  add(e: Element, extensions: Extensions, exist: boolean): SetError | null {
    const kept = this.normal(e);
    if (!kept) return "CIDR";
    const refused = this.spec.refuses?.(kept);
    if (refused) return refused;
    const known = this.same(kept);
    if (known && this.alive(known)) {
      if (!exist) return "EXIST";
      Object.assign(known, this.member(known.element, extensions, known));
      return null;
    }
    if (this.byKey.size >= this.options.maxelem) {
      this.expire();
      if (this.byKey.size >= this.options.maxelem) {
        const [first] = this.options.forceadd ? this.byKey.values() : [];
        if (!first) return "FULL";
        this.remove(first);
      }
    }
    if (this.multi && !this.roomFor(kept)) return "FULL";
    this.place(this.member(kept, extensions));
    return null;
  }

  /** Where it was, dead, or where another was, or behind the others (linux: mtype_add). */
  place(member: Member): void {
    const e = member.element;
    const index = this.bucketOf(e);
    const slots = this.table.get(index)?.slots ?? [];
    let at = slots.indexOf(this.same(e) ?? null);
    if (at < 0 || slots[at] === null) at = slots.findIndex((slot) => !slot || !this.alive(slot));
    const before = slots[at];
    if (before) this.forget(before);
    if (at >= 0) slots[at] = member;
    else if (!this.table.append(index, member, this.options.bucketsize)) this.grow(member);
    this.byKey.set(this.key(e), member);
    this.nets[e.cidr] = (this.nets[e.cidr] ?? 0) + 1;
    this.nets2[e.cidr2] = (this.nets2[e.cidr2] ?? 0) + 1;
  }

  /** A larger table does not part what is one to the hash: buckets may get longer (linux: mtype_add, with MULTI). */
  roomFor(e: Element): boolean {
    const bucket = this.table.get(this.bucketOf(e));
    if (!bucket || bucket.slots.length < bucket.size) return true;
    if (bucket.slots.some((slot) => !slot || !this.alive(slot))) return true;
    if (this.options.bucketsize >= BUCKET_MOST) return false;
    if (this.options.bucketsize <= this.alike(e)) this.options.bucketsize += BUCKET_STEP;
    return true;
  }

  /** A table twice as large, until all buckets are short enough (linux: mtype_resize). */
  grow(last: Member): void {
    const all = [...this.table.members().filter((member) => this.alive(member)), last];
    for (let bits = this.table.bits + 1; ; bits++) {
      this.table = new HashTable(bits);
      const most = this.options.bucketsize;
      if (all.every((one) => this.table.append(this.bucketOf(one.element), one, most))) return;
    }
  }

  forget({ element: e }: Member): void {
    this.byKey.delete(this.key(e));
    this.nets[e.cidr] = (this.nets[e.cidr] ?? 1) - 1;
    this.nets2[e.cidr2] = (this.nets2[e.cidr2] ?? 1) - 1;
  }

  remove(member: Member): void {
    this.forget(member);
    this.table.take(this.bucketOf(member.element), member);
  }

  override expire(): void {
    if (this.options.timeout === null) return;
    const gone = new Set([...this.byKey.values()].filter((member) => !this.alive(member)));
    for (const member of gone) this.forget(member);
    this.table.sweep(gone);
  }

  del(e: Element): SetError | null {
    const kept = this.normal(e);
    if (!kept) return "CIDR";
    const refused = this.spec.refuses?.(kept);
    if (refused) return refused;
    const member = this.lookup(kept);
    if (!member) return "NOT_IN";
    this.remove(member);
    return null;
  }

  /** A host is looked for in all the networks that there are, the longest first. */
  inNets(e: Element, ask?: PacketAsk): Member | null {
    for (let cidr = 32; cidr >= this.least; cidr--) {
      if (this.hasNet && !this.nets[cidr]) continue;
      const length = this.hasNet ? cidr : 32;
      const ip = this.hasNet ? (e.ip & maskOf(cidr)) >>> 0 : e.ip;
      for (let cidr2 = 32; cidr2 >= this.least; cidr2--) {
        if (this.hasNet2 && !this.nets2[cidr2]) continue;
        const length2 = this.hasNet2 ? cidr2 : 32;
        const ip2 = this.hasNet2 ? (e.ip2 & maskOf(cidr2)) >>> 0 : e.ip2;
        const net = { ...e, ip, cidr: length, ip2, cidr2: length2 };
        const found = this.multi ? this.ofNet(net, ask) : this.lookup(net);
        if (found === "others") return null;
        if (found && (this.multi || !ask || ask.accept(found))) return found;
        if (!this.hasNet2) break;
      }
      if (!this.hasNet) break;
    }
    return null;
  }

  /**
   * The member for this device. "others": the network is there for other devices, then no shorter one
   * is asked; one that is over, or that the counters do not want, does not count (linux: mtype_test_cidrs).
   */
  ofNet(net: Element, ask?: PacketAsk): Member | "others" | null {
    let others = false;
    for (const slot of this.table.get(this.bucketOf(net))?.slots ?? []) {
      if (!slot || !sameNet(slot.element, net)) continue;
      others = !sameDevice(slot.element, net);
      if (!others && this.alive(slot) && (!ask || ask.accept(slot))) return slot;
    }
    return others ? "others" : null;
  }

  find(e: Element): Member | null {
    const kept = this.normal(e);
    if (!kept) return null;
    const hosts = (!this.hasNet || e.cidr === 32) && (!this.hasNet2 || e.cidr2 === 32);
    return (this.hasNet || this.hasNet2) && hosts ? this.inNets(kept) : this.lookup(kept);
  }

  elementOf(key: PacketKey): Element | null {
    const { parts } = this.spec;
    if (key.source.length < parts.length) return null;
    const e = element({});
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i] as HashPart;
      if (part === "ip" || part === "net") e.ip = packetAddress(key, i);
      else if (part === "ip2" || part === "net2") e.ip2 = packetAddress(key, i);
      else if (part === "mark") e.mark = key.skb.mark;
      else if (part === "iface") {
        e.iface = packetDevice(key, i);
        if (e.iface === "") return null;
      } else if (part === "mac") {
        const mac = packetMac(key, i);
        if (mac === null) return null;
        e.mac = mac;
      } else {
        const port = packetPort(key, i);
        if (!port) return null;
        e.protocol = port.protocol;
        e.port = port.port;
      }
    }
    return this.normal(e);
  }

  /**
   * A packet's host goes in as a network of the longest prefix that there is already (linux:
   * ip_set_hash_net.c, hash_net4_kadt: INIT_CIDR).
   */
  override changeOf(key: PacketKey): Element | null {
    const e = this.elementOf(key);
    if (!e) return null;
    const longest = (nets: number[]): number => {
      const found = nets.findLastIndex((count) => count > 0);
      return found >= 0 ? found : 32;
    };
    const cidr = this.hasNet ? longest(this.nets) : e.cidr;
    return this.normal({ ...e, cidr, cidr2: this.hasNet2 ? longest(this.nets2) : e.cidr2 });
  }

  override get hasNomatch(): boolean {
    return this.hasNet || this.hasNet2;
  }

  findPacket(key: PacketKey, ask?: PacketAsk): Member | null {
    const e = this.elementOf(key);
    if (!e) return null;
    if (this.hasNomatch) return this.inNets(e, ask);
    const member = this.lookup(e);
    return member && (!ask || ask.accept(member)) ? member : null;
  }

  flush(): void {
    this.byKey.clear();
    this.table.clear();
    this.nets.fill(0);
    this.nets2.fill(0);
  }

  members(): Member[] {
    return this.table.members().filter((member) => this.alive(member));
  }

  elementText(e: Element): string {
    return this.spec.text(e);
  }

  headerText(): string {
    const { maxelem, netmask, bitmask, bucketsize } = this.options;
    let mask = netmask === 32 ? "" : ` netmask ${netmask}`;
    if (bitmask !== null) mask = ` bitmask ${formatIpv4(bitmask)}`;
    // Where each type's module puts it.
    const early = this.spec.name === "hash:ip";
    return (
      `${this.spec.head?.(this.options) ?? "family inet "}hashsize ${1 << this.table.bits} maxelem ${maxelem}` +
      (early ? mask : "") +
      this.commonHeader() +
      ` bucketsize ${bucketsize} initval 0x${this.initval.toString(16).padStart(8, "0")}` +
      (early ? "" : mask)
    );
  }

  get memory(): number {
    const size = this.memberSize(this.spec.elementSize);
    return this.spec.baseSize + this.table.memory(size) + this.commentSize(this.byKey.values());
  }
}

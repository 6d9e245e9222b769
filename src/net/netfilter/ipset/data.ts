import type { NetDevice } from "../../device/device.ts";
import type { NetNs } from "../../netns.ts";
import type { Skb } from "../../skb.ts";

/** What `ipset create` may say after the type. Null: not said. */
export interface CreateOptions {
  /** Seconds; null when elements stay for ever. */
  timeout: number | null;
  counters: boolean;
  comment: boolean;
  skbinfo: boolean;
  forceadd: boolean;
  hashsize: number;
  maxelem: number;
  bucketsize: number;
  initval: number;
  netmask: number;
  /** bitmap:ip, bitmap:port: first and last. */
  range: [number, number] | null;
  /** list:set */
  size: number;
}

/** The parts of an element; a type uses those that its name names. */
export interface Element {
  ip: number;
  cidr: number;
  protocol: number;
  port: number;
  ip2: number;
  cidr2: number;
  mac: string;
  mark: number;
  iface: string;
  /** list:set */
  set: string;
  before: string | null;
  after: string | null;
}

/** What comes with an element. */
export interface Extensions {
  /** Seconds; null: the set's default. */
  timeout: number | null;
  packets: number;
  bytes: number;
  comment: string;
  nomatch: boolean;
  skbmark: { value: number; mask: number } | null;
  skbprio: number | null;
  skbqueue: number | null;
}

/** A member as the set keeps it. */
export interface Member {
  element: Element;
  /** When it goes, in ns of virtual time; 0: never. */
  expires: number;
  packets: number;
  bytes: number;
  comment: string;
  nomatch: boolean;
  skbmark: { value: number; mask: number } | null;
  skbprio: number | null;
  skbqueue: number | null;
}

/** How a rule asks: for each dimension the source's or the destination's part. */
export interface PacketKey {
  skb: Skb;
  in: NetDevice | null;
  out: NetDevice | null;
  thoff: number;
  fragOffset: number;
  /** true: src. */
  source: readonly boolean[];
}

/** Why the kernel refuses; the ipset command has words for each. */
export type SetError =
  | "EXIST"
  | "NOT_IN"
  | "FULL"
  | "RANGE"
  | "RANGE_SIZE"
  | "CIDR"
  | "NAME"
  | "NAMEREF"
  | "LOOP"
  | "BEFORE"
  | "REF_EXIST"
  | "EINVAL"
  | "MISSING_PROTO"
  | "INVALID_PROTO";

/** The content of a set: one subclass per method, one file per type (linux: struct ip_set_type). */
export abstract class SetData {
  abstract readonly type: string;
  ns: NetNs;
  options: CreateOptions;

  constructor(ns: NetNs, options: CreateOptions) {
    this.ns = ns;
    this.options = options;
  }

  /** How many dimensions a rule has to name at most. */
  abstract readonly dimension: number;
  abstract add(element: Element, extensions: Extensions, exist: boolean): SetError | null;
  abstract del(element: Element, exist: boolean): SetError | null;
  /** The member that stands for the element; a `nomatch` member counts as found here. */
  abstract find(element: Element): Member | null;
  /** The member that a packet falls into (linux: .kadt with IPSET_TEST). */
  abstract findPacket(key: PacketKey): Member | null;
  /** The element that a packet would be (linux: .kadt with IPSET_ADD), null when it is none. */
  abstract elementOf(key: PacketKey): Element | null;
  abstract flush(): void;
  /** Living members in the order of listing. */
  abstract members(): Member[];
  /** The set is going: let go of what it refers to. */
  destroyed(): void {}
  abstract elementText(element: Element): string;
  /** Options of `create` as listed, with a leading space. */
  abstract headerText(save: boolean): string;
  /** "Size in memory" as the kernel computes it. */
  abstract get memory(): number;

  get size(): number {
    return this.members().length;
  }

  alive(member: Member): boolean {
    return member.expires === 0 || member.expires > this.ns.sim.now;
  }
}

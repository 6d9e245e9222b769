import type { NetDevice } from "../../device/device.ts";
import type { NetNs } from "../../netns.ts";
import type { Skb } from "../../skb.ts";

/** What `ipset create` says after the type. */
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
  /** null: the kernel chooses. */
  initval: number | null;
  netmask: number;
  /** A mask of any bits instead of netmask's; null: none. */
  bitmask: number | null;
  markmask: number;
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
  physdev: boolean;
  /** `iface` is but the beginning of a name. */
  wildcard: boolean;
  /** list:set */
  set: string;
  before: string | null;
  after: string | null;
}

export function element(fields: Partial<Element>): Element {
  return {
    ip: 0,
    cidr: 32,
    protocol: 0,
    port: 0,
    ip2: 0,
    cidr2: 32,
    mac: "",
    mark: 0,
    iface: "",
    physdev: false,
    wildcard: false,
    set: "",
    before: null,
    after: null,
    ...fields,
  };
}

/** What comes with an element. */
export interface Extensions {
  /** Seconds; null: the set's default. */
  timeout: number | null;
  /** null: not said, what has been counted stays. */
  packets: number | null;
  bytes: number | null;
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
  | "LIST_FULL"
  | "RANGE"
  | "CIDR"
  | "ELEM"
  | "EINVAL"
  | "NAME"
  | "NAMEREF"
  | "LOOP"
  | "REF_EXIST"
  | "INVALID_PROTO";

const SEC = 1e9;
/** HZ=250: within one tick no time has passed. */
const JIFFY = 4e6;

function jiffies(time: number): number {
  return Math.floor(time / JIFFY);
}

/** What a rule asks besides: of a member that was found, and of one in a list's sets. */
export interface PacketAsk {
  /** Counts the packet; false where the counters say no. */
  accept(member: Member): boolean;
  /** The same of a member of a set in the list. */
  inList(member: Member): boolean;
  returnNomatch: boolean;
}

/** The content of a set (linux: struct ip_set_type): hash.ts, bitmap.ts, list.ts. */
export abstract class SetData {
  abstract readonly type: string;
  abstract readonly revision: number;
  ns: NetNs;
  options: CreateOptions;

  constructor(ns: NetNs, options: CreateOptions) {
    this.ns = ns;
    this.options = options;
  }

  /** How many dimensions a rule has to name at least. */
  abstract readonly dimension: number;
  abstract add(element: Element, extensions: Extensions, exist: boolean): SetError | null;
  abstract del(element: Element): SetError | null;
  /** The member that stands for the element; one with `nomatch` is found too. */
  abstract find(element: Element): Member | null;
  /** The member that a packet falls into (linux: .kadt with IPSET_TEST). */
  abstract findPacket(key: PacketKey, ask?: PacketAsk): Member | null;
  /** The element that a packet would be (linux: .kadt with IPSET_ADD), null when it is none. */
  abstract elementOf(key: PacketKey): Element | null;

  /** Can it have elements that are exceptions (IPSET_TYPE_NOMATCH)? */
  get hasNomatch(): boolean {
    return false;
  }

  /** What of a packet is added and deleted: not always what is looked for. */
  changeOf(key: PacketKey): Element | null {
    return this.elementOf(key);
  }
  abstract flush(): void;
  /** Living members in the order of listing. */
  abstract members(): Member[];
  abstract elementText(element: Element): string;
  /** What `create` was told, as "Header:" shows it. */
  abstract headerText(): string;
  /** "Size in memory" as the kernel computes it on a 64-bit machine. */
  abstract get memory(): number;

  /** Forget what has timed out, as the kernel does from time to time (linux: ip_set_timeout.h, gc). */
  expire(): void {}

  /** The set is going: let go of what it refers to. */
  destroyed(): void {}

  alive(member: Member): boolean {
    return member.expires === 0 || member.expires > this.ns.sim.now;
  }

  /** A new member, with the set's own timeout when it says none. */
  member(element: Element, extensions: Extensions, known?: Member): Member {
    const { timeout, ...rest } = extensions;
    const seconds = timeout ?? this.options.timeout ?? 0;
    return {
      element,
      expires: seconds ? this.ns.sim.now + seconds * SEC : 0,
      ...rest,
      packets: rest.packets ?? known?.packets ?? 0,
      bytes: rest.bytes ?? known?.bytes ?? 0,
    };
  }

  /** Bytes of one member's extensions behind `size` bytes of element (linux: ip_set_elem_len). */
  memberSize(size: number): number {
    let length = size;
    const put = (bytes: number, align: number): void => {
      length = Math.ceil(length / align) * align + bytes;
    };
    if (this.options.counters) put(16, 8);
    if (this.options.timeout !== null) put(8, 8);
    if (this.options.skbinfo) put(16, 4);
    if (this.options.comment) put(8, 8);
    return length;
  }

  /** Comments are allocated on their own. */
  commentSize(members: Iterable<Member>): number {
    let total = 0;
    for (const { comment } of members) if (comment) total += 16 + comment.length + 1;
    return total;
  }

  /** Options that all types have, in the order of listing. */
  commonHeader(): string {
    const { timeout, counters, comment, forceadd, skbinfo } = this.options;
    return (
      (timeout === null ? "" : ` timeout ${timeout}`) +
      (counters ? " counters" : "") +
      (comment ? " comment" : "") +
      (forceadd ? " forceadd" : "") +
      (skbinfo ? " skbinfo" : "")
    );
  }

  /** Seconds until a member goes, 0 for never. */
  secondsLeft(member: Member): number {
    if (member.expires === 0) return 0;
    const left = (jiffies(member.expires) - jiffies(this.ns.sim.now)) * JIFFY;
    return Math.max(Math.floor(left / SEC), 1);
  }

  /** A member as `list` prints it after its element, with a leading space. */
  extensionText(member: Member): string {
    const { options } = this;
    let text = "";
    if (options.timeout !== null) {
      text += ` timeout ${this.secondsLeft(member)}`;
    }
    if (member.nomatch) text += " nomatch";
    if (member.element.wildcard) text += " wildcard";
    if (options.counters) text += ` packets ${member.packets} bytes ${member.bytes}`;
    if (member.comment) text += ` comment "${member.comment}"`;
    if (options.skbinfo && member.skbmark)
      text += ` skbmark 0x${member.skbmark.value.toString(16)}${member.skbmark.mask === 0xffffffff ? "" : `/0x${member.skbmark.mask.toString(16)}`}`;
    if (options.skbinfo && member.skbprio !== null)
      text += ` skbprio ${(member.skbprio >>> 16).toString(16)}:${(member.skbprio & 0xffff).toString(16)}`;
    if (options.skbinfo && member.skbqueue !== null) text += ` skbqueue ${member.skbqueue}`;
    return text;
  }
}

import type { NetNs } from "../../netns.ts";
import type { SetData } from "./data.ts";

/** linux: include/uapi/linux/netfilter/ipset/ip_set.h, IPSET_MAXNAMELEN, with its final zero */
export const NAME_LENGTH = 32;

/**
 * A set by its name (linux: net/netfilter/ipset/ip_set_core.c). Rules point here; `ipset swap`
 * exchanges what is inside, so a rule that named a set goes on with the name's new content.
 */
export class IpSet {
  name: string;
  /** Rules and list:set members that name it. */
  references = 0;
  data: SetData;

  constructor(name: string, data: SetData) {
    this.name = name;
    this.data = data;
  }
}

/** The sets of a namespace, in the order of the kernel's array: the first free place is taken. */
export class IpsetTable {
  ns: NetNs;
  slots: (IpSet | null)[] = [];
  byName = new Map<string, IpSet>();

  constructor(ns: NetNs) {
    this.ns = ns;
  }

  get(name: string): IpSet | undefined {
    return this.byName.get(name);
  }

  /** Sets that timed out of a list are not in use any more. */
  collect(): void {
    for (const set of this.slots) if (set?.data.type === "list:set") set.data.expire();
  }

  /** All of them, as listing and saving show them. */
  all(): IpSet[] {
    return this.slots.filter((set) => set !== null);
  }

  add(name: string, data: SetData): IpSet {
    const set = new IpSet(name, data);
    const free = this.slots.indexOf(null);
    if (free < 0) this.slots.push(set);
    else this.slots[free] = set;
    this.byName.set(name, set);
    return set;
  }

  remove(set: IpSet): void {
    this.slots[this.slots.indexOf(set)] = null;
    this.byName.delete(set.name);
    set.data.destroyed();
  }

  rename(set: IpSet, name: string): void {
    this.byName.delete(set.name);
    set.name = name;
    this.byName.set(name, set);
  }
}

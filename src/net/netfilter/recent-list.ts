/** linux: net/netfilter/xt_recent.c, ip_list_tot, XT_RECENT_MAX_NSTAMPS and their defaults */
const MAX_ENTRIES = 100;
const MIN_STAMPS = 32;

export interface RecentEntry {
  address: number;
  ttl: number;
  /** When it was seen, in ns, the oldest first. */
  stamps: number[];
}

/** The addresses of one `-m recent --name`, least recently seen first (/proc/net/xt_recent/NAME). */
export class RecentList {
  name: string;
  mask: number;
  /** Rules that use it; it goes with the last. */
  users = 0;
  maxStamps = MIN_STAMPS;
  entries = new Map<number, RecentEntry>();

  constructor(name: string, mask: number) {
    this.name = name;
    this.mask = mask;
  }

  /** The entry; with `ttl` not 0 only when it was last seen with that. */
  find(address: number, ttl: number): RecentEntry | undefined {
    const entry = this.entries.get(address);
    return entry && (ttl === 0 || entry.ttl === ttl) ? entry : undefined;
  }

  add(address: number, ttl: number, now: number): void {
    if (this.entries.size >= MAX_ENTRIES) {
      const oldest = this.entries.keys().next().value;
      if (oldest !== undefined) this.entries.delete(oldest);
    }
    this.entries.set(address, { address, ttl, stamps: [now] });
  }

  /** Seen again: it is the newest of the list now. */
  touch(entry: RecentEntry, ttl: number, now: number): void {
    entry.ttl = ttl;
    entry.stamps.push(now);
    if (entry.stamps.length > this.maxStamps) entry.stamps.shift();
    this.entries.delete(entry.address);
    this.entries.set(entry.address, entry);
  }

  /** Forget the least recently seen one if that was before `time`. */
  reap(time: number): void {
    const [oldest] = this.entries.values();
    const last = oldest?.stamps[oldest.stamps.length - 1];
    if (oldest && last !== undefined && last < time) this.entries.delete(oldest.address);
  }
}

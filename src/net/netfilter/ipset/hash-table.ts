import type { Member } from "./data.ts";

/** linux: net/netfilter/ipset/ip_set_hash_gen.h, struct hbucket; AHASH_INIT_SIZE */
const HEADER = 32;
const STEP = 2;
const REGION = 24;

/** Members whose hashes are one, and holes where some were. */
export interface Bucket {
  slots: (Member | null)[];
  /** Places allocated. */
  size: number;
}

/** The buckets of a hash set, and what the kernel counts of their memory. */
export class HashTable {
  bits: number;
  buckets = new Map<number, Bucket>();
  /** A bucket that grows has its header counted again; one that goes has it counted once (ext_size). */
  headers = 0;
  places = 0;

  constructor(bits: number) {
    this.bits = bits;
  }

  get(index: number): Bucket | undefined {
    return this.buckets.get(index);
  }

  /** Behind the others; false when the bucket may not grow so far. */
  append(index: number, member: Member, most: number): boolean {
    const bucket = this.buckets.get(index);
    if (!bucket) {
      this.buckets.set(index, { slots: [member], size: STEP });
      this.count(1, STEP);
      return true;
    }
    if (bucket.slots.length >= bucket.size) {
      if (bucket.size >= most) return false;
      bucket.size += STEP;
      this.count(1, STEP);
    }
    bucket.slots.push(member);
    return true;
  }

  /** linux: mtype_del */
  take(index: number, member: Member): void {
    const bucket = this.buckets.get(index);
    const at = bucket?.slots.indexOf(member) ?? -1;
    if (!bucket || at < 0) return;
    bucket.slots[at] = null;
    if (at === bucket.slots.length - 1) bucket.slots.pop();
    const holes = bucket.slots.filter((slot) => slot === null).length;
    if (holes === bucket.slots.length) this.drop(index, bucket);
    else if (holes >= STEP) this.shrink(bucket);
  }

  /** Take out all that are in `gone` (linux: mtype_gc_do). */
  sweep(gone: ReadonlySet<Member>): void {
    for (const [index, bucket] of this.buckets) {
      bucket.slots = bucket.slots.map((slot) => (slot && gone.has(slot) ? null : slot));
      const holes = bucket.slots.filter((slot) => slot === null).length;
      if (holes >= bucket.size) this.drop(index, bucket);
      else if (holes >= STEP) this.shrink(bucket);
    }
  }

  drop(index: number, bucket: Bucket): void {
    this.buckets.delete(index);
    this.count(-1, -bucket.size);
  }

  shrink(bucket: Bucket): void {
    bucket.slots = bucket.slots.filter((slot) => slot !== null);
    bucket.size -= STEP;
    this.count(-1, -STEP);
  }

  count(headers: number, places: number): void {
    this.headers += headers;
    this.places += places;
  }

  clear(): void {
    this.buckets.clear();
    this.headers = 0;
    this.places = 0;
  }

  /** In the order of the table. */
  members(): Member[] {
    const order = [...this.buckets.keys()].sort((a, b) => a - b);
    return order
      .flatMap((index) => (this.buckets.get(index) as Bucket).slots)
      .filter((slot) => slot !== null);
  }

  /** Bytes besides an empty set's, when an element with its extensions takes `size`. */
  memory(size: number): number {
    // A lock and its counts for every 1024 buckets (HTABLE_REGION_BITS, struct ip_set_region).
    const regions = 2 ** Math.max(0, this.bits - 10);
    return this.headers * HEADER + this.places * size + (regions - 1) * REGION;
  }
}

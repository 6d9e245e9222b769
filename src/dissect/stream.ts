import { concatBytes } from "../base/text.ts";
import type { Bytes } from "../wire/bytes.ts";

/** Bytes that have come in one direction of a connection, and which of them this segment brought. */
export class ByteStream {
  /** The sequence number of the next byte that is missing; null before the first segment. */
  next: number | null = null;
  /** In order, not taken yet. */
  held: Bytes = new Uint8Array(0);
  /** How many of them at the end came with the last segment, and where in its frame they begin. */
  fresh = 0;
  freshAt = 0;
  /** Segments that came too early, by their sequence number. */
  early = new Map<number, Bytes>();

  /** A SYN: data begins behind it. */
  open(seq: number): void {
    this.next = (seq + 1) >>> 0;
  }

  /** False when it brought nothing new. `at` is where its data stands in the frame. */
  push(seq: number, data: Bytes, at: number): boolean {
    this.fresh = 0;
    if (data.length === 0) return false;
    // A conversation that was going on already is taken up where it is met.
    this.next ??= seq;
    const ahead = (seq - this.next) | 0;
    if (ahead > 0) {
      if (!this.early.has(seq)) this.early.set(seq, data.slice());
      return false;
    }
    if (-ahead >= data.length) return false;
    const part = data.subarray(-ahead);
    this.held = concatBytes([this.held, part]);
    this.next = (this.next + part.length) >>> 0;
    this.fresh = part.length;
    this.freshAt = at - ahead;
    for (let more = this.early.get(this.next); more; more = this.early.get(this.next)) {
      this.early.delete(this.next);
      this.held = concatBytes([this.held, more]);
      this.next = (this.next + more.length) >>> 0;
      // What had come before is not of this frame.
      this.fresh = 0;
    }
    return true;
  }

  /** Where the byte at `offset` of `held` stands in the frame; -1 when it came earlier. */
  inFrame(offset: number): number {
    const first = this.held.length - this.fresh;
    return this.fresh > 0 && offset >= first ? this.freshAt + offset - first : -1;
  }

  take(count: number): void {
    const old = this.held.length - this.fresh;
    this.held = this.held.subarray(count);
    if (count <= old) return;
    this.freshAt += count - old;
    this.fresh -= count - old;
  }
}

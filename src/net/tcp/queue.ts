import { TH_FIN, TH_SYN } from "../../wire/tcp.ts";
import { after, before, seqAdd, seqDiff } from "./seq.ts";

/** A segment that waits to be sent, or to be acknowledged (linux: struct sk_buff + tcp_skb_cb). */
export class TxSegment {
  seq: number;
  flags: number;
  data: Uint8Array;
  length: number;
  /** When it last left; 0: never. */
  sentAt = 0;
  /** How often it left. */
  sent = 0;
  sacked = false;
  lost = false;
  /** A retransmission of it is in flight. */
  retrans = false;

  constructor(seq: number, flags: number, data: Uint8Array, length = data.length) {
    this.seq = seq;
    this.flags = flags;
    this.data = data;
    this.length = length;
  }

  /** The sequence number behind it; SYN and FIN count as one. */
  get end(): number {
    return seqAdd(this.seq, this.length + (this.flags & (TH_SYN | TH_FIN) ? 1 : 0));
  }

  /** Append as much of `data` from `at` as fits into `mss`; how much that was. */
  append(data: Uint8Array, at: number, mss: number): number {
    const take = Math.min(mss - this.length, data.length - at);
    if (take <= 0) return 0;
    if (this.data.length < this.length + take) {
      const room = Math.min(mss, Math.max(2 * this.data.length, this.length + take));
      const grown = new Uint8Array(room);
      grown.set(this.data.subarray(0, this.length));
      this.data = grown;
    }
    this.data.set(data.subarray(at, at + take), this.length);
    this.length += take;
    return take;
  }

  /** Cut everything behind the first `length` bytes off, as a segment of its own (tcp_fragment). */
  split(length: number, moved: number): TxSegment {
    const rest = new TxSegment(
      seqAdd(this.seq, length),
      this.flags,
      this.data.slice(length, this.length),
    );
    this.flags &= ~moved;
    this.length = length;
    rest.sentAt = this.sentAt;
    rest.sent = this.sent;
    rest.sacked = this.sacked;
    rest.lost = this.lost;
    return rest;
  }

  /** Its first bytes were acknowledged (tcp_trim_head). */
  trimHead(una: number): void {
    const gone = seqDiff(una, this.seq);
    this.data = this.data.subarray(gone, this.length);
    this.length -= gone;
    this.seq = una;
  }
}

/** Bytes that arrived early. */
export interface OutOfOrder {
  seq: number;
  end: number;
  data: Uint8Array;
  fin: boolean;
}

/** Received data: what the program may read, and what waits for a gap to close. */
export class ReceiveQueue {
  chunks: Uint8Array[] = [];
  /** Bytes in `chunks`. */
  length = 0;
  /** Sorted by sequence number, without overlap. */
  early: OutOfOrder[] = [];
  earlyLength = 0;
  /** Ranges of `early` for the SACK option, the newest first (RFC 2018 §4). */
  sacks: [number, number][] = [];

  push(data: Uint8Array): void {
    this.chunks.push(data);
    this.length += data.length;
  }

  /** Up to `max` bytes. */
  take(max: number): Uint8Array {
    const first = this.chunks[0];
    if (!first || max <= 0) return new Uint8Array(0);
    if (first.length >= max || this.chunks.length === 1) {
      if (first.length > max) {
        this.chunks[0] = first.subarray(max);
        this.length -= max;
        return first.subarray(0, max);
      }
      this.chunks.shift();
      this.length -= first.length;
      return first;
    }
    const out = new Uint8Array(Math.min(max, this.length));
    let at = 0;
    let used = 0;
    while (at < out.length) {
      const chunk = this.chunks[used] as Uint8Array;
      const part = Math.min(chunk.length, out.length - at);
      out.set(part === chunk.length ? chunk : chunk.subarray(0, part), at);
      at += part;
      if (part < chunk.length) this.chunks[used] = chunk.subarray(part);
      else used++;
    }
    this.chunks.splice(0, used);
    this.length -= out.length;
    return out;
  }

  /** Keep what arrived early; false when all of it was there already (tcp_data_queue_ofo). */
  keepEarly(seq: number, data: Uint8Array, fin: boolean): boolean {
    let from = seq;
    const end = seqAdd(seq, data.length + (fin ? 1 : 0));
    let fresh = false;
    let i = 0;
    while (before(from, end)) {
      const next = this.early[i];
      if (next && !after(next.end, from)) {
        i++;
        continue;
      }
      if (next && !after(next.seq, from)) {
        from = next.end;
        i++;
        continue;
      }
      const stop = next && before(next.seq, end) ? next.seq : end;
      const at = seqDiff(from, seq);
      const bytes = data.subarray(at, Math.min(data.length, seqDiff(stop, seq)));
      this.early.splice(i, 0, { seq: from, end: stop, data: bytes, fin: fin && stop === end });
      this.earlyLength += bytes.length;
      fresh = true;
      from = stop;
      i++;
    }
    this.noteSack(seq, end);
    return fresh;
  }

  /** The range that a new segment is part of goes to the front (linux: tcp_sack_new_ofo_skb). */
  noteSack(seq: number, end: number): void {
    let left = seq;
    let right = end;
    const rest: [number, number][] = [];
    for (const block of this.sacks) {
      if (after(block[0], right) || before(block[1], left)) rest.push(block);
      else {
        if (before(block[0], left)) left = block[0];
        if (after(block[1], right)) right = block[1];
      }
    }
    this.sacks = [[left, right], ...rest].slice(0, 4) as [number, number][];
  }

  /** Take what follows on `rcvNxt` without a gap; how far that gets us (linux: tcp_ofo_queue). */
  drain(rcvNxt: number): { next: number; fin: boolean } {
    let next = rcvNxt;
    let fin = false;
    while (this.early.length) {
      const first = this.early[0] as OutOfOrder;
      if (after(first.seq, next)) break;
      this.early.shift();
      this.earlyLength -= first.data.length;
      if (!after(first.end, next)) continue;
      const bytes = first.data.subarray(seqDiff(next, first.seq));
      if (bytes.length) this.push(bytes);
      next = first.end;
      if (first.fin) fin = true;
    }
    if (this.sacks.length) this.sacks = this.sacks.filter(([, right]) => after(right, next));
    return { next, fin };
  }

  clear(): void {
    this.chunks = [];
    this.length = 0;
    this.early = [];
    this.earlyLength = 0;
    this.sacks = [];
  }
}

import type { NetDevice } from "../device/device.ts";
import { startXmit } from "../device/transmit.ts";
import { drop } from "../kernel.ts";
import type { NetNs } from "../netns.ts";
import type { Skb } from "../skb.ts";

/** What `tc -s qdisc` shows (linux: struct gnet_stats_basic, gnet_stats_queue). */
export class QdiscStats {
  bytes = 0;
  packets = 0;
  dropped = 0;
  overlimits = 0;
}

/**
 * What stands between a device and what is sent by it (linux: struct Qdisc, net/sched/sch_generic.c).
 * Frames go in whole, with their link header.
 */
export abstract class Qdisc {
  abstract readonly kind: string;
  dev: NetDevice;
  /** The upper 16 bits of its handle. */
  major: number;
  stats = new QdiscStats();
  queue: Skb[] = [];
  backlog = 0;

  constructor(dev: NetDevice, major: number) {
    this.dev = dev;
    this.major = major;
  }

  /** Is there room for it? */
  abstract takes(skb: Skb): boolean;
  /** The next frame that may go now. */
  abstract dequeue(): Skb | null;

  /** linux: __dev_xmit_skb */
  enqueue(ns: NetNs, skb: Skb): void {
    if (!this.takes(skb)) {
      this.stats.dropped++;
      return drop(ns, skb, "QDISC_DROP");
    }
    this.queue.push(skb);
    this.backlog += skb.length;
    this.run();
  }

  /** linux: __qdisc_run */
  run(): void {
    for (let skb = this.dequeue(); skb; skb = this.dequeue()) startXmit(this.dev.ns, skb, this.dev);
  }

  /** The first of the queue, which goes. */
  take(): Skb | null {
    const skb = this.queue.shift();
    if (!skb) return null;
    this.backlog -= skb.length;
    this.stats.bytes += skb.length;
    this.stats.packets++;
    return skb;
  }

  /** It is replaced or deleted: what waits in it is lost. */
  reset(): void {
    for (const skb of this.queue.splice(0)) drop(this.dev.ns, skb, "QDISC_DROP");
    this.backlog = 0;
  }
}

/** First in, first out, so many packets or bytes (linux: net/sched/sch_fifo.c). */
export class Fifo extends Qdisc {
  readonly kind: "pfifo" | "bfifo";
  limit: number;

  constructor(dev: NetDevice, major: number, kind: "pfifo" | "bfifo", limit: number) {
    super(dev, major);
    this.kind = kind;
    this.limit = limit;
  }

  takes(skb: Skb): boolean {
    if (this.kind === "pfifo") return this.queue.length < this.limit;
    return this.backlog + skb.length <= this.limit;
  }

  dequeue(): Skb | null {
    return this.take();
  }
}

/** A bucket of tokens: a rate, and a burst above it (linux: net/sched/sch_tbf.c). */
export class TokenBucket extends Qdisc {
  readonly kind = "tbf";
  /** Bytes in a second, bytes at once, bytes that may wait. */
  rate: number;
  burst: number;
  limit: number;
  /** Tokens in ns of sending at `rate`, as of then. */
  tokens: number;
  checked: number;
  waiting = false;

  constructor(dev: NetDevice, major: number, rate: number, burst: number, limit: number) {
    super(dev, major);
    this.rate = rate;
    this.burst = burst;
    this.limit = limit;
    this.tokens = this.time(burst);
    this.checked = dev.ns.sim.now;
  }

  /** How long so many bytes take. */
  time(bytes: number): number {
    return Math.floor((bytes * 1e9) / this.rate);
  }

  /** A frame larger than the bucket can never go. */
  takes(skb: Skb): boolean {
    return skb.length <= this.burst && this.backlog + skb.length <= this.limit;
  }

  dequeue(): Skb | null {
    const [first] = this.queue;
    if (!first) return null;
    const { sim } = this.dev.ns;
    const full = this.time(this.burst);
    const have = Math.min(this.tokens + sim.now - this.checked, full);
    const need = this.time(first.length);
    if (have >= need) {
      this.checked = sim.now;
      this.tokens = have - need;
      return this.take();
    }
    this.stats.overlimits++;
    if (!this.waiting) {
      this.waiting = true;
      sim.after(need - have, this, "watchdog");
    }
    return null;
  }

  wake(): void {
    this.waiting = false;
    if (this.dev.qdiscs.root === this) this.run();
  }
}

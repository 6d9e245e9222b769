import { type Due, Heap } from "../base/heap.ts";
import { Rng } from "../base/rng.ts";
import { Absent, hasPart } from "./part.ts";
import { Trace } from "./trace.ts";

/** Virtual time is a whole number of nanoseconds since the world began. */
export const USEC = 1_000;
export const MSEC = 1_000_000;
export const SEC = 1_000_000_000;

/**
 * Whatever can be woken by a timer or a wait queue. Timers are data (who, reason, arg), never
 * closures: they can be printed and remembered.
 */
export interface Wakeable {
  wake(reason: string, arg: unknown): void;
}

export class Timer implements Due {
  at: number;
  seq: number;
  who: Wakeable | null;
  reason: string;
  arg: unknown;

  constructor(at: number, seq: number, who: Wakeable, reason: string, arg: unknown) {
    this.at = at;
    this.seq = seq;
    this.who = who;
    this.reason = reason;
    this.arg = arg;
  }

  /** It will not fire. Cancelling twice, or after it fired, does nothing. */
  cancel(): void {
    this.who = null;
    this.arg = null;
  }

  get pending(): boolean {
    return this.who !== null;
  }
}

/** An event that cannot go on before a part of the code has come. */
interface Held {
  part: string;
  who: Wakeable;
  reason: string;
  arg: unknown;
}

/** The event queue, the clock, the seed: everything that happens, happens in `step`. */
export class Sim {
  now = 0;
  /** Wall-clock time of day at now = 0, in ms since 1970: what `date` prints is a function of it. */
  epoch = Date.UTC(2022, 10, 21, 8, 0, 0);
  seq = 0;
  /** Events run so far: the unit of replay budgets. */
  steps = 0;
  seed: number;
  heap = new Heap<Timer>();
  held: Held | null = null;
  trace: Trace;
  streams = new Map<string, Rng>();

  constructor(seed = 1, traceCapacity?: number) {
    this.seed = seed;
    this.trace = new Trace(this, traceCapacity);
  }

  /** Wake `who` at `time` (not before now). Equal times fire in the order they were asked for. */
  at(time: number, who: Wakeable, reason: string, arg: unknown = null): Timer {
    const timer = new Timer(Math.max(time, this.now), this.seq++, who, reason, arg);
    this.heap.push(timer);
    return timer;
  }

  after(delay: number, who: Wakeable, reason: string, arg: unknown = null): Timer {
    return this.at(this.now + delay, who, reason, arg);
  }

  /**
   * The event that runs needs a part: `who` is woken in it again when that has come, before anything else
   * happens. For the last that an event does.
   */
  hold(part: string, who: Wakeable, reason: string, arg: unknown = null): void {
    this.held = { part, who, reason, arg };
  }

  /** The part that has to come before the next event; null: none. */
  get absent(): string | null {
    return this.held && !hasPart(this.held.part) ? this.held.part : null;
  }

  /** The rest of an event that was held. Throws Absent. */
  goOn({ part, who, reason, arg }: Held): boolean {
    if (!hasPart(part)) throw new Absent(part);
    this.held = null;
    who.wake(reason, arg);
    return true;
  }

  /** Run the next event. False when nothing is due at or before `limit`. Throws Absent. */
  step(limit = Number.POSITIVE_INFINITY): boolean {
    if (this.held) return this.goOn(this.held);
    for (;;) {
      const next = this.heap.peek();
      if (next === undefined || next.at > limit) return false;
      this.heap.pop();
      const who = next.who;
      if (who === null) continue;
      this.now = next.at;
      this.steps++;
      const arg = next.arg;
      next.cancel();
      who.wake(next.reason, arg);
      return true;
    }
  }

  /** When the next event is due; null when the queue is empty. */
  nextAt(): number | null {
    for (;;) {
      const next = this.heap.peek();
      if (next === undefined) return null;
      if (next.who !== null) return next.at;
      this.heap.pop();
    }
  }

  /** Run everything due up to `time`, then let the clock stand there. */
  runUntil(time: number): void {
    while (this.step(time));
    if (time > this.now) this.now = time;
  }

  /** The named random stream of this seed. */
  rng(name: string): Rng {
    let stream = this.streams.get(name);
    if (!stream) {
      stream = new Rng(this.seed, name);
      this.streams.set(name, stream);
    }
    return stream;
  }
}

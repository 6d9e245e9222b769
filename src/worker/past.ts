import type { Session as Terminal } from "../shell/session.ts";
import type { InputLog } from "../sim/input-log.ts";
import { type Memento, remember } from "../sim/memento.ts";
import { Replay } from "./replay.ts";
import type { WorldSession } from "./session.ts";

/** Trace events between two remembered moments, at least: a few hundredths of a second's work. */
const APART = 3000;
/** Moments remembered at once; each takes two or three megabytes. */
const MOST = 32;

interface Keyframe {
  at: number;
  /** Entries of the log that were done before it, and trace events. */
  entry: number;
  event: number;
  nextTerminal: number;
  nextRequest: number;
  memento: Memento;
}

/**
 * The moments of a course of events, any of them again: nearby moments are remembered on the way, and
 * what is between is done anew.
 */
export class Past {
  make: (log: InputLog) => WorldSession;
  session: WorldSession;
  replay: Replay;
  keyframes: Keyframe[] = [];
  /** Trace events that there have been at most, at any moment. */
  events = 0;

  constructor(make: (log: InputLog) => WorldSession, log: InputLog) {
    this.make = make;
    this.session = make(log);
    this.replay = new Replay(this.session, log);
  }

  /** The world as it was at `at` (virtual time, ns), when `log` says what was done. Throws ReplayError. */
  seek(log: InputLog, at: number): WorldSession {
    if (!this.goesOn(log)) this.begin(log);
    this.replay.log = log;
    this.jump(at);
    while (this.replay.step(at)) this.keep();
    this.events = Math.max(this.events, this.session.world.sim.trace.next);
    return this.session;
  }

  /** Is what was done so far the beginning of this log, too? Its last entry tells: events are numbered. */
  goesOn(log: InputLog): boolean {
    const { next, log: old } = this.replay;
    const last = (of: InputLog): string => JSON.stringify(of.entries[next - 1]);
    return log.world === old.world && log.seed === old.seed && last(log) === last(old);
  }

  begin(log: InputLog): void {
    this.session = this.make(log);
    this.replay = new Replay(this.session, log);
    this.keyframes = [];
    this.events = 0;
  }

  /**
   * To the newest remembered moment that is not after `at`, when the way from there is the shorter one; to
   * the beginning when there is none.
   */
  jump(at: number): void {
    const { session, replay } = this;
    const { now, trace } = session.world.sim;
    const frame = this.keyframes.findLast((one) => one.at <= at);
    if (now <= at && (frame?.at ?? 0) <= now) return;
    if (!frame) return this.begin(replay.log);
    this.events = Math.max(this.events, trace.next);
    frame.memento.restore();
    // Slots of the ring may hold what came later, or earlier: only what comes from here on is sure.
    if (this.events > trace.capacity) trace.lost = frame.event;
    session.forget(frame.event);
    session.log.entries = replay.log.entries.slice(0, frame.entry);
    session.nextTerminal = frame.nextTerminal;
    session.nextRequest = frame.nextRequest;
    replay.next = frame.entry;
  }

  /** Remember this moment, if the last one is far enough and nothing runs that cannot be put back. */
  keep(): void {
    const { session, replay } = this;
    const { sim } = session.world;
    const near = ({ event }: Keyframe): boolean => Math.abs(sim.trace.next - event) < APART;
    if (!session.world.booted || this.keyframes.some(near)) return;
    if ([...session.terminals.values()].some((terminal: Terminal) => !terminal.atRest)) return;
    let memento: Memento;
    try {
      memento = remember([session.world, session.terminals, session.requests], sim.trace.rings);
    } catch {
      // A program runs in the background: it is in the middle of something.
      return;
    }
    const frame = {
      at: sim.now,
      entry: replay.next,
      event: sim.trace.next,
      nextTerminal: session.nextTerminal,
      nextRequest: session.nextRequest,
      memento,
    };
    this.keyframes = [...this.keyframes, frame].sort((a, b) => a.event - b.event);
    // Every second one goes: moments stay spread over all the time there was.
    if (this.keyframes.length > MOST)
      this.keyframes = this.keyframes.filter((_, i, all) => i % 2 === 1 || i === all.length - 1);
  }
}

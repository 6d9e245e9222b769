import type { MapEnd, Move } from "../../worker/protocol.ts";
import type { Settings } from "../state/settings.svelte.ts";
import { type Beat, MoveQueue } from "./queue.ts";

/** A packet that died: a mark stays at the place for a while. */
export interface Fallen {
  move: Move;
  since: number;
}

/** The way of a hop that was flown a moment ago. */
export interface Trail {
  from: MapEnd;
  to: MapEnd;
  look: Move["look"];
  since: number;
}

/** More than this at once are a flood. */
const CROWD = 10;
const MARK_STAYS = 4000;
const TRAIL_STAYS = 900;
/** Hops of the last packet that are shown at once where motion is unwelcome. */
const LAST_PATH = 12;

/** What flies on the map, moment by moment. The map calls `step` while it is seen. */
export class Flight {
  settings: Settings;
  queue = new MoveQueue();
  beat: Beat | null = null;
  began = 0;
  /** Share of the beat that is over. */
  progress = $state(0);
  flying = $state.raw<Move[]>([]);
  fallen = $state.raw<Fallen[]>([]);
  trails = $state.raw<Trail[]>([]);
  /** So many fly that they are drawn as a flow, without names. */
  isFlood = $derived(this.flying.length > CROWD);
  /** Without motion: the newest packet's way as a whole. */
  last = $state.raw<Move[]>([]);
  waiting = $state(0);
  /** Something is to be shown: the map must call `step`. */
  active = $state(false);

  constructor(settings: Settings) {
    this.settings = settings;
  }

  add(moves: Move[]): void {
    if (this.settings.calm) {
      this.addAtOnce(moves);
      return;
    }
    this.queue.add(moves);
    this.waiting = this.queue.moves.length;
    this.active = true;
  }

  /** No flight: the last packet's path, as far as it has come. */
  addAtOnce(moves: Move[]): void {
    const real = moves.filter((move) => move.look !== "arp");
    const newest = real[real.length - 1];
    if (!newest) return;
    const same = [...this.last, ...real].filter((move) => move.skb === newest.skb);
    this.last = same.slice(-LAST_PATH);
  }

  clear(): void {
    this.queue.clear();
    this.beat = null;
    this.flying = [];
    this.fallen = [];
    this.trails = [];
    this.last = [];
    this.waiting = 0;
    this.active = false;
  }

  /** Show the rest no more. */
  skip(): void {
    this.queue.clear();
    this.waiting = 0;
  }

  step(now: number): void {
    if (this.beat && now - this.began >= this.beat.duration) this.land(now);
    if (!this.beat) this.start(now);
    if (this.beat) this.progress = Math.min(1, (now - this.began) / this.beat.duration);
    if (this.trails.some((trail) => now - trail.since > TRAIL_STAYS))
      this.trails = this.trails.filter((trail) => now - trail.since <= TRAIL_STAYS);
    if (this.fallen.some((one) => now - one.since > MARK_STAYS))
      this.fallen = this.fallen.filter((one) => now - one.since <= MARK_STAYS);
    this.active = Boolean(this.beat || this.trails.length || this.fallen.length);
  }

  start(now: number): void {
    this.beat = this.queue.next();
    this.began = now;
    this.progress = 0;
    this.flying = this.beat?.moves ?? [];
    this.waiting = this.queue.moves.length;
  }

  land(now: number): void {
    for (const move of this.beat?.moves ?? []) {
      if (!move.to) this.fallen = [...this.fallen, { move, since: now }].slice(-12);
      else {
        const { from, to, look } = move;
        this.trails = [...this.trails, { from, to, look, since: now }].slice(-24);
      }
    }
    this.beat = null;
  }
}

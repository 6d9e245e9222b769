import type { Opened, Topology } from "../../worker/protocol.ts";
import { Engine } from "../state/engine.ts";
import type { Machine } from "../state/machine.svelte.ts";

/** A moment that is looked at moves on this long after the pointer stands, ms. */
const REST = 60;

/**
 * The world as it was at a moment of the past, in a worker of its own: made when somebody first looks
 * back, and kept while they look at one moment after the other.
 */
export class Past {
  machine: Machine;
  engine: Engine | null = null;
  /** Virtual time, ns, of the moment that is wanted; null: the present. */
  wanted = $state<number | null>(null);
  /** The moment that the worker stands at; null: none yet. */
  at = $state<number | null>(null);
  topology = $state.raw<Topology | null>(null);
  /** Why a moment could not be made; "" when it could. */
  problem = $state("");
  /** The seek that is on its way. */
  going: Promise<Opened | null> | null = null;
  timer: ReturnType<typeof setTimeout> | undefined;

  constructor(machine: Machine) {
    this.machine = machine;
  }

  /** Is the moment that is wanted there? */
  get ready(): boolean {
    return this.wanted !== null && this.wanted === this.at;
  }

  /** Look at a moment; the newest wish counts. */
  look(at: number): void {
    if (this.wanted === at) return;
    this.wanted = at;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.go(), REST);
  }

  leave(): void {
    clearTimeout(this.timer);
    this.wanted = null;
  }

  /** Until the worker stands at what is wanted. */
  async go(): Promise<void> {
    if (this.going) return;
    while (this.wanted !== null && this.wanted !== this.at) {
      const { wanted } = this;
      this.going = this.seek(wanted);
      const opened = await this.going;
      this.going = null;
      if (!opened) return this.leave();
      this.at = wanted;
      this.topology = opened.topology;
    }
  }

  /** The world at `at`; null when it cannot be made, `problem` says why. */
  async seek(at: number): Promise<Opened | null> {
    const log = await this.machine.ask((api) => api.inputLog());
    if (!log) return null;
    const engine = this.engine ?? new Engine(null);
    this.engine = engine;
    const dead = new Promise<never>((_, fail) => {
      engine.onDeath = (details) => fail(new Error(details));
    });
    try {
      this.problem = "";
      return await Promise.race([engine.api.seek(log, at), dead]);
    } catch (error) {
      if (this.engine !== engine) return null;
      this.problem = error instanceof Error ? error.message : String(error);
      this.clear();
      return null;
    }
  }

  /** Give the worker away: it goes on as a course of its own. */
  async give(at: number): Promise<{ engine: Engine; opened: Opened } | null> {
    clearTimeout(this.timer);
    await this.going;
    const opened = await this.seek(at);
    const { engine } = this;
    if (!opened || !engine) return null;
    this.engine = null;
    this.clear();
    return { engine, opened };
  }

  /** Another world, or nobody looks any more. */
  clear(): void {
    this.leave();
    this.engine?.end();
    this.engine = null;
    this.at = null;
    this.topology = null;
  }
}

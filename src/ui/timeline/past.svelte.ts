import type { InputLog, Opened, Topology } from "../../worker/protocol.ts";
import { Engine } from "../state/engine.ts";
import type { Machine } from "../state/machine.svelte.ts";

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
  /** The worker's log has everything that was done until then, ns. */
  until = -1;
  /** The seek that is on its way. */
  going: Promise<Opened | null> | null = null;

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
    void this.go();
  }

  leave(): void {
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
      // What is the same is not drawn anew.
      const { topology } = this.machine;
      const same = JSON.stringify(opened.topology) === JSON.stringify(topology);
      this.topology = same ? topology : opened.topology;
    }
  }

  /** The world at `at`; null when it cannot be made, `problem` says why. */
  async seek(at: number): Promise<Opened | null> {
    const log = at > this.until || !this.engine ? await this.fetchLog() : null;
    const engine = this.engine ?? new Engine(null);
    this.engine = engine;
    const dead = new Promise<never>((_, fail) => {
      engine.onDeath = (details) => fail(new Error(details));
    });
    try {
      this.problem = "";
      return await Promise.race([engine.api.seek(at, log), dead]);
    } catch (error) {
      if (this.engine !== engine) return null;
      this.problem = error instanceof Error ? error.message : String(error);
      this.clear();
      return null;
    }
  }

  /** What was done, up to now; the worker is told again when later moments are wanted. */
  async fetchLog(): Promise<InputLog | null> {
    const { now } = this.machine;
    const log = await this.machine.ask((api) => api.inputLog());
    this.until = now;
    return log;
  }

  /** Give the worker away: it goes on as a course of its own. */
  async give(at: number): Promise<{ engine: Engine; opened: Opened } | null> {
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
    this.until = -1;
    this.topology = null;
  }
}

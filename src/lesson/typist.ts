import type { Rng } from "../base/rng.ts";
import { fromUtf8 } from "../base/text.ts";
import { openSession, type Session } from "../shell/session.ts";
import { MSEC, SEC } from "../sim/sim.ts";
import type { World } from "../world/world.ts";
import type { LessonRun } from "./run.ts";
import type { CommandSpec } from "./spec.ts";

/** A command of a solution may take this long in virtual time. */
export const COMMAND_LIMIT = 300 * SEC;
/** The page looks at a lesson whenever something has happened; the proof this often while a command runs, ns. */
const LOOK = 50 * MSEC;

/** The most that it takes to press a key, and to read on, ns. */
const SHORT = 3 * SEC;
export const LONG = 40 * SEC;

function pause(rng: Rng): number {
  return Math.floor((rng.u32() / 2 ** 32) * (rng.u32() & 1 ? SHORT : LONG));
}

/** Types commands as a person would, each on its machine's own terminal, and waits for the prompt. */
export class Typist {
  world: World;
  sessions = new Map<string, Session>();
  /** Told what terminals show. */
  run: LessonRun | null = null;
  /** A command is given up after this virtual time, ns, and at this trace event. */
  limit = COMMAND_LIMIT;
  most = Number.POSITIVE_INFINITY;
  /** Draws how long somebody thinks before each command; null: not at all. */
  pauses: Rng | null = null;

  constructor(world: World) {
    this.world = world;
  }

  session(name: string): Session {
    const machine = this.world.machine(name);
    if (!machine) throw new Error(`there is no machine "${name}"`);
    let session = this.sessions.get(machine.name);
    if (!session) {
      session = openSession(machine);
      this.sessions.set(machine.name, session);
      this.wait(session);
    }
    return session;
  }

  /** False when the command did not come back within the limit. */
  type(command: CommandSpec): boolean {
    const session = this.session(command.at);
    const { sim } = this.world;
    if (this.pauses) sim.runUntil(sim.now + pause(this.pauses));
    session.terminal.type(`${command.run}\r`);
    return this.wait(session);
  }

  wait(session: Session): boolean {
    const { sim } = this.world;
    const limit = sim.now + this.limit;
    const isBack = (): boolean =>
      session.atRest || session.status !== null || sim.trace.next >= this.most;
    if (this.run?.hurries) this.watch(limit, isBack);
    while (!isBack() && sim.step(limit));
    this.drain();
    // Answers on their way (a last ACK, a log line) arrive before the next look.
    if (session.atRest) sim.runUntil(sim.now + SEC / 100);
    this.drain();
    this.run?.observe();
    return session.atRest;
  }

  /** Let a command run, and look at the lesson's tasks from time to time. */
  watch(limit: number, isBack: () => boolean): void {
    const { sim } = this.world;
    let at = sim.steps;
    for (let until = sim.now + LOOK; until < limit && !isBack(); ) {
      if (sim.step(until)) continue;
      until += LOOK;
      if (sim.steps === at) continue;
      at = sim.steps;
      this.drain();
      this.run?.observe();
    }
  }

  drain(): void {
    for (const session of this.sessions.values()) {
      const text = fromUtf8(session.terminal.drain());
      if (text) this.run?.saw(session.machine.name, text);
    }
  }
}

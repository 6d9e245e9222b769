import { fill, translated } from "../base/words.ts";
import { ENGINE_VERSION, type InputLog } from "../sim/input-log.ts";
import { type WorkerWords, workerWords } from "./english.ts";
import type { WorldSession } from "./session.ts";

/** Too much for a replay: a hostile link ends in a sentence, not in a hang. */
const MOST_STEPS = 20_000_000;
/** Events in one step of a replay. */
const CHUNK = 1024;

function wordsOf({ dictionary }: WorldSession): WorkerWords {
  return translated(workerWords, dictionary, "worker");
}

export class ReplayError extends Error {}

/** Does again what a log says, each input at the event that it came after. */
export class Replay {
  session: WorldSession;
  log: InputLog;
  /** The entry that comes next. */
  next = 0;

  /** Throws ReplayError when another engine wrote the log. */
  constructor(session: WorldSession, log: InputLog) {
    const say = wordsOf(session);
    if (log.version !== ENGINE_VERSION)
      throw new ReplayError(fill(say.version, { theirs: log.version, ours: ENGINE_VERSION }));
    this.session = session;
    this.log = log;
  }

  /**
   * Do the whole log and stop there; or only what was done until a moment (virtual time, ns), and on to
   * there when that is later. Throws ReplayError when the log does not fit the world.
   */
  to(until: number | null): void {
    while (this.step(until));
  }

  /** A part of it: some events, or the next input. False: it is done. Throws Absent. */
  step(until: number | null): boolean {
    const { session } = this;
    const { sim } = session.world;
    if (sim.held) return sim.step();
    const entry = this.log.entries[this.next];
    if (!entry || (until !== null && entry.at > until)) return this.goOn(until);
    // What was done at the very beginning was done before the world had started.
    if (entry.at > 0) session.boot();
    if (entry.steps > MOST_STEPS) throw new ReplayError(wordsOf(session).tooLong);
    if (sim.steps < entry.steps) {
      for (let n = 0; sim.steps < entry.steps && n < CHUNK && !sim.held; n++)
        if (!sim.step(entry.at)) throw new ReplayError(wordsOf(session).misfit);
      return true;
    }
    if (sim.now < entry.at) sim.now = entry.at;
    // What it answers is asked by now.
    session.takeRequests();
    session.input(entry.input);
    this.next++;
    return true;
  }

  /** After the last input there is only time. */
  goOn(until: number | null): boolean {
    const { session } = this;
    const { sim } = session.world;
    session.boot();
    if (until !== null) {
      for (let n = 0; sim.step(until); n++) {
        if (sim.steps > MOST_STEPS) throw new ReplayError(wordsOf(session).tooLong);
        if (n === CHUNK || sim.held) return true;
      }
      if (sim.now < until) sim.now = until;
    }
    // What moved then has moved: the map shows the present.
    session.moves.next = sim.trace.next;
    return false;
  }
}

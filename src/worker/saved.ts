import { fill } from "../base/words.ts";
import type { LessonSpec } from "../lesson/spec.ts";
import { type InputLog, lessonOf } from "../sim/input-log.ts";
import type { WorldSpec } from "../world/spec.ts";
import { inputLogProblem } from "./input-check.ts";
import { decodeLink } from "./link.ts";
import { need, partsOf } from "./parts.ts";
import { redo } from "./redo.ts";
import { ReplayError } from "./replay.ts";
import { WorldSession } from "./session.ts";
import type { Tongue } from "./words.ts";

/* What was done in a world, from a file or a link: a part that comes with the first of them. */

/** A link's log; null when nobody can read it. */
export async function logOfLink(link: string): Promise<InputLog | null> {
  const log = (await decodeLink(link)) as InputLog | null;
  return log && inputLogProblem(log) === null ? log : null;
}

/** A world in which a log has been done again; or a fresh one, and why, in a sentence. */
export async function restore(
  spec: WorldSpec,
  log: InputLog,
  options: { until: number | null; seed: number | undefined; tongue: Tongue },
  lesson: (slug: string) => Promise<LessonSpec | null>,
): Promise<{ on: WorldSession; refused: string | null }> {
  const { until, seed, tongue } = options;
  const say = await tongue.say();
  let why = inputLogProblem(log, say);
  if (why === null) {
    // A packet that no program sends may be of TCP where no program knows it.
    const isInjected = log.entries.some(({ input }) => input.kind === "inject");
    await need([...partsOf(spec), ...(isInjected ? ["tcp"] : [])]);
    const on = new WorldSession(spec, log.seed, false, tongue.dictionary);
    try {
      const slug = lessonOf(log);
      await redo(on, slug ? await lesson(slug) : null, log, until);
      return { on, refused: null };
    } catch (error) {
      if (!(error instanceof ReplayError)) {
        // A log that fits and still fails is the machine's crash, and is shown as one.
        on.fail(error);
        return { on, refused: null };
      }
      why = error.message;
    }
  }
  const on = new WorldSession(spec, seed, false, tongue.dictionary);
  return { on, refused: fill(say.refused, { why }) };
}

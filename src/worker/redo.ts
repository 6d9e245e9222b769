import type { LessonSpec } from "../lesson/spec.ts";
import type { InputLog } from "../sim/input-log.ts";
import { need, partsOfLesson } from "./parts.ts";
import { Replay } from "./replay.ts";
import type { WorldSession } from "./session.ts";

/**
 * Do a log again, with the lesson that it is of: what passed on the way passes again. Parts of the engine
 * are loaded as they are needed. `until`: as in Replay.to. Throws ReplayError.
 */
export async function redo(
  on: WorldSession,
  spec: LessonSpec | null,
  log: InputLog,
  until: number | null,
): Promise<void> {
  const replay = new Replay(on, log);
  if (spec) {
    const [{ Coach }] = await Promise.all([import("./coach.ts"), need(partsOfLesson(spec))]);
    on.coach = new Coach(on, spec, true);
  }
  const { sim } = on.world;
  do {
    if (sim.absent !== null) await need([sim.absent]);
    if (!spec) continue;
    on.listen();
    on.lesson?.observe();
  } while (replay.step(until));
  on.coach = null;
}

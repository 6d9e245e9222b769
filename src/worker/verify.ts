import type { LessonSpec } from "../lesson/spec.ts";
import type { InputLog } from "../sim/input-log.ts";
import { SEC } from "../sim/sim.ts";
import { Coach } from "./coach.ts";
import type { Verdict } from "./protocol.ts";
import { Replay } from "./replay.ts";
import type { WorldSession } from "./session.ts";

/** What was typed last takes its time too, ns. */
const AFTER = 60 * SEC;

/**
 * Do a learner's log again, on a session that is fresh, and see which tasks of the lesson pass. What the
 * page did for them does not count. Throws ReplayError.
 */
export function verify(on: WorldSession, spec: LessonSpec, log: InputLog): Verdict {
  const coach = new Coach(on, spec, false);
  on.coach = coach;
  const replay = new Replay(on, log);
  const tasks = spec.steps.flatMap(({ tasks }, n) => tasks.map(({ id }) => `${n}/${id}`));
  const count = (): number => tasks.filter((task) => coach.run?.passed.has(task)).length;
  const end = (log.entries.at(-1)?.at ?? 0) + AFTER;
  do on.update();
  while (count() < tasks.length && replay.step(end));
  on.update();
  const done = count();
  return { slug: spec.slug, title: spec.title, done, of: tasks.length, problem: null };
}

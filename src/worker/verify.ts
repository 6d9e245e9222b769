import { LessonRun } from "../lesson/run.ts";
import type { LessonSpec } from "../lesson/spec.ts";
import type { InputLog } from "../sim/input-log.ts";
import { SEC } from "../sim/sim.ts";
import type { Verdict } from "./protocol.ts";
import { Replay } from "./replay.ts";
import type { LessonInput, WorldSession } from "./session.ts";

/** What was typed last takes its time too, ns. */
const AFTER = 60 * SEC;

/** Goes through a lesson again with who did it: what they opened, answered, and when. */
class Coach {
  on: WorldSession;
  spec: LessonSpec;
  run: LessonRun | null = null;

  constructor(on: WorldSession, spec: LessonSpec) {
    this.on = on;
    this.spec = spec;
  }

  did(input: LessonInput): void {
    if (input.kind === "lesson" && input.slug === this.spec.slug) {
      // After an undo it is opened again: what passed has passed.
      this.run ??= new LessonRun(this.spec, this.on.world, this.on.reader);
      this.on.lesson = this.run;
      this.run.begin(input.step);
    } else if (input.kind === "step") this.run?.begin(input.step);
    else if (input.kind === "reply") this.run?.answer(input.task, answerOf(input.answer));
  }
}

/** An answer from a code is anybody's text. */
function answerOf(text: string): Parameters<LessonRun["answer"]>[1] {
  try {
    const value = JSON.parse(text) as Record<string, unknown> | null;
    if (typeof value?.option === "number") return { option: value.option };
    if (typeof value?.packet === "number") return { packet: value.packet };
    if (typeof value?.row === "string") return { row: value.row };
    return { text: typeof value?.text === "string" ? value.text : "" };
  } catch {
    return { text: "" };
  }
}

/**
 * Do a learner's log again, on a session that is fresh, and see which tasks of the lesson pass. What the
 * page did for them (the steps before the one at which they began) does not count. Throws ReplayError.
 */
export function verify(on: WorldSession, spec: LessonSpec, log: InputLog): Verdict {
  const coach = new Coach(on, spec);
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

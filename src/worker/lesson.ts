import type { Answer } from "../lesson/ask.ts";
import { LessonRun } from "../lesson/run.ts";
import type { LessonSpec } from "../lesson/spec.ts";
import { SEC } from "../sim/sim.ts";
import { checkWordsOf, tasksBefore } from "./coach.ts";
import { need } from "./parts.ts";
import type { LessonProgress } from "./protocol.ts";
import type { WorldSession } from "./session.ts";

/* Lessons on a session: a part of the worker that comes with the first lesson. */

/** A command of a lesson's solution may take this long, ns of virtual time. */
const PLAY_LIMIT = 300 * SEC;

/** Open a lesson at a step: the solutions of the steps before it are typed. `passed`: of another time. */
export async function openLesson(
  on: WorldSession,
  spec: LessonSpec,
  step = 0,
  passed: string[] = [],
): Promise<LessonProgress | null> {
  on.input({ kind: "lesson", slug: spec.slug, step });
  const steps = spec.steps.slice(0, step);
  for (const { solution } of steps) for (const one of solution) await play(on, one.at, one.run);
  // Ctrl-L: who begins here sees a clean screen, above which it stands what was played.
  if (step > 0)
    for (const terminal of on.terminals.keys()) on.input({ kind: "type", terminal, text: "\f" });
  on.world.sim.runUntil(on.world.sim.now);
  // Whoever does it again begins where the learner did: after what was played.
  if (step > 0) on.input({ kind: "step", step });
  on.lesson = new LessonRun(spec, on.world, on.reader, checkWordsOf(on));
  on.lesson.begin(step);
  // What passed in a world of another time has passed; that of the steps before has just been done.
  on.lesson.passed = new Set([...passed, ...tasksBefore(spec, step)]);
  return on.progress();
}

/** The lesson that is open has been written anew: on at the same step, what has passed has passed. */
export function reviseLesson(on: WorldSession, spec: LessonSpec): LessonProgress | null {
  if (on.lesson?.spec.slug !== spec.slug) return null;
  on.lesson.revise(spec);
  return on.progress();
}

/** Type a command in a machine's terminal and let the world go on until it is done. */
export async function play(on: WorldSession, at: string, command: string): Promise<void> {
  const machine = on.world.machine(at);
  if (!machine) return;
  const open = [...on.terminals].find(([, one]) => one.machine === machine && one.atRest);
  const id = open?.[0] ?? on.openTerminal(machine.name, 24, 80);
  const shell = on.terminals.get(id);
  const { sim } = on.world;
  const settle = async (limit: number): Promise<void> => {
    const until = sim.now + limit;
    do if (sim.absent !== null) await need([sim.absent]);
    while (shell && !shell.atRest && shell.status === null && sim.step(until));
  };
  await settle(SEC);
  on.input({ kind: "type", terminal: id, text: `${command}\r` });
  await settle(PLAY_LIMIT);
  const until = sim.now + SEC / 100;
  do if (sim.absent !== null) await need([sim.absent]);
  while (sim.step(until));
  sim.runUntil(until);
}

export function answerTask(on: WorldSession, task: string, answer: Answer): LessonProgress | null {
  on.input({ kind: "reply", task, answer: JSON.stringify(answer) });
  on.lesson?.answer(task, answer);
  return on.progress();
}

export function closeLesson(on: WorldSession): void {
  on.input({ kind: "lesson", slug: "", step: 0 });
  on.lesson = null;
}

export function goToStep(on: WorldSession, step: number): LessonProgress | null {
  on.input({ kind: "step", step });
  on.lesson?.begin(step);
  return on.progress();
}

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { compileLesson } from "../../src/lab/compile/lesson.ts";
import { lessonOf } from "../../src/sim/input-log.ts";
import { answerTask, closeLesson, goToStep, openLesson, play } from "../../src/worker/lesson.ts";
import { redo } from "../../src/worker/redo.ts";
import { WorldSession } from "../../src/worker/session.ts";
import { undoLast } from "../../src/worker/undo.ts";
import { verify } from "../../src/worker/verify.ts";
import { makeWorld } from "./kit.ts";

const { spec: router } = makeWorld("router", { boot: false });
const file = join(import.meta.dirname, "../../lessons/one-packet-five-hooks/lesson.md");
const lesson = compileLesson("lesson.md", "one-packet-five-hooks", readFileSync(file, "utf8"));

/** A learner goes through the lesson's first steps. */
async function learner(steps: number, of = lesson): Promise<WorldSession> {
  const on = new WorldSession(router);
  await openLesson(on, of);
  for (const [index, step] of of.steps.slice(0, steps).entries()) {
    if (index) goToStep(on, index);
    for (const { at, run } of step.solution) await play(on, at, run);
    on.update();
    for (const { id, ask } of step.tasks) {
      if (ask?.kind === "choose")
        answerTask(on, id, { option: ask.options.findIndex((one) => one.right) });
      if (ask?.kind === "type") answerTask(on, id, { text: ask.answers[0] ?? "" });
      if (ask?.kind !== "packet") continue;
      for (const skb of on.reader.stories.keys()) answerTask(on, id, { packet: skb });
    }
  }
  return on;
}

it("a log that is done again passes what it passed for the learner, and no more", async () => {
  const whole = await learner(lesson.steps.length);
  const all = lesson.steps.flatMap(({ tasks }) => tasks).length;
  const verdict = verify(new WorldSession(router, whole.log.seed, false), lesson, whole.log);
  expect(verdict).toMatchObject({ done: all, of: all, problem: null });

  const half = await learner(2);
  const done = lesson.steps.slice(0, 2).flatMap(({ tasks }) => tasks).length;
  expect(verify(new WorldSession(router, half.log.seed, false), lesson, half.log).done).toBe(done);
});

it("a log that is done again has its lesson open, where it was, with what has passed", async () => {
  const on = await learner(2);
  const again = new WorldSession(router, on.log.seed, false);
  expect(lessonOf(on.log)).toBe(lesson.slug);
  await redo(again, lesson, on.log, on.world.sim.now);
  expect(again.progress()).toEqual(on.progress());

  const late = new WorldSession(router);
  await openLesson(late, lesson, 2, []);
  const lateAgain = new WorldSession(router, late.log.seed, false);
  await redo(lateAgain, lesson, late.log, late.world.sim.now);
  // What was played for them has passed; nothing of the step itself.
  expect(lateAgain.progress()).toEqual(late.progress());

  closeLesson(on);
  expect(lessonOf(on.log)).toBe("");
});

it("what a terminal showed counts for the step at which it did, and the page is told it still", async () => {
  const check = { kind: "shown" as const, at: "router", text: "PING 10.2.0.10" };
  const said = { id: "said", text: [], check, ask: null, hints: [], nudges: [] };
  const steps = lesson.steps.map((step) => ({ ...step, tasks: [...step.tasks, said] }));
  const spec = { ...lesson, steps };
  const on = await learner(2, spec);
  const again = new WorldSession(router, on.log.seed, false);
  await redo(again, spec, on.log, on.world.sim.now);
  expect(again.progress()?.passed).toEqual(on.progress()?.passed);
  expect(again.progress()?.passed).toContain("0/said");
  expect(again.progress()?.passed).not.toContain("1/said");
  const told = again
    .update()
    .terminals.map(({ text }) => text)
    .join("");
  expect(told).toContain("PING 10.2.0.10");
  expect(told).toContain("PING 10.2.0.1 ");
});

it("what the page does for somebody is not their doing", async () => {
  const on = new WorldSession(router);
  await openLesson(on, lesson, 2, []);
  const verdict = verify(new WorldSession(router, on.log.seed, false), lesson, on.log);
  expect(verdict.done).toBe(0);
});

it("an undo takes no lesson's step along", async () => {
  const on = await learner(2);
  const undo = undoLast(on.log);
  expect(undo?.others).toBe(0);
  expect(undo?.log.entries.some(({ input }) => input.kind === "lesson")).toBe(true);
});

import { translated } from "../base/words.ts";
import { type CheckWords, checkWords } from "../lesson/english.ts";
import { LessonRun } from "../lesson/run.ts";
import type { LessonSpec } from "../lesson/spec.ts";
import type { LessonInput, WorldSession } from "./session.ts";

/** What is said to who has not done a task yet, in the page's language. */
export function checkWordsOf({ dictionary }: WorldSession): CheckWords {
  return translated(checkWords, dictionary, "check");
}

/** "step/task" of everything in the steps before one. */
export function tasksBefore(spec: LessonSpec, step: number): string[] {
  return spec.steps.slice(0, step).flatMap(({ tasks }, n) => tasks.map(({ id }) => `${n}/${id}`));
}

/** Goes through a lesson again with who did it: what they opened, answered, and when. */
export class Coach {
  on: WorldSession;
  spec: LessonSpec;
  /** What the page did for them (the steps before the one at which they began) counts, too. */
  generous: boolean;
  run: LessonRun | null = null;

  constructor(on: WorldSession, spec: LessonSpec, generous: boolean) {
    this.on = on;
    this.spec = spec;
    this.generous = generous;
  }

  did(input: LessonInput): void {
    const { on, spec } = this;
    if (input.kind === "lesson") {
      on.lesson = null;
      if (input.slug !== spec.slug) return;
      this.run ??= new LessonRun(spec, on.world, on.reader, checkWordsOf(on));
      on.lesson = this.run;
      if (this.generous)
        for (const task of tasksBefore(spec, input.step)) this.run.passed.add(task);
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

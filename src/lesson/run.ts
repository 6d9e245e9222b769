import type { JourneyReader } from "../journey/reader.ts";
import type { World } from "../world/world.ts";
import { type Answer, answerComplaint } from "./ask.ts";
import { complaint, type Evidence } from "./check.ts";
import { type CheckWords, checkWords } from "./english.ts";
import type { Check, LessonSpec, StepSpec } from "./spec.ts";

/** Where somebody is in a lesson: what has been done, what is still wrong. */
export class LessonRun {
  spec: LessonSpec;
  world: World;
  reader: JourneyReader;
  step = 0;
  /** Trace event at which the step began. */
  since = 0;
  /** "step/task": what has passed stays passed. */
  passed = new Set<string>();
  shown = new Map<string, string>();
  /** Virtual time, ns, at which the step began. */
  began = 0;
  moments: Evidence["moments"] = new Map();
  /** What was said to the last answer of a question that is not answered: "step/task". */
  answers = new Map<string, string>();
  say: CheckWords;

  constructor(spec: LessonSpec, world: World, reader: JourneyReader, say = checkWords) {
    this.say = say;
    this.spec = spec;
    this.world = world;
    this.reader = reader;
    this.begin(0);
  }

  get current(): StepSpec {
    return this.spec.steps[this.step] as StepSpec;
  }

  /** Its author has saved it: the step stays, and when it began. */
  revise(spec: LessonSpec): void {
    this.spec = spec;
    this.step = Math.min(this.step, spec.steps.length - 1);
    this.moments = new Map();
  }

  begin(step: number): void {
    this.step = Math.max(0, Math.min(step, this.spec.steps.length - 1));
    this.since = this.world.sim.trace.next;
    this.began = this.world.sim.now;
    this.moments = new Map();
    this.shown = new Map();
  }

  /** A terminal of `machine` showed something. */
  saw(machine: string, text: string): void {
    // Enough to hold what a screen of output says; a flood must not be kept.
    this.shown.set(machine, ((this.shown.get(machine) ?? "") + text).slice(-65536));
  }

  get evidence(): Evidence {
    const { world, reader, since, shown, began, moments, say } = this;
    return { world, reader, since, shown, began, moments, say };
  }

  /** Look at the step's tasks. Answers those that have passed just now. */
  observe(): string[] {
    const fresh: string[] = [];
    for (const task of this.current.tasks) {
      const key = `${this.step}/${task.id}`;
      if (!task.check || this.passed.has(key)) continue;
      if (complaint(task.check, this.evidence) !== null) continue;
      this.passed.add(key);
      fresh.push(task.id);
    }
    return fresh;
  }

  /** A task that has not passed depends on what is seen when. */
  get hurries(): boolean {
    return this.current.tasks.some(({ id, check }) => check && hasOrder(check) && !this.done(id));
  }

  done(task: string): boolean {
    return this.passed.has(`${this.step}/${task}`);
  }

  get stepDone(): boolean {
    return this.current.tasks.every((task) => this.done(task.id));
  }

  /** What is wrong with a task that has not passed: the words for a known wrong turn, else the check's. */
  wrong(task: string): string | null {
    const found = this.current.tasks.find((t) => t.id === task);
    if (!found || this.done(task)) return null;
    if (!found.check) return this.answers.get(`${this.step}/${task}`) ?? null;
    const wrong = complaint(found.check, this.evidence);
    if (wrong === null) return null;
    return found.nudges.find(({ when }) => complaint(when, this.evidence) === null)?.say ?? wrong;
  }

  /** Somebody answers a question of this step. True: it is right, and the task has passed. */
  answer(task: string, answer: Answer): boolean {
    const found = this.current.tasks.find((one) => one.id === task);
    if (!found?.ask) return false;
    const wrong = answerComplaint(found.ask, answer, this.evidence);
    const key = `${this.step}/${task}`;
    if (wrong === null) this.passed.add(key);
    else this.answers.set(key, wrong);
    return wrong === null;
  }
}

function hasOrder(check: Check): boolean {
  switch (check.kind) {
    case "after":
      return true;
    case "all":
    case "any":
      return check.of.some(hasOrder);
    case "not":
      return hasOrder(check.of);
    default:
      return false;
  }
}

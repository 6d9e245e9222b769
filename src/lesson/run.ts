import { fromUtf8 } from "../base/text.ts";
import { JourneyReader } from "../journey/reader.ts";
import { openSession, type Session } from "../shell/session.ts";
import { remember } from "../sim/memento.ts";
import { MSEC, SEC } from "../sim/sim.ts";
import type { World } from "../world/world.ts";
import { type Answer, answerComplaint, answersTo } from "./ask.ts";
import { complaint, type Evidence } from "./check.ts";
import { type CheckWords, checkWords } from "./english.ts";
import type { Check, CommandSpec, LessonSpec, StepSpec } from "./spec.ts";

/** A command of a solution may take this long in virtual time. */
const COMMAND_LIMIT = 300 * SEC;
/** The page looks at a lesson whenever something has happened; the proof this often while a command runs, ns. */
const LOOK = 50 * MSEC;

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

/** Types commands as a person would, each on its machine's own terminal, and waits for the prompt. */
export class Typist {
  world: World;
  sessions = new Map<string, Session>();
  /** Told what terminals show. */
  run: LessonRun | null = null;

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
    session.terminal.type(`${command.run}\r`);
    return this.wait(session);
  }

  wait(session: Session): boolean {
    const { sim } = this.world;
    const limit = sim.now + COMMAND_LIMIT;
    const isBack = (): boolean => session.atRest || session.status !== null;
    if (this.run?.hurries) this.watch(limit, isBack);
    while (!isBack() && sim.step(limit));
    this.drain();
    // Answers on their way (a last ACK, a log line) arrive before the next look.
    sim.runUntil(sim.now + SEC / 100);
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

/** A fault that the proof of a lesson found. */
export interface Fault {
  step: number;
  task: string;
  message: string;
}

/**
 * Prove a lesson: at each step's start every check fails; after its solution every check passes;
 * each recorded wrong turn gets the words that it names. `world` is a fresh one.
 */
export function prove(spec: LessonSpec, world: World): { faults: Fault[]; trace: number } {
  const faults: Fault[] = [];
  const { trace } = world.sim;
  let hash = traceHash(world);
  const run = new LessonRun(spec, world, new JourneyReader(world.sim.trace, world.sim.trace.next));
  const typist = new Typist(world);
  typist.run = run;
  spec.steps.forEach((step, index) => {
    run.begin(index);
    run.observe();
    for (const task of step.tasks)
      if (run.done(task.id))
        faults.push({ step: index, task: task.id, message: "passes before anything was done" });
    for (const wrong of step.wrong) {
      // The wrong turn is taken on the same machines, which are then put back.
      const before = remember([world, run, typist], world.sim.trace.rings);
      typist.type(wrong);
      run.observe();
      const says = run.wrong(wrong.task);
      const reached = trace.next;
      before.restore();
      trace.wentBack(reached);
      if (says === null || !says.includes(wrong.says))
        faults.push({
          step: index,
          task: wrong.task,
          message: `after “${wrong.run}” it says “${says ?? "that it is done"}”, not “${wrong.says}”`,
        });
    }
    for (const command of step.solution) {
      const from = trace.next;
      if (!typist.type(command))
        faults.push({ step: index, task: "", message: `“${command.run}” did not come back` });
      hash = traceHash(world, from, hash);
    }
    run.observe();
    for (const task of step.tasks) {
      if (!task.ask || run.done(task.id)) continue;
      const { right, wrong } = answersTo(task.ask, run.evidence);
      for (const answer of wrong)
        if (run.answer(task.id, answer))
          faults.push({ step: index, task: task.id, message: "a wrong answer passes" });
      for (const answer of right) run.answer(task.id, answer);
    }
    for (const task of step.tasks)
      if (!run.done(task.id))
        faults.push({
          step: index,
          task: task.id,
          message: `does not pass after the solution: ${run.wrong(task.id)}`,
        });
  });
  return { faults, trace: hash };
}

/** The same solutions once more and nothing else: a proof, whose wrong turns were taken back, left this trace. */
export function replay(spec: LessonSpec, world: World): number {
  const typist = new Typist(world);
  let hash = traceHash(world);
  for (const command of spec.steps.flatMap(({ solution }) => solution)) {
    const from = world.sim.trace.next;
    typist.type(command);
    hash = traceHash(world, from, hash);
  }
  return hash;
}

/**
 * One number for everything that happened, from event `from` on and after what `start` stands for: two
 * runs of the same must give the same.
 */
export function traceHash(world: World, from = 0, start = 0x811c9dc5): number {
  const { trace } = world.sim;
  let hash = start;
  for (let n = Math.max(from, trace.first); n < trace.next; n++) {
    const e = trace.event(n);
    if (!e) continue;
    for (const value of [e.kind, e.ns, e.skb, ...e.args, Math.floor(e.at)])
      hash = Math.imul(hash ^ (value | 0), 0x01000193);
    // Ports, sequence numbers and addresses of the links stand in the packets only.
    const bytes = e.hasBytes ? trace.bytesOf(n) : null;
    for (const byte of bytes ?? []) hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return (hash ^ trace.next) >>> 0;
}

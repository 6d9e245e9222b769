import { fromUtf8 } from "../base/text.ts";
import { JourneyReader } from "../journey/reader.ts";
import { openSession, type Session } from "../shell/session.ts";
import { remember } from "../sim/memento.ts";
import { MSEC, SEC } from "../sim/sim.ts";
import type { World } from "../world/world.ts";
import { type Answer, answerComplaint, answersTo } from "./ask.ts";
import { everyBlock } from "./blocks.ts";
import { complaint, type Evidence } from "./check.ts";
import { type CheckWords, checkWords } from "./english.ts";
import { draw, figureFault } from "./figure.ts";
import type { Check, CommandSpec, LessonSpec, StepSpec, WrongSpec } from "./spec.ts";

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
  /** A command is given up after this virtual time, ns, and at this trace event. */
  limit = COMMAND_LIMIT;
  most = Number.POSITIVE_INFINITY;

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
    const limit = sim.now + this.limit;
    const isBack = (): boolean =>
      session.atRest || session.status !== null || sim.trace.next >= this.most;
    if (this.run?.hurries) this.watch(limit, isBack);
    while (!isBack() && sim.step(limit));
    this.drain();
    // Answers on their way (a last ACK, a log line) arrive before the next look.
    if (session.atRest) sim.runUntil(sim.now + SEC / 100);
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

/** What is wrong with a task of a step; with the step itself where `task` is "". */
interface Complaint {
  task: string;
  message: string;
  /** The wrong turn, or the command of the solution, that it is about. */
  about?: CommandSpec;
}

/** A fault that the proof of a lesson found. */
export interface Fault extends Complaint {
  step: number;
}

/**
 * Type the solution of the step and answer its questions. What is wrong then: of tasks that do not pass,
 * of commands that did not come back. `typed` is told the trace event from which each command's begin.
 */
function solve(run: LessonRun, typist: Typist, typed: (from: number) => void): Complaint[] {
  const faults: Complaint[] = [];
  const { trace } = run.world.sim;
  const { solution, tasks } = run.current;
  for (const command of solution) {
    const from = trace.next;
    if (!typist.type(command))
      faults.push({ task: "", message: `“${command.run}” did not come back`, about: command });
    typed(from);
  }
  run.observe();
  for (const { id, ask } of tasks) {
    if (!ask || run.done(id)) continue;
    const { right, wrong } = answersTo(ask, run.evidence);
    for (const answer of wrong)
      if (run.answer(id, answer)) faults.push({ task: id, message: "a wrong answer passes" });
    for (const answer of right) run.answer(id, answer);
  }
  for (const { id } of tasks)
    if (!run.done(id))
      faults.push({ task: id, message: `does not pass after the solution: ${run.wrong(id)}` });
  return faults;
}

/** Take a wrong turn on the same machines, which are then put back. */
function stray(
  wrong: WrongSpec,
  run: LessonRun,
  typist: Typist,
): { said: Complaint[]; left: Complaint[] } {
  const { trace } = run.world.sim;
  const before = remember([run.world, run, typist], trace.rings);
  // What the step has left in the trace must not be written over: it is needed when this is taken back.
  typist.most = run.since + 0.95 * trace.capacity;
  typist.type(wrong);
  run.observe();
  const says = run.wrong(wrong.task);
  // A solution that waits for what does not come any more is not waited for as long.
  typist.limit = COMMAND_LIMIT / 5;
  const [first] = solve(run, typist, () => {});
  const reached = trace.next;
  before.restore();
  trace.wentBack(reached);
  const { task } = wrong;
  const after = `after “${wrong.run}”`;
  const said: Complaint[] = [];
  const left: Complaint[] = [];
  const put = (to: Complaint[], of: string, message: string): void => {
    to.push({ task: of, message: `${after} ${message}`, about: wrong });
  };
  if (says === null || !says.includes(wrong.says))
    put(said, task, `it says “${says ?? "that it is done"}”, not “${wrong.says}”`);
  if (wrong.dead && !first) put(left, task, "the solution passes: it is not `dead`");
  if (!wrong.dead && first)
    put(
      left,
      first.task,
      `the solution no longer passes (is it \`dead: true\`?): ${first.message}`,
    );
  return { said, left };
}

/** Figures of the step that show nothing. */
function blank(run: LessonRun): Complaint[] {
  const blocks = [...everyBlock(run.current.prose)];
  const figures = blocks.flatMap((one) => (one.kind === "figure" ? [one.figure] : []));
  return figures.flatMap((figure, n) => {
    const { evidence } = run;
    if (draw(figure, evidence)) return [];
    const fault = figureFault(figure, evidence);
    const message = fault ? `: ${fault}` : " draws nothing after the solution";
    return [{ task: "", message: `figure ${n + 1}${message}` }];
  });
}

/**
 * Prove a lesson: at each step's start every check fails; after its solution every check passes and
 * every figure shows something; each recorded wrong turn gets the words that it names, and the solution
 * helps after it too. `world` is a fresh one.
 */
export function prove(spec: LessonSpec, world: World): { faults: Fault[]; trace: number } {
  const faults: Fault[] = [];
  const { trace } = world.sim;
  let hash = traceHash(world);
  const run = new LessonRun(spec, world, new JourneyReader(trace, trace.next));
  const typist = new Typist(world);
  typist.run = run;
  spec.steps.forEach(({ tasks, wrong }, step) => {
    run.begin(step);
    run.observe();
    const early = tasks.filter(({ id }) => run.done(id));
    const found = early.map(({ id }) => ({ task: id, message: "passes before anything was done" }));
    const strays = wrong.map((one) => stray(one, run, typist));
    const solved = solve(run, typist, (from) => {
      hash = traceHash(world, from, hash);
    });
    // Where the solution does not pass by itself, what it does after a wrong turn says nothing.
    const left = solved.length ? [] : strays.flatMap((one) => one.left);
    const all = [...found, ...strays.flatMap((one) => one.said), ...left, ...solved, ...blank(run)];
    faults.push(...all.map((fault) => ({ step, ...fault })));
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

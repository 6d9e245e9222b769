import { Rng } from "../base/rng.ts";
import { JourneyReader } from "../journey/reader.ts";
import { remember } from "../sim/memento.ts";
import { SEC } from "../sim/sim.ts";
import type { World } from "../world/world.ts";
import { answersTo } from "./ask.ts";
import { everyBlock } from "./blocks.ts";
import { draw, figureFault } from "./figure.ts";
import { LessonRun } from "./run.ts";
import type { CommandSpec, LessonSpec, WrongSpec } from "./spec.ts";
import { COMMAND_LIMIT, LONG, Typist } from "./typist.ts";

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

/** A program that somebody has left running: machines cannot be put back to its middle. */
function running(world: World): string | null {
  for (const [name, { processes }] of world.machines) {
    // The newest says most: shells of its own wait for it.
    const last = [...processes.values()].findLast(({ program }) => program);
    if (last)
      return `${name} still runs “${last.argv.join(" ")}” when the step begins; end it in a solution before`;
  }
  return null;
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
    const busy = wrong.length ? running(world) : null;
    if (busy)
      found.push({ task: tasks[0]?.id ?? "", message: `its wrong turns cannot be tried: ${busy}` });
    const strays = busy ? [] : wrong.map((one) => stray(one, run, typist));
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

/** The solutions as a person types them, with pauses: what holds only for who is quick is no solution. */
export function dawdle(spec: LessonSpec, world: World): Fault[] {
  const { trace } = world.sim;
  const run = new LessonRun(spec, world, new JourneyReader(trace, trace.next));
  const typist = new Typist(world);
  typist.run = run;
  typist.pauses = new Rng(world.sim.seed, `dawdle/${spec.slug}`);
  return spec.steps.flatMap((_, step) => {
    run.begin(step);
    run.observe();
    return solve(run, typist, () => {}).map(({ message, ...rest }) => ({
      ...{ ...rest, step },
      message: `typed with pauses of up to ${LONG / SEC} s: ${message}`,
    }));
  });
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

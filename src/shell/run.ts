import type { CommandNode, CompoundCommand, CompoundList, Pipeline, Statement, Word } from "unbash";
import { makePipe } from "../host/pipe.ts";
import { EXEC_COST, Exit, Process, type Run, SIGNALS, STEP_COST } from "../host/process.ts";
import { arithmetic, expandPattern, expandText, expandWords } from "./expand.ts";
import { addJob, type Job, jobLine, signalWords, waitAll } from "./job.ts";
import type { Parsed } from "./parse.ts";
import { matches } from "./pattern.ts";
import { grammarFor, readScript } from "./plain.ts";
import { applyRedirects, restoreFds, saveFds } from "./redirect.ts";
import { runSelect } from "./select.ts";
import { ExpansionError, Interrupt, type Shell } from "./shell.ts";
import { runSimple } from "./simple.ts";
import { evaluateTest } from "./test.ts";
import { checkFailure, exitTrap, takeSignals } from "./trap.ts";

type Node = Statement["command"];

/** A little CPU time: it moves the clock, and lets a signal in. */
export function* step(sh: Shell): Run<void> {
  yield { on: [], until: sh.p.sim.now + STEP_COST };
  if (sh.p.pending.length) yield* takeSignals(sh);
}

/**
 * Run a text in this shell: a script, `eval`, `source`, a trap. As bash does, what stands before
 * the line of a syntax error is run.
 */
export function* runText(sh: Shell, text: string, file: string, line = 0): Run {
  yield* grammarFor(text);
  const parsed = readScript(text);
  const depth = sh.frames.length;
  const { pos } = sh;
  sh.frames.push({ source: text, file, line, function: sh.frame?.function ?? "" });
  try {
    return yield* runParsed(sh, parsed);
  } finally {
    sh.frames.length = depth;
    sh.pos = pos;
  }
}

function* runParsed(sh: Shell, parsed: Parsed): Run {
  const { script, problem, source } = parsed;
  if (!problem || problem.message === "") return yield* runTopLevel(sh, source, script.commands);
  const lineStart = source.lastIndexOf("\n", Math.max(0, problem.pos - 1)) + 1;
  // What is not complete began where the last statement did.
  const open = script.commands[script.commands.length - 1]?.pos ?? 0;
  const limit = problem.incomplete ? source.lastIndexOf("\n", open) + 1 : lineStart;
  const before = script.commands.filter(({ pos, end }) => pos < limit && end <= limit);
  if (before.length) yield* runTopLevel(sh, source, before);
  if (sh.unwind) return sh.status;
  sh.pos = problem.pos;
  const frame = sh.frame;
  const line = problem.line + (frame?.line ?? 0);
  const who =
    sh.interactive && !frame?.file
      ? "bash: "
      : `${frame?.file || sh.name}: ${sh.commandString && sh.frames.length === 1 ? "-c: " : ""}line ${line}: `;
  yield* sh.p.err(`${who}${problem.message}\n`);
  if (problem.showLine) {
    yield* sh.p.err(`${who}\`${source.split("\n")[problem.line - 1]}'\n`);
  }
  sh.status = 2;
  return 2;
}

/**
 * A script's own lines: an expansion that failed (not `set -u`, not `${x:?}`) gives up the rest of
 * its line, and the next one is read (bash: a jump to the top level, DISCARD).
 */
function* runTopLevel(sh: Shell, source: string, statements: readonly Statement[]): Run {
  if (sh.frames.length > 1 || sh.level > 0 || sh.interactive || sh.commandString)
    return yield* runList(sh, statements);
  let skipTo = 0;
  for (const statement of statements) {
    if (statement.pos < skipTo) continue;
    try {
      yield* runList(sh, [statement]);
    } catch (error) {
      if (!(error instanceof ExpansionError) || error.status !== 1) throw error;
      if (!error.told) yield* sh.complain(error.message);
      sh.status = 1;
      const end = source.indexOf("\n", statement.end);
      skipTo = end < 0 ? source.length : end;
    }
    if (sh.unwind) break;
  }
  return sh.status;
}

/** Run statements one after another; the status is the last one's. */
export function* runList(sh: Shell, statements: readonly Statement[]): Run {
  for (const statement of statements) {
    if (statement.background) yield* runBackground(sh, statement.command);
    else yield* runNode(sh, statement.command);
    if (sh.unwind) break;
  }
  return sh.status;
}

/** The list that a subshell runs: a lone simple command need not fork again. */
export function* runBody(sh: Shell, statements: readonly Statement[]): Run {
  const only = statements.length === 1 ? statements[0] : undefined;
  if (only && !only.background && only.command.type === "Command") sh.last = true;
  sh.status = statements.length ? sh.status : 0;
  return yield* runList(sh, statements);
}

export function* runNode(sh: Shell, node: Node): Run {
  switch (node.type) {
    case "Command":
      sh.status = yield* runSimple(sh, node);
      yield* checkFailure(sh);
      return sh.status;
    case "AndOr": {
      const { commands, operators } = node;
      for (let i = 0; i < commands.length; i++) {
        const operator = operators[i - 1];
        if (operator === "&&" && sh.status !== 0) continue;
        if (operator === "||" && sh.status === 0) continue;
        const last = i === commands.length - 1;
        if (!last) sh.condition++;
        try {
          yield* runNode(sh, commands[i] as Node);
        } finally {
          if (!last) sh.condition--;
        }
        if (sh.unwind) break;
      }
      return sh.status;
    }
    case "Pipeline":
      return yield* runPipeline(sh, node);
    case "Function": {
      const frame = sh.frame;
      const name = node.name.value;
      const source = frame?.source ?? "";
      sh.functions.set(name, {
        name,
        source: source.slice(node.pos, node.end),
        file: frame?.file || "",
        line: sh.frame ? lineBefore(sh, node.pos) : 0,
      });
      sh.status = 0;
      return 0;
    }
    case "Coproc":
      yield* sh.complain("coproc: command not found");
      sh.status = 127;
      return 127;
    case "Redirected": {
      sh.pos = node.pos;
      const saved = saveFds(sh.p);
      try {
        if (yield* applyRedirects(sh, node.redirects, sh.p))
          return yield* runCompound(sh, node.command);
        sh.status = 1;
        yield* checkFailure(sh);
        return 1;
      } finally {
        restoreFds(sh.p, saved);
      }
    }
    default:
      return yield* runCompound(sh, node);
  }
}

function lineBefore(sh: Shell, pos: number): number {
  const at = sh.pos;
  sh.pos = pos;
  const { line } = sh;
  sh.pos = at;
  return line - 1;
}

/** A condition: a failure in it is an answer, not an error. */
function* holds(sh: Shell, list: CompoundList): Run<boolean> {
  sh.condition++;
  try {
    yield* runList(sh, list.commands);
  } finally {
    sh.condition--;
  }
  return sh.status === 0;
}

export function* runCompound(sh: Shell, node: CompoundCommand): Run {
  switch (node.type) {
    case "BraceGroup":
      return yield* runList(sh, node.body.commands);
    case "Subshell": {
      const process = forkShell(sh, (child) => runBody(child, node.body.commands));
      sh.status = yield* foreground(sh, [process], () => textOf(sh, node));
      yield* checkFailure(sh);
      return sh.status;
    }
    case "If": {
      if (yield* holds(sh, node.clause)) return yield* runList(sh, node.then.commands);
      for (const elif of node.elif) {
        if (sh.unwind) return sh.status;
        if (yield* holds(sh, elif.clause)) return yield* runList(sh, elif.then.commands);
      }
      if (sh.unwind) return sh.status;
      if (node.else) return yield* runList(sh, node.else.commands);
      sh.status = 0;
      return 0;
    }
    case "While": {
      let status = 0;
      sh.loops++;
      try {
        for (;;) {
          if ((yield* holds(sh, node.clause)) !== (node.kind === "while")) break;
          if (!sh.unwind) status = yield* runList(sh, node.body.commands);
          if (leavesLoop(sh)) {
            status = sh.status;
            break;
          }
          yield* step(sh);
        }
      } finally {
        sh.loops--;
      }
      sh.status = status;
      return status;
    }
    case "For": {
      sh.pos = node.pos;
      const items = node.wordlist ? yield* guarded(sh, node.wordlist) : sh.positional;
      let status = 0;
      sh.loops++;
      try {
        for (const item of items) {
          sh.set(node.name.value, item);
          if (sh.options.has("xtrace")) sh.pos = node.pos;
          status = yield* runList(sh, node.body.commands);
          if (leavesLoop(sh)) {
            status = sh.status;
            break;
          }
          yield* step(sh);
        }
      } finally {
        sh.loops--;
      }
      sh.status = status;
      return status;
    }
    case "ArithmeticFor": {
      const source = sh.frame?.source ?? "";
      const head = source.slice(node.pos, node.body.pos);
      const [first = "", test = "", update = ""] = splitHead(head);
      yield* arithmetic(sh, first);
      let status = 0;
      sh.loops++;
      try {
        for (;;) {
          sh.pos = node.pos;
          if (test.trim() !== "" && (yield* arithmetic(sh, test)) === 0n) break;
          status = yield* runList(sh, node.body.commands);
          if (leavesLoop(sh)) {
            status = sh.status;
            break;
          }
          yield* step(sh);
          yield* arithmetic(sh, update);
        }
      } finally {
        sh.loops--;
      }
      sh.status = status;
      return status;
    }
    case "Select":
      return yield* runSelect(sh, node);
    case "Case": {
      sh.pos = node.pos;
      const text = yield* expandText(sh, node.word, "bare");
      sh.status = 0;
      let falls = false;
      for (const item of node.items) {
        let hit = falls;
        for (const pattern of item.pattern) {
          if (hit) break;
          hit = matches(yield* expandPattern(sh, pattern), text, sh.shopts.has("nocasematch"));
        }
        if (!hit) continue;
        yield* runList(sh, item.body.commands);
        if (item.terminator === ";&") falls = true;
        else if (item.terminator === ";;&") falls = false;
        else break;
        if (sh.unwind) break;
      }
      return sh.status;
    }
    case "TestCommand":
      sh.pos = node.pos;
      sh.status = yield* guard(sh, evaluateTest(sh, node.expression));
      yield* checkFailure(sh);
      return sh.status;
    case "ArithmeticCommand":
      sh.pos = node.pos;
      if (sh.options.has("xtrace")) yield* sh.p.err(`+ (( ${node.body} ))\n`);
      try {
        sh.status = (yield* arithmetic(sh, node.body)) === 0n ? 1 : 0;
      } catch (error) {
        if (!(error instanceof ExpansionError)) throw error;
        yield* sh.complain(`((: ${error.message}`);
        sh.status = 1;
      }
      yield* checkFailure(sh);
      return sh.status;
  }
}

/** The three parts of `for ((a; b; c))`, by the semicolons at the top level. */
function splitHead(head: string): string[] {
  const open = head.indexOf("((") + 2;
  const body = head.slice(open, head.lastIndexOf("))"));
  return body.split(";");
}

/** After a turn of a loop: does `break`, `continue` or `return` end it? */
export function leavesLoop(sh: Shell): boolean {
  const { unwind } = sh;
  if (!unwind) return false;
  if (unwind.kind === "return") return true;
  if (unwind.count > 1) {
    unwind.count--;
    return true;
  }
  sh.unwind = null;
  return unwind.kind === "break";
}

/** Tell of an expansion that failed while its line is still known. */
export function* guard<T>(sh: Shell, run: Run<T>): Run<T> {
  try {
    return yield* run;
  } catch (error) {
    if (error instanceof ExpansionError && !error.told) {
      error.told = true;
      yield* sh.complain(error.message);
    }
    throw error;
  }
}

function guarded(sh: Shell, words: readonly Word[]): Run<string[]> {
  return guard(sh, expandWords(sh, words));
}

export function textOf(sh: Shell, node: { pos: number; end: number }): string {
  return (sh.frame?.source ?? "").slice(node.pos, node.end).replace(/\s*\n\s*/g, "; ");
}

/** A subshell: a copy of the shell in a process of its own. It begins when the caller waits. */
export function forkShell(sh: Shell, body: (child: Shell) => Run): Process {
  const process = new Process(sh.p.machine, sh.p, sh.p.argv);
  const child = sh.fork(process);
  process.start(subshell(child, body), EXEC_COST / 2);
  return process;
}

function* subshell(sh: Shell, body: (child: Shell) => Run): Run {
  try {
    sh.status = yield* body(sh);
  } catch (error) {
    if (error instanceof Interrupt) {
      sh.p.killedBy = "SIGINT";
      return 128 + SIGNALS.SIGINT;
    }
    yield* settle(sh, error);
  }
  return yield* exitTrap(sh);
}

/** What an error that reached the top of a shell leaves as its status. */
export function* settle(sh: Shell, error: unknown): Run<void> {
  if (error instanceof ExpansionError) {
    if (!error.told) yield* sh.complain(error.message);
    sh.status = sh.commandString ? error.status : 1;
  } else if (isExit(error)) sh.status = error.status;
  else throw error;
}

function isExit(error: unknown): error is Exit {
  return error instanceof Exit;
}

/** Stages side by side, each a process; the status is the last one's (or see pipefail). */
function* runPipeline(sh: Shell, node: Pipeline): Run {
  const time = node.prefixes.find((prefix) => prefix.type === "Time");
  const inverted = node.prefixes.filter((prefix) => prefix.type === "Negation").length % 2 === 1;
  const began = sh.p.sim.now;
  const only = node.commands.length === 1 ? node.commands[0] : undefined;
  if (inverted) sh.condition++;
  try {
    if (only) yield* runNode(sh, only as Node);
    else if (node.commands.length > 1) {
      const processes = startPipeline(sh, node);
      const status = yield* foreground(sh, processes, () => textOf(sh, node));
      const statuses = processes.map((p) => p.status ?? 148);
      sh.setList("PIPESTATUS", statuses.map(String));
      sh.status = status;
      if (sh.options.has("pipefail")) for (const each of statuses) if (each !== 0) sh.status = each;
    } else sh.status = 0;
  } finally {
    if (inverted) sh.condition--;
  }
  if (inverted) sh.status = sh.status === 0 ? 1 : 0;
  else if (!only) yield* checkFailure(sh);
  if (time?.type === "Time")
    yield* sh.p.err(timeReport(sh.p.sim.now - began, time.posix !== undefined));
  return sh.status;
}

function timeReport(ns: number, posix: boolean): string {
  if (posix) return `real ${(ns / 1e9).toFixed(2)}\nuser 0.00\nsys 0.00\n`;
  const minutes = Math.floor(ns / 60e9);
  const text = `${minutes}m${((ns - minutes * 60e9) / 1e9).toFixed(3)}s`;
  return `\nreal\t${text}\nuser\t0m0.000s\nsys\t0m0.000s\n`;
}

function startPipeline(sh: Shell, node: Pipeline): Process[] {
  const processes: Process[] = [];
  let input: ReturnType<typeof makePipe>["read"] | null = null;
  node.commands.forEach((command, i) => {
    const process = forkShell(sh, (child) => runStage(child, command));
    if (input) process.setFd(0, input);
    input = null;
    if (i < node.commands.length - 1) {
      const pipe = makePipe(sh.p.sim);
      input = pipe.read;
      process.setFd(1, pipe.write);
      if (node.operators[i] === "|&") {
        pipe.write.hold();
        process.setFd(2, pipe.write);
      }
    }
    processes.push(process);
    joinGroup(sh, process, processes[0] as Process);
  });
  return processes;
}

function runStage(child: Shell, command: CommandNode): Run {
  if (command.type === "Command") child.last = true;
  return runNode(child, command);
}

/** With job control each pipeline is a process group of its own. */
export function joinGroup(sh: Shell, process: Process, leader: Process): void {
  if (sh.options.has("monitor")) process.pgid = leader.pid;
}

/** Wait for a pipeline in the foreground of the terminal; Ctrl-Z makes it a job. */
export function* foreground(
  sh: Shell,
  processes: Process[],
  text: () => string,
  job: Job | null = null,
): Run {
  const last = processes[processes.length - 1] as Process;
  const monitor = sh.options.has("monitor");
  const tty = monitor ? sh.p.tty : null;
  if (tty) tty.foreground = last.pgid;
  yield* waitAll(sh, processes);
  if (tty) tty.foreground = sh.p.pgid;
  if (last.status === null) {
    const stopped = job ?? addJob(sh, processes, text(), false);
    stopped.background = false;
    stopped.used = Math.max(...sh.jobs.map((other) => other.used)) + 1;
    yield* sh.p.err(`\n${jobLine(sh, stopped)}`);
    return 148;
  }
  const { killedBy } = last;
  if (killedBy === "SIGINT") {
    if (sh.interactive) {
      yield* sh.p.err("\n");
      sh.status = 130;
      throw new Interrupt();
    }
    if (sh.p.pending.includes("SIGINT")) yield* takeSignals(sh);
  } else {
    // It dealt with Ctrl-C itself and ended in its own way, so the shell goes on.
    if (!sh.traps.has("SIGINT")) sh.p.took("SIGINT");
    if (killedBy && killedBy !== "SIGPIPE") {
      const words = signalWords(killedBy);
      if (sh.interactive || killedBy === "SIGTERM") yield* sh.p.err(`${words}\n`);
      else if (!sh.isLogin)
        yield* sh.p.err(
          `${sh.prefix}${String(last.pid).padStart(5)} ${words.padEnd(24)}${text()}\n`,
        );
    }
  }
  if (sh.p.pending.length) yield* takeSignals(sh);
  return last.status;
}

/** `command &`: a job that the shell does not wait for. */
function* runBackground(sh: Shell, node: Node): Run<void> {
  sh.pos = node.pos;
  const text = textOf(sh, node);
  const plain = node.type === "Pipeline" && node.commands.length > 1 && !node.prefixes.length;
  const processes = plain
    ? startPipeline(sh, node)
    : [
        forkShell(sh, (child) => {
          if (node.type === "Command") child.last = true;
          return runNode(child, node);
        }),
      ];
  const first = processes[0] as Process;
  for (const process of processes) {
    joinGroup(sh, process, first);
    if (!sh.options.has("monitor")) {
      process.ignored.add("SIGINT");
      process.ignored.add("SIGQUIT");
    }
  }
  if (!sh.options.has("monitor"))
    first.setFd(0, sh.p.machine.fs.open("/dev/null", { read: true }, 0, first));
  const job = addJob(sh, processes, text, true);
  sh.lastBackground = job.last.pid;
  if (sh.interactive) yield* sh.p.err(`[${job.id}] ${job.last.pid}\n`);
  sh.status = 0;
  yield* step(sh);
}

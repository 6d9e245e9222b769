import type { CommandNode, CompoundCommand, CompoundList, Pipeline, Statement, Word } from "unbash";
import { makePipe } from "../host/pipe.ts";
import { EXEC_COST, Process, type Run, SIGNALS } from "../host/process.ts";
import { arithmetic, expandPattern, expandText, expandWords } from "./expansion.ts";
import { addJob } from "./job.ts";
import { matches } from "./pattern.ts";
import { applyRedirects, restoreFds, saveFds } from "./redirect.ts";
import {
  foreground,
  guard,
  joinGroup,
  runBody,
  runList,
  runNode,
  settle,
  step,
  textOf,
} from "./run.ts";
import { runSelect } from "./select.ts";
import { ExpansionError, Interrupt, type Shell } from "./shell.ts";
import { evaluateTest } from "./test.ts";
import { checkFailure, exitTrap } from "./trap.ts";

const IDENTIFIER = /^[A-Za-z_]\w*$/;

type Node = Statement["command"];

/** Lists, pipelines, functions and compound commands (POSIX 2.9.2 to 2.9.5). */
export function* runOther(sh: Shell, node: Exclude<Node, { type: "Command" }>): Run {
  switch (node.type) {
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
      if (!IDENTIFIER.test(node.name.value)) {
        yield* sh.complain(`\`${node.name.value}': not a valid identifier`);
        sh.status = 1;
        yield* checkFailure(sh);
        return 1;
      }
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

function guarded(sh: Shell, words: readonly Word[]): Run<string[]> {
  return guard(sh, expandWords(sh, words));
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

/** `command &`: a job that the shell does not wait for. */
export function* runBackground(sh: Shell, node: Node): Run<void> {
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

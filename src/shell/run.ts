import type { Statement } from "unbash";
import { Exit, type Process, type Run, STEP_COST } from "../host/process.ts";
import { addJob, type Job, jobLine, signalWords, waitAll } from "./job.ts";
import { ExpansionError, Interrupt, type Shell } from "./shell.ts";
import { runSimple } from "./simple.ts";
import { checkFailure, takeSignals } from "./trap.ts";
import { withGrammar } from "./with-grammar.ts";

type Node = Statement["command"];

/** A little CPU time: it moves the clock, and lets a signal in. */
export function* step(sh: Shell): Run<void> {
  yield { on: [], until: sh.p.sim.now + STEP_COST };
  if (sh.p.pending.length) yield* takeSignals(sh);
}

/**
 * A script's own lines: an expansion that failed (not `set -u`, not `${x:?}`) gives up the rest of
 * its line, and the next one is read (bash: a jump to the top level, DISCARD).
 */
export function* runTopLevel(sh: Shell, source: string, statements: readonly Statement[]): Run {
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
    if (sh.options.has("noexec") && !sh.interactive) break;
    if (statement.background) yield* withGrammar().runBackground(sh, statement.command);
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
  if (node.type !== "Command") return yield* withGrammar().runOther(sh, node);
  sh.status = yield* runSimple(sh, node);
  yield* checkFailure(sh);
  return sh.status;
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

export function textOf(sh: Shell, node: { pos: number; end: number }): string {
  return (sh.frame?.source ?? "").slice(node.pos, node.end).replace(/\s*\n\s*/g, "; ");
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

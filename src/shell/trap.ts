import { Exit, type Run, SIGNALS, type Signal } from "../host/process.ts";
import { ExpansionError, Interrupt, type Shell } from "./shell.ts";
import { runText } from "./text.ts";

/** Look at the signals that arrived: run traps, or end as the signal says. */
export function* takeSignals(sh: Shell): Run<void> {
  while (sh.p.pending.length) {
    const signal = sh.p.pending[0] as Signal;
    sh.p.pending.shift();
    const trap = sh.traps.get(signal);
    if (trap !== undefined) {
      if (trap !== "") yield* runTrap(sh, trap, signal === "SIGINT" ? "interrupt trap" : "trap");
      continue;
    }
    if (signal === "SIGCHLD" || signal === "SIGWINCH") continue;
    if (sh.interactive) {
      if (signal === "SIGINT") {
        sh.status = 130;
        yield* sh.p.err("\n");
        throw new Interrupt();
      }
      if (signal !== "SIGHUP") continue;
    }
    sh.p.killedBy = signal;
    sh.status = 128 + SIGNALS[signal];
    yield* exitTrap(sh);
    throw new Exit(128 + SIGNALS[signal]);
  }
}

export function* runTrap(sh: Shell, action: string, input: string): Run<void> {
  const { status, inTrap } = sh;
  sh.inTrap = true;
  try {
    yield* runText(sh, action, sh.frame?.file ?? "", sh.frame ? sh.line - 1 : 0, input);
  } finally {
    sh.inTrap = inTrap;
  }
  if (!sh.unwind) sh.status = status;
}

/** `trap ... EXIT`, once; the status that the shell ends with. */
export function* exitTrap(sh: Shell): Run {
  const action = sh.traps.get("EXIT");
  if (action) {
    sh.traps.delete("EXIT");
    const { status } = sh;
    try {
      yield* runTrap(sh, action, "exit trap");
      sh.status = status;
    } catch (error) {
      if (error instanceof Exit) sh.status = error.status;
      else if (error instanceof ExpansionError) sh.status = 1;
      else throw error;
    }
  }
  return sh.status;
}

/** After a command that may have failed: the ERR trap, then `set -e`. */
export function* checkFailure(sh: Shell): Run<void> {
  if (sh.status === 0 || sh.condition > 0 || sh.unwind) return;
  const action = sh.traps.get("ERR");
  if (action && !sh.inTrap && (!sh.frame?.function || sh.options.has("errtrace")))
    yield* runTrap(sh, action, "error trap");
  if (sh.options.has("errexit")) throw new Exit(sh.status);
}

import { fromUtf8 } from "../base/text.ts";
import type { OpenFile } from "../host/file.ts";
import type { Machine } from "../host/machine.ts";
import { Capture, TextFile } from "../host/open.ts";
import { Process, type Run, SIGNALS } from "../host/process.ts";
import { settle } from "./run.ts";
import { Interrupt, Shell } from "./shell.ts";
import { runText } from "./text.ts";
import { exitTrap } from "./trap.ts";

/** Run a text to its end in `sh`, which is then over: its EXIT trap runs. */
export function* runToEnd(sh: Shell, text: string, file: string): Run {
  try {
    yield* runText(sh, text, file);
  } catch (error) {
    if (error instanceof Interrupt) {
      sh.p.killedBy = "SIGINT";
      return 128 + SIGNALS.SIGINT;
    }
    yield* settle(sh, error);
  }
  return yield* exitTrap(sh);
}

/** A script file as a program of its own: `./script.sh` in process `p`. */
export function* runScriptFile(
  p: Process,
  path: string,
  text: string,
  args: string[],
  options = "",
): Run {
  const sh = new Shell(p, path);
  sh.positional = args;
  for (const letter of options.startsWith("-") ? options.slice(1) : "") setLetter(sh, letter, true);
  return yield* runToEnd(sh, text, path);
}

const LETTERS = {
  a: "allexport",
  e: "errexit",
  f: "noglob",
  n: "noexec",
  u: "nounset",
  v: "verbose",
  x: "xtrace",
  m: "monitor",
  h: "hashall",
  B: "braceexpand",
  C: "noclobber",
  E: "errtrace",
  H: "histexpand",
  T: "functrace",
} as const;

/** `set -e` and its kind; false when bash has no such letter. */
export function setLetter(sh: Shell, letter: string, on: boolean): boolean {
  const option = LETTERS[letter as keyof typeof LETTERS];
  if (!option) return false;
  if (on) sh.options.add(option);
  else sh.options.delete(option);
  return true;
}

export interface ScriptOptions {
  /** How the script calls itself in errors; `script.sh` unless told otherwise. */
  name?: string;
  args?: string[];
  stdin?: OpenFile | string;
  stdout?: OpenFile;
  stderr?: OpenFile;
  env?: Record<string, string>;
  cwd?: string;
  /** Called `bash` and numbered as `bash -c` does. */
  command?: boolean;
}

/**
 * Start a script on `machine`; drive the simulation until `process.status` is no longer null.
 * Without `stdout` what it writes is lost.
 */
export function runScript(machine: Machine, text: string, options: ScriptOptions = {}): Process {
  const name = options.name ?? (options.command ? "bash" : "script.sh");
  const p = new Process(machine, null, ["bash", name, ...(options.args ?? [])]);
  const { stdin } = options;
  const null0 = () => machine.fs.open("/dev/null", { read: true, write: true }, 0, p);
  p.fds = [
    typeof stdin === "string" ? new TextFile(new TextEncoder().encode(stdin)) : (stdin ?? null0()),
    options.stdout ?? null0(),
    options.stderr ?? options.stdout ?? null0(),
  ];
  if (!options.stderr && options.stdout) options.stdout.hold();
  for (const [key, value] of Object.entries(options.env ?? {})) p.env.set(key, value);
  if (options.cwd) p.cwd = options.cwd;
  const sh = new Shell(p, name);
  sh.positional = options.args ?? [];
  p.start(runToEnd(sh, text, name));
  return p;
}

export interface Finished {
  status: number;
  stdout: string;
  stderr: string;
}

/** Run a script to its end at once, with the simulation going on meanwhile (lab, tests). */
export function runToCompletion(
  machine: Machine,
  text: string,
  options: ScriptOptions = {},
  limit = 50_000_000,
): Finished {
  const stdout = new Capture();
  const stderr = new Capture();
  const p = runScript(machine, text, { ...options, stdout, stderr });
  for (let i = 0; p.status === null; i++)
    if (i >= limit || !machine.sim.step()) {
      p.kill("SIGKILL");
      machine.sim.step();
      break;
    }
  return {
    status: p.status ?? -1,
    stdout: fromUtf8(stdout.take()),
    stderr: fromUtf8(stderr.take()),
  };
}

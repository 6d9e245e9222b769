import { Exit, type Process, type Run, type Signal } from "../host/process.ts";
import { SEC } from "../sim/sim.ts";
import type { Job } from "./job.ts";
import { lineOf } from "./parse.ts";
import { installPrograms } from "./programs.ts";
import { Variable } from "./variable.ts";
import { withGrammar } from "./with-grammar.ts";

/** `^C` at an interactive shell: everything up to the prompt is given up. */
export class Interrupt extends Error {}

/** An expansion failed (`${x:?}`, `set -u`, arithmetic): the command, or the script, ends. */
export class ExpansionError extends Error {
  /** 127: it ends a script (`set -u`, `${x:?}`); 1: only the command at hand. */
  status: number;
  /** Has it been told yet? */
  told = false;
  constructor(message: string, status = 1) {
    super(message);
    this.status = status;
  }
}

/** The text of a command substitution cannot be read, which has been told. */
export class Unreadable extends ExpansionError {
  override told = true;
}

/** A function is kept as its text: parsing is remembered, and text is plain data. */
export interface ShellFunction {
  name: string;
  source: string;
  /** What stands in front of errors, and the line where `source` begins there. */
  file: string;
  line: number;
}

/** Where the text that is running came from. */
export interface Frame {
  source: string;
  file: string;
  /** Added to a line of `source`. */
  line: number;
  function: string;
}

export interface Unwind {
  kind: "break" | "continue" | "return";
  count: number;
}

export type Option =
  | "allexport"
  | "errexit"
  | "errtrace"
  | "functrace"
  | "history"
  | "ignoreeof"
  | "monitor"
  | "noclobber"
  | "noexec"
  | "noglob"
  | "nounset"
  | "pipefail"
  | "posix"
  | "verbose"
  | "xtrace"
  | "braceexpand"
  | "emacs"
  | "hashall"
  | "histexpand"
  | "interactive-comments";

const DEFAULT_SHOPTS = [
  "checkwinsize",
  "cmdhist",
  "complete_fullquote",
  "extquote",
  "force_fignore",
  "globasciiranges",
  "globskipdots",
  "hostcomplete",
  "interactive_comments",
  "patsub_replacement",
  "progcomp",
  "promptvars",
  "sourcepath",
];

/**
 * The state of one bash: plain data, so that a shell at its prompt can be remembered. What runs
 * commands is functions over it (run.ts).
 */
export class Shell {
  p: Process;
  /** $0 */
  name: string;
  interactive = false;
  scopes: Map<string, Variable>[] = [new Map()];
  functions = new Map<string, ShellFunction>();
  aliases = new Map<string, string>();
  positional: string[] = [];
  options = new Set<Option>(["braceexpand", "hashall", "interactive-comments"]);
  shopts = new Set<string>(DEFAULT_SHOPTS);
  status = 0;
  lastBackground = 0;
  jobs: Job[] = [];
  traps = new Map<string, string>();
  history: string[] = [];
  directories: string[] = [];
  frames: Frame[] = [];
  /** Where in the current frame's source the command stands. */
  pos = 0;
  unwind: Unwind | null = null;
  loops = 0;
  /** Above 0 where a failure is a condition, so that `set -e` does not apply. */
  condition = 0;
  /** How many subshells deep. */
  level = 0;
  /** True when this process has nothing to do after the next simple command: it may become it. */
  last = false;
  inTrap = false;
  /** Run by `bash -c`: an error of expansion is status 127 there, 1 in a file. */
  commandString = false;
  /** Its commands come from standard input. */
  fromInput = false;
  /** How many `source` deep. */
  sourcing = 0;
  /** The status of the last command substitution in the command at hand. */
  substituted = 0;
  /** Descriptors of process substitutions, closed when the command is done. */
  opened: number[] = [];
  seed: number;
  started: number;
  optPos = 1;
  expandingAliases: string[] = [];
  /** Statuses of background processes that have ended, for `wait`. */
  ended = new Map<number, number>();

  constructor(p: Process, name: string) {
    this.p = p;
    this.name = name;
    this.started = p.sim.now;
    this.seed = (p.pid * 7919 + p.sim.seed * 104729 + 12345) % 32768;
    for (const [key, value] of p.env) {
      const variable = new Variable(value);
      variable.exported = true;
      this.global.set(key, variable);
    }
    this.initial("IFS", " \t\n");
    this.initial("OPTIND", "1");
    this.initial("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    this.initial("PS4", "+ ");
    this.initial("BASH", "/bin/bash");
    this.initial("BASH_VERSION", "5.2.15(1)-release");
    this.initial("HOSTTYPE", "x86_64");
    this.initial("OSTYPE", "linux-gnu");
    this.initial("MACHTYPE", "x86_64-pc-linux-gnu");
    this.initial("HOSTNAME", p.machine.hostname);
    this.initial("UID", String(p.uid));
    this.initial("EUID", String(p.uid));
    const level = new Variable(String((Number(this.get("SHLVL")) || 0) + 1));
    level.exported = true;
    this.global.set("SHLVL", level);
    const pwd = new Variable(p.cwd);
    pwd.exported = true;
    this.global.set("PWD", pwd);
    p.caught.add("SIGINT");
    installPrograms(p.machine);
  }

  private initial(name: string, value: string): void {
    if (!this.global.has(name)) this.global.set(name, new Variable(value));
  }

  get global(): Map<string, Variable> {
    return this.scopes[0] as Map<string, Variable>;
  }

  get frame(): Frame | undefined {
    return this.frames[this.frames.length - 1];
  }

  /** The state of a subshell: all of it copied (bash "Command Execution Environment"). */
  fork(p: Process): Shell {
    const child: Shell = Object.create(Shell.prototype);
    Object.assign(child, this);
    child.p = p;
    child.interactive = false;
    child.scopes = this.scopes.map(
      (scope) => new Map([...scope].map(([name, variable]) => [name, variable.copy()])),
    );
    child.functions = new Map(this.functions);
    child.aliases = new Map(this.aliases);
    child.positional = this.positional.slice();
    child.options = new Set(this.options);
    child.options.delete("monitor");
    child.shopts = new Set(this.shopts);
    child.jobs = [];
    child.frames = this.frames.slice();
    child.history = [];
    child.directories = this.directories.slice();
    child.ended = new Map();
    child.opened = [];
    child.unwind = null;
    child.level = this.level + 1;
    child.last = false;
    // Traps are reset in a subshell, ignored signals stay ignored (POSIX 2.14, trap).
    child.traps = new Map([...this.traps].filter(([, action]) => action === ""));
    p.caught.add("SIGINT");
    for (const [signal, action] of this.traps)
      if (action === "" && signal.startsWith("SIG")) p.ignored.add(signal as Signal);
    return child;
  }

  // Variables.

  find(name: string): Variable | null {
    for (let i = this.scopes.length - 1; i >= 0; i--) {
      const variable = (this.scopes[i] as Map<string, Variable>).get(name);
      if (variable) {
        if (variable.nameref && variable.text && variable.text !== name)
          return this.find(variable.text);
        return variable;
      }
    }
    return null;
  }

  /** The value of an ordinary or a computed variable; null when unset. */
  get(name: string): string | null {
    const dynamic = DYNAMIC[name];
    if (dynamic) return dynamic(this);
    return this.find(name)?.scalar() ?? null;
  }

  /** A variable to assign to: the innermost of that name, or a new global one. */
  writable(name: string): Variable {
    let variable = this.find(name);
    if (!variable) {
      let target = name;
      for (let i = this.scopes.length - 1; i >= 0; i--) {
        const ref = (this.scopes[i] as Map<string, Variable>).get(name);
        if (ref?.nameref && ref.text) target = ref.text;
      }
      variable = new Variable();
      this.global.set(target, variable);
    }
    if (variable.readonly) throw new ExpansionError(`${name}: readonly variable`);
    return variable;
  }

  set(name: string, value: string): void {
    const variable = this.writable(name);
    const text = this.convert(variable, value);
    if (variable.list) variable.list.set(0, text);
    else if (variable.dict) variable.dict.set("0", text);
    else variable.text = text;
    if (this.options.has("allexport")) variable.exported = true;
    if (name === "OPTIND") this.optPos = 1;
    if (name === "RANDOM") this.seed = Number(value) & 32767;
    if (name === "SECONDS") this.started = this.p.sim.now - Number(value) * SEC;
  }

  setList(name: string, items: readonly string[]): void {
    const variable = this.writable(name);
    variable.text = null;
    variable.dict = null;
    variable.list = new Map(items.map((item, i) => [i, item]));
  }

  setElement(name: string, index: string, value: string, append = false): void {
    const variable = this.writable(name);
    if (variable.dict) {
      const old = append ? (variable.dict.get(index) ?? "") : "";
      variable.dict.set(index, old + this.convert(variable, value));
      return;
    }
    if (!variable.list) {
      variable.list = new Map();
      if (variable.text !== null) variable.list.set(0, variable.text);
      variable.text = null;
    }
    const list = variable.list;
    const at = this.listIndex(name, variable, index);
    const old = append ? (list.get(at) ?? "") : "";
    list.set(at, old + this.convert(variable, value));
  }

  /** A subscript of an indexed array: arithmetic, negative from the end. */
  listIndex(name: string, variable: Variable, index: string): number {
    let at = Number(this.arith(index));
    if (at < 0) {
      const list = variable.list;
      const top = list?.size ? Math.max(...list.keys()) + 1 : variable.text === null ? 0 : 1;
      at += top;
      if (at < 0) throw new ExpansionError(`${name}[${index}]: bad array subscript`);
    }
    return at;
  }

  /** What `declare -i`, `-l`, `-u` do on assignment. */
  convert(variable: Variable, value: string): string {
    if (variable.integer) return this.arith(value).toString();
    if (variable.lower) return value.toLowerCase();
    return variable.upper ? value.toUpperCase() : value;
  }

  unset(name: string): void {
    for (let i = this.scopes.length - 1; i >= 0; i--) {
      const scope = this.scopes[i] as Map<string, Variable>;
      const variable = scope.get(name);
      if (!variable) continue;
      if (variable.nameref && variable.text) {
        this.unset(variable.text);
        return;
      }
      // A local stays local when it is unset (bash 5: localvar_unset off).
      if (i > 0 && i === this.scopes.length - 1) scope.set(name, new Variable());
      else scope.delete(name);
      return;
    }
  }

  /** Throws ExpansionError. */
  arith(source: string): bigint {
    return withGrammar().arith(this, source);
  }

  /** The environment of a program that it starts. */
  environment(): Map<string, string> {
    const env = new Map<string, string>();
    for (const scope of this.scopes)
      for (const [name, variable] of scope)
        if (variable.exported && !variable.list && !variable.dict && variable.text !== null)
          env.set(name, variable.text);
        else env.delete(name);
    return env;
  }

  // Messages.

  get line(): number {
    const frame = this.frame;
    return frame ? lineOf(frame.source, this.pos) + frame.line : 0;
  }

  /** What stands before a message: `bash: `, or `script.sh: line 3: `. */
  get prefix(): string {
    const frame = this.frame;
    if (this.interactive && (!frame || frame.file === "")) return "bash: ";
    const name = frame?.file || (this.level > 0 && this.name === "-bash" ? "bash" : this.name);
    if (frame && frame.file === "" && (this.name === "-bash" || this.isLogin)) return "bash: ";
    return `${name}: line ${this.line}: `;
  }

  /** A shell (or a subshell of one) that talks to a person. */
  isLogin = false;

  *complain(message: string): Run<void> {
    yield* this.p.err(`${this.prefix}${message}\n`);
  }

  /** What `set -e` and the ERR trap look at. */
  get failing(): boolean {
    return this.status !== 0 && this.condition === 0;
  }

  exit(status = this.status): never {
    throw new Exit(status & 255);
  }
}

/** Variables that are computed when they are read. */
const DYNAMIC: Record<string, (sh: Shell) => string | null> = {
  RANDOM: (sh) => {
    sh.seed = (sh.seed * 1103515245 + 12345) % 2147483648;
    return String((sh.seed >>> 8) & 32767);
  },
  SECONDS: (sh) => String(Math.floor((sh.p.sim.now - sh.started) / SEC)),
  EPOCHSECONDS: (sh) => String(Math.floor(sh.p.sim.epoch / 1000 + sh.p.sim.now / SEC)),
  EPOCHREALTIME: (sh) => {
    const us = sh.p.sim.epoch * 1000 + Math.floor(sh.p.sim.now / 1000);
    return `${Math.floor(us / 1e6)}.${String(us % 1e6).padStart(6, "0")}`;
  },
  LINENO: (sh) => String(sh.line),
  BASHPID: (sh) => String(sh.p.pid),
  PPID: (sh) => String(sh.p.parent?.pid ?? 0),
  BASH_SUBSHELL: (sh) => String(sh.level),
  FUNCNAME: (sh) => sh.frame?.function || null,
  SHELLOPTS: (sh) => [...sh.options].sort().join(":"),
  BASHOPTS: (sh) => [...sh.shopts].sort().join(":"),
};

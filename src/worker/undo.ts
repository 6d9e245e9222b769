import type { InputEntry, InputLog } from "../sim/input-log.ts";

/** What undoing would do: the log as it was before the last command, and what goes with it. */
export interface Undo {
  log: InputLog;
  /** The line that was typed, as far as it can be told. */
  command: string;
  /** Other things that were done since: files saved, terminals opened. */
  others: number;
}

/** A line that was typed. */
export interface Command {
  /** Virtual time of its Enter, ns. */
  at: number;
  machine: string;
  line: string;
}

/** Inputs that change nothing on the machines. */
const QUIET: ReadonlySet<string> = new Set(["resize", "lesson", "step", "reply"]);

/** Does this input end a line? */
function isEnter({ input }: InputEntry): boolean {
  return input.kind === "type" && /[\r\n]/.test(input.text);
}

/**
 * The log without its last command: cut where the first character of that line was typed. Null when
 * nothing was typed that could be undone.
 */
export function undoLast(log: InputLog): Undo | null {
  const enter = log.entries.findLastIndex(isEnter);
  const last = log.entries[enter];
  if (last?.input.kind !== "type") return null;
  const { terminal } = last.input;
  let from = enter;
  const keys: string[] = [last.input.text];
  while (from > 0) {
    const before = log.entries[from - 1] as InputEntry;
    const { input } = before;
    // What was done elsewhere while the line was typed goes with it only when it came after its start.
    if (input.kind === "type" && input.terminal === terminal) {
      if (isEnter(before)) break;
      keys.unshift(input.text);
    } else if (!QUIET.has(input.kind)) break;
    from--;
  }
  const gone = log.entries.slice(from);
  const others = gone.filter(({ input }) => input.kind !== "type" && !QUIET.has(input.kind)).length;
  return {
    log: { ...log, entries: log.entries.slice(0, from) },
    command: lineOf(keys.join("")),
    others,
  };
}

/** Every line that was typed, as far as it can be told; empty ones are left out. */
export function commandsOf(log: InputLog): Command[] {
  const machines = new Map<number, string>();
  const keys = new Map<number, string>();
  const found: Command[] = [];
  for (const entry of log.entries) {
    const { input, at } = entry;
    if (input.kind === "open") machines.set(input.terminal, input.machine);
    if (input.kind !== "type") continue;
    const { terminal } = input;
    const typed = (keys.get(terminal) ?? "") + input.text;
    keys.set(terminal, isEnter(entry) ? "" : typed);
    const line = isEnter(entry) ? lineOf(typed).trim() : "";
    if (line) found.push({ at, machine: machines.get(terminal) ?? "", line });
  }
  return found;
}

/** Keys as the line that they made; the line editor's other keys are left out. */
function lineOf(keys: string): string {
  let line = "";
  const lines = keys.replace(/[\r\n]+$/, "").split(/[\r\n]/);
  // Pasted lines are one input: the last is what is shown.
  for (const char of (lines.at(-1) ?? "").replace(/\x1b(\[[0-9;]*[A-Za-z~]|.)/g, "")) {
    if (char === "\x7f" || char === "\b") line = line.slice(0, -1);
    else if (char === "\x15" || char === "\x03") line = "";
    else if (char >= " ") line += char;
  }
  return line;
}

import type { Machine } from "../host/machine.ts";
import { Exit, Process, type Run, type Signal } from "../host/process.ts";
import { Tty } from "../host/tty.ts";
import { commonPrefix, completionPart, completionsFor, inColumns } from "./complete.ts";
import { LineEditor, nextKey } from "./editor.ts";
import { expandParts } from "./expand.ts";
import { expandHistory } from "./histexpand.ts";
import { reap } from "./job.ts";
import { parseBody } from "./parse.ts";
import { grammarPart, readScript } from "./plain.ts";
import { promptString } from "./prompt.ts";
import { settle } from "./run.ts";
import { Interrupt, Shell } from "./shell.ts";
import { runText } from "./text.ts";
import { exitTrap } from "./trap.ts";

const DEFAULT_PS1 = "\\u@\\h:\\w\\$ ";
const HISTORY_SIZE = 500;
/** Commands of which the end is remembered. */
const ENDED = 50;

/** A shell that another program starts (`bash` at a prompt, `kubectl exec`) inherits from it. */
export interface SessionOptions {
  parent?: Process;
  argv?: string[];
  cwd?: string;
}

/**
 * An interactive bash on a terminal. At its prompt it is data: a line editor, a shell's state, and
 * its name in the terminal's wait queue. A generator exists from Enter until the command is done.
 */
export class Session extends Process {
  terminal: Tty;
  shell: Shell;
  editor = new LineEditor();
  /** Input that has not been looked at. */
  typed = "";
  /** Lines of a command that is not complete yet. */
  lines: string[] = [];
  prompting = false;
  /** The newest commands that have ended, each with its time (ns) and status. */
  ended: { line: string; status: number; at: number }[] = [];
  /** The command that runs. */
  line = "";

  constructor(machine: Machine, terminal: Tty, { parent, argv, cwd }: SessionOptions = {}) {
    super(machine, parent ?? null, argv ?? ["-bash"]);
    this.terminal = terminal;
    this.tty = terminal;
    this.pgid = this.pid;
    if (!parent) terminal.session = this.pid;
    terminal.foreground = this.pgid;
    for (const file of this.fds) file?.release();
    this.fds = [terminal, terminal, terminal];
    this.env.set("TERM", "xterm-256color");
    if (cwd !== undefined) this.cwd = cwd;
    this.shell = new Shell(this, this.argv[0] as string);
    this.shell.interactive = true;
    this.shell.isLogin = true;
    for (const option of ["monitor", "emacs", "histexpand", "history"] as const)
      this.shell.options.add(option);
    this.shell.shopts.add("expand_aliases");
    this.shell.set("PS1", DEFAULT_PS1);
    this.shell.set("PS2", "> ");
    for (const signal of ["SIGINT", "SIGTERM", "SIGQUIT", "SIGHUP", "SIGWINCH"] as const)
      this.caught.add(signal);
    for (const signal of ["SIGTSTP", "SIGTTIN", "SIGTTOU"] as const) this.ignored.add(signal);
    this.sim.after(0, this, "run");
  }

  override wake(reason: string, arg: unknown): void {
    if (this.program) {
      super.wake(reason, arg);
      return;
    }
    if (this.status !== null) return;
    this.takeSignalsAtPrompt();
    if (!this.prompting) this.prompt();
    this.readTyped();
  }

  /** At its first prompt, and nothing has been typed ahead. */
  get atRest(): boolean {
    return (
      this.prompting &&
      this.lines.length === 0 &&
      this.typed === "" &&
      this.terminal.input.length === 0
    );
  }

  private takeSignalsAtPrompt(): void {
    const signals: Signal[] = this.pending;
    this.pending = [];
    for (const signal of signals) {
      if (signal === "SIGHUP" || signal === "SIGKILL") {
        this.killedBy = signal;
        this.exit(129);
        return;
      }
      if (signal === "SIGWINCH") this.editor.columns = this.terminal.columns;
      if (signal === "SIGINT" && this.prompting) this.interrupt();
    }
  }

  private say(text: string): void {
    const { onlcr } = this.terminal;
    this.terminal.onlcr = false;
    this.terminal.credit = Math.max(this.terminal.credit, text.length * 4);
    this.terminal.write(new TextEncoder().encode(text));
    this.terminal.onlcr = onlcr;
  }

  /** Show the next prompt, after telling what background jobs have done. */
  prompt(): void {
    if (this.status !== null) return;
    if (this.terminal.hungUp) return this.exit(129);
    if (this.lines.length === 0) {
      const news = reap(this.shell);
      if (news) this.say(news.replace(/\n/g, "\r\n"));
      const columns = this.terminal.columns;
      this.shell.set("COLUMNS", String(columns));
      this.shell.set("LINES", String(this.terminal.rows));
    }
    this.terminal.setMode(false, false, false, false);
    this.terminal.foreground = this.pgid;
    this.prompting = true;
    const text = this.promptText(this.lines.length ? "PS2" : "PS1");
    this.say(`\x1b[?2004h${this.editor.begin(text, this.terminal.columns, this.shell.history)}`);
    this.listen();
    // What was typed ahead, here or while the command had the terminal.
    if (this.typed !== "" || this.terminal.input.length > 0) this.sim.after(0, this, "run");
  }

  private promptText(name: string): string {
    const source = this.shell.get(name) ?? (name === "PS1" ? DEFAULT_PS1 : "> ");
    const text = promptString(this.shell, source);
    const parts = parseBody(text);
    if (!parts) return text;
    // Only what needs no process can be expanded while the shell is data.
    if (parts.some((part) => part.type === "CommandExpansion")) return text;
    const turn = expandParts(this.shell, parts).next();
    return turn.done ? turn.value.replace(/\n$/, "") : text;
  }

  private listen(): void {
    this.terminal.readable.add(this);
  }

  private readTyped(): void {
    for (;;) {
      const data = this.terminal.read(65536);
      if (data === "EAGAIN") break;
      if (data === "EOF") {
        if (this.terminal.hungUp) {
          this.exit(129);
          return;
        }
        this.typed += "\x04";
        continue;
      }
      this.typed += this.decode(data);
    }
    while (this.prompting && this.status === null) {
      const next = nextKey(this.typed);
      if (!next) break;
      const part = this.editor.pasting ? null : this.partFor(next.key);
      if (part !== null) return this.sim.hold(part, this, "part");
      this.typed = next.rest;
      this.key(next.key);
    }
    if (this.prompting && this.status === null) this.listen();
  }

  /** The part that has to come before a key can do what it does; null: none. */
  private partFor(key: string): string | null {
    if (key === "\t") return completionPart(this.beforeCursor);
    if (key === "\r" || key === "\n")
      return grammarPart([...this.lines, this.editor.line].join("\n"));
    return null;
  }

  /** Bytes of a character that is not complete yet. */
  partial: number[] = [];

  private decode(data: Uint8Array): string {
    const bytes = [...this.partial, ...data];
    let end = bytes.length;
    for (let back = 1; back <= 3 && back <= bytes.length; back++) {
      const byte = bytes[bytes.length - back] as number;
      if ((byte & 0xc0) === 0x80) continue;
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
      if (length > back) end = bytes.length - back;
      break;
    }
    this.partial = bytes.slice(end);
    return new TextDecoder().decode(Uint8Array.from(bytes.slice(0, end)));
  }

  private key(key: string): void {
    const { editor } = this;
    if (key === "\x1b[200~" || key === "\x1b[201~") {
      editor.pasting = key === "\x1b[200~";
      return;
    }
    if (editor.pasting) {
      this.say(editor.insert(key === "\r" ? "\n" : key));
      return;
    }
    const tabbed = editor.lastTab;
    editor.lastTab = key === "\t";
    switch (key) {
      case "\r":
      case "\n":
        editor.search = null;
        this.enter();
        return;
      case "\t":
        this.complete(tabbed);
        return;
      case "\x03":
        this.interrupt();
        return;
      case "\x04":
        if (editor.text.length === 0) {
          this.logOut();
          return;
        }
    }
    const drawn = editor.key(key);
    if (drawn) this.say(drawn);
  }

  private interrupt(): void {
    const { editor } = this;
    editor.search = null;
    this.say(`${editor.move(editor.text.length)}^C\r\n`);
    this.shell.status = 130;
    this.lines = [];
    this.prompt();
  }

  private logOut(): void {
    this.prompting = false;
    if (this.lines.length) {
      const text = this.lines.join("\n");
      this.lines = [];
      this.say("\x1b[?2004l\r");
      const { problem } = readScript(text, this.shell.shopts.has("extglob"));
      // It is read as it is: bash tells what is missing, and where that was a word, ends.
      this.rememberLine(text);
      this.line = text;
      this.begin(problem?.status === 2 ? this.runLast(text) : this.runLine(text));
      return;
    }
    this.say("\x1b[?2004l\r\nexit\r\n");
    this.ending = true;
    this.begin(this.end());
  }

  *runLast(text: string): Run {
    yield* this.runLine(text);
    yield* this.err("exit\n");
    this.ending = true;
    return yield* this.end();
  }

  *end(): Run {
    return yield* exitTrap(this.shell);
  }

  private get beforeCursor(): string {
    const { text, cursor } = this.editor;
    return text.slice(0, cursor).join("");
  }

  private complete(again: boolean): void {
    const { editor } = this;
    const before = this.beforeCursor;
    const { from, candidates } = completionsFor(this.shell, before);
    const word = before.slice(from);
    if (candidates.length === 0) {
      this.say("\x07");
      return;
    }
    const prefix = commonPrefix(candidates);
    if (candidates.length === 1 || prefix.length > word.length) {
      let more = prefix.slice(word.length);
      if (candidates.length === 1 && !prefix.endsWith("/") && !prefix.endsWith("=")) more += " ";
      editor.lastTab = false;
      this.say(more === "" ? "\x07" : editor.insert(more));
      return;
    }
    if (!again) {
      this.say("\x07");
      return;
    }
    const names = candidates.map((name) => name.replace(/.*\/(?=.)/, ""));
    const list = inColumns(names, this.terminal.columns).replace(/\n/g, "\r\n");
    const { cursor } = editor;
    const left = editor.leave();
    editor.cursor = cursor;
    this.say(left + list + editor.draw());
  }

  /** Enter: run the line, or ask for more of it. */
  private enter(): void {
    const { editor, shell } = this;
    this.say(`${editor.leave()}\x1b[?2004l`);
    this.prompting = false;
    let { line } = editor;
    if (shell.options.has("histexpand")) {
      const expanded = expandHistory(line, shell.history);
      if (expanded.error) {
        this.say(`bash: ${expanded.error}\r\n`);
        this.lines = [];
        this.prompt();
        return;
      }
      if (expanded.text !== line) this.say(`${expanded.text}\r\n`);
      line = expanded.text;
    }
    this.lines.push(line);
    const text = this.lines.join("\n");
    if (
      readScript(
        `${text}
`,
        shell.shopts.has("extglob"),
      ).more
    ) {
      this.prompt();
      return;
    }
    this.lines = [];
    if (text.trim() === "") {
      this.prompt();
      return;
    }
    this.rememberLine(text);
    this.line = text;
    this.begin(this.runLine(text));
  }

  private rememberLine(text: string): void {
    const { history } = this.shell;
    const control = this.shell.get("HISTCONTROL") ?? "";
    if (/ignore(space|both)/.test(control) && text.startsWith(" ")) return;
    if (/ignore(dups|both)/.test(control) && history[history.length - 1] === text) return;
    history.push(text);
    if (history.length > HISTORY_SIZE) history.shift();
  }

  private begin(program: Run): void {
    this.terminal.setMode(true, true, true);
    this.terminal.readable.remove(this);
    // What was typed ahead belongs to the command that runs.
    if (this.typed !== "") {
      const ahead = this.typed;
      this.typed = "";
      this.terminal.type(ahead);
    }
    this.program = program;
    this.resume();
  }

  *runLine(text: string): Run {
    const { shell } = this;
    try {
      yield* runText(shell, `${text}\n`, "");
    } catch (error) {
      if (error instanceof Exit) {
        shell.status = error.status;
        yield* exitTrap(shell);
        throw new Exit(shell.status);
      }
      if (!(error instanceof Interrupt)) yield* settle(shell, error);
    }
    shell.unwind = null;
    shell.loops = 0;
    shell.condition = 0;
    shell.frames.length = 0;
    shell.scopes.length = 1;
    return shell.status;
  }

  /** A line is done; the next prompt, unless it was the last one. */
  override finished(status: number): void {
    if (this.prompting || this.status !== null) return;
    if (this.ending) {
      this.exit(status);
      return;
    }
    this.ended = [...this.ended, { line: this.line, status, at: this.sim.now }].slice(-ENDED);
    this.prompt();
  }

  /** Ctrl-D, or a signal, has ended it. */
  ending = false;

  override exit(status: number): void {
    if (this.status !== null) return;
    for (const job of this.shell.jobs)
      for (const process of job.processes) {
        process.kill("SIGHUP");
        process.kill("SIGCONT");
      }
    this.prompting = false;
    this.terminal.setMode(true, true, true);
    super.exit(status);
  }
}

/** Open an interactive shell on `machine`: type with `session.terminal.type`, show what `drain` gives. */
export function openSession(machine: Machine, size = { rows: 24, columns: 80 }): Session {
  const taken = new Set([...machine.processes.values()].map((p) => p.tty?.name));
  let number = 0;
  while (taken.has(`pts/${number}`)) number++;
  const tty = new Tty(machine, `pts/${number}`);
  tty.rows = size.rows;
  tty.columns = size.columns;
  return new Session(machine, tty);
}

import { SysError } from "../../../base/errno.ts";
import { fromUtf8 } from "../../../base/text.ts";
import { type Process, type Run, STEP_COST } from "../../../host/process.ts";
import type { Command } from "../../command.ts";
import { closeInput, Lines, openInput, splitLines } from "../../lib/input.ts";
import { getopt } from "../../lib/options.ts";
import { Output } from "../../lib/output.ts";
import { type Address, type SedCommand, SedError, SedParser, type Substitution } from "./parse.ts";

/** Where the lines of one run come from: the files one after another, one line ahead (for `$`). */
class Input {
  p: Process;
  files: string[];
  lines: Lines | null = null;
  fd = -1;
  ahead: string | null = null;
  aheadPartial = false;
  partial = false;
  started = false;
  status = 0;

  constructor(p: Process, files: string[]) {
    this.p = p;
    this.files = files;
  }

  *pull(): Run<string | null> {
    for (;;) {
      if (this.lines) {
        const line = yield* this.lines.next();
        if (line !== null) {
          this.aheadPartial = this.lines.partial;
          return line;
        }
        closeInput(this.p, this.fd);
        this.lines = null;
      }
      const name = this.files.shift();
      if (name === undefined) return null;
      const fd = openInput(this.p, name);
      if (typeof fd === "string") {
        const what =
          fd === "Is a directory"
            ? `couldn't edit ${name}: not a regular file`
            : `can't read ${name}: ${fd}`;
        yield* this.p.err(
          `sed: ${fd === "Is a directory" ? `read error on ${name}: ${fd}` : what}\n`,
        );
        this.status = 2;
        continue;
      }
      this.fd = fd;
      this.lines = new Lines(this.p, fd);
    }
  }

  *next(): Run<string | null> {
    if (!this.started) {
      this.started = true;
      this.ahead = yield* this.pull();
    }
    const line = this.ahead;
    this.partial = this.aheadPartial;
    if (line !== null) this.ahead = yield* this.pull();
    return line;
  }

  get last(): boolean {
    return this.ahead === null;
  }
}

class Sed {
  p: Process;
  commands: SedCommand[];
  quiet: boolean;
  separate: boolean;
  input: Input;
  out: Output;
  /** -i: what the file will be. */
  edited: string | null = null;
  space = "";
  hold = "";
  number = 0;
  appended: { text: string; file: boolean }[] = [];
  replaced = false;
  lastRegex: RegExp | null = null;
  /** Commands whose range is open, with the line where it ends (-1: a pattern ends it). */
  open = new Map<SedCommand, number>();
  files = new Map<string, string>();
  reads = new Map<string, string[]>();
  done = false;
  exitStatus = 0;
  steps = 0;

  constructor(p: Process, commands: SedCommand[], input: Input, quiet: boolean, separate: boolean) {
    this.p = p;
    this.commands = commands;
    this.input = input;
    this.quiet = quiet;
    this.separate = separate;
    this.out = new Output(p);
  }

  *print(text: string): Run<void> {
    if (this.edited !== null) this.edited += text;
    else yield* this.out.write(text);
  }

  *printSpace(): Run<void> {
    yield* this.print(this.input.partial && this.input.last ? this.space : `${this.space}\n`);
  }

  hits(address: Address): boolean {
    switch (address.kind) {
      case "line":
        return this.number === address.line;
      case "last":
        return this.input.last;
      case "step":
        return address.step === 0
          ? this.number === address.line
          : this.number >= address.line && (this.number - address.line) % address.step === 0;
      case "regex": {
        const regex = address.regex ?? this.lastRegex;
        if (!regex) return false;
        this.lastRegex = regex;
        regex.lastIndex = 0;
        return regex.test(this.space);
      }
    }
    return false;
  }

  selects(command: SedCommand): boolean {
    const { from, to } = command;
    if (!from) return true;
    if (!to) return this.hits(from);
    const end = this.open.get(command);
    if (end !== undefined) {
      if (end >= 0) {
        if (this.number >= end) this.open.delete(command);
        // An end line that has gone by: only the first line was in the range.
        return this.number <= end;
      }
      if (this.hits(to)) this.open.delete(command);
      return true;
    }
    if (from.kind === "zero" ? this.number !== 1 : !this.hits(from)) return false;
    if (from.kind === "zero") {
      if (!this.hits(to)) this.open.set(command, -1);
      return true;
    }
    if (to.kind === "line" || to.kind === "plus" || to.kind === "multiple") {
      const last =
        to.kind === "line"
          ? to.line
          : to.kind === "plus"
            ? this.number + to.line
            : Math.ceil(this.number / Math.max(1, to.line)) * to.line;
      if (last > this.number) this.open.set(command, last);
    } else if (to.kind === "last") {
      if (!this.input.last) this.open.set(command, -1);
    } else this.open.set(command, -1);
    return true;
  }

  *readNext(): Run<boolean> {
    const line = yield* this.input.next();
    if (line === null) return false;
    this.number++;
    this.space = line;
    return true;
  }

  /** What `a` and `r` have kept for the end of the cycle. */
  *flushAppended(): Run<void> {
    for (const { text, file } of this.appended) {
      if (!file) {
        yield* this.print(text);
        continue;
      }
      try {
        const data = fromUtf8(this.p.machine.fs.readFile(this.p.path(text), this.p));
        yield* this.print(data);
      } catch (error) {
        if (!(error instanceof SysError)) throw error;
      }
    }
    this.appended = [];
  }

  *run(): Run {
    let again = false;
    while (!this.done) {
      if (!again && !(yield* this.readNext())) break;
      again = false;
      this.replaced = false;
      const outcome = yield* this.cycle();
      if (outcome === "restart") {
        yield* this.flushAppended();
        again = true;
        continue;
      }
      if (outcome !== "delete" && !this.quiet) yield* this.printSpace();
      yield* this.flushAppended();
    }
    for (const [name, text] of this.files)
      if (name === "/dev/stdout") yield* this.print(text);
      else this.p.machine.fs.writeFile(this.p.path(name), text, undefined, this.p);
    yield* this.out.flush();
    return this.exitStatus;
  }

  *cycle(): Run<"end" | "delete" | "restart"> {
    const { commands } = this;
    for (let at = 0; at < commands.length; at++) {
      const command = commands[at] as SedCommand;
      if (++this.steps % 5000 === 0) yield { on: [], until: this.p.sim.now + STEP_COST };
      if (this.selects(command) === command.negate) {
        if (command.name === "{") at = command.jump - 1;
        continue;
      }
      switch (command.name) {
        case "{":
          break;
        case "s":
          yield* this.substitute(command.substitution as Substitution);
          break;
        case "y":
          this.space = [...this.space].map((c) => command.map?.get(c) ?? c).join("");
          break;
        case "d":
          return "delete";
        case "D": {
          const end = this.space.indexOf("\n");
          if (end < 0) return "delete";
          this.space = this.space.slice(end + 1);
          return "restart";
        }
        case "p":
          yield* this.print(`${this.space}\n`);
          break;
        case "P":
          yield* this.print(`${this.space.split("\n")[0]}\n`);
          break;
        case "=":
          yield* this.print(`${this.number}\n`);
          break;
        case "l":
          yield* this.print(listing(this.space));
          break;
        case "F":
          yield* this.print("-\n");
          break;
        case "g":
          this.space = this.hold;
          break;
        case "G":
          this.space += `\n${this.hold}`;
          break;
        case "h":
          this.hold = this.space;
          break;
        case "H":
          this.hold += `\n${this.space}`;
          break;
        case "x":
          [this.space, this.hold] = [this.hold, this.space];
          break;
        case "z":
          this.space = "";
          break;
        case "n":
          if (this.input.last) {
            // Without a next line GNU sed prints and ends.
            this.done = true;
            return "end";
          }
          if (!this.quiet) yield* this.printSpace();
          yield* this.flushAppended();
          yield* this.readNext();
          break;
        case "N": {
          if (this.input.last) {
            this.done = true;
            return "end";
          }
          const before = this.space;
          yield* this.flushAppended();
          yield* this.readNext();
          this.space = `${before}\n${this.space}`;
          break;
        }
        case "a":
          this.appended.push({ text: command.text, file: false });
          break;
        case "i":
          yield* this.print(command.text);
          break;
        case "c":
          if (!command.to || command.negate || !this.open.has(command))
            yield* this.print(command.text);
          return "delete";
        case "r":
          this.appended.push({ text: command.text, file: true });
          break;
        case "R": {
          let lines = this.reads.get(command.text);
          if (!lines) {
            const there = this.p.machine.fs.exists(this.p.path(command.text), this.p);
            lines = there
              ? splitLines(fromUtf8(this.p.machine.fs.readFile(this.p.path(command.text), this.p)))
              : [];
            this.reads.set(command.text, lines);
          }
          const line = lines.shift();
          if (line !== undefined) this.appended.push({ text: `${line}\n`, file: false });
          break;
        }
        case "w":
          this.writeFile(command.text, this.space);
          break;
        case "W":
          this.writeFile(command.text, this.space.split("\n")[0] ?? "");
          break;
        case "b":
          at = command.jump - 1;
          break;
        case "t":
          if (this.replaced) at = command.jump - 1;
          this.replaced = false;
          break;
        case "T":
          if (!this.replaced) at = command.jump - 1;
          this.replaced = false;
          break;
        case "q":
          this.done = true;
          this.exitStatus = command.number;
          return "end";
        case "Q":
          this.done = true;
          this.exitStatus = command.number;
          return "delete";
      }
    }
    return "end";
  }

  writeFile(name: string, line: string): void {
    this.files.set(name, `${this.files.get(name) ?? ""}${line}\n`);
  }

  *substitute(spec: Substitution): Run<void> {
    let regex = spec.regex ?? this.lastRegex;
    if (!regex) return;
    this.lastRegex = regex;
    if (!regex.global) regex = new RegExp(regex.source, `${regex.flags}g`);
    regex.lastIndex = 0;
    let out = "";
    let at = 0;
    let count = 0;
    let hit = false;
    let afterMatch = -1;
    for (let match = regex.exec(this.space); match; match = regex.exec(this.space)) {
      const end = match.index + match[0].length;
      // An empty match right behind another is none.
      if (match[0] !== "" || match.index !== afterMatch) {
        count++;
        afterMatch = end;
        if (count >= Math.max(1, spec.nth)) {
          out += this.space.slice(at, match.index) + replacementText(spec.parts, match);
          at = end;
          hit = true;
          if (!spec.global) break;
        }
      }
      if (match[0] === "") {
        if (end >= this.space.length) break;
        regex.lastIndex = end + 1;
      }
    }
    if (!hit) return;
    this.space = out + this.space.slice(at);
    this.replaced = true;
    if (spec.print) yield* this.print(`${this.space}\n`);
    if (spec.file !== null) this.writeFile(spec.file, this.space);
  }
}

/** Fill in groups; \U \L \u \l \E change case (GNU). */
function replacementText(parts: readonly (string | number)[], match: RegExpExecArray): string {
  let out = "";
  let mode = "";
  let once = "";
  for (const part of parts) {
    if (typeof part === "string" && part.startsWith("\0")) {
      const what = part[1] as string;
      if (what === "u" || what === "l") once = what;
      else mode = what === "E" ? "" : what;
      continue;
    }
    let text = typeof part === "number" ? (match[part] ?? "") : part;
    if (mode === "U") text = text.toUpperCase();
    if (mode === "L") text = text.toLowerCase();
    if (once && text !== "") {
      const first = text[0] as string;
      text = (once === "u" ? first.toUpperCase() : first.toLowerCase()) + text.slice(1);
      once = "";
    }
    out += text;
  }
  return out;
}

/** `l`: unambiguous, folded at 70. */
function listing(text: string): string {
  const names: Record<string, string> = {
    "\\": "\\\\",
    "\x07": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
  };
  let out = "";
  let line = "";
  for (const c of text) {
    const code = c.codePointAt(0) as number;
    let shown = names[c] ?? c;
    if (!names[c] && (code < 32 || code === 127)) shown = `\\${code.toString(8).padStart(3, "0")}`;
    if (code > 127)
      shown = [...new TextEncoder().encode(c)].map((byte) => `\\${byte.toString(8)}`).join("");
    if (line.length + shown.length > 69) {
      out += `${line}\\\n`;
      line = "";
    }
    line += shown;
  }
  return `${out}${line}$\n`;
}

const USAGE = `Usage: sed [OPTION]... {script-only-if-no-other-script} [input-file]...
`;

export const sed: Command = {
  name: "sed",
  summary: "stream editor for filtering and transforming text",
  group: "text",
  man: `sed [-n] [-E] [-i[SUFFIX]] [-s] SCRIPT [FILE]...      sed -e SCRIPT -f FILE ...

Edit each line as SCRIPT says and print it (not with -n).
  s/REGEX/TEXT/[g][p][i][N]   y/abc/xyz/   d delete   p print   q quit   = number
  a TEXT after   i TEXT before   c TEXT instead   n next line   N append it   D P G H g h x
  { } blocks   :label b t branches        addresses: 5  $  /REGEX/  2,4  /a/,/b/  0~3  !
  -i changes the FILE itself

  sed -i 's/8080/9090/' app.conf        ip route | sed -n '/^default/p'`,
  *run(p, argv) {
    const options = getopt(argv, "nEre:f:i::sul:z", {
      quiet: "n",
      silent: "n",
      "regexp-extended": "E",
      "expression=": "e",
      "file=": "f",
      "in-place=?": "i",
      separate: "s",
      unbuffered: "u",
      posix: "posix",
      debug: "debug",
    });
    if (options.error) {
      yield* p.err(options.error.replace(/Try.*\n/, USAGE));
      return 1;
    }
    const scripts: string[] = [];
    for (const [letter, value] of options.list) {
      if (letter === "e") scripts.push(value ?? "");
      if (letter === "f") {
        try {
          const text =
            value === "-"
              ? fromUtf8(yield* p.readAll(0))
              : fromUtf8(p.machine.fs.readFile(p.path(value ?? ""), p));
          scripts.push(text.replace(/\n$/, ""));
        } catch (error) {
          if (!(error instanceof SysError)) throw error;
          yield* p.err(`sed: couldn't open file ${value}: ${error.message}\n`);
          return 1;
        }
      }
    }
    const files = options.operands;
    if (scripts.length === 0) {
      const script = files.shift();
      if (script === undefined) {
        yield* p.err(USAGE);
        return 1;
      }
      scripts.push(script);
    }
    let text = scripts.join("\n");
    let quiet = options.has("n");
    if (text.startsWith("#n\n")) {
      quiet = true;
      text = text.slice(3);
    }
    try {
      // A script is parsed anew for each file: its ranges begin closed.
      const parse = () => new SedParser(text, options.has("E", "r")).parse();
      const inPlace = options.has("i");
      if (!inPlace && !options.has("s")) {
        const sed = new Sed(p, parse(), new Input(p, files.length ? files : ["-"]), quiet, false);
        const status = yield* sed.run();
        return status || sed.input.status;
      }
      parse();
      let status = 0;
      for (const name of files) {
        if (inPlace) {
          const stat = p.machine.fs.tryStat(p.path(name), p);
          if (stat?.kind !== "file") {
            yield* p.err(
              stat
                ? `sed: couldn't edit ${name}: not a regular file\n`
                : `sed: can't read ${name}: No such file or directory\n`,
            );
            status = 4;
            if (!stat) status = 2;
            continue;
          }
        }
        const sed = new Sed(p, parse(), new Input(p, [name]), quiet, true);
        if (inPlace) sed.edited = "";
        status = (yield* sed.run()) || sed.input.status || status;
        if (sed.edited === null) continue;
        // After q the rest of the file stays as it is.
        for (let line = yield* sed.input.next(); line !== null; line = yield* sed.input.next())
          sed.edited += sed.input.partial && sed.input.last ? line : `${line}\n`;
        const suffix = options.get("i");
        const path = p.path(name);
        if (suffix)
          p.machine.fs.writeFile(
            suffix.includes("*") ? p.path(suffix.replace("*", name)) : path + suffix,
            p.machine.fs.readFile(path, p),
            undefined,
            p,
          );
        p.machine.fs.writeFile(path, sed.edited, undefined, p);
      }
      return status;
    } catch (error) {
      if (!(error instanceof SedError)) throw error;
      yield* p.err(`${error.message}\n`);
      return 1;
    }
  },
};

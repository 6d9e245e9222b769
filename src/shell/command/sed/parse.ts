import { toRegex } from "../../lib/regex.ts";

export interface Address {
  kind: "line" | "last" | "regex" | "step" | "zero" | "plus" | "multiple";
  line: number;
  step: number;
  /** Null: the last regular expression used. */
  regex: RegExp | null;
}

export interface Substitution {
  regex: RegExp | null;
  parts: (string | number)[];
  global: boolean;
  print: boolean;
  nth: number;
  evaluate: boolean;
  file: string | null;
}

/** One command of a script. `jump` is the index where a branch or a block's end leads. */
export interface SedCommand {
  from: Address | null;
  to: Address | null;
  negate: boolean;
  name: string;
  text: string;
  number: number;
  jump: number;
  substitution: Substitution | null;
  map: Map<string, string> | null;
}

export class SedError extends Error {}

/** Reads a script (POSIX sed; GNU's additions) into a flat list of commands. */
export class SedParser {
  text: string;
  at = 0;
  extended: boolean;
  commands: SedCommand[] = [];
  labels = new Map<string, number>();
  branches: [SedCommand, string][] = [];

  constructor(text: string, extended: boolean) {
    this.text = text;
    this.extended = extended;
  }

  fail(message: string): never {
    throw new SedError(`sed: -e expression #1, char ${this.at}: ${message}`);
  }

  parse(): SedCommand[] {
    const blocks: SedCommand[] = [];
    for (;;) {
      this.skip(/[\s;]/);
      if (this.at >= this.text.length) break;
      const command = this.command();
      if (command === null) continue;
      if (command.name === "{") blocks.push(command);
      if (command.name === "}") {
        const open = blocks.pop();
        if (!open) this.fail("unexpected `}'");
        open.jump = this.commands.length;
        continue;
      }
      this.commands.push(command);
    }
    if (blocks.length) throw new SedError("sed: -e expression #1, char 0: unmatched `{'");
    for (const [command, label] of this.branches) {
      const target = label === "" ? this.commands.length : this.labels.get(label);
      if (target === undefined) throw new SedError(`sed: can't find label for jump to \`${label}'`);
      command.jump = target;
    }
    return this.commands;
  }

  skip(what: RegExp): void {
    while (this.at < this.text.length && what.test(this.text[this.at] as string)) this.at++;
  }

  /** Up to an unescaped `end`; the escaped one loses its backslash. */
  delimited(end: string, regex: boolean): string {
    let out = "";
    let inBracket = false;
    for (;;) {
      const c = this.text[this.at];
      if (c === undefined) return "\0unterminated";
      this.at++;
      if (c === "\\") {
        const next = this.text[this.at++] ?? "";
        if (next === end) out += regex && /[.*[\]^$+?(){}|]/.test(end) ? `\\${end}` : end;
        else if (next === "n" && regex) out += inBracket ? "\n" : "\\n";
        else out += c + next;
        continue;
      }
      if (regex && c === "[" && !inBracket) {
        inBracket = true;
        out += c;
        for (const first of ["^", "]"])
          if (this.text[this.at] === first) out += this.text[this.at++];
        continue;
      }
      if (inBracket && c === "[" && /[:.=]/.test(this.text[this.at] ?? "")) {
        const close = this.text.indexOf(`${this.text[this.at]}]`, this.at + 1);
        if (close > 0) {
          out += this.text.slice(this.at - 1, close + 2);
          this.at = close + 2;
          continue;
        }
      }
      if (inBracket && c === "]") inBracket = false;
      else if (c === end && !inBracket) return out;
      out += c;
    }
  }

  regex(source: string, flags: string): RegExp | null {
    if (source === "") return null;
    const regex = toRegex(source, { extended: this.extended, flags });
    if (!regex) {
      const why = /\[[^\]]*$/.test(source)
        ? "unterminated address regex"
        : this.extended || /\\\(/.test(source)
          ? "Unmatched ( or \\("
          : "Invalid preceding regular expression";
      this.fail(why);
    }
    return regex;
  }

  address(): Address | null {
    const c = this.text[this.at] ?? "";
    const make = (
      kind: Address["kind"],
      line = 0,
      step = 0,
      regex: RegExp | null = null,
    ): Address => ({
      kind,
      line,
      step,
      regex,
    });
    if (/\d/.test(c)) {
      const match = /^(\d+)(?:~(\d+))?/.exec(this.text.slice(this.at)) as RegExpExecArray;
      this.at += match[0].length;
      const line = Number(match[1]);
      if (match[2] !== undefined) return make("step", line, Number(match[2]));
      return make(line === 0 ? "zero" : "line", line);
    }
    if (c === "$") {
      this.at++;
      return make("last");
    }
    if (c === "+" || c === "~") {
      const match = /^[+~](\d+)/.exec(this.text.slice(this.at));
      if (!match) this.fail("expected number");
      this.at += match[0].length;
      return make(c === "+" ? "plus" : "multiple", Number(match[1]));
    }
    if (c === "/" || c === "\\") {
      const end = c === "/" ? "/" : (this.text[this.at + 1] ?? "");
      this.at += c === "/" ? 1 : 2;
      const source = this.delimited(end, true);
      if (source === "\0unterminated") this.fail("unterminated address regex");
      let flags = "";
      while (/[IM]/.test(this.text[this.at] ?? ""))
        flags += this.text[this.at++] === "I" ? "i" : "m";
      return make("regex", 0, 0, this.regex(source, flags));
    }
    return null;
  }

  command(): SedCommand | null {
    const from = this.address();
    let to: Address | null = null;
    if (from) {
      this.skip(/[ \t]/);
      if (this.text[this.at] === ",") {
        this.at++;
        this.skip(/[ \t]/);
        to = this.address();
        if (!to) this.fail("unexpected `,'");
      }
    }
    if (from?.kind === "zero" && to?.kind !== "regex") this.fail("invalid usage of line address 0");
    this.skip(/[ \t]/);
    let negate = false;
    while (this.text[this.at] === "!") {
      negate = true;
      this.at++;
      this.skip(/[ \t]/);
    }
    const name = this.text[this.at++];
    if (name === undefined || name === "\n" || name === ";") {
      if (from) this.fail("missing command");
      return null;
    }
    const command: SedCommand = {
      from,
      to,
      negate,
      name,
      text: "",
      number: 0,
      jump: -1,
      substitution: null,
      map: null,
    };
    switch (name) {
      case "#":
        if (from) this.fail("comments don't accept any addresses");
        while (this.at < this.text.length && this.text[this.at] !== "\n") this.at++;
        return null;
      case "{":
        return command;
      case "}":
        if (from) this.fail("} doesn't want any addresses");
        this.end();
        return command;
      case ":": {
        if (from) this.fail(": doesn't want any addresses");
        this.skip(/[ \t]/);
        const label = /^[^\n;]*/.exec(this.text.slice(this.at))?.[0] ?? "";
        if (label.trim() === "") this.fail('":" lacks a label');
        this.at += label.length;
        this.labels.set(label.trim(), this.commands.length);
        return null;
      }
      case "b":
      case "t":
      case "T": {
        this.skip(/[ \t]/);
        const label = /^[^\n;}]*/.exec(this.text.slice(this.at))?.[0] ?? "";
        this.at += label.length;
        this.branches.push([command, label.trim()]);
        return command;
      }
      case "a":
      case "i":
      case "c":
        command.text = this.addedText();
        return command;
      case "r":
      case "R":
      case "w":
      case "W": {
        this.skip(/[ \t]/);
        const file = /^[^\n]*/.exec(this.text.slice(this.at))?.[0] ?? "";
        if (file === "") this.fail("missing filename in r/R/w/W commands");
        this.at += file.length;
        command.text = file;
        return command;
      }
      case "s":
        command.substitution = this.substitution();
        this.end();
        return command;
      case "y": {
        const end = this.text[this.at++] ?? "";
        const from_ = this.delimited(end, false);
        const to_ = this.delimited(end, false);
        if (to_ === "\0unterminated" || from_ === "\0unterminated")
          this.fail("unterminated `y' command");
        const plain = (text: string) => [
          ...text.replace(/\\([\s\S])/g, (_, c: string) =>
            c === "n" ? "\n" : c === "t" ? "\t" : c,
          ),
        ];
        const a = plain(from_);
        const b = plain(to_);
        if (a.length !== b.length) this.fail("strings for `y' command are different lengths");
        command.map = new Map(a.map((c, i) => [c, b[i] as string]));
        this.end();
        return command;
      }
      case "q":
      case "Q":
      case "l":
      case "L": {
        this.skip(/[ \t]/);
        const match = /^\d+/.exec(this.text.slice(this.at));
        if (match) {
          command.number = Number(match[0]);
          this.at += match[0].length;
        }
        this.end();
        return command;
      }
      case "=":
      case "d":
      case "D":
      case "g":
      case "G":
      case "h":
      case "H":
      case "n":
      case "N":
      case "p":
      case "P":
      case "x":
      case "z":
      case "F":
        this.end();
        return command;
    }
    return this.fail(`unknown command: \`${name}'`);
  }

  /** After a command: the end of the line, `;`, `}` or a comment. */
  end(): void {
    this.skip(/[ \t]/);
    const c = this.text[this.at];
    if (c === undefined || c === "\n" || c === ";" || c === "}" || c === "#") return;
    this.at++;
    this.fail("extra characters after command");
  }

  /** The text of a, i, c: on the same line (GNU), or after a backslash and a newline. */
  addedText(): string {
    this.skip(/[ \t]/);
    if (this.text[this.at] === "\\") {
      this.at++;
      this.skip(/[ \t]/);
      if (this.text[this.at] === "\n") this.at++;
    }
    if (this.at >= this.text.length) this.fail("expected \\ after `a', `c' or `i'");
    let out = "";
    while (this.at < this.text.length) {
      const c = this.text[this.at++] as string;
      if (c === "\\") {
        const next = this.text[this.at++];
        if (next !== undefined) out += next === "t" ? "\t" : next;
      } else if (c === "\n") break;
      else out += c;
    }
    return `${out}\n`;
  }

  substitution(): Substitution {
    const end = this.text[this.at++] ?? "";
    const source = this.delimited(end, true);
    const replacement = source === "\0unterminated" ? source : this.delimited(end, false);
    if (replacement === "\0unterminated") this.fail("unterminated `s' command");
    const out: Substitution = {
      regex: null,
      parts: replacementParts(replacement),
      global: false,
      print: false,
      nth: 0,
      evaluate: false,
      file: null,
    };
    let flags = "g";
    for (;;) {
      const c = this.text[this.at] ?? "";
      if (c === "g") out.global = true;
      else if (c === "p") out.print = true;
      else if (c === "i" || c === "I") flags += flags.includes("i") ? "" : "i";
      else if (c === "m" || c === "M") flags += "m";
      else if (c === "e") out.evaluate = true;
      else if (/\d/.test(c)) {
        const digits = /^\d+/.exec(this.text.slice(this.at))?.[0] as string;
        out.nth = Number(digits);
        if (out.nth === 0) this.fail("number option to `s' command may not be zero");
        this.at += digits.length - 1;
      } else if (c === "w") {
        const file = /^w[ \t]*([^\n]*)/.exec(this.text.slice(this.at)) as RegExpExecArray;
        out.file = file[1] as string;
        this.at += file[0].length;
        break;
      } else if (c === "" || /[\s;}#]/.test(c)) break;
      else {
        this.at++;
        this.fail("unknown option to `s'");
      }
      this.at++;
    }
    out.regex = this.regex(source, flags);
    const groups = out.regex
      ? (new RegExp(`${out.regex.source}|`, out.regex.flags).exec("")?.length ?? 1)
      : 10;
    for (const part of out.parts)
      if (typeof part === "number" && part >= groups)
        this.fail(`invalid reference \\${part} on \`s' command's RHS`);
    return out;
  }
}

/** Text, group numbers, and case changes (as "\0L" and its kind). */
function replacementParts(text: string): (string | number)[] {
  const out: (string | number)[] = [];
  let literal = "";
  const push = (part: string | number) => {
    if (literal) out.push(literal);
    literal = "";
    out.push(part);
  };
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string;
    if (c === "&") push(0);
    else if (c === "\\") {
      const next = text[++i] ?? "";
      if (/\d/.test(next)) push(Number(next));
      else if (/[LUElu]/.test(next)) push(`\0${next}`);
      else literal += next === "n" ? "\n" : next === "t" ? "\t" : next;
    } else literal += c;
  }
  if (literal) out.push(literal);
  return out;
}

import type { Process, Run } from "../../host/process.ts";
import type { Command } from "../command.ts";
import { closeInput, Lines, openInput } from "../lib/input.ts";
import { getopt, type Parsed } from "../lib/options.ts";
import { Output } from "../lib/output.ts";
import { toRegex } from "../lib/regex.ts";
import { escapeRegex, matches } from "../pattern.ts";

const LONG: Record<string, string> = {
  "extended-regexp": "E",
  "fixed-strings": "F",
  "basic-regexp": "G",
  "perl-regexp": "P",
  "regexp=": "e",
  "file=": "f",
  "ignore-case": "i",
  "no-ignore-case": "no-i",
  "word-regexp": "w",
  "line-regexp": "x",
  "no-messages": "s",
  "invert-match": "v",
  "max-count=": "m",
  "byte-offset": "b",
  "line-number": "n",
  "line-buffered": "lb",
  "with-filename": "H",
  "no-filename": "h",
  "only-matching": "o",
  quiet: "q",
  silent: "q",
  text: "a",
  recursive: "r",
  "dereference-recursive": "R",
  "include=": "include",
  "exclude=": "exclude",
  "exclude-dir=": "exclude-dir",
  "files-without-match": "L",
  "files-with-matches": "l",
  count: "c",
  "null-data": "z",
  "after-context=": "A",
  "before-context=": "B",
  "context=": "C",
  "color=?": "color",
  "colour=?": "color",
};

/** One search: what to look for and how to show it. */
class Search {
  p: Process;
  options: Parsed;
  regexes: RegExp[];
  invert: boolean;
  out: Output;
  color: boolean;
  before: number;
  after: number;
  max: number;
  withName = false;
  status = 1;
  failed = false;
  printedAny = false;

  constructor(p: Process, options: Parsed, regexes: RegExp[]) {
    this.p = p;
    this.options = options;
    this.regexes = regexes;
    this.invert = options.has("v");
    this.out = new Output(p, 1, options.has("lb"));
    const color = options.list.filter(([name]) => name === "color").pop();
    this.color = color ? color[1] === "always" || (color[1] !== "never" && p.isTty(1)) : false;
    this.before = Number(options.get("B", "C") ?? 0);
    this.after = Number(options.get("A", "C") ?? 0);
    this.max = Number(options.get("m") ?? Number.POSITIVE_INFINITY);
  }

  /** Where the patterns match, leftmost first. */
  spans(line: string, every: boolean): [number, number][] {
    const out: [number, number][] = [];
    let at = 0;
    while (at <= line.length) {
      let best: [number, number] | null = null;
      for (const regex of this.regexes) {
        regex.lastIndex = at;
        const match = regex.exec(line);
        if (!match) continue;
        const end = match.index + match[0].length;
        if (!best || match.index < best[0] || (match.index === best[0] && end > best[1]))
          best = [match.index, end];
      }
      if (!best) break;
      if (best[1] > best[0] || !every) out.push(best);
      if (!every) break;
      at = best[1] > best[0] ? best[1] : best[1] + 1;
    }
    return out;
  }

  paint(text: string, code: string): string {
    return this.color && text !== "" ? `\x1b[${code}m\x1b[K${text}\x1b[m\x1b[K` : text;
  }

  head(name: string, number: number, mark: string): string {
    let out = "";
    if (this.withName) out += this.paint(name, "35") + this.paint(mark, "36");
    if (this.options.has("n")) out += this.paint(String(number), "32") + this.paint(mark, "36");
    return out;
  }

  shown(line: string): string {
    if (!this.color || this.invert) return line;
    let out = "";
    let at = 0;
    for (const [from, to] of this.spans(line, true)) {
      out += line.slice(at, from) + this.paint(line.slice(from, to), "01;31");
      at = to;
    }
    return out + line.slice(at);
  }

  *file(name: string, fd: number, shownName: string): Run<void> {
    const { options, out } = this;
    const lines = new Lines(this.p, fd, options.has("z") ? "\0" : "\n");
    const quiet = options.has("q");
    const listing = options.has("l") || options.has("L");
    const counting = options.has("c");
    let number = 0;
    let count = 0;
    let offset = 0;
    const held: [number, string][] = [];
    let trailing = 0;
    let lastShown = 0;
    for (;;) {
      if (count >= this.max && trailing <= 0) break;
      const line = yield* lines.next();
      if (line === null) break;
      number++;
      const start = offset;
      offset += line.length + 1;
      const spans = count >= this.max ? [] : this.spans(line, false);
      const hit = count < this.max && spans.length > 0 !== this.invert;
      if (hit) {
        count++;
        this.status = 0;
        if (quiet) return;
        if (listing) break;
        if (counting) continue;
        const gap = this.before + this.after > 0 && this.printedAny;
        const from = held[0]?.[0] ?? number;
        if (gap && from > lastShown + 1) yield* out.write(`${this.paint("--", "36")}\n`);
        for (const [n, text] of held) yield* out.write(`${this.head(shownName, n, "-")}${text}\n`);
        held.length = 0;
        this.printedAny = true;
        const prefix = options.has("b") ? `${start}:` : "";
        if (options.has("o")) {
          if (!this.invert)
            for (const [a, b] of this.spans(line, true))
              yield* out.write(
                `${this.head(shownName, number, ":")}${prefix && `${start + a}:`}${this.paint(line.slice(a, b), "01;31")}\n`,
              );
        } else
          yield* out.write(`${this.head(shownName, number, ":")}${prefix}${this.shown(line)}\n`);
        lastShown = number;
        trailing = this.after;
      } else if (trailing > 0) {
        trailing--;
        lastShown = number;
        if (!counting && !listing && !quiet)
          yield* out.write(`${this.head(shownName, number, "-")}${line}\n`);
      } else if (this.before > 0 && !counting && !listing) {
        held.push([number, line]);
        if (held.length > this.before) held.shift();
      }
    }
    if (listing) {
      if (count > 0 === options.has("l")) {
        if (options.has("L")) this.status = 0;
        yield* out.write(`${this.paint(shownName, "35")}\n`);
      }
    } else if (counting) {
      const prefix = this.withName ? `${shownName}:` : "";
      yield* out.write(`${prefix}${count}\n`);
    }
    void name;
  }

  *path(name: string, recursive: boolean, top: boolean): Run<void> {
    const { p, options } = this;
    const path = name === "-" ? "-" : p.path(name === "" ? "." : name);
    if (name !== "-" && p.machine.fs.isDirectory(path, p)) {
      if (!recursive) {
        yield* this.out.flush();
        yield* p.err(`grep: ${name}: Is a directory\n`);
        return;
      }
      const skipped = options.all("exclude-dir");
      for (const child of p.machine.fs.readdir(path, p).sort()) {
        const full = name === "" ? child : name.endsWith("/") ? name + child : `${name}/${child}`;
        const directory = p.machine.fs.isDirectory(p.path(full), p);
        if (directory && skipped.some((pattern) => matches(pattern, child))) continue;
        if (p.machine.fs.tryStat(p.path(full), p, false)?.kind === "symlink" && !options.has("R"))
          continue;
        yield* this.path(full, true, false);
      }
      return;
    }
    const base = name.replace(/.*\//, "");
    if (!top) {
      const includes = options.all("include");
      if (includes.length && !includes.some((pattern) => matches(pattern, base))) return;
      if (options.all("exclude").some((pattern) => matches(pattern, base))) return;
    }
    const fd = openInput(p, name);
    if (typeof fd === "string") {
      this.failed = true;
      yield* this.out.flush();
      if (!options.has("s")) yield* p.err(`grep: ${name}: ${fd}\n`);
      return;
    }
    yield* this.file(name, fd, name === "-" ? "(standard input)" : name);
    closeInput(p, fd);
  }
}

function compile(
  options: Parsed,
  patterns: string[],
  kind: "E" | "F" | "G" | "P",
): RegExp[] | null {
  const flags = `${options.has("i", "y") && !options.has("no-i") ? "i" : ""}g`;
  const out: RegExp[] = [];
  for (const pattern of patterns) {
    let regex: RegExp | null;
    if (kind === "F") regex = new RegExp(escapeRegex(pattern), `${flags}u`);
    else if (kind === "P") {
      try {
        regex = new RegExp(pattern, flags);
      } catch {
        regex = null;
      }
    } else regex = toRegex(pattern, { extended: kind === "E", flags });
    if (!regex) return null;
    let { source } = regex;
    if (options.has("x")) source = `^(?:${source})$`;
    else if (options.has("w")) source = `(?<![A-Za-z0-9_])(?:${source})(?![A-Za-z0-9_])`;
    out.push(new RegExp(source, regex.flags));
  }
  return out;
}

function complaint(pattern: string): string {
  if (/\[[^\]]*$/.test(pattern)) return "Unmatched [, [^, [:, [., or [=";
  if (/\\$/.test(pattern)) return "Trailing backslash";
  return "Unmatched ( or \\(";
}

export const grep: Command = {
  name: "grep",
  aliases: ["egrep", "fgrep"],
  summary: "print lines that match patterns",
  group: "text",
  man: `grep [OPTION]... PATTERNS [FILE]...

Print the lines of each FILE (or standard input) that match.
  -E extended   -F fixed strings   -e PATTERN   -f FILE   -i ignore case   -w word   -x line
  -v the others  -c count  -o only what matched  -n line numbers  -l/-L names  -q quiet
  -A NUM -B NUM -C NUM lines of context   -m NUM stop after   -r recursive   --line-buffered

  ip addr | grep -w inet        tcpdump -l | grep --line-buffered SYN`,
  *run(p, argv) {
    const name = (argv[0] ?? "grep").replace(/.*\//, "");
    // `-5` is `-C 5`.
    const words = argv.slice(1).map((word) => (/^-\d+$/.test(word) ? `-C${word.slice(1)}` : word));
    const options = getopt(["grep", ...words], "EFGPe:f:iyvwxcnlLqshHorRaIbzZUm:A:B:C:T", LONG);
    const usage =
      "Usage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.\n";
    if (options.error) {
      yield* p.err(options.error.replace(/Try [^\n]*\n$/, usage));
      return 2;
    }
    const operands = options.operands;
    let patterns: string[] = [];
    for (const [letter, value] of options.list) {
      if (letter === "e") patterns.push(...(value ?? "").split("\n"));
      if (letter === "f") {
        const fd = openInput(p, value ?? "");
        if (typeof fd === "string") {
          yield* p.err(`grep: ${value}: ${fd}\n`);
          return 2;
        }
        const lines = new Lines(p, fd);
        for (let line = yield* lines.next(); line !== null; line = yield* lines.next())
          patterns.push(line);
        closeInput(p, fd);
      }
    }
    if (!options.has("e", "f")) {
      const first = operands.shift();
      if (first === undefined) {
        yield* p.err(usage);
        return 2;
      }
      patterns = first.split("\n");
    }
    const last = options.list
      .filter(([letter]) => "EFGP".includes(letter) && letter.length === 1)
      .pop();
    const kind = (last?.[0] ?? (name === "egrep" ? "E" : name === "fgrep" ? "F" : "G")) as "E";
    const regexes = compile(options, patterns, kind);
    if (!regexes) {
      yield* p.err(`grep: ${complaint(patterns.join("\n"))}\n`);
      return 2;
    }
    const search = new Search(p, options, regexes);
    const recursive = options.has("r", "R");
    const files = operands.length ? operands : [recursive ? "" : "-"];
    search.withName = options.has("H") || ((files.length > 1 || recursive) && !options.has("h"));
    if (
      recursive &&
      operands.length === 1 &&
      !p.machine.fs.isDirectory(p.path(operands[0] as string), p)
    )
      search.withName = options.has("H");
    for (const file of files) {
      yield* search.path(file, recursive, true);
      if (options.has("q") && search.status === 0) return 0;
    }
    yield* search.out.flush();
    return search.failed && !(options.has("q") && search.status === 0) ? 2 : search.status;
  },
};

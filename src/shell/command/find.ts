import { SysError } from "../../base/errno.ts";
import type { Stat } from "../../host/fs.ts";
import type { Process, Run } from "../../host/process.ts";
import type { Command } from "../command.ts";
import { Output } from "../lib/output.ts";
import { matches } from "../pattern.ts";
import { spawn, waitFor } from "../spawn.ts";
import { removeTree } from "./filemod.ts";
import { userName } from "./identity.ts";
import { modeString } from "./ls.ts";

interface Entry {
  path: string;
  name: string;
  depth: number;
  stat: Stat;
  start: string;
}

type Test = (entry: Entry) => Run<boolean>;

class FindError extends Error {}

/** `+5`, `-5`, `5` against a number (POSIX find). */
function numeric(word: string, option: string): (n: number) => boolean {
  const match = /^([-+]?)(\d+)$/.exec(word);
  if (!match) throw new FindError(`find: invalid argument \`${word}' to \`${option}'`);
  const limit = Number(match[2]);
  return (n) => (match[1] === "+" ? n > limit : match[1] === "-" ? n < limit : n === limit);
}

const TYPES: Record<string, string> = { f: "file", d: "directory", l: "symlink", c: "device" };
const UNITS: Record<string, number> = {
  c: 1,
  w: 2,
  b: 512,
  "": 512,
  k: 1024,
  M: 1048576,
  G: 1073741824,
};

class Finder {
  p: Process;
  words: string[];
  at = 0;
  out: Output;
  maxDepth = Number.POSITIVE_INFINITY;
  minDepth = 0;
  depthFirst = false;
  acts = false;
  pruned = false;
  quit = false;
  status = 0;
  batches: { argv: string[]; paths: string[] }[] = [];

  constructor(p: Process, words: string[]) {
    this.p = p;
    this.words = words;
    this.out = new Output(p);
  }

  argument(option: string): string {
    const word = this.words[this.at++];
    if (word === undefined) throw new FindError(`find: missing argument to \`${option}'`);
    return word;
  }

  or(): Test {
    let left = this.and();
    while (this.words[this.at] === "-o" || this.words[this.at] === "-or") {
      this.at++;
      const a = left;
      const b = this.and();
      left = function* (entry) {
        return (yield* a(entry)) || (yield* b(entry));
      };
    }
    return left;
  }

  and(): Test {
    let left = this.not();
    for (;;) {
      const word = this.words[this.at];
      if (word === undefined || word === "-o" || word === "-or" || word === ")") return left;
      if (word === "-a" || word === "-and") this.at++;
      const a = left;
      const b = this.not();
      left = function* (entry) {
        return (yield* a(entry)) && (yield* b(entry));
      };
    }
  }

  not(): Test {
    const word = this.words[this.at];
    if (word === "!" || word === "-not") {
      this.at++;
      const inner = this.not();
      return function* (entry) {
        return !(yield* inner(entry));
      };
    }
    if (word === "(") {
      this.at++;
      const inner = this.or();
      if (this.words[this.at] !== ")")
        throw new FindError(
          "find: invalid expression; I was expecting to find a ')' somewhere but did not see one.",
        );
      this.at++;
      return inner;
    }
    return this.primary();
  }

  primary(): Test {
    const { p } = this;
    const self = this;
    const option = this.words[this.at++] ?? "";
    const simple = (test: (entry: Entry) => boolean): Test =>
      function* (entry) {
        return test(entry);
      };
    switch (option) {
      case "-name":
      case "-iname": {
        const pattern = this.argument(option);
        return simple((entry) => matches(pattern, entry.name, option === "-iname"));
      }
      case "-path":
      case "-wholename":
      case "-ipath": {
        const pattern = this.argument(option);
        return simple((entry) => matches(pattern, entry.path, option === "-ipath"));
      }
      case "-regex": {
        const regex = new RegExp(`^(?:${this.argument(option)})$`);
        return simple((entry) => regex.test(entry.path));
      }
      case "-type": {
        const kinds = this.argument(option).split(",");
        for (const kind of kinds)
          if (!"fdlcbps".includes(kind))
            throw new FindError(`find: Unknown argument to -type: ${kind}`);
        return simple((entry) => kinds.some((kind) => TYPES[kind] === entry.stat.kind));
      }
      case "-maxdepth":
        this.maxDepth = Number(this.argument(option));
        return simple(() => true);
      case "-mindepth":
        this.minDepth = Number(this.argument(option));
        return simple(() => true);
      case "-depth":
        this.depthFirst = true;
        return simple(() => true);
      case "-empty":
        return simple(({ path, stat }) =>
          stat.kind === "directory"
            ? p.machine.fs.readdir(p.path(path), p).length === 0
            : stat.kind === "file" && stat.size === 0,
        );
      case "-size": {
        const word = this.argument(option);
        const match = /^([-+]?\d+)([cwbkMG]?)$/.exec(word);
        if (!match) throw new FindError(`find: Invalid argument \`${word}' to -size`);
        const test = numeric(match[1] as string, option);
        const unit = UNITS[match[2] as string] as number;
        return simple((entry) => test(Math.ceil(entry.stat.size / unit)));
      }
      case "-mtime":
      case "-mmin": {
        const test = numeric(this.argument(option), option);
        const unit = option === "-mtime" ? 86400e9 : 60e9;
        return simple((entry) => test(Math.floor((p.sim.now - entry.stat.mtime) / unit)));
      }
      case "-newer": {
        const { mtime } = p.machine.fs.stat(p.path(this.argument(option)), p);
        return simple((entry) => entry.stat.mtime > mtime);
      }
      case "-user": {
        const word = this.argument(option);
        return simple(
          (entry) => userName(p, entry.stat.uid) === word || String(entry.stat.uid) === word,
        );
      }
      case "-perm": {
        const word = this.argument(option);
        const mode = Number.parseInt(word.replace(/^[-/]/, ""), 8);
        return simple(({ stat }) =>
          word[0] === "-"
            ? (stat.mode & mode) === mode
            : word[0] === "/"
              ? (stat.mode & mode) !== 0
              : stat.mode === mode,
        );
      }
      case "-executable":
        return simple((entry) => (entry.stat.mode & 0o111) !== 0);
      case "-true":
        return simple(() => true);
      case "-false":
        return simple(() => false);
      case "-prune":
        return simple(() => {
          this.pruned = true;
          return true;
        });
      case "-quit":
        this.acts = true;
        return simple(() => {
          this.quit = true;
          return true;
        });
      case "-print":
      case "-print0":
        this.acts = true;
        return function* (entry) {
          yield* self.out.write(entry.path + (option === "-print0" ? "\0" : "\n"));
          return true;
        };
      case "-printf": {
        this.acts = true;
        const format = this.argument(option);
        return function* (entry) {
          yield* self.out.write(self.printf(format, entry));
          return true;
        };
      }
      case "-ls":
        this.acts = true;
        return function* (entry) {
          yield* self.out.write(
            `${entry.stat.ino}\t${modeString(entry.stat)} ${entry.stat.size} ${entry.path}\n`,
          );
          return true;
        };
      case "-delete":
        this.acts = true;
        this.depthFirst = true;
        return function* (entry) {
          try {
            removeTree(p, p.path(entry.path));
            return true;
          } catch (error) {
            if (!(error instanceof SysError)) throw error;
            yield* p.err(`find: cannot delete ‘${entry.path}’: ${error.message}\n`);
            self.status = 1;
            return false;
          }
        };
      case "-exec":
      case "-execdir":
      case "-ok": {
        this.acts = true;
        const argv: string[] = [];
        for (;;) {
          const word = this.words[this.at++];
          if (word === undefined) throw new FindError(`find: missing argument to \`${option}'`);
          if (word === ";" || (word === "+" && argv[argv.length - 1] === "{}")) {
            if (word === "+") {
              const batch = { argv: argv.slice(0, -1), paths: [] as string[] };
              this.batches.push(batch);
              return simple((entry) => {
                batch.paths.push(entry.path);
                return true;
              });
            }
            break;
          }
          argv.push(word);
        }
        return function* (entry) {
          yield* self.out.flush();
          return (yield* self.run(argv.map((word) => word.replaceAll("{}", entry.path)))) === 0;
        };
      }
    }
    throw new FindError(
      option.startsWith("-")
        ? `find: unknown predicate \`${option}'`
        : `find: paths must precede expression: \`${option}'`,
    );
  }

  *run(argv: string[]): Run {
    const child = spawn(this.p, argv);
    if (child) return yield* waitFor(child);
    yield* this.p.err(`find: ‘${argv[0]}’: No such file or directory\n`);
    this.status = 1;
    return 127;
  }

  printf(format: string, { path, name, depth, stat, start }: Entry): string {
    const time = Math.floor(this.p.sim.epoch / 1000 + stat.mtime / 1e9);
    const letters: Record<string, string> = {
      p: path,
      f: name,
      P: path.slice(start.length).replace(/^\//, ""),
      h: path.includes("/") ? path.slice(0, path.lastIndexOf("/")) || "/" : ".",
      d: String(depth),
      s: String(stat.size),
      m: stat.mode.toString(8),
      M: modeString(stat),
      y: { file: "f", directory: "d", symlink: "l", device: "c" }[stat.kind],
      u: userName(this.p, stat.uid),
      l: stat.target,
      i: String(stat.ino),
      "T@": `${time}.0000000000`,
      "%": "%",
    };
    return format
      .replace(/%(T@|[a-zA-Z%])/g, (whole, c: string) => letters[c] ?? whole)
      .replace(/\\([nt0\\])/g, (_, c: string) => ({ n: "\n", t: "\t", "0": "\0" })[c] ?? "\\");
  }

  *visit(path: string, depth: number, test: Test, start: string): Run<void> {
    const { p } = this;
    const { fs } = p.machine;
    const stat = fs.tryStat(p.path(path), p, false);
    if (!stat) return;
    const name = path.replace(/(.)\/+$/, "$1").replace(/.*\/(?=.)/, "");
    const entry: Entry = { path, name, depth, stat, start };
    this.pruned = false;
    const wanted = depth >= this.minDepth;
    if (wanted && !this.depthFirst) yield* test(entry);
    if (stat.kind === "directory" && depth < this.maxDepth && !this.pruned && !this.quit)
      for (const child of fs.readdir(p.path(path), p)) {
        yield* this.visit(
          path.endsWith("/") ? path + child : `${path}/${child}`,
          depth + 1,
          test,
          start,
        );
        if (this.quit) return;
      }
    if (wanted && this.depthFirst && !this.quit) yield* test(entry);
  }
}

export const find: Command = {
  name: "find",
  summary: "search for files in a directory hierarchy",
  group: "files",
  man: `find [PATH]... [EXPRESSION]

  -name PATTERN  -iname  -path PATTERN  -type f|d|l  -size +10k  -mtime -1  -newer FILE  -empty
  -maxdepth N  -mindepth N  -prune   ! EXPR   EXPR -o EXPR   ( EXPR )
  -print  -print0  -printf FORMAT  -delete  -exec COMMAND {} \\;  -exec COMMAND {} +`,
  *run(p, argv) {
    let i = 1;
    while (argv[i] === "-L" || argv[i] === "-P" || argv[i] === "-H") i++;
    const starts: string[] = [];
    while (i < argv.length && !/^(-.|[!(]$)/.test(argv[i] as string))
      starts.push(argv[i++] as string);
    const finder = new Finder(p, argv.slice(i));
    try {
      let test: Test =
        finder.words.length > 0
          ? finder.or()
          : function* () {
              return true;
            };
      if (finder.at < finder.words.length)
        throw new FindError(
          "find: invalid expression; you have used a binary operator with nothing before it.",
        );
      if (!finder.acts) {
        const inner = test;
        test = function* (entry) {
          if (yield* inner(entry)) yield* finder.out.write(`${entry.path}\n`);
          return true;
        };
      }
      for (const start of starts.length ? starts : ["."]) {
        if (!p.machine.fs.tryStat(p.path(start), p, false)) {
          yield* finder.out.flush();
          yield* p.err(`find: ‘${start}’: No such file or directory\n`);
          finder.status = 1;
          continue;
        }
        yield* finder.visit(start, 0, test, start);
        if (finder.quit) break;
      }
    } catch (error) {
      if (!(error instanceof FindError)) throw error;
      yield* p.err(`${error.message}\n`);
      return 1;
    }
    yield* finder.out.flush();
    for (const { argv: words, paths } of finder.batches)
      if (paths.length && (yield* finder.run([...words, ...paths])) !== 0) finder.status = 1;
    return finder.status;
  },
};

import { fromUtf8 } from "../../base/text.ts";
import type { Process, Run } from "../../host/process.ts";
import { SEC } from "../../sim/sim.ts";
import type { Command } from "../command.ts";
import { closeInput, Lines, openInput, splitLines } from "../lib/input.ts";
import { getopt } from "../lib/options.ts";
import { Output } from "../lib/output.ts";

const SUFFIX: Record<string, number> = {
  "": 1,
  b: 512,
  k: 1024,
  K: 1024,
  kB: 1000,
  M: 1048576,
  G: 1073741824,
};

/** `10`, `-5`, `+3`, `2K`; null when it is none. */
function countOf(word: string): { sign: string; count: number } | null {
  const match = /^([-+]?)(\d+)([a-zA-Z]*)$/.exec(word);
  const factor = SUFFIX[match?.[3] ?? ""];
  if (!match || factor === undefined) return null;
  return { sign: match[1] as string, count: Number(match[2]) * factor };
}

function title(name: string, first: boolean): string {
  return `${first ? "" : "\n"}==> ${name === "-" ? "standard input" : name} <==\n`;
}

/** `head -5`, `tail -20`: the old way to give a number. */
function modern(argv: string[], tail: boolean): string[] {
  return argv.map((word, i) => {
    if (i > 0 && /^-\d+$/.test(word) && !/^-[nc]$/.test(argv[i - 1] ?? ""))
      return `-n${word.slice(1)}`;
    if (i === 1 && tail && /^\+\d+$/.test(word)) return `-n${word}`;
    return word;
  });
}

export const head: Command = {
  name: "head",
  summary: "output the first part of files",
  group: "text",
  man: `head [OPTION]... [FILE]...

Print the first 10 lines of each FILE; with more than one, a header in front of each.
  -n NUM   NUM lines; with -NUM all but the last NUM
  -c NUM   NUM bytes       -q never a header   -v always one`,
  *run(p, argv) {
    const options = getopt(modern(argv, false), "c:n:qvz", {
      "bytes=": "c",
      "lines=": "n",
      quiet: "q",
      silent: "q",
      verbose: "v",
      "zero-terminated": "z",
    });
    if (options.error) {
      yield* p.err(options.error);
      return 1;
    }
    const bytes = options.get("c");
    const word = bytes ?? options.get("n") ?? "10";
    const wanted = countOf(word);
    if (!wanted) {
      yield* p.err(`head: invalid number of ${bytes === null ? "lines" : "bytes"}: ‘${word}’\n`);
      return 1;
    }
    const files = options.operands.length ? options.operands : ["-"];
    const titles = options.has("v") || (files.length > 1 && !options.has("q"));
    let status = 0;
    let first = true;
    for (const name of files) {
      const fd = openInput(p, name);
      if (typeof fd === "string") {
        const verb = fd === "Is a directory" ? "error reading" : "cannot open";
        const tail = fd === "Is a directory" ? "" : " for reading";
        yield* p.err(`head: ${verb} '${name}'${tail}: ${fd}\n`);
        status = 1;
        continue;
      }
      if (titles) yield* p.out(title(name, first));
      first = false;
      if (bytes !== null) yield* headBytes(p, fd, wanted.sign === "-", wanted.count);
      else yield* headLines(p, fd, wanted.sign === "-", wanted.count);
      closeInput(p, fd);
    }
    return status;
  },
};

function* headBytes(p: Process, fd: number, allBut: boolean, count: number): Run<void> {
  if (allBut) {
    const data = yield* p.readAll(fd);
    yield* p.write(1, data.subarray(0, Math.max(0, data.length - count)));
    return;
  }
  for (let left = count; left > 0; ) {
    const data = yield* p.read(fd, left);
    if (data === null) return;
    left -= data.length;
    yield* p.write(1, data);
  }
}

function* headLines(p: Process, fd: number, allBut: boolean, count: number): Run<void> {
  const out = new Output(p);
  const lines = new Lines(p, fd);
  if (allBut) {
    const held: string[] = [];
    for (let line = yield* lines.next(); line !== null; line = yield* lines.next()) {
      held.push(line);
      if (held.length > count) yield* out.write(`${held.shift()}\n`);
    }
  } else
    for (let i = 0; i < count; i++) {
      const line = yield* lines.next();
      if (line === null) break;
      yield* out.write(lines.partial ? line : `${line}\n`);
    }
  yield* out.flush();
}

export const tail: Command = {
  name: "tail",
  summary: "output the last part of files",
  group: "text",
  man: `tail [OPTION]... [FILE]...

Print the last 10 lines of each FILE.
  -n NUM   NUM lines; with +NUM from line NUM on
  -c NUM   NUM bytes
  -f       go on printing what is added to the file, until Ctrl-C`,
  *run(p, argv) {
    const options = getopt(modern(argv, true), "c:n:fFqvs:z", {
      "bytes=": "c",
      "lines=": "n",
      "follow=?": "f",
      quiet: "q",
      silent: "q",
      verbose: "v",
      retry: "retry",
      "sleep-interval=": "s",
      "pid=": "pid",
    });
    if (options.error) {
      yield* p.err(options.error);
      return 1;
    }
    const bytes = options.get("c");
    const word = bytes ?? options.get("n") ?? "10";
    const wanted = countOf(word);
    if (!wanted) {
      yield* p.err(`tail: invalid number of ${bytes === null ? "lines" : "bytes"}: ‘${word}’\n`);
      return 1;
    }
    const files = options.operands.length ? options.operands : ["-"];
    const titles = options.has("v") || (files.length > 1 && !options.has("q"));
    const follow = options.has("f", "F");
    const followed: { name: string; fd: number }[] = [];
    let status = 0;
    let shown = "";
    for (const name of files) {
      const fd = openInput(p, name);
      if (typeof fd === "string") {
        yield* p.err(`tail: cannot open '${name}' for reading: ${fd}\n`);
        status = 1;
        continue;
      }
      if (titles) yield* p.out(title(name, shown === ""));
      shown = name;
      const data = yield* p.readAll(fd);
      const { sign, count } = wanted;
      if (bytes !== null)
        yield* p.write(
          1,
          sign === "+"
            ? data.subarray(Math.max(0, count - 1))
            : data.subarray(Math.max(0, data.length - count)),
        );
      else {
        const text = fromUtf8(data);
        const lines = splitLines(text);
        const kept =
          sign === "+"
            ? lines.slice(Math.max(0, count - 1))
            : count === 0
              ? []
              : lines.slice(-count);
        if (kept.length) yield* p.out(kept.join("\n") + (text.endsWith("\n") ? "\n" : ""));
      }
      if (follow && name !== "-") followed.push({ name, fd });
      else closeInput(p, fd);
    }
    const interval = Number(options.get("s") ?? 1) * SEC;
    while (followed.length) {
      yield* p.sleep(interval);
      for (const { name, fd } of followed) {
        const data = yield* p.readAll(fd);
        if (data.length === 0) continue;
        if (titles && shown !== name) yield* p.out(title(name, false));
        shown = name;
        yield* p.write(1, data);
      }
    }
    return status;
  },
};

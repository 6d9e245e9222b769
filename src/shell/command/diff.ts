import type { Command } from "../command.ts";
import { formatDate } from "../lib/date.ts";
import { type Change, changes, NO_NEWLINE, unified } from "../lib/difference.ts";
import { readInput } from "../lib/input.ts";
import { getopt } from "../lib/options.ts";
import { toRegex } from "../lib/regex.ts";

function rangeOf(from: number, to: number): string {
  return to - from > 1 ? `${from + 1},${to}` : String(to > from ? from + 1 : from);
}

function normal(a: string[], b: string[], list: Change[], ends: [boolean, boolean]): string {
  let out = "";
  for (const { a: i, aEnd, b: j, bEnd } of list) {
    const kind = aEnd === i ? "a" : bEnd === j ? "d" : "c";
    out += `${rangeOf(i, aEnd)}${kind}${rangeOf(j, bEnd)}\n`;
    for (let n = i; n < aEnd; n++)
      out += `< ${a[n]}\n${n === a.length - 1 && ends[0] ? NO_NEWLINE : ""}`;
    if (kind === "c") out += "---\n";
    for (let n = j; n < bEnd; n++)
      out += `> ${b[n]}\n${n === b.length - 1 && ends[1] ? NO_NEWLINE : ""}`;
  }
  return out;
}

export const diff: Command = {
  name: "diff",
  aliases: ["cmp"],
  summary: "compare files line by line",
  group: "text",
  man: `diff [-u|-U NUM] [-q] [-s] [-w] [-b] [-i] FILE1 FILE2      cmp [-s] FILE1 FILE2

Print what changed; the status is 0 when the files are the same, 1 when they differ.
  -I RE changes of lines that match do not count  -u with lines around, and marks + and -   -q only whether   -w blanks do not matter   -r directories`,
  *run(p, argv) {
    const tool = argv[0] === "cmp" ? "cmp" : "diff";
    const options = getopt(argv, "uU:qsbwiBraNylI:", {
      "unified=?": "U",
      brief: "q",
      "report-identical-files": "s",
      "ignore-space-change": "b",
      "ignore-all-space": "w",
      "ignore-case": "i",
      "color=?": "color",
      "label=": "L",
      recursive: "r",
      "ignore-matching-lines=": "I",
    });
    if (options.error) {
      yield* p.err(options.error);
      return 2;
    }
    const [one, two] = options.operands;
    if (one === undefined || two === undefined) {
      yield* p.err(
        `${tool}: missing operand after '${one ?? tool}'\n${tool}: Try '${tool} --help' for more information.\n`,
      );
      return 2;
    }
    const { fs } = p.machine;
    const base = (name: string) => name.replace(/.*\//, "");
    const directoryOne = one !== "-" && fs.isDirectory(p.path(one), p);
    const directoryTwo = two !== "-" && fs.isDirectory(p.path(two), p);
    const left = directoryOne && !directoryTwo ? `${one.replace(/\/$/, "")}/${base(two)}` : one;
    const right = directoryTwo && !directoryOne ? `${two.replace(/\/$/, "")}/${base(one)}` : two;
    const a = yield* readInput(p, left, tool);
    const b = yield* readInput(p, right, tool);
    if (a === null || b === null) return 2;
    if (tool === "cmp") {
      if (a === b) return 0;
      if (options.has("s", "q")) return 1;
      let at = 0;
      while (at < a.length && at < b.length && a[at] === b[at]) at++;
      const line = a.slice(0, at).split("\n").length;
      if (at === a.length || at === b.length)
        yield* p.err(
          `cmp: EOF on ${at === a.length ? one : two} after byte ${at}, in line ${line}\n`.replace(
            /, in line/,
            a.slice(0, at).endsWith("\n") ? ", line" : ", in line",
          ),
        );
      else yield* p.out(`${one} ${two} differ: byte ${at + 1}, line ${line}\n`);
      return 1;
    }
    const lines = (text: string) => (text === "" ? [] : text.replace(/\n$/, "").split("\n"));
    const linesA = lines(a);
    const linesB = lines(b);
    const key = (line: string): string => {
      if (options.has("w")) line = line.replace(/\s+/g, "");
      else if (options.has("b")) line = line.replace(/\s+/g, " ").trimEnd();
      return options.has("i") ? line.toLowerCase() : line;
    };
    const ends: [boolean, boolean] = [a !== "" && !a.endsWith("\n"), b !== "" && !b.endsWith("\n")];
    const keysA = linesA.map(key);
    const keysB = linesB.map(key);
    // A last line without its newline differs from the same one with it.
    if (ends[0] && !ends[1]) keysA[keysA.length - 1] += "\u0000";
    if (ends[1] && !ends[0]) keysB[keysB.length - 1] += "\u0000";
    // -I: a change of nothing but lines that match is none.
    const ignored = options.all("I").map((re) => toRegex(re, { extended: false }));
    const matters = ({ a: from, aEnd, b: fromB, bEnd }: Change): boolean =>
      !ignored.length ||
      ![...linesA.slice(from, aEnd), ...linesB.slice(fromB, bEnd)].every((line) =>
        ignored.some((re) => re?.test(line)),
      );
    const list = changes(keysA, keysB).filter(matters);
    if (list.length === 0) {
      if (options.has("s")) yield* p.out(`Files ${left} and ${right} are identical\n`);
      return 0;
    }
    if (options.has("q")) {
      yield* p.out(`Files ${left} and ${right} differ\n`);
      return 1;
    }
    if (!options.has("u", "U")) {
      yield* p.out(normal(linesA, linesB, list, ends));
      return 1;
    }
    const labels = options.all("L");
    const stamp = (name: string): string => {
      const stat = name === "-" ? null : fs.tryStat(p.path(name), p);
      const ns = stat ? stat.mtime : p.sim.now;
      const at = p.sim.epoch + Math.floor(ns / 1e6);
      return `${name}\t${formatDate("%F %T.%N %z", new Date(at), Math.floor(ns % 1e9))}`;
    };
    yield* p.out(`--- ${labels[0] ?? stamp(left)}\n+++ ${labels[1] ?? stamp(right)}\n`);
    yield* p.out(unified(linesA, linesB, list, Number(options.get("U") ?? 3), ends));
    return 1;
  },
};

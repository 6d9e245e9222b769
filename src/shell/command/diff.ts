import type { Command } from "../command.ts";
import { formatDate } from "../lib/date.ts";
import { readInput } from "../lib/input.ts";
import { getopt } from "../lib/options.ts";
import { toRegex } from "../lib/regex.ts";

/** A stretch where the files differ: [from, to) in each. */
interface Change {
  a: number;
  aEnd: number;
  b: number;
  bEnd: number;
}

/** Myers' O(ND) differences, as stretches. */
function changes(a: readonly string[], b: readonly string[]): Change[] {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let endA = a.length;
  let endB = b.length;
  while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) {
    endA--;
    endB--;
  }
  const n = endA - start;
  const m = endB - start;
  const keep: [number, number][] = [];
  if (n > 0 && m > 0) {
    const trail: Map<number, number>[] = [];
    let v = new Map<number, number>([[1, 0]]);
    search: for (let d = 0; d <= n + m; d++) {
      trail.push(new Map(v));
      for (let k = -d; k <= d; k += 2) {
        const down = k === -d || (k !== d && (v.get(k - 1) ?? -1) < (v.get(k + 1) ?? -1));
        let x = down ? (v.get(k + 1) ?? 0) : (v.get(k - 1) ?? 0) + 1;
        let y = x - k;
        while (x < n && y < m && a[start + x] === b[start + y]) {
          x++;
          y++;
        }
        v.set(k, x);
        if (x >= n && y >= m) break search;
      }
    }
    let x = n;
    let y = m;
    for (let d = trail.length - 1; d >= 0; d--) {
      v = trail[d] as Map<number, number>;
      const k = x - y;
      const down = k === -d || (k !== d && (v.get(k - 1) ?? -1) < (v.get(k + 1) ?? -1));
      const before = down ? k + 1 : k - 1;
      const px = v.get(before) ?? 0;
      const py = px - before;
      while (x > px && y > py && x > 0 && y > 0) {
        x--;
        y--;
        keep.push([start + x, start + y]);
      }
      if (d === 0) break;
      x = px;
      y = py;
    }
  }
  keep.reverse();
  keep.push([endA, endB]);
  const out: Change[] = [];
  let i = start;
  let j = start;
  for (const [x, y] of keep) {
    if (x > i || y > j) out.push({ a: i, aEnd: x, b: j, bEnd: y });
    i = x + 1;
    j = y + 1;
  }
  return out;
}

const NO_NEWLINE = "\\ No newline at end of file\n";

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

function unified(
  a: string[],
  b: string[],
  list: Change[],
  context: number,
  ends: [boolean, boolean],
): string {
  let out = "";
  for (let i = 0; i < list.length; ) {
    let last = i;
    while (
      last + 1 < list.length &&
      (list[last + 1] as Change).a - (list[last] as Change).aEnd <= context * 2
    )
      last++;
    const first = list[i] as Change;
    const end = list[last] as Change;
    const fromA = Math.max(0, first.a - context);
    const toA = Math.min(a.length, end.aEnd + context);
    const fromB = Math.max(0, first.b - (first.a - fromA));
    const toB = Math.min(b.length, end.bEnd + (toA - end.aEnd));
    const head = (from: number, to: number) =>
      to - from === 1 ? String(from + 1) : `${to > from ? from + 1 : from},${to - from}`;
    out += `@@ -${head(fromA, toA)} +${head(fromB, toB)} @@\n`;
    let x = fromA;
    const line = (mark: string, text: string, atEnd: boolean) => {
      out += `${mark}${text}\n${atEnd ? NO_NEWLINE : ""}`;
    };
    for (const change of list.slice(i, last + 1)) {
      for (; x < change.a; x++) line(" ", a[x] as string, false);
      for (; x < change.aEnd; x++) line("-", a[x] as string, x === a.length - 1 && ends[0]);
      for (let y = change.b; y < change.bEnd; y++)
        line("+", b[y] as string, y === b.length - 1 && ends[1]);
    }
    for (; x < toA; x++) line(" ", a[x] as string, x === a.length - 1 && ends[0]);
    i = last + 1;
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

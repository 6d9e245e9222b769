import type { Process, Run } from "../../host/process.ts";
import { STEP_COST } from "../../host/process.ts";
import type { Command } from "../command.ts";
import { closeInput, Lines, openInput, readInput, splitLines } from "../lib/input.ts";
import { byLocale } from "../lib/locale.ts";
import { getopt } from "../lib/options.ts";
import { Output } from "../lib/output.ts";

/** Small line tools: yes, tac, rev, nl, paste, comm, fold, expand, column, shuf. */

const yes: Command = {
  name: "yes",
  summary: "output a string repeatedly until killed",
  group: "text",
  man: "yes [STRING]...\n\nPrint STRING (y) for ever; end it with Ctrl-C.",
  *run(p, argv) {
    const line = `${argv.length > 1 ? argv.slice(1).join(" ") : "y"}\n`;
    const block = line.repeat(Math.max(1, Math.floor(8192 / line.length)));
    for (;;) {
      yield* p.out(block);
      yield { on: [], until: p.sim.now + STEP_COST };
    }
  },
};

/** Every line of the operands, or of standard input. */
function* eachLine(
  p: Process,
  tool: string,
  files: string[],
  use: (line: string) => Run<void>,
): Run {
  let status = 0;
  for (const name of files.length ? files : ["-"]) {
    const fd = openInput(p, name);
    if (typeof fd === "string") {
      yield* p.err(`${tool}: ${name}: ${fd}\n`);
      status = 1;
      continue;
    }
    const lines = new Lines(p, fd);
    for (let line = yield* lines.next(); line !== null; line = yield* lines.next())
      yield* use(line);
    closeInput(p, fd);
  }
  return status;
}

const tac: Command = {
  name: "tac",
  summary: "concatenate and print files in reverse",
  group: "text",
  man: "tac [FILE]...\n\nPrint the lines of each FILE, the last first.",
  *run(p, argv) {
    const out = new Output(p);
    let status = 0;
    const files = argv.slice(1).filter((word) => word !== "--");
    for (const name of files.length ? files : ["-"]) {
      const fd = openInput(p, name);
      if (typeof fd === "string") {
        yield* p.err(`tac: failed to open '${name}' for reading: ${fd}\n`);
        status = 1;
        continue;
      }
      const text = (yield* readInput(p, name, "tac")) ?? "";
      const pieces = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
      for (const piece of pieces.reverse()) yield* out.write(piece);
      if (fd > 0) closeInput(p, fd);
    }
    yield* out.flush();
    return status;
  },
};

const rev: Command = {
  name: "rev",
  summary: "reverse lines characterwise",
  group: "text",
  man: "rev [FILE]...\n\nPrint each line backwards.",
  *run(p, argv) {
    const out = new Output(p);
    const status = yield* eachLine(p, "rev", argv.slice(1), (line) =>
      out.write(`${[...line].reverse().join("")}\n`),
    );
    yield* out.flush();
    return status;
  },
};

const nl: Command = {
  name: "nl",
  summary: "number lines of files",
  group: "text",
  man: "nl [-b a|t|n] [-w WIDTH] [-s TEXT] [-v START] [-i STEP] [-n ln|rn|rz] [FILE]...\n\nPrint lines with numbers; -b a numbers empty ones, too.",
  *run(p, argv) {
    const options = getopt(argv, "b:w:s:v:i:n:f:h:d:pl:");
    if (options.error) {
      yield* p.err(options.error);
      return 1;
    }
    const style = options.get("b") ?? "t";
    const width = Number(options.get("w") ?? 6);
    const separator = options.get("s") ?? "\t";
    const kind = options.get("n") ?? "rn";
    let number = Number(options.get("v") ?? 1);
    const step = Number(options.get("i") ?? 1);
    const out = new Output(p);
    const status = yield* eachLine(p, "nl", options.operands, function* (line) {
      if (style === "a" || (style === "t" && line !== "")) {
        const text = String(number);
        const cell =
          kind === "ln" ? text.padEnd(width) : text.padStart(width, kind === "rz" ? "0" : " ");
        yield* out.write(`${cell}${separator}${line}\n`);
        number += step;
      } else yield* out.write(`${" ".repeat(width + separator.length)}${line}\n`);
    });
    yield* out.flush();
    return status;
  },
};

const paste: Command = {
  name: "paste",
  summary: "merge lines of files",
  group: "text",
  man: "paste [-s] [-d LIST] [FILE]...\n\nPrint the lines of the FILEs side by side; with -s each file as one line.",
  *run(p, argv) {
    const options = getopt(argv, "sd:z", { serial: "s", "delimiters=": "d" });
    if (options.error) {
      yield* p.err(options.error);
      return 1;
    }
    const list = [
      ...(options.get("d") ?? "\t").replace(
        /\\([nt0\\])/g,
        (_, c: string) => ({ n: "\n", t: "\t", "0": "" })[c] ?? "\\",
      ),
    ];
    const glue = (i: number) => (list.length ? (list[i % list.length] as string) : "");
    const files = options.operands.length ? options.operands : ["-"];
    const inputs: { lines: Lines; fd: number }[] = [];
    let stdin: Lines | null = null;
    for (const name of files) {
      const fd = openInput(p, name);
      if (typeof fd === "string") {
        yield* p.err(`paste: ${name}: ${fd}\n`);
        return 1;
      }
      const lines: Lines = fd === 0 ? (stdin ?? new Lines(p, 0)) : new Lines(p, fd);
      if (fd === 0) stdin = lines;
      inputs.push({ lines, fd });
    }
    const out = new Output(p);
    if (options.has("s"))
      for (const { lines } of inputs) {
        let text = "";
        let i = 0;
        for (let line = yield* lines.next(); line !== null; line = yield* lines.next()) {
          text += i > 0 ? glue(i - 1) + line : line;
          i++;
        }
        yield* out.write(`${text}\n`);
      }
    else
      for (;;) {
        const row: (string | null)[] = [];
        for (const { lines } of inputs) row.push(yield* lines.next());
        if (row.every((cell) => cell === null)) break;
        yield* out.write(
          `${row.map((cell, i) => (i > 0 ? glue(i - 1) : "") + (cell ?? "")).join("")}\n`,
        );
      }
    yield* out.flush();
    return 0;
  },
};

const comm: Command = {
  name: "comm",
  summary: "compare two sorted files line by line",
  group: "text",
  man: "comm [-123] FILE1 FILE2\n\nThree columns: only in FILE1, only in FILE2, in both; -1 -2 -3 leave one out.",
  *run(p, argv) {
    const options = getopt(argv, "123z", {
      "check-order": "co",
      "nocheck-order": "nco",
      "output-delimiter=": "d",
    });
    if (options.error) {
      yield* p.err(options.error);
      return 1;
    }
    const [one, two] = options.operands;
    if (one === undefined || two === undefined) {
      const after = one === undefined ? "" : ` after ‘${one}’`;
      yield* p.err(`comm: missing operand${after}\nTry 'comm --help' for more information.\n`);
      return 1;
    }
    const a = yield* readInput(p, one, "comm");
    const b = a === null ? null : yield* readInput(p, two, "comm");
    if (a === null || b === null) return 1;
    const left = splitLines(a);
    const right = splitLines(b);
    const tab = options.get("d") ?? "\t";
    const before2 = options.has("1") ? "" : tab;
    const before3 = before2 + (options.has("2") ? "" : tab);
    const out = new Output(p);
    let i = 0;
    let j = 0;
    while (i < left.length || j < right.length) {
      const order =
        i >= left.length
          ? 1
          : j >= right.length
            ? -1
            : byLocale(left[i] as string, right[j] as string);
      if (order < 0) {
        if (!options.has("1")) yield* out.write(`${left[i]}\n`);
        i++;
      } else if (order > 0) {
        if (!options.has("2")) yield* out.write(`${before2}${right[j]}\n`);
        j++;
      } else {
        if (!options.has("3")) yield* out.write(`${before3}${left[i]}\n`);
        i++;
        j++;
      }
    }
    yield* out.flush();
    return 0;
  },
};

const fold: Command = {
  name: "fold",
  summary: "wrap each input line to fit in specified width",
  group: "text",
  man: "fold [-s] [-w WIDTH] [FILE]...\n\nBreak lines after 80 columns; with -s at blanks.",
  *run(p, argv) {
    const words = argv.map((word, i) =>
      i > 0 && /^-\d+$/.test(word) ? `-w${word.slice(1)}` : word,
    );
    const options = getopt(words, "bsw:", { spaces: "s", "width=": "w" });
    if (options.error) {
      yield* p.err(options.error);
      return 1;
    }
    const width = Number(options.get("w") ?? 80);
    const out = new Output(p);
    const status = yield* eachLine(p, "fold", options.operands, function* (line) {
      let rest = [...line];
      while (rest.length > width) {
        let at = width;
        if (options.has("s")) {
          const blank = rest.slice(0, width).lastIndexOf(" ");
          if (blank >= 0) at = blank + 1;
        }
        yield* out.write(`${rest.slice(0, at).join("")}\n`);
        rest = rest.slice(at);
      }
      yield* out.write(`${rest.join("")}\n`);
    });
    yield* out.flush();
    return status;
  },
};

const expand: Command = {
  name: "expand",
  summary: "convert tabs to spaces",
  group: "text",
  man: "expand [-t N] [FILE]...\n\nPrint lines with blanks instead of tabs, every 8 columns or N.",
  *run(p, argv) {
    const options = getopt(argv, "it:", { "tabs=": "t", initial: "i" });
    if (options.error) {
      yield* p.err(options.error);
      return 1;
    }
    const stop = Number(options.get("t") ?? 8);
    const out = new Output(p);
    const status = yield* eachLine(p, "expand", options.operands, function* (line) {
      let text = "";
      for (const c of line) text += c === "\t" ? " ".repeat(stop - (text.length % stop)) : c;
      yield* out.write(`${text}\n`);
    });
    yield* out.flush();
    return status;
  },
};

const column: Command = {
  name: "column",
  summary: "columnate lists",
  group: "text",
  man: "column -t [-s CHARS] [-o TEXT] [FILE]...\n\nPrint a table: fields (cut at blanks, or CHARS) in columns.",
  *run(p, argv) {
    const options = getopt(argv, "ts:o:c:nx", {
      table: "t",
      "separator=": "s",
      "output-separator=": "o",
    });
    if (options.error) {
      yield* p.err(options.error);
      return 1;
    }
    const rows: string[][] = [];
    const separator = options.get("s");
    const status = yield* eachLine(p, "column", options.operands, function* (line) {
      if (line.trim() === "") return;
      rows.push(
        separator === null
          ? line.trim().split(/[ \t]+/)
          : line.split(new RegExp(`[${separator.replace(/[\\\]^-]/g, "\\$&")}]+`)),
      );
    });
    const glue = options.get("o") ?? "  ";
    const widths: number[] = [];
    for (const row of rows)
      row.forEach((cell, i) => {
        widths[i] = Math.max(widths[i] ?? 0, [...cell].length);
      });
    const out = new Output(p);
    for (const row of rows)
      yield* out.write(
        options.has("t")
          ? `${row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] as number))).join(glue)}\n`
          : `${row.join(" ")}\n`,
      );
    yield* out.flush();
    return status;
  },
};

const shuf: Command = {
  name: "shuf",
  summary: "generate random permutations",
  group: "text",
  man: "shuf [-n COUNT] [-e WORD... | -i LO-HI | FILE]\n\nPrint lines in random order, the same for the same seed of the world.",
  *run(p, argv) {
    const options = getopt(argv, "en:i:r", { "head-count=": "n", echo: "e", "input-range=": "i" });
    if (options.error) {
      yield* p.err(options.error);
      return 1;
    }
    let items: string[];
    const range = /^(\d+)-(\d+)$/.exec(options.get("i") ?? "");
    if (range) {
      items = [];
      for (let n = Number(range[1]); n <= Number(range[2]); n++) items.push(String(n));
    } else if (options.has("e")) items = options.operands;
    else {
      const text = yield* readInput(p, options.operands[0] ?? "-", "shuf");
      if (text === null) return 1;
      items = splitLines(text);
    }
    const rng = p.sim.rng("shuf");
    for (let i = items.length - 1; i > 0; i--) {
      const j = rng.below(i + 1);
      [items[i], items[j]] = [items[j] as string, items[i] as string];
    }
    const count = Number(options.get("n") ?? items.length);
    yield* p.out(
      items
        .slice(0, count)
        .map((item) => `${item}\n`)
        .join(""),
    );
    return 0;
  },
};

export const lineTools: readonly Command[] = [
  column,
  comm,
  expand,
  fold,
  nl,
  paste,
  rev,
  shuf,
  tac,
  yes,
];

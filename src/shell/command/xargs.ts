import { fromUtf8 } from "../../base/text.ts";
import type { Process, Run } from "../../host/process.ts";
import type { Command } from "../command.ts";
import { getopt } from "../lib/options.ts";
import { spawn, waitFor } from "../spawn.ts";

/** The items of standard input: blanks separate, quotes and backslashes protect. */
function itemsOf(text: string): { items: { text: string; line: number }[]; error: string | null } {
  const items: { text: string; line: number }[] = [];
  let current: string | null = null;
  let line = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string;
    if (c === "'" || c === '"') {
      const end = text.indexOf(c, i + 1);
      const stop = text.indexOf("\n", i + 1);
      if (end < 0 || (stop >= 0 && stop < end)) {
        const kind = c === "'" ? "single" : "double";
        return {
          items,
          error: `xargs: unmatched ${kind} quote; by default quotes are special to xargs unless you use the -0 option\n`,
        };
      }
      current = (current ?? "") + text.slice(i + 1, end);
      i = end;
    } else if (c === "\\" && i + 1 < text.length) current = (current ?? "") + text[++i];
    else if (/[ \t\n]/.test(c)) {
      if (current !== null) items.push({ text: current, line });
      current = null;
      if (c === "\n") line++;
    } else current = (current ?? "") + c;
  }
  if (current !== null) items.push({ text: current, line });
  return { items, error: null };
}

function* runOne(p: Process, words: string[], trace: boolean): Run {
  if (trace) yield* p.err(`${words.join(" ")}\n`);
  const child = spawn(p, words, { stdin: p.machine.fs.open("/dev/null", { read: true }, 0, p) });
  if (child) return yield* waitFor(child);
  yield* p.err(`xargs: ${words[0]}: No such file or directory\n`);
  return 127;
}

export const xargs: Command = {
  name: "xargs",
  summary: "build and execute command lines from standard input",
  group: "shell",
  man: `xargs [OPTION]... [COMMAND [INITIAL-ARGS]...]

Run COMMAND (echo) with the items of standard input as further arguments.
  -n NUM at most NUM at a time   -I TEXT put each line where TEXT is   -L NUM lines at a time
  -0 items end with NUL   -d CHAR with CHAR   -r not at all without input   -t show   -P NUM`,
  *run(p, argv) {
    const options = getopt(argv, "+0d:I:L:n:P:rts:x", {
      null: "0",
      "delimiter=": "d",
      "replace=?": "I",
      "max-lines=": "L",
      "max-args=": "n",
      "max-procs=": "P",
      "no-run-if-empty": "r",
      verbose: "t",
    });
    if (options.error) {
      yield* p.err(options.error);
      return 1;
    }
    const command = options.operands.length ? options.operands : ["echo"];
    const text = fromUtf8(yield* p.readAll(0));
    const replace = options.get("I") ?? (options.has("I") ? "{}" : null);
    const delimiter = options.has("0")
      ? "\0"
      : options.get("d")?.replace(/\\n/, "\n").replace(/\\t/, "\t");
    let items: { text: string; line: number }[];
    if (delimiter !== undefined && delimiter !== null)
      items = text
        .split(delimiter)
        .filter((part, i, all) => i < all.length - 1 || part !== "")
        .map((part, line) => ({ text: part, line }));
    else if (replace !== null)
      items = text
        .split("\n")
        .map((part, line) => ({ text: part.trimStart(), line }))
        .filter((item) => item.text !== "");
    else {
      const read = itemsOf(text);
      if (read.error) {
        yield* p.err(read.error);
        return 1;
      }
      items = read.items;
    }
    const runs: string[][] = [];
    if (replace !== null)
      for (const item of items)
        runs.push(command.map((word) => word.replaceAll(replace, item.text)));
    else if (options.has("L")) {
      const per = Number(options.get("L"));
      const lines = [...new Set(items.map((item) => item.line))];
      for (let i = 0; i < lines.length; i += per) {
        const group = new Set(lines.slice(i, i + per));
        runs.push([
          ...command,
          ...items.filter((item) => group.has(item.line)).map((item) => item.text),
        ]);
      }
    } else {
      const per = Number(options.get("n") ?? 1000);
      for (let i = 0; i < items.length; i += per)
        runs.push([...command, ...items.slice(i, i + per).map((item) => item.text)]);
    }
    if (items.length === 0 && !options.has("r") && replace === null) runs.push(command);
    let status = 0;
    for (const words of runs) {
      const result = yield* runOne(p, words, options.has("t"));
      if (result === 127 || result === 126) return result;
      if (result === 255) {
        yield* p.err(`xargs: ${words[0]}: exited with status 255; aborting\n`);
        return 124;
      }
      if (result !== 0) status = 123;
    }
    return status;
  },
};

import type { Command } from "../command.ts";
import { closeInput, Lines, openInput } from "../lib/input.ts";
import { getopt } from "../lib/options.ts";
import { Output } from "../lib/output.ts";

type Range = [number, number];

/** `1,3-5,7-` */
function rangesOf(list: string): Range[] | null {
  const out: Range[] = [];
  for (const part of list.split(/[,\s]+/)) {
    const match = /^(\d*)(-?)(\d*)$/.exec(part);
    if (!match || (match[1] === "" && match[3] === "")) return null;
    const from = match[1] === "" ? 1 : Number(match[1]);
    const to =
      match[2] === "" ? from : match[3] === "" ? Number.POSITIVE_INFINITY : Number(match[3]);
    if (from === 0 || to < from) return null;
    out.push([from, to]);
  }
  return out;
}

export const cut: Command = {
  name: "cut",
  summary: "remove sections from each line of files",
  group: "text",
  man: `cut OPTION... [FILE]...

Print chosen parts of each line. LIST is like 1,3-5,7-
  -f LIST  fields     -d CHAR  what separates them (tab)   -s  only lines that have it
  -c LIST  characters -b LIST  bytes   --complement  the others   --output-delimiter=TEXT`,
  *run(p, argv) {
    const options = getopt(argv, "b:c:d:f:nsz", {
      "bytes=": "b",
      "characters=": "c",
      "delimiter=": "d",
      "fields=": "f",
      "only-delimited": "s",
      "output-delimiter=": "od",
      complement: "complement",
    });
    if (options.error) {
      yield* p.err(options.error);
      return 1;
    }
    const help = "Try 'cut --help' for more information.\n";
    const list = options.get("f") ?? options.get("c") ?? options.get("b");
    if (list === null) {
      yield* p.err(`cut: you must specify a list of bytes, characters, or fields\n${help}`);
      return 1;
    }
    const delimiter = options.get("d") ?? "\t";
    if ([...delimiter].length > 1) {
      yield* p.err(`cut: the delimiter must be a single character\n${help}`);
      return 1;
    }
    const ranges = rangesOf(list);
    if (!ranges) {
      const what = options.has("f") ? "field" : "byte/character position";
      const why = /(^|,)0/.test(list)
        ? options.has("f")
          ? "fields are numbered from 1"
          : "byte/character positions are numbered from 1"
        : /\d-\d/.test(list)
          ? "invalid decreasing range"
          : `invalid ${what === "field" ? "field value" : what} ‘${list}’`;
      yield* p.err(`cut: ${why}\n${help}`);
      return 1;
    }
    const inverse = options.has("complement");
    const chosen = (n: number) => ranges.some(([from, to]) => n >= from && n <= to) !== inverse;
    const glue = options.get("od");
    const out = new Output(p);
    let status = 0;
    for (const name of options.operands.length ? options.operands : ["-"]) {
      const fd = openInput(p, name);
      if (typeof fd === "string") {
        yield* p.err(`cut: ${name}: ${fd}\n`);
        status = 1;
        continue;
      }
      const lines = new Lines(p, fd);
      for (let line = yield* lines.next(); line !== null; line = yield* lines.next()) {
        if (options.has("f")) {
          if (!line.includes(delimiter)) {
            if (!options.has("s")) yield* out.write(`${line}\n`);
            continue;
          }
          const parts = line.split(delimiter).filter((_, i) => chosen(i + 1));
          yield* out.write(`${parts.join(glue ?? delimiter)}\n`);
        } else {
          const chars = [...line];
          let text = "";
          for (let i = 0; i < chars.length; i++) {
            if (!chosen(i + 1)) continue;
            const starts = ranges.some(([from]) => from === i + 1);
            if (glue !== null && text !== "" && (starts || !chosen(i))) text += glue;
            text += chars[i];
          }
          yield* out.write(`${text}\n`);
        }
      }
      closeInput(p, fd);
    }
    yield* out.flush();
    return status;
  },
};

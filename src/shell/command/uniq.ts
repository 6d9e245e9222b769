import type { Command } from "../command.ts";
import { closeInput, Lines, openInput } from "../lib/input.ts";
import { getopt } from "../lib/options.ts";
import { Output } from "../lib/output.ts";

export const uniq: Command = {
  name: "uniq",
  summary: "report or omit repeated lines",
  group: "text",
  man: `uniq [OPTION]... [INPUT]

Print each run of equal lines once.
  -c how often   -d only repeated   -u only unique   -i ignore case
  -f N skip N fields   -s N skip N characters   -w N compare N characters`,
  *run(p, argv) {
    const options = getopt(argv, "cdDuif:s:w:z", {
      count: "c",
      repeated: "d",
      unique: "u",
      "ignore-case": "i",
      "skip-fields=": "f",
      "skip-chars=": "s",
      "check-chars=": "w",
    });
    if (options.error) {
      yield* p.err(options.error);
      return 1;
    }
    const name = options.operands[0] ?? "-";
    const fd = openInput(p, name);
    if (typeof fd === "string") {
      yield* p.err(`uniq: ${name}: ${fd}\n`);
      return 1;
    }
    const fields = Number(options.get("f") ?? 0);
    const skip = Number(options.get("s") ?? 0);
    const width = options.get("w");
    const keyOf = (line: string): string => {
      let key = line;
      for (let i = 0; i < fields; i++) key = key.replace(/^[ \t]*[^ \t]*/, "");
      key = key.slice(skip);
      if (width !== null) key = key.slice(0, Number(width));
      return options.has("i") ? key.toLowerCase() : key;
    };
    const out = new Output(p);
    const lines = new Lines(p, fd);
    let held: string | null = null;
    let key = "";
    let count = 0;
    for (;;) {
      const line = yield* lines.next();
      const next = line === null ? "" : keyOf(line);
      if (held !== null && (line === null || next !== key)) {
        const shown: boolean = options.has("d") ? count > 1 : options.has("u") ? count === 1 : true;
        if (shown)
          yield* out.write(
            options.has("c") ? `${String(count).padStart(7)} ${held}\n` : `${held}\n`,
          );
        held = null;
      }
      if (line === null) break;
      if (held === null) {
        held = line;
        key = next;
        count = 0;
      }
      count++;
      if (options.has("D") && count > 1) yield* out.write(`${line}\n`);
    }
    closeInput(p, fd);
    yield* out.flush();
    return 0;
  },
};

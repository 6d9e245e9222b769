import type { Command } from "../command.ts";
import { getopt } from "../lib/options.ts";
import { Output } from "../lib/output.ts";
import { formatFloat, unescapeText } from "../lib/printf.ts";

export const seq: Command = {
  name: "seq",
  summary: "print a sequence of numbers",
  group: "text",
  man: `seq [OPTION]... [FIRST [INCREMENT]] LAST

Print numbers from FIRST to LAST in steps of INCREMENT.
  -s STRING   between the numbers (default: newline)
  -w          equal widths, with zeros in front
  -f FORMAT   a printf format for floating point`,
  *run(p, argv) {
    // Negative numbers are operands, not options.
    const first = argv.findIndex((word, i) => i > 0 && /^-[\d.]/.test(word));
    const head = first < 0 ? argv : argv.slice(0, first);
    const options = getopt(head, "+s:wf:", {
      separator: "s",
      "equal-width": "w",
      "separator=": "s",
      "format=": "f",
    });
    if (first >= 0) options.operands.push(...argv.slice(first));
    if (options.error) {
      yield* p.err(options.error);
      return 1;
    }
    const words = options.operands;
    const help = "Try 'seq --help' for more information.\n";
    if (words.length === 0 || words.length > 3) {
      const what = words.length ? `extra operand '${words[3]}'` : "missing operand";
      yield* p.err(`seq: ${what.replace(/'/g, words.length ? "'" : "'")}\n${help}`);
      return 1;
    }
    for (const word of words)
      if (word.trim() === "" || Number.isNaN(Number(word))) {
        yield* p.err(`seq: invalid floating point argument: ‘${word}’\n${help}`);
        return 1;
      }
    const from = words.length > 1 ? Number(words[0]) : 1;
    const step = words.length > 2 ? Number(words[1]) : 1;
    const to = Number(words[words.length - 1]);
    if (step === 0) {
      yield* p.err(`seq: invalid Zero increment value: ‘${words[1]}’\n${help}`);
      return 1;
    }
    const separator = unescapeText(options.get("s") ?? "\n", false).text;
    const places = Math.max(...words.slice(0, words.length > 1 ? 2 : 1).map(decimals), 0);
    const format = options.get("f");
    let width = 0;
    if (options.has("w")) width = Math.max(from.toFixed(places).length, to.toFixed(places).length);
    const out = new Output(p);
    const count = Math.floor((to - from) / step + 1e-9);
    for (let i = 0; i <= count; i++) {
      const value = from + i * step;
      let text = value.toFixed(places);
      if (format !== null)
        text = format.replace(/%([-+ #0]*)(\d*)(?:\.(\d+))?([efgEFG])/, (_, flags, w, prec, kind) =>
          formatFloat(value, kind, flags, Number(w || 0), prec === undefined ? -1 : Number(prec)),
        );
      else if (width)
        text = value < 0 ? `-${text.slice(1).padStart(width - 1, "0")}` : text.padStart(width, "0");
      yield* out.write(i > 0 ? separator + text : text);
    }
    if (count >= 0) yield* out.write("\n");
    yield* out.flush();
    return 0;
  },
};

function decimals(word: string): number {
  const at = word.indexOf(".");
  return at < 0 ? 0 : word.length - at - 1;
}

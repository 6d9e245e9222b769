import { fromUtf8 } from "../../base/text.ts";
import type { Command } from "../command.ts";
import { getopt } from "../lib/options.ts";
import { Output } from "../lib/output.ts";

const CLASSES: Record<string, (code: number) => boolean> = {
  alpha: (c) => /[A-Za-z]/.test(String.fromCharCode(c)),
  digit: (c) => c >= 48 && c <= 57,
  alnum: (c) => /[A-Za-z0-9]/.test(String.fromCharCode(c)),
  upper: (c) => c >= 65 && c <= 90,
  lower: (c) => c >= 97 && c <= 122,
  space: (c) => c === 32 || (c >= 9 && c <= 13),
  blank: (c) => c === 32 || c === 9,
  punct: (c) => c > 32 && c < 127 && !/[A-Za-z0-9]/.test(String.fromCharCode(c)),
  print: (c) => c >= 32 && c < 127,
  graph: (c) => c > 32 && c < 127,
  cntrl: (c) => c < 32 || c === 127,
  xdigit: (c) => /[A-Fa-f0-9]/.test(String.fromCharCode(c)),
};
const ESCAPES: Record<string, string> = {
  n: "\n",
  t: "\t",
  r: "\r",
  a: "\x07",
  b: "\b",
  f: "\f",
  v: "\v",
  "\\": "\\",
};

/** A SET's characters; `[x*]` is filled up to `fill`. A text is what is wrong. */
function expandSet(set: string, fill: number): string[] | string {
  const out: string[] = [];
  const chars: { c: string; plain: boolean }[] = [];
  for (let i = 0; i < set.length; i++) {
    const c = set[i] as string;
    if (c === "\\" && i + 1 < set.length) {
      const octal = /^[0-7]{1,3}/.exec(set.slice(i + 1))?.[0];
      if (octal) {
        chars.push({ c: String.fromCharCode(Number.parseInt(octal, 8)), plain: false });
        i += octal.length;
      } else chars.push({ c: ESCAPES[set[++i] as string] ?? (set[i] as string), plain: false });
    } else {
      const whole = String.fromCodePoint(set.codePointAt(i) as number);
      i += whole.length - 1;
      chars.push({ c: whole, plain: true });
    }
  }
  let repeat = -1;
  for (let i = 0; i < chars.length; i++) {
    const { c, plain } = chars[i] as { c: string; plain: boolean };
    const rest = chars
      .slice(i)
      .map((one) => one.c)
      .join("");
    const named = plain ? /^\[:(\w+):\]/.exec(rest) : null;
    if (named) {
      const test = CLASSES[named[1] as string];
      if (!test) return `invalid character class ‘${named[1]}’`;
      for (let code = 0; code < 128; code++) if (test(code)) out.push(String.fromCharCode(code));
      i += named[0].length - 1;
      continue;
    }
    const repeated = plain ? /^\[([\s\S])\*(\d*)\]/.exec(rest) : null;
    if (repeated) {
      const count = Number(repeated[2] || 0);
      if (count === 0) repeat = out.length;
      for (let n = 0; n < count; n++) out.push(repeated[1] as string);
      if (count === 0) out.push(repeated[1] as string);
      i += repeated[0].length - 1;
      continue;
    }
    const dash = chars[i + 1];
    const end = chars[i + 2];
    if (dash?.plain && dash.c === "-" && end) {
      const from = c.codePointAt(0) as number;
      const to = end.c.codePointAt(0) as number;
      if (to < from)
        return `range-endpoints of '${c}-${end.c}' are in reverse collating sequence order`;
      for (let code = from; code <= to; code++) out.push(String.fromCodePoint(code));
      i += 2;
      continue;
    }
    out.push(c);
  }
  if (repeat >= 0) while (out.length < fill) out.splice(repeat, 0, out[repeat] as string);
  return out;
}

export const tr: Command = {
  name: "tr",
  summary: "translate or delete characters",
  group: "text",
  man: `tr [OPTION]... SET1 [SET2]

Replace each character of SET1 by the one at its place in SET2.
  -d delete those of SET1   -s squeeze repeats   -c all but those of SET1
SETs know ranges (a-z), classes ([:upper:]) and escapes (\\n).`,
  *run(p, argv) {
    const options = getopt(argv, "+cCdst", {
      complement: "c",
      delete: "d",
      "squeeze-repeats": "s",
      "truncate-set1": "t",
    });
    if (options.error) {
      yield* p.err(options.error);
      return 1;
    }
    const [one, two] = options.operands;
    const help = "Try 'tr --help' for more information.\n";
    const remove = options.has("d");
    const squeeze = options.has("s");
    if (one === undefined) {
      yield* p.err(`tr: missing operand\n${help}`);
      return 1;
    }
    if (two === undefined && !remove && !squeeze) {
      yield* p.err(
        `tr: missing operand after ‘${one}’\nTwo strings must be given when translating.\n${help}`,
      );
      return 1;
    }
    const first = expandSet(one, 0);
    const second = expandSet(two ?? "", typeof first === "string" ? 0 : first.length);
    for (const set of [first, second])
      if (typeof set === "string") {
        yield* p.err(`tr: ${set}\n`);
        return 1;
      }
    const from = new Set(first);
    const inverse = options.has("c", "C");
    const hit = (c: string) => from.has(c) !== inverse;
    const map = new Map<string, string>();
    const to = second as string[];
    if (two !== undefined && !remove && !inverse)
      (first as string[]).forEach((c, i) => {
        const other = to[Math.min(i, to.length - 1)];
        if (other !== undefined) map.set(c, other);
      });
    const squeezed = new Set(two !== undefined && (remove || !remove) && to.length ? to : first);
    const squeezes = (c: string) => (two === undefined ? hit(c) : squeezed.has(c));
    const out = new Output(p);
    let last = "";
    for (;;) {
      const data = yield* p.read(0);
      if (data === null) break;
      let text = "";
      for (const c of fromUtf8(data)) {
        if (remove && hit(c)) continue;
        let next = c;
        if (!remove && two !== undefined)
          next = inverse ? (hit(c) ? (to[to.length - 1] ?? c) : c) : (map.get(c) ?? c);
        if (squeeze && next === last && squeezes(next)) continue;
        text += next;
        last = next;
      }
      yield* out.write(text);
    }
    yield* out.flush();
    return 0;
  },
};

import type { Run } from "../../../host/process.ts";
import { formatDate } from "../../lib/date.ts";
import { formatFloat, formatInteger } from "../../lib/printf.ts";
import type { Awk } from "./interpreter.ts";
import { AwkError } from "./lexer.ts";
import type { Expr } from "./parser.ts";
import { fromInput, toNumber, type Value } from "./value.ts";

const textOf = (value: Value): string => {
  if (typeof value === "string") return value;
  if (value === undefined) return "";
  if (typeof value !== "number") return value.text;
  return Number.isInteger(value) && Math.abs(value) < 1e16
    ? String(value)
    : formatValue("%.6g", value);
};

/** sprintf (POSIX awk "Formatted output"). */
export function formatValue(format: string, ...args: Value[]): string {
  let used = 0;
  return format.replace(
    /%(?:%|([-+ #0]*)(\*|\d+)?(?:\.(\*|\d+)?)?(?:hh|h|ll|l)?([a-zA-Z]))/g,
    (
      whole: string,
      flags: string | undefined,
      width: string | undefined,
      precision: string | undefined,
      kind: string | undefined,
    ) => {
      if (kind === undefined || flags === undefined) return "%";
      const star = () => Math.trunc(toNumber(args[used++]));
      let wide = width === "*" ? star() : Number(width ?? 0);
      if (wide < 0) {
        flags += "-";
        wide = -wide;
      }
      const dot = /\./.test(whole.replace(/^%[-+ #0]*/, ""));
      const exact =
        precision === "*" ? star() : precision !== undefined ? Number(precision) : dot ? 0 : -1;
      const value = args[used++];
      const pad = (text: string) =>
        flags?.includes("-") ? text.padEnd(wide) : text.padStart(wide);
      switch (kind) {
        case "d":
        case "i": {
          const number = toNumber(value);
          if (!Number.isFinite(number))
            return pad(Number.isNaN(number) ? "nan" : number < 0 ? "-inf" : "inf");
          return formatInteger(BigInt(Math.trunc(number)), "d", flags, wide, exact);
        }
        case "o":
        case "x":
        case "X":
        case "u":
          return formatInteger(BigInt(Math.trunc(toNumber(value))), kind, flags, wide, exact);
        case "e":
        case "E":
        case "f":
        case "F":
        case "g":
        case "G":
          return formatFloat(toNumber(value), kind, flags, wide, exact);
        case "c":
          return pad(
            typeof value === "number"
              ? String.fromCodePoint(Math.max(0, Math.trunc(value)))
              : ([...textOf(value)][0] ?? ""),
          );
        case "s": {
          const text = textOf(value);
          return pad(exact >= 0 ? [...text].slice(0, exact).join("") : text);
        }
      }
      return whole;
    },
  );
}

/** The replacement of sub and gsub: & is what matched, \& an ampersand. */
function replaced(by: string, match: string): string {
  return by.replace(/\\\\&|\\&|&/g, (part) =>
    part === "&" ? match : part === "\\&" ? "&" : `\\${match}`,
  );
}

function* substitute(awk: Awk, args: Expr[], global: boolean): Run<Value> {
  const regex = yield* awk.pattern(args[0] as Expr);
  const by = awk.toText(yield* awk.eval(args[1] as Expr));
  const target: Expr = args[2] ?? { op: "field", index: { op: "number", value: 0 } };
  const text = awk.toText(yield* awk.eval(target));
  let count = 0;
  let out = "";
  let at = 0;
  let afterMatch = -1;
  regex.lastIndex = 0;
  for (let match = regex.exec(text); match; match = regex.exec(text)) {
    const end = match.index + match[0].length;
    // An empty match right behind the last one does not count.
    if (match[0] !== "" || match.index !== afterMatch) {
      out += text.slice(at, match.index) + replaced(by, match[0]);
      at = end;
      afterMatch = end;
      count++;
    }
    if (!global || end >= text.length) break;
    if (match[0] === "") {
      out += text.slice(at, end + 1);
      at = end + 1;
      regex.lastIndex = end + 1;
    }
  }
  if (count === 0) return 0;
  yield* awk.store(target, out + text.slice(at));
  return count;
}

export function* callBuiltin(awk: Awk, name: string, args: Expr[]): Run<Value> {
  switch (name) {
    case "sub":
    case "gsub":
      return yield* substitute(awk, args, name === "gsub");
    case "length": {
      const [arg] = args;
      if (!arg) return [...awk.wholeRecord()].length;
      if (arg.op === "var" && awk.frameOf(arg.name).get(arg.name) instanceof Map)
        return awk.array(arg.name).size;
      return [...awk.toText(yield* awk.eval(arg))].length;
    }
    case "split": {
      const [source, target, separator] = args;
      if (!source || target?.op !== "var") throw new AwkError("split needs an array");
      const text = awk.toText(yield* awk.eval(source));
      const by =
        separator?.op === "regex"
          ? awk.regex(separator.source)
          : separator
            ? yield* awk.eval(separator)
            : awk.get("FS");
      const pieces = awk.splitText(text, by as Value);
      const array = awk.array(target.name);
      array.clear();
      pieces.forEach((piece, i) => {
        array.set(String(i + 1), fromInput(piece));
      });
      return pieces.length;
    }
    case "match": {
      const text = awk.toText(yield* awk.eval(args[0] as Expr));
      const regex = yield* awk.pattern(args[1] as Expr);
      regex.lastIndex = 0;
      const found = regex.exec(text);
      awk.globals.set("RSTART", found ? found.index + 1 : 0);
      awk.globals.set("RLENGTH", found ? found[0].length : -1);
      return found ? found.index + 1 : 0;
    }
    case "close":
      return yield* awk.streams.close(awk.toText(yield* awk.eval(args[0] as Expr)));
    case "system":
      return yield* awk.streams.system(awk.toText(yield* awk.eval(args[0] as Expr)));
    case "fflush":
      yield* awk.streams.flush();
      return 0;
  }
  const values: Value[] = [];
  for (const arg of args) values.push(yield* awk.eval(arg));
  const number = (i: number) => toNumber(values[i]);
  const text = (i: number) => awk.toText(values[i]);
  switch (name) {
    case "substr": {
      const chars = [...text(0)];
      const start = Math.trunc(number(1));
      // mawk 1.3.4 counts the characters before the first into the length, unlike POSIX.
      const length = values.length > 2 ? Math.trunc(number(2)) - Math.min(0, start) : chars.length;
      const from = Math.max(1, start);
      return chars.slice(from - 1, Math.max(0, from - 1 + length)).join("");
    }
    case "index":
      return (
        [...text(0).slice(0, Math.max(0, text(0).indexOf(text(1))))].length +
        (text(0).includes(text(1)) ? 1 : 0)
      );
    case "sprintf":
      return formatValue(text(0), ...values.slice(1));
    case "sin":
      return Math.sin(number(0));
    case "cos":
      return Math.cos(number(0));
    case "atan2":
      return Math.atan2(number(0), number(1));
    case "exp":
      return Math.exp(number(0));
    case "log":
      return Math.log(number(0));
    case "sqrt":
      return Math.sqrt(number(0));
    case "int":
      return Math.trunc(number(0));
    case "tolower":
      return text(0).toLowerCase();
    case "toupper":
      return text(0).toUpperCase();
    case "rand":
      awk.random = (Math.imul(awk.random, 1103515245) + 12345) & 0x7fffffff;
      return awk.random / 0x80000000;
    case "srand": {
      const old = awk.seed;
      awk.seed = values.length
        ? number(0)
        : Math.floor(awk.p.sim.epoch / 1000 + awk.p.sim.now / 1e9);
      awk.random = (awk.seed * 2654435761) & 0x7fffffff;
      return old;
    }
    case "systime":
      return Math.floor(awk.p.sim.epoch / 1000 + awk.p.sim.now / 1e9);
    case "strftime": {
      const at = values.length > 1 ? number(1) * 1000 : awk.p.sim.epoch + awk.p.sim.now / 1e6;
      return formatDate(values.length ? text(0) : "%c", new Date(at));
    }
  }
  throw new AwkError(`function ${name} never defined`);
}

import type { Process } from "../../host/process.ts";
import { SEC } from "../../sim/sim.ts";
import { quoteBackslash } from "../quote.ts";
import { formatDate } from "./date.ts";

/** Backslash escapes; `stop` is set by `\c`. `zero`: octal needs a leading 0 (`echo -e`, `%b`). */
export function unescapeText(text: string, zero: boolean): { text: string; stop: boolean } {
  let stop = false;
  const pattern = zero
    ? /\\(0[0-7]{0,3}|[1-7][0-7]{0,2}|x[0-9a-fA-F]{1,2}|u[0-9a-fA-F]{1,4}|U[0-9a-fA-F]{1,8}|[\s\S]|$)/g
    : /\\([0-7]{1,3}|x[0-9a-fA-F]{1,2}|u[0-9a-fA-F]{1,4}|U[0-9a-fA-F]{1,8}|[\s\S]|$)/g;
  let end = -1;
  const out = text.replace(pattern, (whole, body: string, offset: number) => {
    const c = body[0] ?? "";
    if (c === "c") {
      if (!stop) end = offset;
      stop = true;
      return "";
    }
    if (c >= "0" && c <= "7") return String.fromCharCode(Number.parseInt(body, 8) & 255);
    if ((c === "x" || c === "u" || c === "U") && body.length > 1)
      return String.fromCodePoint(Number.parseInt(body.slice(1), 16));
    const known: Record<string, string> = {
      n: "\n",
      t: "\t",
      r: "\r",
      a: "\x07",
      b: "\b",
      f: "\f",
      v: "\v",
      e: "\x1b",
      E: "\x1b",
      "\\": "\\",
      '"': zero ? '\\"' : '"',
      "'": zero ? "\\'" : "'",
    };
    return known[c] ?? whole;
  });
  if (!stop) return { text: out, stop };
  return { text: unescapeText(text.slice(0, end), zero).text, stop };
}

function pad(text: string, width: number, flags: string): string {
  const chars = [...text].length;
  if (chars >= width) return text;
  return flags.includes("-") ? text + " ".repeat(width - chars) : " ".repeat(width - chars) + text;
}

function zeroPad(sign: string, digits: string, width: number, flags: string): string {
  if (flags.includes("0") && !flags.includes("-"))
    digits = digits.padStart(width - sign.length, "0");
  return pad(sign + digits, width, flags);
}

export function formatInteger(
  value: bigint,
  kind: string,
  flags: string,
  width: number,
  precision: number,
): string {
  const signed = kind === "d" || kind === "i";
  if (!signed && value < 0n) value = BigInt.asUintN(64, value);
  let sign = "";
  if (value < 0n) {
    sign = "-";
    value = -value;
  } else if (signed && flags.includes("+")) sign = "+";
  else if (signed && flags.includes(" ")) sign = " ";
  const base = kind === "o" ? 8 : kind === "x" || kind === "X" ? 16 : 10;
  let digits = value.toString(base);
  if (kind === "X") digits = digits.toUpperCase();
  if (precision >= 0) digits = digits.padStart(precision, "0");
  if (flags.includes("#") && value !== 0n) {
    if (kind === "o") digits = `0${digits}`;
    else if (base === 16) sign = `0${kind}`;
  }
  return zeroPad(sign, digits, width, precision >= 0 ? flags.replace("0", "") : flags);
}

export function formatFloat(
  value: number,
  kind: string,
  flags: string,
  width: number,
  precision: number,
): string {
  const lower = kind.toLowerCase();
  let sign =
    value < 0 || Object.is(value, -0)
      ? "-"
      : flags.includes("+")
        ? "+"
        : flags.includes(" ")
          ? " "
          : "";
  const abs = Math.abs(value);
  let digits: string;
  if (Number.isNaN(value)) {
    digits = "nan";
    sign = "";
  } else if (abs === Number.POSITIVE_INFINITY) digits = "inf";
  else if (lower === "f") digits = fixed(abs, precision < 0 ? 6 : precision);
  else if (lower === "e") digits = exponent(abs, precision < 0 ? 6 : precision);
  else {
    const p = precision < 0 ? 6 : precision === 0 ? 1 : precision;
    const exp = abs === 0 ? 0 : Number(abs.toExponential(p - 1).split("e")[1]);
    digits = exp < -4 || exp >= p ? exponent(abs, p - 1) : fixed(abs, p - 1 - exp);
    if (!flags.includes("#") && digits.includes(".")) digits = digits.replace(/\.?0+(e|$)/, "$1");
  }
  if (kind !== lower) digits = digits.toUpperCase();
  const plain = /^[a-z]/i.test(digits) ? flags.replace("0", "") : flags;
  return zeroPad(sign, digits, width, plain);
}

/** toFixed for large values, too; exact digits as C prints them. */
function fixed(value: number, precision: number): string {
  if (value < 1e21) {
    const scaled = value * 10 ** precision;
    // A tie goes to the even digit in C, up in JavaScript.
    if (scaled % 1 === 0.5 && Math.floor(scaled) % 2 === 0 && scaled / 10 ** precision === value)
      return (Math.floor(scaled) / 10 ** precision).toFixed(precision);
    return value.toFixed(Math.min(100, precision));
  }
  const whole = BigInt(value).toString();
  return precision > 0 ? `${whole}.${"0".repeat(precision)}` : whole;
}

function exponent(value: number, precision: number): string {
  return value.toExponential(Math.min(100, precision)).replace(/e([+-])(\d)$/, "e$10$2");
}

/** strtoimax for printf's arguments: also 'c for a character's code. */
function integerOf(word: string): { value: bigint; error: string | null } {
  if (/^["']/.test(word)) return { value: BigInt(word.codePointAt(1) ?? 0), error: null };
  const match = /^\s*([-+]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)/.exec(word);
  if (!match) return { value: 0n, error: word === "" ? null : `${word}: invalid number` };
  const digits = match[2] as string;
  const value = /^0[0-7]+$/.test(digits) ? BigInt(`0o${digits.slice(1)}`) : BigInt(digits);
  const whole = match[0].length === word.length;
  return {
    value: match[1] === "-" ? -value : value,
    error: whole ? null : `${word}: invalid number`,
  };
}

const SPEC =
  /%([-+ #0']*)(\*|\d+)?(?:\.(\*|-?\d+)?)?(?:hh|h|ll|l|j|z|t|L)?(\([^)]*\)T|[a-zA-Z%])?/g;

/** printf(1) as bash has it: the format is used again while arguments are left. */
export function formatPrintf(
  format: string,
  args: readonly string[],
  p: Process,
): { text: string; errors: string[] } {
  let out = "";
  const errors: string[] = [];
  let used = 0;
  do {
    const before = used;
    let at = 0;
    SPEC.lastIndex = 0;
    for (let match = SPEC.exec(format); match; match = SPEC.exec(format)) {
      const lead = unescapeText(format.slice(at, match.index), false);
      out += lead.text;
      if (lead.stop) return { text: out, errors };
      at = SPEC.lastIndex;
      const dot = match[0].includes(".");
      let [, flags = "", , , kind] = match;
      const star = () => Number(integerOf(args[used++] ?? "").value);
      let width = match[2] === "*" ? star() : Number(match[2] ?? 0);
      if (width < 0) {
        flags += "-";
        width = -width;
      }
      const precision =
        match[3] === "*" ? star() : match[3] !== undefined ? Number(match[3]) : dot ? 0 : -1;
      if (kind === "%") {
        out += "%";
        continue;
      }
      if (kind === undefined) {
        errors.push(`\`${format.slice(match.index)}': missing format character`);
        return { text: out, errors };
      }
      if (kind.endsWith("T")) {
        const word = args[used++];
        const now = p.sim.epoch + Math.floor(p.sim.now / (SEC / 1000));
        const at0 =
          word === undefined || word === "-1" || word === "-2" ? now : Number(word) * 1000;
        out += pad(formatDate(kind.slice(1, -2) || "%X", new Date(at0)), width, flags);
        continue;
      }
      const word = args[used++];
      if (kind === "s" || kind === "c" || kind === "b" || kind === "q") {
        let text = word ?? "";
        let stop = false;
        if (kind === "c") text = [...text][0] ?? "";
        if (kind === "b") ({ text, stop } = unescapeText(text, true));
        if (kind === "q") text = quoteBackslash(text);
        if (precision >= 0 && kind !== "c") text = [...text].slice(0, precision).join("");
        out += pad(text, width, flags);
        if (stop) return { text: out, errors };
        continue;
      }
      if ("diouxX".includes(kind)) {
        const { value, error } = integerOf(word ?? "");
        if (error) errors.push(error);
        out += formatInteger(value, kind === "u" ? "u" : kind, flags, width, precision);
        continue;
      }
      if ("eEfFgGaA".includes(kind)) {
        const number = Number(word ?? 0);
        if (Number.isNaN(number)) errors.push(`${word}: invalid number`);
        const prefix = Number.parseFloat(word ?? "0");
        const value = Number.isNaN(number) ? (Number.isNaN(prefix) ? 0 : prefix) : number;
        out += formatFloat(value, kind, flags, width, precision);
        continue;
      }
      errors.push(`\`${kind}': invalid format character`);
      return { text: out, errors };
    }
    const tail = unescapeText(format.slice(at), false);
    out += tail.text;
    if (tail.stop) return { text: out, errors };
    if (used === before) break;
  } while (used < args.length);
  return { text: out, errors };
}

import { fromUtf8, utf8 } from "../../../base/text.ts";
import { defineMatch, XtUsageError } from "../extension.ts";
import { parseOptionNumber } from "../number.ts";
import { given, value } from "../option.ts";

/** linux: include/uapi/linux/netfilter/xt_string.h */
const MAX_PATTERN = 128;
const MAX_ALGORITHM = 15;

interface StringInfo {
  pattern: number[];
  algorithm: string;
  from: number;
  to: number;
  ignoreCase: boolean;
  invert: boolean;
}

/** Text with |hex bytes| in it (libxt_string.c, parse_hex_string). */
function parseHexString(text: string): number[] {
  const bytes = utf8(text);
  if (bytes.length === 0) throw new XtUsageError("STRING must contain at least one char");
  const out: number[] = [];
  const at = (i: number): string => String.fromCharCode(bytes[i] ?? 0);
  const isHex = (c: string): boolean => /[0-9a-fA-F]/.test(c);
  let i = 0;
  let hex = false;
  while (i < bytes.length) {
    if (out.length >= MAX_PATTERN) throw new XtUsageError(`STRING too long "${text}"`);
    let literal = false;
    if (at(i) === "\\") {
      if (hex) throw new XtUsageError("Cannot include literals in hex data");
      literal = true;
    } else if (at(i) === "|") {
      hex = !hex;
      if (hex) while (at(i + 1) === " ") i++;
      if (i + 1 >= bytes.length) break;
      i++;
    }
    if (literal) {
      if (i + 1 >= bytes.length) throw new XtUsageError("Bad literal placement at end of string");
      out.push(bytes[i + 1] as number);
      i += 2;
    } else if (hex) {
      if (i + 1 >= bytes.length) throw new XtUsageError("Odd number of hex digits");
      if (i + 2 >= bytes.length) throw new XtUsageError("Invalid hex block");
      for (const c of [at(i), at(i + 1)])
        if (!isHex(c)) throw new XtUsageError(`Invalid hex char '${c}'`);
      out.push(Number.parseInt(at(i) + at(i + 1), 16));
      i += at(i + 2) === " " ? 3 : 2;
    } else {
      out.push(bytes[i] as number);
      i++;
    }
  }
  return out;
}

/** The option and its argument: plain when it can be, hexadecimal when not. */
function patternText(pattern: readonly number[]): { hex: boolean; text: string } {
  const last = pattern[pattern.length - 1];
  if (pattern.some((b) => b < 0x20 || b > 0x7e) || last === 0x5c)
    return {
      hex: true,
      text: `"|${pattern.map((b) => b.toString(16).padStart(2, "0")).join("")}|"`,
    };
  return { hex: false, text: `"${fromUtf8(Uint8Array.from(pattern)).replace(/["\\]/g, "\\$&")}"` };
}

function fold(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 32 : byte;
}

export default defineMatch<StringInfo>({
  name: "string",
  linux: "net/netfilter/xt_string.c",
  help:
    "string match options:\n" +
    "    --from offset, --to offset   where to look, from the IP header on\n" +
    "    --algo {bm|kmp}              how to look\n" +
    "    --icase                      upper or lower case\n" +
    "[!] --string text                what to look for\n" +
    "[!] --hex-string text            the same, with |hexadecimal bytes|\n",
  options: [
    { name: "from", args: 1, invert: false },
    { name: "to", args: 1, invert: false },
    { name: "algo", args: 1, invert: false },
    { name: "string", args: 1, invert: true, excludes: ["hex-string"] },
    { name: "hex-string", args: 1, invert: true, excludes: ["string"] },
    { name: "icase", args: 0, invert: false },
  ],
  parse(options) {
    const info: StringInfo = {
      pattern: [],
      algorithm: "",
      from: 0,
      to: 0xffff,
      ignoreCase: false,
      invert: false,
    };
    for (const option of options)
      if (option.name === "from" || option.name === "to")
        info[option.name] = parseOptionNumber("string", option.name, value(option), 0, 0xffff);
      else if (option.name === "algo") info.algorithm = value(option).slice(0, MAX_ALGORITHM);
      else if (option.name === "icase") info.ignoreCase = true;
      else {
        if (option.name === "string" && utf8(value(option)).length > MAX_PATTERN)
          throw new XtUsageError(`STRING too long "${value(option)}"`);
        info.pattern =
          option.name === "string" ? [...utf8(value(option))] : parseHexString(value(option));
        info.invert = option.invert;
      }
    if (!given(options, "string") && !given(options, "hex-string"))
      throw new XtUsageError("STRING match: You must specify `--string' or `--hex-string'");
    if (!given(options, "algo"))
      throw new XtUsageError('string: option "--algo" must be specified\n');
    return info;
  },
  save(info) {
    const { hex, text } = patternText(info.pattern);
    return (
      `${info.invert ? " !" : ""} --${hex ? "hex-string" : "string"} ${text} --algo ${info.algorithm}` +
      (info.from ? ` --from ${info.from}` : "") +
      (info.to !== 0xffff ? ` --to ${info.to}` : "") +
      (info.ignoreCase ? " --icase" : "")
    );
  },
  print: (info) =>
    ` STRING match ${info.invert ? "!" : ""} ${patternText(info.pattern).text} ALGO name ${info.algorithm}` +
    (info.from ? ` FROM ${info.from}` : "") +
    (info.to !== 0xffff ? ` TO ${info.to}` : "") +
    (info.ignoreCase ? " ICASE" : ""),
  matches(info, skb) {
    const start = skb.network;
    // All of it lies before `to` (linux: skb_find_text).
    const last = Math.min(start + info.to, skb.tail) - info.pattern.length;
    const { pattern, ignoreCase } = info;
    for (let at = start + info.from; at <= last; at++) {
      let i = 0;
      while (i < pattern.length) {
        const is = skb.data[at + i] as number;
        const want = pattern[i] as number;
        if (ignoreCase ? fold(is) !== fold(want) : is !== want) break;
        i++;
      }
      if (i === pattern.length) return !info.invert;
    }
    return info.invert;
  },
  examples: [
    ["-m string --algo bm --string GET", '-m string --string "GET" --algo bm'],
    [
      "-m string --algo kmp ! --hex-string |00ff| --to 65000",
      '-m string ! --hex-string "|00ff|" --algo kmp --to 65000',
    ],
    ["-m string --string GET", null],
    ["-m string", null],
  ],
});

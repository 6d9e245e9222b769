import { bracket } from "../pattern.ts";

export interface RegexOptions {
  /** ERE (grep -E, sed -E, awk, =~) instead of BRE. */
  extended: boolean;
  flags?: string;
  /** awk: a backslash escapes inside brackets, `\n` and its kind are known. */
  awk?: boolean;
}

const memo = new Map<string, RegExp | null>();

/**
 * POSIX regular expressions (POSIX XBD 9) with GNU's additions, as JavaScript's. Null when it is
 * none. Alternatives are tried in order, where POSIX takes the longest match.
 */
export function toRegex(source: string, options: RegexOptions): RegExp | null {
  const flags = options.flags ?? "";
  const key = `${options.extended ? "E" : "B"}${options.awk ? "a" : ""}${flags}:${source}`;
  let regex = memo.get(key);
  if (regex === undefined) {
    try {
      regex = new RegExp(translate(source, options), flags.includes("u") ? flags : `${flags}u`);
    } catch {
      regex = null;
    }
    if (memo.size > 1000) memo.clear();
    memo.set(key, regex);
  }
  if (regex) regex.lastIndex = 0;
  return regex;
}

const GNU: Record<string, string> = {
  w: "[A-Za-z0-9_]",
  W: "[^A-Za-z0-9_]",
  s: "\\s",
  S: "\\S",
  b: "\\b",
  B: "\\B",
  "<": "\\b(?=[A-Za-z0-9_])",
  ">": "\\b(?<=[A-Za-z0-9_])",
  "`": "^",
  "'": "$",
};
const ESCAPES: Record<string, string> = {
  n: "\\n",
  t: "\\t",
  r: "\\r",
  f: "\\f",
  v: "\\v",
  a: "\\x07",
};

function literal(c: string): string {
  return /[\\^$.*+?()[\]{}|/]/.test(c) ? `\\${c}` : c;
}

function translate(source: string, options: RegexOptions): string {
  const { extended, awk } = options;
  let out = "";
  /** At the start of an expression, where a star is itself. */
  let start = true;
  let depth = 0;
  for (let i = 0; i < source.length; ) {
    const c = String.fromCodePoint(source.codePointAt(i) as number);
    if (c === "[") {
      const set = bracket(source, i, awk ?? false);
      if (!set) throw new Error("unmatched [");
      out += awk ? set.source : set.source;
      i = set.end;
      start = false;
      continue;
    }
    if (c === "\\") {
      const next = source[i + 1];
      if (next === undefined) {
        if (!awk) throw new Error("trailing backslash");
        out += "\\\\";
        break;
      }
      i += 2;
      if (!extended && "(){}|+?".includes(next)) {
        if (next === "{" || next === "}") {
          if (next === "{") {
            const end = source.indexOf("\\}", i);
            if (end < 0) throw new Error("unmatched \\{");
            out += interval(source.slice(i, end));
            i = end + 2;
          } else out += "\\}";
          continue;
        }
        if (next === "(") depth++;
        if (next === ")" && --depth < 0) throw new Error("unmatched )");
        if ((next === "+" || next === "?") && start) out += `\\${next}`;
        else out += next;
        start = next === "(" || next === "|";
        continue;
      }
      start = false;
      if (/[1-9]/.test(next) && !awk) out += `(?:\\${next})`;
      else if (awk && next === "/") out += "\\/";
      else if (ESCAPES[next] && (awk || next === "n" || next === "t")) out += ESCAPES[next];
      else if (GNU[next] && !(awk && next === "b")) out += GNU[next];
      else out += literal(next);
      continue;
    }
    i += c.length;
    if (extended) {
      if (c === "{") {
        const match = /^(\d*)(,?)(\d*)\}/.exec(source.slice(i));
        if (match && (match[1] || match[3]) && !start) {
          out += interval(match[0].slice(0, -1));
          i += match[0].length;
        } else out += "\\{";
        start = false;
        continue;
      }
      if (c === "(") {
        depth++;
        out += "(";
        start = true;
        continue;
      }
      if (c === ")") {
        if (depth === 0) out += "\\)";
        else {
          depth--;
          out += ")";
        }
        start = false;
        continue;
      }
      if (c === "|") {
        out += "|";
        start = true;
        continue;
      }
      if ("*+?".includes(c)) {
        if (start) out += c === "*" ? (awk ? "\\*" : "") : awk ? literal(c) : "";
        // GNU lets repetitions follow one another: a** is a*.
        else if (/[*+?]$/.test(out) && !/\\[*+?]$/.test(out)) out = `(?:${lastAtomFix(out)}`;
        else out += c;
        continue;
      }
      if (c === "^") {
        out += "^";
        start = true;
        continue;
      }
      out += c === "$" ? "$" : c === "." ? "[^]" : literal(c);
      start = false;
      continue;
    }
    if (c === "*") {
      out += start ? "\\*" : "*";
      start = false;
      continue;
    }
    if (c === "^" && start) {
      out += "^";
      continue;
    }
    if (c === "$") {
      const rest = source.slice(i);
      out += rest === "" || rest.startsWith("\\)") || rest.startsWith("\\|") ? "$" : "\\$";
      start = false;
      continue;
    }
    out += c === "." ? "[^]" : literal(c);
    start = false;
  }
  if (depth !== 0) throw new Error("unmatched (");
  return out;
}

/** `a*` followed by another star: the whole so far is what repeats no further. */
function lastAtomFix(out: string): string {
  return `${out})`;
}

function interval(body: string): string {
  const match = /^(\d*)(?:(,)(\d*))?$/.exec(body);
  if (!match) throw new Error("invalid interval");
  const [, low = "", comma, high = ""] = match;
  if (low !== "" && high !== "" && Number(low) > Number(high)) throw new Error("invalid interval");
  return `{${low === "" ? "0" : low}${comma ?? ""}${high}}`;
}

/**
 * Shell patterns (POSIX 2.13, bash "Pattern Matching" with extglob) as regular expressions.
 * In a pattern a backslash takes the meaning from the next character.
 */
const memo = new Map<string, RegExp>();

const CLASSES: Record<string, string> = {
  alpha: "a-zA-Z",
  digit: "0-9",
  alnum: "a-zA-Z0-9",
  upper: "A-Z",
  lower: "a-z",
  space: "\\s",
  blank: " \\t",
  punct: "!-\\/:-@\\[-`{-~",
  print: " -~",
  graph: "!-~",
  cntrl: "\\x00-\\x1f\\x7f",
  xdigit: "0-9A-Fa-f",
  word: "\\w",
};

export function classBody(name: string): string | null {
  return CLASSES[name] ?? null;
}

export function escapeRegex(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}

/** Quote what has a meaning in a pattern. */
export function escapePattern(text: string): string {
  return /[*?[\]\\!^()|@+-]/.test(text) ? text.replace(/[*?[\]\\!^()|@+-]/g, "\\$&") : text;
}

/** Has it anything that could match more than one text? */
export function isMagic(pattern: string): boolean {
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i];
    if (c === "\\") i++;
    else if (c === "*" || c === "?") return true;
    else if (c === "[" && pattern.indexOf("]", i + 1) > 0) return true;
    else if ((c === "@" || c === "+" || c === "!") && pattern[i + 1] === "(") return true;
  }
  return false;
}

/** The regular expression source; `lazy` makes stars match as little as possible. */
export function patternSource(pattern: string, lazy = false): string {
  let out = "";
  let i = 0;
  while (i < pattern.length) {
    const c = pattern[i] as string;
    if (c === "\\") {
      out += i + 1 < pattern.length ? escapeRegex(pattern[i + 1] as string) : "\\\\";
      i += 2;
      continue;
    }
    if ("?*+@!".includes(c) && pattern[i + 1] === "(") {
      const end = closing(pattern, i + 1);
      if (end > 0) {
        const body = alternatives(pattern.slice(i + 2, end))
          .map((part) => patternSource(part, lazy))
          .join("|");
        if (c === "!") out += `(?:(?!(?:${body})$)[^]*?)`;
        else out += `(?:${body})${c === "@" ? "" : c}`;
        i = end + 1;
        continue;
      }
    }
    if (c === "*") {
      while (pattern[i + 1] === "*") i++;
      out += lazy ? "[^]*?" : "[^]*";
    } else if (c === "?") out += "[^]";
    else if (c === "[") {
      const set = bracket(pattern, i);
      if (set) {
        out += set.source;
        i = set.end;
        continue;
      }
      out += "\\[";
    } else out += escapeRegex(c);
    i++;
  }
  return out;
}

function closing(pattern: string, open: number): number {
  let depth = 0;
  for (let i = open; i < pattern.length; i++) {
    if (pattern[i] === "\\") i++;
    else if (pattern[i] === "(") depth++;
    else if (pattern[i] === ")" && --depth === 0) return i;
  }
  return -1;
}

function alternatives(body: string): string[] {
  const out: string[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i < body.length; i++) {
    if (body[i] === "\\") i++;
    else if (body[i] === "(") depth++;
    else if (body[i] === ")") depth--;
    else if (body[i] === "|" && depth === 0) {
      out.push(body.slice(from, i));
      from = i + 1;
    }
  }
  out.push(body.slice(from));
  return out;
}

/** A bracket expression at `start`; also POSIX regular expressions' (there `\` is itself). */
export function bracket(
  pattern: string,
  start: number,
  backslash = true,
): { source: string; end: number } | null {
  let i = start + 1;
  let negated = false;
  if (pattern[i] === "^" || (backslash && pattern[i] === "!")) {
    negated = true;
    i++;
  }
  let body = "";
  for (let first = true; i < pattern.length; first = false) {
    const c = pattern[i] as string;
    if (c === "]" && !first) {
      if (body === "") return null;
      return { source: `[${negated ? "^" : ""}${body}]`, end: i + 1 };
    }
    if (c === "[" && pattern[i + 1] === ":") {
      const end = pattern.indexOf(":]", i + 2);
      const known = end > 0 ? classBody(pattern.slice(i + 2, end)) : null;
      if (known) {
        body += known;
        i = end + 2;
        continue;
      }
    }
    if (c === "[" && (pattern[i + 1] === "." || pattern[i + 1] === "=")) {
      const end = pattern.indexOf(`${pattern[i + 1]}]`, i + 2);
      if (end > 0) {
        body += escapeSet(pattern.slice(i + 2, end));
        i = end + 2;
        continue;
      }
    }
    if (c === "\\" && backslash && i + 1 < pattern.length) {
      body += escapeSet(pattern[i + 1] as string);
      i += 2;
      continue;
    }
    const range = c === "-" && !first && body !== "" && pattern[i + 1] !== "]";
    body += range ? "-" : escapeSet(c);
    i++;
  }
  return null;
}

function escapeSet(text: string): string {
  return text.replace(/[\\\]^[-]/g, "\\$&");
}

export type Anchor = "whole" | "prefix" | "suffix" | "anywhere";

export function patternRegex(
  pattern: string,
  anchor: Anchor = "whole",
  lazy = false,
  flags = "",
): RegExp {
  const key = `${anchor}${lazy ? 1 : 0}${flags}:${pattern}`;
  let regex = memo.get(key);
  if (!regex) {
    const source = patternSource(pattern, lazy);
    const head = anchor === "whole" || anchor === "prefix" ? "^" : "";
    const tail = anchor === "whole" || anchor === "suffix" ? "$" : "";
    try {
      regex = new RegExp(`${head}(?:${source})${tail}`, flags);
    } catch {
      regex = new RegExp(`${head}${escapeRegex(pattern)}${tail}`, flags);
    }
    if (memo.size > 2000) memo.clear();
    memo.set(key, regex);
  }
  return regex;
}

export function matches(pattern: string, text: string, nocase = false): boolean {
  return patternRegex(pattern, "whole", false, nocase ? "i" : "").test(text);
}

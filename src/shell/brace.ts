/**
 * Brace expansion (bash "Brace Expansion"): purely textual, before all others. Quotes and `${`
 * protect what is in them.
 */
export function expandBraces(text: string): string[] {
  const found = firstBrace(text, 0);
  if (!found) return [text];
  const { start, end, parts } = found;
  const head = text.slice(0, start);
  const tails = expandBraces(text.slice(end + 1));
  const middles = parts.length > 1 ? parts.flatMap(expandBraces) : (sequence(parts[0] ?? "") ?? []);
  return middles.flatMap((middle) => tails.map((tail) => head + middle + tail));
}

function firstBrace(
  text: string,
  from: number,
): { start: number; end: number; parts: string[] } | null {
  for (let i = from; i < text.length; i++) {
    i = skipQuoted(text, i);
    if (text[i] !== "{") continue;
    const found = matching(text, i);
    if (!found) continue;
    if (found.parts.length > 1 || sequence(found.parts[0] ?? "")) return { start: i, ...found };
  }
  return null;
}

/** Past a quoted text, an escaped character, or a substitution that begins at `i`. */
function skipQuoted(text: string, i: number): number {
  for (;;) {
    const c = text[i];
    if (c === "\\") i += 2;
    else if (c === "'") i = after(text, "'", i + 1);
    else if (c === '"') {
      i++;
      while (i < text.length && text[i] !== '"') i += text[i] === "\\" ? 2 : 1;
      i++;
    } else if (c === "`") i = after(text, "`", i + 1);
    else if (c === "$" && (text[i + 1] === "{" || text[i + 1] === "(")) {
      const open = text[i + 1] as string;
      const close = open === "{" ? "}" : ")";
      let depth = 0;
      for (i++; i < text.length; i++) {
        if (text[i] === open) depth++;
        else if (text[i] === close && --depth === 0) break;
      }
      i++;
    } else return i;
  }
}

function after(text: string, what: string, from: number): number {
  const at = text.indexOf(what, from);
  return at < 0 ? text.length : at + 1;
}

function matching(text: string, open: number): { end: number; parts: string[] } | null {
  const parts: string[] = [];
  let depth = 0;
  let from = open + 1;
  for (let i = open; i < text.length; i++) {
    if (i > open) {
      const next = skipQuoted(text, i);
      if (next > i) {
        i = next - 1;
        continue;
      }
    }
    const c = text[i];
    if (c === "{") depth++;
    else if (c === "}") {
      if (--depth === 0) {
        parts.push(text.slice(from, i));
        return { end: i, parts };
      }
    } else if (c === "," && depth === 1) {
      parts.push(text.slice(from, i));
      from = i + 1;
    }
  }
  return null;
}

/** `1..5`, `a..e`, `01..10..2`; null when it is none. */
function sequence(body: string): string[] | null {
  const match = /^(-?\d+|[a-zA-Z])\.\.(-?\d+|[a-zA-Z])(?:\.\.(-?\d+))?$/.exec(body);
  if (!match) return null;
  const [, a = "", b = "", by] = match;
  const numeric = /\d/.test(a);
  if (numeric !== /\d/.test(b)) return null;
  const from = numeric ? Number(a) : a.charCodeAt(0);
  const to = numeric ? Number(b) : b.charCodeAt(0);
  const step = Math.max(1, Math.abs(Number(by ?? 1))) * (from <= to ? 1 : -1);
  const padded = numeric && (/^-?0\d/.test(a) || /^-?0\d/.test(b));
  const width = padded ? Math.max(a.length, b.length) : 0;
  const out: string[] = [];
  for (let i = from; step > 0 ? i <= to : i >= to; i += step) {
    if (out.length > 100_000) break;
    if (!numeric) out.push(String.fromCharCode(i));
    else if (i < 0) out.push(`-${String(-i).padStart(width - 1, "0")}`);
    else out.push(String(i).padStart(width, "0"));
  }
  return out;
}

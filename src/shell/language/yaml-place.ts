import { lineAt } from "./language.ts";

/** From a map into a field, or (null) from a list into an item. */
export type Step = string | null;

/** Where in a YAML document a place is, told by indentation: the text need not be complete. */
export interface YamlPlace {
  /** From the document's root to the map or list that the line belongs to. */
  path: Step[];
  /** The key on the line; null while it is not more than a word. */
  key: string | null;
  /** Where the key, or the word, begins: an offset, and the column. */
  keyAt: number;
  column: number;
  /** What stands behind the key and its colon, up to the place, or the word; and its offset. */
  typed: string;
  typedAt: number;
  /** Other keys of the same map. */
  siblings: Set<string>;
  /** Scalars of the document's root and of its metadata. */
  apiVersion: string;
  kind: string;
  namespace: string;
}

interface Line {
  /** Columns of the dashes that begin it, and of what follows them. */
  dashes: number[];
  column: number;
  key: string | null;
  value: string;
}

const KEY =
  /^("[^"]*"|'[^']*'|[^\s#"'{}[\],&*!|>%@`:-](?:[^\s:#]|:(?=\S)|\b#)*|-(?=\S)[^\s:]*)\s*:(?:\s+|$)/;

function lineOf(text: string): Line | null {
  const lead = /^\s*(?:-(?:\s+|$))*/.exec(text)?.[0] ?? "";
  const rest = text.slice(lead.length);
  if (rest.startsWith("#") || (rest.trim() === "" && !lead.includes("-"))) return null;
  const key = KEY.exec(rest);
  return {
    dashes: [...lead].flatMap((c, i) => (c === "-" ? [i] : [])),
    column: lead.length,
    key: key ? (key[1] as string).replace(/^(["'])(.*)\1$/, "$2") : null,
    value: rest.slice(key?.[0].length ?? 0),
  };
}

/** The lines of the document that an offset is in, and which of them it is. */
function documentAt(text: string, offset: number): { lines: string[]; at: number } {
  const lines = text.split("\n");
  const at = lineAt(text, offset).number - 1;
  const isBreak = (line = ""): boolean => /^---(\s|$)/.test(line);
  let from = at;
  while (from > 0 && !isBreak(lines[from - 1])) from--;
  let to = at + 1;
  while (to < lines.length && !isBreak(lines[to])) to++;
  return { lines: lines.slice(from, to), at: at - from };
}

/** The path of the map or list around a line, from what stands above it. */
function pathAbove(lines: readonly string[], at: number, line: Line): Step[] {
  const path: Step[] = [];
  let column = line.column;
  let inList = false;
  const leave = ({ dashes }: Line): void => {
    for (const dash of [...dashes].reverse()) {
      path.unshift(null);
      column = dash;
      inList = true;
    }
  };
  leave(line);
  for (let i = at - 1; i >= 0; i--) {
    const above = lineOf(lines[i] as string);
    if (!above) continue;
    if (inList) {
      if (above.dashes.includes(column) || above.key === null || above.column > column) continue;
    } else if (above.column === column && above.dashes.length) {
      leave(above);
      continue;
    } else if (above.key === null || above.column >= column) continue;
    path.unshift(above.key);
    column = above.column;
    inList = false;
    leave(above);
  }
  return path;
}

/** The other keys of the map that a line is in. */
function siblingsOf(lines: readonly string[], at: number, line: Line): Set<string> {
  const keys = new Set<string>();
  const look = (step: 1 | -1): void => {
    for (let i = at + step; i >= 0 && i < lines.length; i += step) {
      const other = lineOf(lines[i] as string);
      if (!other || other.column > line.column) continue;
      const isItem = other.dashes.length > 0;
      if (other.column < line.column || (step === 1 && isItem)) return;
      if (other.key !== null) keys.add(other.key);
      if (isItem) return;
    }
  };
  look(1);
  if (line.dashes.length === 0) look(-1);
  return keys;
}

function scalarOf(lines: readonly string[], key: string): string {
  for (const text of lines) {
    const line = lineOf(text);
    if (line?.column === 0 && line.key === key)
      return line.value
        .replace(/\s+#.*/, "")
        .replace(/^(["'])(.*)\1$/, "$2")
        .trim();
  }
  return "";
}

function namespaceOf(lines: readonly string[]): string {
  const from = lines.findIndex((line) => /^metadata:/.test(line));
  for (const line of from < 0 ? [] : lines.slice(from)) {
    const found = /^\s+namespace:\s*["']?([\w.-]+)|\bnamespace:\s*["']?([\w.-]+)["']?\s*[,}]/.exec(
      line,
    );
    if (found) return found[1] ?? found[2] ?? "";
    if (/^\S/.test(line) && !/^metadata:/.test(line)) break;
  }
  return "default";
}

/** `whole`: all of the line counts, not only what stands before the offset. */
export function yamlPlace(text: string, offset: number, whole = false): YamlPlace | null {
  const { start, text: full, before } = lineAt(text, offset);
  const { lines, at } = documentAt(text, offset);
  const shown = whole ? full : before;
  const line = lineOf(shown) ?? {
    dashes: [],
    column: shown.length,
    key: null,
    value: "",
  };
  if (/^\s*#/.test(shown) || /^\s*-$/.test(before) || /^---/.test(shown)) return null;
  return {
    path: pathAbove(lines, at, line),
    key: line.key,
    keyAt: start + line.column,
    column: line.column,
    typed: line.value,
    typedAt: start + shown.length - line.value.length,
    siblings: siblingsOf(lines, at, line),
    apiVersion: scalarOf(lines, "apiVersion"),
    kind: scalarOf(lines, "kind"),
    namespace: namespaceOf(lines),
  };
}

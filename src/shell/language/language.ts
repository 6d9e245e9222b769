import type { Process } from "../../host/process.ts";

/** Something that is wrong with a text. Lines and columns count from 1; the end is behind the last. */
export interface Problem {
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
  message: string;
  severity: "error" | "warning";
  /** Whose words they are: "iptables-restore". */
  source: string;
}

export interface Completion {
  label: string;
  /** What is written in its place. */
  insert: string;
  kind: "keyword" | "field" | "value" | "command" | "name";
  /** A few words beside it. */
  detail: string;
  /** Paragraphs about it; "" when there is nothing more to say. */
  about: string;
}

/** What may stand at a place; it replaces the text from `from` up to there. */
export interface Completions {
  from: number;
  items: Completion[];
}

/** What is known of a stretch of the text, as offsets. */
export interface Hover {
  from: number;
  to: number;
  text: string;
}

/** What the file's command would do. */
export interface Preview {
  /** Lines of `diff -u`, without its heading; "" when nothing would change. */
  diff: string;
  /** What the tool would complain of. */
  problem: string;
}

/**
 * A language of files: what is wrong with a text, what may stand in it, what it means, all asked of
 * the tools that read it. Nothing here changes the world, costs time or leaves a trace.
 */
export interface Language {
  name: "iptables" | "yaml" | "shell";
  owns(path: string, text: string): boolean;
  /** Words to colour, by what they are. */
  words?(): Record<string, string[]>;
  check(p: Process, path: string, text: string): Problem[];
  complete(p: Process, text: string, offset: number): Completions | null;
  hover(p: Process, text: string, offset: number): Hover | null;
  /** What makes a file take effect, as it is typed; null when nothing here does. */
  command?(p: Process, path: string): string | null;
  preview?(p: Process, path: string, text: string): Preview;
}

/** A whole line, without what stands around it. */
export function lineProblem(
  lines: readonly string[],
  line: number,
  source: string,
  message: string,
  severity: Problem["severity"] = "error",
): Problem {
  const at = Math.min(Math.max(line, 1), Math.max(lines.length, 1));
  const text = lines[at - 1] ?? "";
  const column = text.length - text.trimStart().length + 1;
  const endColumn = Math.max(text.trimEnd().length + 1, column + 1);
  return { line: at, column, endLine: at, endColumn, message, severity, source };
}

/** The line that an offset is in. */
export function lineAt(
  text: string,
  offset: number,
): { number: number; start: number; text: string; before: string } {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  const end = text.indexOf("\n", offset);
  const number = text.slice(0, start).split("\n").length;
  return {
    number,
    start,
    text: text.slice(start, end < 0 ? undefined : end),
    before: text.slice(start, offset),
  };
}

/** A path as a word of a command line. */
export function quoted(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replace(/'/g, "'\\''")}'`;
}

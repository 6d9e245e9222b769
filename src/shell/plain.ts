import type { Command, ParsedScript, Statement, Word } from "unbash";
import type { Run } from "../host/process.ts";
import { hasPart } from "../sim/part.ts";
import { type Parsed, parseScript } from "./parse.ts";

/**
 * The part with bash's grammar. It weighs more than all else that a first packet needs of the shell, and
 * most first lines are plain words.
 */
export const GRAMMAR = "grammar";

/** A word that is what it says: nothing to expand, no assignment, which the grammar tells apart (POSIX 2.3). */
const PLAIN = /^(?![A-Za-z_]\w*\+?=)[\w./:,@%+-][\w./:,@%+=-]*$/;
/** What begins with one of them is no simple command (POSIX 2.4). */
const RESERVED = new Set(
  "case coproc do done elif else esac fi for function if in select then time until while".split(
    " ",
  ),
);

function wordsOf(line: string): string[] {
  return line.split(/[ \t]+/).filter((word) => word !== "");
}

export function isPlain(text: string): boolean {
  return text.split("\n").every((line) => {
    const words = wordsOf(line);
    return !RESERVED.has(words[0] ?? "") && words.every((word) => PLAIN.test(word));
  });
}

function statementOf(line: string, start: number): Statement | null {
  let after = 0;
  const words = wordsOf(line).map((text): Word => {
    const pos = start + line.indexOf(text, after);
    after = pos - start + text.length;
    return { type: "Word", text, value: text, pos, end: start + after };
  });
  const [name, ...args] = words;
  if (!name) return null;
  const { pos } = name;
  const { end } = words[words.length - 1] as Word;
  const rest = { prefix: [], suffix: args, args, redirects: [] };
  const command: Command = { type: "Command", pos, end, name, ...rest };
  return { type: "Statement", pos, end, command, background: undefined };
}

/** What the grammar makes of lines of plain words; null for any other text. */
export function plainScript(source: string): ParsedScript | null {
  if (!isPlain(source)) return null;
  const commands: Statement[] = [];
  let pos = 0;
  for (const line of source.split("\n")) {
    const statement = statementOf(line, pos);
    if (statement) commands.push(statement);
    pos += line.length + 1;
  }
  const whole = { pos: 0, end: source.length, shebang: undefined, errors: undefined };
  return { type: "Script", ...whole, commands };
}

/** The part that has to come before `text` can be read; null: none. */
export function grammarPart(text: string): string | null {
  return hasPart(GRAMMAR) || isPlain(text) ? null : GRAMMAR;
}

/** Wait until `text` can be read: no time passes. */
export function* grammarFor(text: string): Run<void> {
  const part = grammarPart(text);
  if (part !== null) yield { on: [], until: Number.POSITIVE_INFINITY, part };
}

/** As parseScript of parse.ts, which has to have its grammar only where a text is not plain. */
export function readScript(text: string): Parsed {
  const script = plainScript(text);
  return script ? { source: text, script, problem: null } : parseScript(text);
}

import type { Command, ParsedScript, Redirect, Statement, Word } from "unbash";
import type { Run } from "../host/process.ts";
import { hasPart } from "../sim/part.ts";
import { type Parsed, parseScript } from "./parse.ts";

/**
 * The part with bash's grammar. It weighs more than all else that a first packet needs of the shell, and
 * most first lines are plain words.
 */
export const GRAMMAR = "grammar";

/** A word, quoted as a whole or not at all (POSIX 2.2). */
const WORD = /[ \t]*("[^"\\$`!]*"|'[^']*'|[^ \t"']+)(?=[ \t]|$)/g;
/** One that is what it says: nothing to expand, no assignment, which the grammar tells apart (POSIX 2.3). */
const PLAIN = /^(?:["']|!$|(?![A-Za-z_]\w*\+?=)[\w./:,@%+-][\w./:,@%+=-]*$)/;
/** What begins with one of them is no simple command (POSIX 2.4). */
const RESERVED = new Set(
  "! case coproc do done elif else esac fi for function if in select then time until while".split(
    " ",
  ),
);
/** Builtins whose operands are assignments: their values are not split (bash "Bash Builtins"). */
export const declarations: ReadonlySet<string> = new Set([
  "declare",
  "typeset",
  "local",
  "export",
  "readonly",
]);

/** A redirection, with its target or before it (POSIX 2.7). */
const REDIRECT = /^(\d?)(>>?|<)([^<>&]*)$/;

/** The words of a line that begins at `start`; null when one is not plain. */
function wordsOf(line: string, start: number): Word[] | null {
  const words: Word[] = [];
  let at = 0;
  for (const { 0: match, 1: text = "", index } of line.matchAll(WORD)) {
    if (index !== at) return null;
    at += match.length;
    const end = start + at;
    const value = /^["']/.test(text) ? text.slice(1, -1) : text;
    words.push({ type: "Word", text, value, pos: end - text.length, end });
  }
  return line.slice(at).trim() === "" ? words : null;
}

/** What the words of a line are when they are plain; null: nothing, false: more than this can read. */
function statementOf(words: readonly Word[]): Statement | null | false {
  const args: Word[] = [];
  const redirects: Redirect[] = [];
  const rest = [...words];
  for (let word = rest.shift(); word; word = rest.shift()) {
    const [, number = "", operator = "", attached = ""] = REDIRECT.exec(word.text) ?? [];
    const { pos } = word;
    const from = pos + number.length + operator.length;
    const target: Word | undefined =
      operator === ""
        ? word
        : attached
          ? { type: "Word", text: attached, value: attached, pos: from, end: word.end }
          : rest.shift();
    if (!target || !PLAIN.test(target.text)) return false;
    if (operator === "") args.push(word);
    else {
      const value = Number(number);
      const descriptor = number
        ? ({ type: "FileDescriptor", pos, end: pos + 1, value } as const)
        : undefined;
      const { end } = target;
      redirects.push({
        ...{ type: "Redirect", pos, end, descriptor, target },
        operator: operator as ">",
      });
    }
  }
  const [first] = words;
  if (!first) return null;
  const [name, ...others] = args;
  if (name !== first || name.text !== name.value) return false;
  if (RESERVED.has(name.text) || declarations.has(name.text)) return false;
  const { pos } = first;
  const end = Math.max(...[...args, ...redirects].map((one) => one.end));
  const command: Command = {
    ...{ type: "Command", pos, end, name, prefix: [], suffix: others, args: others, redirects },
  };
  return { type: "Statement", pos, end, command, background: undefined };
}

/** What the grammar makes of lines of plain words; null for any other text. */
export function plainScript(source: string): ParsedScript | null {
  const commands: Statement[] = [];
  let pos = 0;
  for (const line of source.split("\n")) {
    const words = wordsOf(line, pos);
    const statement = words ? statementOf(words) : false;
    if (statement === false) return null;
    if (statement) commands.push(statement);
    pos += line.length + 1;
  }
  const whole = { pos: 0, end: source.length, shebang: undefined, errors: undefined };
  return { type: "Script", ...whole, commands };
}

export function isPlain(text: string): boolean {
  return plainScript(text) !== null;
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
export function readScript(text: string, extglob = false): Parsed {
  const script = plainScript(text);
  if (!script) return parseScript(text, extglob);
  return { source: text, script, problem: null, remarks: [], from: 0, more: false };
}

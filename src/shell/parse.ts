import type { ParsedScript, Word, WordPart } from "unbash";
import type { Remark } from "./syntax/reader.ts";
import type { Recognised } from "./syntax/recognise.ts";

/** A text, what can be run of it, and what bash says of the rest. */
export interface Parsed extends Recognised {
  source: string;
  /** Without what comes from a problem on. */
  script: ParsedScript;
}

/** The tree of a text that is right, and whether it is. */
export interface Grammar {
  parse(source: string): ParsedScript;
  recognise(source: string, extglob: boolean): Recognised;
}

/**
 * The grammar. It weighs a fifth of what a first prompt needs and is needed for a first command only, so
 * whoever starts the engine installs it with the programs; it is no state of a world.
 */
const grammar = new Map<"bash", Grammar>();

export function installGrammar(bash: Grammar): void {
  grammar.set("bash", bash);
}

function installed(): Grammar {
  const known = grammar.get("bash");
  if (!known) throw new Error("no grammar is installed");
  return known;
}

function parse(source: string): ParsedScript {
  return installed().parse(source);
}

/**
 * Parsing is a pure function of the text, so its results are shared by every shell of every world;
 * this is a memo, not state. It is emptied when it has grown.
 */
const memo = new Map<string, Parsed>();
const words = new Map<string, Word>();
const bodies = new Map<string, readonly WordPart[] | null>();
const MEMO_SIZE = 4000;

export function parseScript(source: string, extglob = false): Parsed {
  const key = extglob ? `${source}\0` : source;
  let parsed = memo.get(key);
  if (!parsed) {
    parsed = read(source, installed().recognise(source, extglob));
    if (memo.size > MEMO_SIZE) memo.clear();
    memo.set(key, parsed);
  }
  return parsed;
}

function read(source: string, recognised: Recognised): Parsed {
  const { problem, from, remarks } = recognised;
  // bash ends the last line where its writer did not.
  const whole = source.endsWith("\n") || remarks.length === 0 ? source : `${source}\n`;
  const script = parse(problem ? source.slice(0, from) : whole);
  const error = script.errors?.[0];
  if (problem || !error || remarks.length) return { ...recognised, source, script };
  // Right in bash, and no tree of it: said in words that are not bash's.
  const { pos, message } = error;
  const text = `not supported here: ${message}`;
  return {
    source,
    script: parse(""),
    problem: { pos, end: pos, incomplete: false, status: 2, fatal: false, resume: null },
    remarks: [{ line: lineOf(source, pos), text }],
    from: 0,
    more: false,
  };
}

/** One word from its source text (what brace expansion makes). */
export function parseWord(text: string): Word {
  let word = words.get(text);
  if (!word) {
    const first = parse(`: ${text}`).commands[0]?.command;
    const arg = first?.type === "Command" ? first.args[0] : undefined;
    word = arg?.type === "Word" ? arg : { type: "Word", text, value: text, pos: 0, end: 0 };
    if (words.size > MEMO_SIZE) words.clear();
    words.set(text, word);
  }
  return word;
}

/** The parts of a text that is expanded as a here-document is: arithmetic, PS1. Null: plain text. */
export function parseBody(text: string): readonly WordPart[] | null {
  // A dollar before a blank, or at the end, is only that: the usual prompt.
  if (!/\$(?!\s|$)|[`\\]/.test(text)) return null;
  let parts = bodies.get(text);
  if (parts === undefined) {
    const delimiter = "\u0001end";
    const command = parse(`: <<${delimiter}\n${text}\n${delimiter}\n`).commands[0]?.command;
    const redirect = command?.type === "Command" ? command.redirects[0] : undefined;
    parts = redirect?.type === "HereDoc" ? (redirect.body.parts ?? null) : null;
    if (bodies.size > MEMO_SIZE) bodies.clear();
    bodies.set(text, parts);
  }
  return parts;
}

/** What bash says, of a text that begins `before` lines further down. */
export function wordsOf({ text, first }: Remark, before = 0): string {
  return first === undefined ? text : text.replace("%d", String(first + before));
}

export function lineOf(source: string, pos: number): number {
  let line = 1;
  for (let at = source.indexOf("\n"); at >= 0 && at < pos; at = source.indexOf("\n", at + 1))
    line++;
  return line;
}

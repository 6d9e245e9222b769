import type { ParsedScript, Word, WordPart } from "unbash";
import { quoteUnprintable } from "./quote.ts";

/** What bash says about a text that it cannot read. `line` counts from 1; a token's is its last. */
export interface SyntaxProblem {
  pos: number;
  line: number;
  /** More text could mend it: the prompt becomes `> `. */
  incomplete: boolean;
  message: string;
  /** bash shows the offending line below an unexpected token. */
  showLine: boolean;
}

export interface Parsed {
  source: string;
  script: ParsedScript;
  problem: SyntaxProblem | null;
}

/**
 * The grammar. It weighs a fifth of what a first prompt needs and is needed for a first command only, so
 * whoever starts the engine installs it with the programs; it is no state of a world.
 */
const grammar = new Map<"bash", (source: string) => ParsedScript>();

export function installGrammar(parse: (source: string) => ParsedScript): void {
  grammar.set("bash", parse);
}

function parse(source: string): ParsedScript {
  const known = grammar.get("bash");
  if (!known) throw new Error("no grammar is installed");
  return known(source);
}

/**
 * Parsing is a pure function of the text, so its results are shared by every shell of every world;
 * this is a memo, not state. It is emptied when it has grown.
 */
const memo = new Map<string, Parsed>();
const words = new Map<string, Word>();
const bodies = new Map<string, readonly WordPart[] | null>();
const MEMO_SIZE = 4000;

export function parseScript(source: string): Parsed {
  let parsed = memo.get(source);
  if (!parsed) {
    const script = parse(source);
    parsed = { source, script, problem: problemOf(source, script) };
    if (memo.size > MEMO_SIZE) memo.clear();
    memo.set(source, parsed);
  }
  return parsed;
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

export function lineOf(source: string, pos: number): number {
  let line = 1;
  for (let at = source.indexOf("\n"); at >= 0 && at < pos; at = source.indexOf("\n", at + 1))
    line++;
  return line;
}

const OPERATORS = [
  ";;&",
  "<<<",
  "&>>",
  ";;",
  ";&",
  "&&",
  "||",
  "|&",
  "<<",
  ">>",
  "<&",
  ">&",
  "&>",
  "<>",
  ">|",
  "((",
  "))",
  "|",
  "&",
  ";",
  "(",
  ")",
  "<",
  ">",
];

interface Token {
  pos: number;
  text: string;
}

const WORD = /(?:\\[\s\S]|"(?:\\[\s\S]|[^"\\])*"|'[^']*'|[^\s;&|<>()\\"'])+/y;

/** The token at `pos` or behind the blanks there; null at the end of the text. */
function tokenAt(source: string, pos: number): Token | null {
  let at = pos;
  while (source[at] === " " || source[at] === "\t") at++;
  if (at >= source.length) return null;
  if (source[at] === "\n" || source[at] === "#") return { pos: at, text: "\n" };
  for (const text of OPERATORS) if (source.startsWith(text, at)) return { pos: at, text };
  WORD.lastIndex = at;
  const text = WORD.exec(source)?.[0];
  return text === undefined ? null : { pos: at, text };
}

/** What stands where `in` or `do` is missing: the grammar has read on behind it. */
function insteadOf(source: string, pos: number): Token | null {
  const heads = [...source.slice(0, pos).matchAll(/(?<!\S)(?:case|for|select)[ \t]/g)];
  const head = heads[heads.length - 1];
  const subject = head && tokenAt(source, head.index + head[0].length);
  const token = subject && tokenAt(source, subject.pos + subject.text.length);
  return token && token.pos + token.text.length === pos ? token : null;
}

const QUOTES: [RegExp, string][] = [
  [/double quote/, '"'],
  [/single quote|ANSI/, "'"],
  [/backtick|backquote/, "`"],
  [/parameter expansion/, "}"],
  [/arithmetic/, ")"],
  [/substitution|parenthes|array/, ")"],
];

function problemOf(source: string, script: ParsedScript): SyntaxProblem | null {
  const open = unclosed(source, script);
  const first = script.errors?.[0];
  if (!first) return open;
  const { message, pos } = first;
  const make = (text: string, incomplete: boolean, at = pos, showLine = false): SyntaxProblem => ({
    pos: at,
    line: lineOf(source, at),
    incomplete,
    message: text,
    showLine,
  });
  // A quote that does not end is read before what it stands in.
  const quote = script.errors?.find((one) => one.message.startsWith("unterminated"));
  if (quote && quote.pos <= pos) {
    const mark = QUOTES.find(([what]) => what.test(quote.message))?.[1] ?? '"';
    return make(`unexpected EOF while looking for matching \`${mark}'`, true, quote.pos);
  }
  const named = /^unexpected token '([\s\S]*)'$/.exec(message)?.[1];
  const instead = /^expected '(in|do)'/.test(message) ? insteadOf(source, pos) : null;
  const token = instead ?? (named === undefined ? tokenAt(source, pos) : { pos, text: named });
  const rest = source.slice(token?.pos ?? pos).replace(/(^|\n)\s*#[^\n]*/g, "");
  const atEnd = named === undefined && rest.trim() === "";
  if (atEnd || token === null) {
    const last = make("syntax error: unexpected end of file", true, source.length);
    if (!source.endsWith("\n")) last.line++;
    return last;
  }
  const shown = token.text === "\n" ? "newline" : quoteUnprintable(token.text);
  const problem = make(`syntax error near unexpected token \`${shown}'`, false, token.pos, true);
  return { ...problem, line: lineOf(source, token.pos + token.text.length - 1) };
}

/** A here-document without its end, or a line that ends with a backslash. */
function unclosed(source: string, script: ParsedScript): SyntaxProblem | null {
  if (/(^|[^\\])(\\\\)*\\$/.test(source))
    return { pos: source.length, line: 1, incomplete: true, message: "", showLine: false };
  if (!source.includes("<<")) return null;
  const last = script.commands[script.commands.length - 1];
  if (!last || !/<</.test(source.slice(last.pos))) return null;
  const heads = [...source.matchAll(/<<(-?)\s*(?:"([^"\n]+)"|'([^'\n]+)'|\\?([\w.-]+))/g)];
  for (const [, dash, a, b, c] of heads) {
    const word = a ?? b ?? c ?? "";
    const lines = source.split("\n").slice(1);
    const isEnd = (line: string) => (dash ? line.replace(/^\t+/, "") : line) === word;
    if (!lines.some(isEnd))
      return { pos: source.length, line: 1, incomplete: true, message: "", showLine: false };
  }
  return null;
}

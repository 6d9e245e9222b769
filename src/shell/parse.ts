import type { ParsedScript, Word, WordPart } from "unbash";

/** What bash says about a text that it cannot read. `line` counts from 1. */
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

/** The token at `pos`, as the message names it; null at the end of the text. */
function tokenAt(source: string, pos: number): string | null {
  let at = pos;
  while (source[at] === " " || source[at] === "\t") at++;
  if (at >= source.length) return null;
  if (source[at] === "\n" || source[at] === "#") return "newline";
  for (const operator of OPERATORS) if (source.startsWith(operator, at)) return operator;
  return /^[^\s;&|<>()]+/.exec(source.slice(at))?.[0] ?? null;
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
  if (message.startsWith("unterminated")) {
    const quote = QUOTES.find(([what]) => what.test(message))?.[1] ?? '"';
    return make(`unexpected EOF while looking for matching \`${quote}'`, true);
  }
  const named = /^unexpected token '([\s\S]*)'$/.exec(message)?.[1];
  const token = named ?? tokenAt(source, pos);
  const rest = source.slice(pos).replace(/(^|\n)\s*#[^\n]*/g, "");
  const atEnd = named === undefined && rest.trim() === "";
  if (atEnd || token === null) {
    const last = make("syntax error: unexpected end of file", true, source.length);
    if (!source.endsWith("\n")) last.line++;
    return last;
  }
  const shown = token === "\n" ? "newline" : token;
  return make(`syntax error near unexpected token \`${shown}'`, false, pos, true);
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

import { Exit, type Run } from "../host/process.ts";
import { lineOf, type Parsed, parseScript, wordsOf } from "./parse.ts";
import { grammarFor, readScript } from "./plain.ts";
import { runTopLevel } from "./run.ts";
import type { Frame, Shell } from "./shell.ts";
import type { SyntaxProblem } from "./syntax/recognise.ts";

/**
 * Run a text in this shell: a script, `eval`, `source`, a trap. As bash does, each line is run before
 * the next is read, so what stands before a syntax error is run. `input` is what bash calls the text
 * in such an error.
 */
export function* runText(sh: Shell, text: string, file: string, line = 0, input = ""): Run {
  const depth = sh.frames.length;
  const { pos } = sh;
  const frame: Frame = { source: text, file, line, function: sh.frame?.function ?? "" };
  sh.frames.push(frame);
  try {
    for (;;) {
      const extglob = sh.shopts.has("extglob");
      yield* grammarFor(frame.source);
      const parsed = readScript(frame.source, extglob);
      const before = yield* runBefore(sh, parsed);
      const { problem } = parsed;
      let resume = problem?.resume ?? null;
      // What has been run may have changed how the rest is read.
      if (problem && !sh.unwind && sh.shopts.has("extglob") !== extglob) resume = parsed.from;
      else yield* runRest(sh, parsed, before, input);
      if (resume === null || sh.unwind) return sh.status;
      frame.line += lineOf(frame.source, resume) - 1;
      frame.source = frame.source.slice(resume);
    }
  } finally {
    sh.frames.length = depth;
    sh.pos = pos;
  }
}

/** What stands before the lines that bash has something to say of; how many statements. */
function* runBefore(sh: Shell, { script, remarks, problem, from, source }: Parsed): Run {
  const all = script.commands;
  const before = remarks.length || problem ? all.filter(({ pos }) => pos < from) : all;
  if (before.length) yield* runTopLevel(sh, source, before);
  return before.length;
}

function* runRest(sh: Shell, parsed: Parsed, before: number, input: string): Run<void> {
  const { script, problem, remarks, source } = parsed;
  if (sh.unwind) return;
  if (remarks.length) yield* tellRemarks(sh, parsed, input);
  const rest = script.commands.slice(before);
  if (rest.length) yield* runTopLevel(sh, source, rest);
  if (!problem) return;
  sh.pos = problem.pos;
  giveUp(sh, problem, input);
}

/** What bash calls the text of a command substitution. */
export const SUBSTITUTION = "command substitution";

/** Tell why the text behind a here-document's `$(` cannot be read; false when it can. */
export function* refuse(sh: Shell, text: string): Run<boolean> {
  const parsed = parseScript(text, sh.shopts.has("extglob"));
  if (!parsed.problem) return false;
  const outer = sh.frame ?? { file: "", function: "" };
  sh.frames.push({ ...outer, source: text, line: sh.line });
  yield* tellRemarks(sh, parsed, SUBSTITUTION);
  sh.frames.pop();
  return true;
}

/** What bash says of the text, in front of which is where (error.c, parser_error). */
function* tellRemarks(sh: Shell, { remarks }: Parsed, input: string): Run<void> {
  const { frame } = sh;
  const file = frame?.file ?? "";
  const atPrompt = sh.interactive && file === "" && input !== SUBSTITUTION;
  const name = sh.interactive ? "bash" : file || sh.name.replace(/^-/, "");
  const called =
    input || (sh.commandString && sh.frames.length === 1 ? "-c" : sh.interactive ? file : "");
  const before = frame?.line ?? 0;
  for (const remark of remarks) {
    if (atPrompt && remark.echo) continue;
    const text = wordsOf(remark, before);
    const label = called && !text.startsWith("warning:") ? `${called}: ` : "";
    const where = atPrompt ? "" : `${label}line ${remark.line + before}: `;
    yield* sh.p.err(`${name}: ${where}${text}\n`);
    if (sh.options.has("errexit") && sh.condition === 0 && !text.startsWith("warning:"))
      throw new Exit(2);
  }
}

function giveUp(sh: Shell, problem: SyntaxProblem, input: string): void {
  const { status, incomplete, fatal } = problem;
  const inner = input === "eval" || sh.sourcing > 0;
  if (status !== null) sh.status = status;
  else if (inner) sh.status = 2;
  else if (sh.status === 0) sh.status = fatal ? 1 : incomplete && !sh.interactive ? 2 : 0;
  // Within `$(`, bash ends instead of giving up the text.
  if (fatal && !sh.interactive && (inner || sh.commandString)) throw new Exit(inner ? 1 : 127);
}

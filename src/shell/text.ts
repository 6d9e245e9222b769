import { Exit, type Run } from "../host/process.ts";
import { lineOf, type Parsed, parseScript, wordsOf } from "./parse.ts";
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
      const parsed = parseScript(frame.source, sh.shopts.has("extglob"));
      const status = yield* runParsed(sh, parsed, input);
      const resume = parsed.problem?.resume ?? null;
      if (resume === null || sh.unwind) return status;
      frame.line += lineOf(frame.source, resume) - 1;
      frame.source = frame.source.slice(resume);
    }
  } finally {
    sh.frames.length = depth;
    sh.pos = pos;
  }
}

function* runParsed(sh: Shell, parsed: Parsed, input: string): Run {
  const { script, problem, from, source } = parsed;
  if (parsed.remarks.length === 0 && !problem)
    return yield* runTopLevel(sh, source, script.commands);
  const before = script.commands.filter(({ pos }) => pos < from);
  if (before.length) yield* runTopLevel(sh, source, before);
  if (sh.unwind) return sh.status;
  yield* tellRemarks(sh, parsed, input);
  if (!problem) return yield* runTopLevel(sh, source, script.commands.slice(before.length));
  sh.pos = problem.pos;
  return yield* giveUp(sh, problem, input);
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

function* giveUp(sh: Shell, problem: SyntaxProblem, input: string): Run {
  const { status, incomplete, fatal } = problem;
  const inner = input === "eval" || sh.sourcing > 0;
  if (status !== null) sh.status = status;
  else if (inner) sh.status = 2;
  else if (sh.status === 0) sh.status = fatal ? 1 : incomplete && !sh.interactive ? 2 : 0;
  // Within `$(`, bash ends instead of giving up the text.
  if (fatal && !sh.interactive && (inner || sh.commandString)) throw new Exit(inner ? 1 : 127);
  return sh.status;
}

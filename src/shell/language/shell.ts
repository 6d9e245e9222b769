import type { Process } from "../../host/process.ts";
import { builtins } from "../builtin/index.ts";
import { manualOf } from "../command/help.ts";
import { completionsFor } from "../complete.ts";
import { parseScript, wordsOf } from "../parse.ts";
import { findCommand } from "../registry.ts";
import { Session } from "../session.ts";
import { Shell } from "../shell.ts";
import {
  type Completion,
  type Completions,
  type Hover,
  type Language,
  lineAt,
  lineProblem,
  type Problem,
} from "./language.ts";

/** Where a command begins: after these, or at the start. */
const BEFORE_COMMAND =
  /(?:^|[;&|(`]|\$\(|\b(?:if|then|elif|else|while|until|do|time|sudo|xargs|exec|!)\s)\s*(?:[A-Za-z_]\w*=\S*\s+)*$/;

function check(_p: Process, path: string, text: string): Problem[] {
  const { problem, remarks } = parseScript(text);
  const [remark] = remarks;
  if (!remark) return [];
  const lines = text.split("\n");
  const message = `${path}: line ${remark.line}: ${wordsOf(remark)}`;
  const whole = lineProblem(lines, remark.line, "bash", message, problem ? "error" : "warning");
  if (!problem || !/near unexpected token/.test(remark.text)) return [whole];
  const { number, start } = lineAt(text, problem.pos);
  const [column, endColumn] = [problem.pos - start + 1, problem.end - start + 1];
  const length = lines[number - 1]?.length ?? 0;
  if (number !== remark.line || endColumn - 1 > length || endColumn <= column) return [whole];
  return [{ ...whole, column, endColumn }];
}

/** The shell that the editor was opened from; a fresh one where a program did that. */
function shellOf(p: Process): Shell {
  for (let one: Process | null = p; one; one = one.parent)
    if (one instanceof Session) return one.shell;
  return new Shell(p, "bash");
}

/** Functions and variables that the text itself makes. */
function namesIn(text: string): { functions: string[]; variables: string[] } {
  const all = (pattern: RegExp): string[] => [
    ...new Set([...text.matchAll(pattern)].map(([, name = ""]) => name)),
  ];
  return {
    functions: all(/(?:^|[;\n])\s*(?:function\s+)?([A-Za-z_][\w-]*)\s*\(\)/g),
    variables: all(/(?:^|[\s;&|(])(?:for\s+)?([A-Za-z_]\w*)(?==|\s+in\s)/g),
  };
}

function complete(p: Process, text: string, offset: number): Completions | null {
  const { start, before } = lineAt(text, offset);
  if (/^\s*#/.test(before)) return null;
  const { from, candidates } = completionsFor(shellOf(p), before);
  const typed = before.slice(from);
  const own = namesIn(text.slice(0, offset - typed.length));
  const isCommand = BEFORE_COMMAND.test(before.slice(0, from));
  const brace = typed.startsWith("${");
  const extra = typed.startsWith("$")
    ? own.variables.map((name) => (brace ? `\${${name}}` : `$${name}`))
    : isCommand
      ? own.functions
      : [];
  const items = [...new Set([...extra, ...candidates])].map((label): Completion => {
    const command = isCommand ? findCommand(label) : null;
    return {
      label,
      insert: label,
      kind: label.startsWith("$") ? "name" : isCommand ? "command" : "value",
      detail: command?.summary ?? (isCommand && builtins.has(label) ? "a command of bash" : ""),
      about: command?.man.trim() ?? "",
    };
  });
  return items.length ? { from: start + from, items } : null;
}

function hover(_p: Process, text: string, offset: number): Hover | null {
  const { start, text: line } = lineAt(text, offset);
  if (/^\s*#/.test(line)) return null;
  for (const found of line.matchAll(/[\w./+-]+/g)) {
    const [from, to] = [start + found.index, start + found.index + found[0].length];
    if (offset < from || offset > to) continue;
    const name = found[0].replace(/.*\//, "");
    const about = BEFORE_COMMAND.test(line.slice(0, found.index)) ? manualOf(name) : null;
    return about === null ? null : { from, to, text: about.trimEnd() };
  }
  return null;
}

/** Scripts for bash: its own grammar, its completion, the manual of its commands. */
export const shell: Language = {
  name: "shell",
  owns: (path, text) =>
    /\.(sh|bash)$|(^|\/)\.(bashrc|bash_\w+|profile)$/.test(path) ||
    /^#!.*\b(ba|da)?sh\b/.test(text),
  check,
  complete,
  hover,
};

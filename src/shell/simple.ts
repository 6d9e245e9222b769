import type { Assignment, CommandArgument, Command as CommandSyntax, Redirection } from "unbash";
import { SysError } from "../base/errno.ts";
import { EXEC_COST, Process, type Run, STEP_COST } from "../host/process.ts";
import { builtins } from "./builtin/index.ts";
import { type Command, Complaint } from "./command.ts";
import { expandText, expandWords } from "./expand.ts";
import { parseScript, parseWord } from "./parse.ts";
import { declarations, grammarFor } from "./plain.ts";
import { quoteTrace } from "./quote.ts";
import { applyRedirects, restoreFds, saveFds } from "./redirect.ts";
import { findCommand } from "./registry.ts";
import { foreground, guard, joinGroup, runList, runNode, textOf } from "./run.ts";
import type { Shell } from "./shell.ts";
import { findProgram, type Program, runProgram } from "./spawn.ts";
import { runText } from "./text.ts";
import { takeSignals } from "./trap.ts";
import { Variable } from "./variable.ts";
import { withGrammar } from "./with-grammar.ts";

/** bash takes a command's line when it has read the word behind its name (make_bare_simple_command). */
function linePos(node: CommandSyntax): number {
  const next = node.prefix.length === 0 ? node.suffix[0] : undefined;
  return next && (next.type === "Word" || next.type === "Assignment") ? next.end - 1 : node.pos;
}

/** A simple command (POSIX 2.9.1): assignments, words, redirections; a function, builtin or program. */
export function* runSimple(sh: Shell, node: CommandSyntax): Run {
  sh.pos = linePos(node);
  const { last } = sh;
  sh.last = false;
  sh.substituted = 0;
  if (sh.p.pending.length) yield* takeSignals(sh);
  if (sh.aliases.size && node.name) {
    const text = expandAlias(sh, node);
    if (text !== null) return yield* runAlias(sh, node, text);
  }
  const run = simple(sh, node, last);
  const { opened } = sh;
  if (opened.length === 0) return yield* guard(sh, run);
  sh.opened = [];
  try {
    return yield* guard(sh, run);
  } finally {
    sh.opened = opened;
  }
}

function* simple(sh: Shell, node: CommandSyntax, last: boolean): Run {
  const first = node.name;
  if (
    first &&
    first.parts === undefined &&
    declarations.has(first.value) &&
    !sh.functions.has(first.value)
  )
    return yield* declaration(sh, node, first.value);
  const before = sh.opened.length;
  const argv: string[] = [];
  if (first) {
    argv.push(...(yield* expandWords(sh, [first])));
    const { args } = node;
    if (args.length) argv.push(...(yield* expandWords(sh, args.map(asWord))));
  }
  const assignments = node.prefix.filter((part) => part.type === "Assignment");
  const { redirects } = node;
  try {
    if (argv.length === 0) return yield* assignOnly(sh, assignments, redirects);
    if (sh.options.has("xtrace")) yield* trace(sh, argv, assignments);
    return yield* invoke(sh, node, argv, assignments, redirects, last);
  } finally {
    while (sh.opened.length > before) sh.p.close(sh.opened.pop() as number);
  }
}

function asWord(argument: CommandArgument) {
  return argument.type === "Word" ? argument : parseWord(argument.text);
}

function* assignOnly(
  sh: Shell,
  assignments: readonly Assignment[],
  redirects: readonly Redirection[],
): Run {
  yield { on: [], until: sh.p.sim.now + STEP_COST };
  for (const assignment of assignments) {
    yield* withGrammar().assign(sh, assignment);
    if (sh.options.has("xtrace") && assignment.value.type === "Word")
      yield* sh.p.err(
        `${yield* tracePrefix(sh)}${assignment.name}=${quoteTrace(sh.get(assignment.name) ?? "")}\n`,
      );
  }
  if (redirects.length) {
    const saved = saveFds(sh.p);
    const ok = yield* applyRedirects(sh, redirects, sh.p);
    restoreFds(sh.p, saved);
    if (!ok) return 1;
  }
  return sh.substituted;
}

function* tracePrefix(sh: Shell): Run<string> {
  const quoted = `"${(sh.get("PS4") ?? "+ ").replace(/"/g, '\\"')}"`;
  yield* grammarFor(quoted);
  const text = yield* expandText(sh, parseWord(quoted));
  return (text[0] ?? "").repeat(sh.level) + text;
}

function* trace(sh: Shell, argv: string[], assignments: readonly Assignment[]): Run<void> {
  const prefix = yield* tracePrefix(sh);
  let text = "";
  for (const { name, value } of assignments)
    if (value.type === "Word")
      text += `${prefix}${name}=${quoteTrace(yield* expandText(sh, value))}\n`;
  yield* sh.p.err(`${text}${prefix}${argv.map(quoteTrace).join(" ")}\n`);
}

function* declaration(sh: Shell, node: CommandSyntax, name: string): Run {
  const items: (string | Assignment)[] = [];
  for (const argument of node.args)
    if (argument.type === "Assignment") items.push(argument);
    else items.push(...(yield* expandWords(sh, [argument])));
  if (sh.options.has("xtrace")) {
    const words = items.map((item) => (typeof item === "string" ? quoteTrace(item) : item.text));
    yield* sh.p.err(`${yield* tracePrefix(sh)}${[name, ...words].join(" ")}\n`);
  }
  for (const part of node.prefix)
    if (part.type === "Assignment") yield* withGrammar().assign(sh, part);
  yield { on: [], until: sh.p.sim.now + STEP_COST };
  return yield* withRedirects(sh, node.redirects, withGrammar().runDeclaration(sh, name, items));
}

function* withRedirects(sh: Shell, redirects: readonly Redirection[], run: Run): Run {
  if (redirects.length === 0) return yield* run;
  const saved = saveFds(sh.p);
  try {
    return (yield* applyRedirects(sh, redirects, sh.p)) ? yield* run : 1;
  } finally {
    restoreFds(sh.p, saved);
  }
}

function* invoke(
  sh: Shell,
  node: CommandSyntax,
  argv: string[],
  assignments: readonly Assignment[],
  redirects: readonly Redirection[],
  last: boolean,
): Run {
  const name = argv[0] as string;
  const special = builtins.get(name);
  const command = special ? null : findCommand(name);
  const inside = sh.functions.has(name) || special || command?.builtin;
  sh.set("_", argv[argv.length - 1] as string);
  if (!inside) return yield* external(sh, node, argv, assignments, redirects, last);
  yield { on: [], until: sh.p.sim.now + STEP_COST };
  if (name === "exec") {
    for (const assignment of assignments) yield* withGrammar().assign(sh, assignment);
    return yield* execBuiltin(sh, argv, redirects);
  }
  const scoped = assignments.length > 0;
  if (scoped) yield* pushAssignments(sh, assignments);
  try {
    const run = sh.functions.has(name)
      ? callFunction(sh, argv)
      : special
        ? special(sh, argv)
        : runInside(sh, command as Command, argv);
    return yield* withRedirects(sh, redirects, run);
  } finally {
    if (scoped) sh.scopes.pop();
  }
}

/** `a=b command`: the assignment is seen by that command only. */
function* pushAssignments(sh: Shell, assignments: readonly Assignment[]): Run<void> {
  const scope = new Map<string, Variable>();
  for (const { name, value } of assignments) {
    if (value.type !== "Word") continue;
    const variable = new Variable(yield* expandText(sh, value));
    variable.exported = true;
    scope.set(name, variable);
  }
  sh.scopes.push(scope);
}

/** A program that bash has inside (echo, printf, test): no process is made for it. */
export function* runInside(sh: Shell, command: Command, argv: string[]): Run {
  try {
    return yield* command.run(sh.p, argv);
  } catch (error) {
    if (error instanceof Complaint) {
      for (const line of error.lines) yield* sh.complain(line);
      return error.status;
    }
    if (!(error instanceof SysError)) throw error;
    yield* sh.complain(`${argv[0]}: write error: ${error.message}`);
    return 1;
  }
}

export function* callFunction(sh: Shell, argv: string[]): Run {
  const fn = sh.functions.get(argv[0] as string);
  if (!fn) return 127;
  // It has been read once, whatever was switched on then.
  yield* grammarFor(fn.source);
  const parsed = parseScript(fn.source, true);
  const { command: node } = parsed.script.commands[0] ?? {};
  if (node?.type !== "Function") return 0;
  const depth = sh.frames.length;
  if (depth > 1000) {
    yield* sh.complain(`${fn.name}: maximum function nesting level exceeded (1000)`);
    return 1;
  }
  const { positional, pos, loops } = sh;
  sh.frames.push({ source: fn.source, file: fn.file, line: fn.line, function: fn.name });
  sh.positional = argv.slice(1);
  sh.loops = 0;
  sh.scopes.push(new Map());
  const scopes = sh.scopes.length;
  try {
    if (node.body.type === "CompoundList") yield* runList(sh, node.body.commands);
    else yield* runNode(sh, node.body);
    if (sh.unwind?.kind === "return") sh.unwind = null;
    return sh.status;
  } finally {
    sh.scopes.length = scopes - 1;
    sh.positional = positional;
    sh.frames.length = depth;
    sh.pos = pos;
    sh.loops = loops;
  }
}

/** Why a program cannot be run, in bash's words. */
export function notRun(sh: Shell, name: string, program: Program): string {
  if (program.kind === "missing") {
    return name.includes("/") ? `${name}: No such file or directory` : `${name}: command not found`;
  }
  if (program.kind === "denied") return `${name}: ${program.why}`;
  return `${sh.name}: ${name}`;
}

function* external(
  sh: Shell,
  node: CommandSyntax,
  argv: string[],
  assignments: readonly Assignment[],
  redirects: readonly Redirection[],
  last: boolean,
): Run {
  const name = argv[0] as string;
  const env = sh.environment();
  for (const { name: key, value } of assignments)
    if (value.type === "Word") env.set(key, yield* expandText(sh, value));
  const program = findProgram(sh.p, name, sh.get("PATH") ?? "");
  if (last && sh.traps.size === 0) {
    // The subshell has nothing else to do: it becomes the program.
    if (!(yield* applyRedirects(sh, redirects, sh.p))) return 1;
    if (program.kind === "missing" || program.kind === "denied") {
      yield* sh.complain(notRun(sh, name, program));
      return program.kind === "missing" ? 127 : 126;
    }
    becomeProgram(sh, argv, env);
    return yield* runProgram(sh.p, argv, program);
  }
  const child = new Process(sh.p.machine, sh.p, argv);
  child.env = env;
  for (const signal of sh.traps.keys())
    if (sh.traps.get(signal) === "") child.ignored.add(signal as "SIGINT");
  joinGroup(sh, child, child);
  if (redirects.length && !(yield* applyRedirects(sh, redirects, child))) {
    child.exit(1);
    return 1;
  }
  for (const fd of sh.opened) if (!argv.includes(`/dev/fd/${fd}`)) child.close(fd);
  if (program.kind === "missing" || program.kind === "denied") {
    const handler = program.kind === "missing" && sh.functions.has("command_not_found_handle");
    if (handler) {
      child.exit(127);
      return yield* callFunction(sh, ["command_not_found_handle", ...argv]);
    }
    yield* child.err(`${sh.prefix}${notRun(sh, name, program)}\n`);
    child.exit(127);
    yield { on: [], until: sh.p.sim.now + STEP_COST };
    return program.kind === "missing" ? 127 : 126;
  }
  child.start(runProgram(child, argv, program), EXEC_COST);
  return yield* foreground(sh, [child], () => textOf(sh, node));
}

/** Before `exec`: what was caught is no longer. */
function becomeProgram(sh: Shell, argv: string[], env: Map<string, string>): void {
  sh.p.argv = argv;
  sh.p.env = env;
  sh.p.caught.clear();
}

function* execBuiltin(sh: Shell, argv: string[], redirects: readonly Redirection[]): Run {
  let args = argv.slice(1);
  let name: string | null = null;
  while (args[0]?.startsWith("-") && args[0].length > 1) {
    if (args[0] === "--") {
      args = args.slice(1);
      break;
    }
    if (args[0] === "-a") {
      name = args[1] ?? null;
      args = args.slice(2);
    } else args = args.slice(1);
  }
  if (!(yield* applyRedirects(sh, redirects, sh.p))) return 1;
  const target = args[0];
  if (target === undefined) return 0;
  const program = findProgram(sh.p, target, sh.get("PATH") ?? "");
  if (program.kind === "missing" || program.kind === "denied") {
    const why = program.kind === "missing" ? "not found" : program.why;
    yield* sh.complain(`exec: ${target}: ${why}`);
    const status = program.kind === "missing" ? 127 : 126;
    if (!sh.interactive) sh.exit(status);
    return status;
  }
  becomeProgram(sh, name === null ? args : [name, ...args.slice(1)], sh.environment());
  sh.exit(yield* runProgram(sh.p, args, program));
}

/** The text with which an alias replaces the command; null when there is none. */
function expandAlias(sh: Shell, node: CommandSyntax): string | null {
  const word = node.name;
  if (!word || word.parts !== undefined || word.text !== word.value) return null;
  if (!sh.interactive && !sh.shopts.has("expand_aliases")) return null;
  const alias = sh.aliases.get(word.value);
  if (alias === undefined || sh.expandingAliases.includes(word.value)) return null;
  if (node.redirects.some((redirect) => redirect.type === "HereDoc")) return null;
  const source = sh.frame?.source ?? "";
  let rest = source.slice(word.end, node.end);
  if (/[ \t]$/.test(alias)) {
    // An alias that ends with a blank lets the next word be one, too.
    const next = /^\s*([\w-]+)/.exec(rest);
    const second = next?.[1] === undefined ? undefined : sh.aliases.get(next[1]);
    if (next && second !== undefined) rest = ` ${second}${rest.slice(next[0].length)}`;
  }
  return source.slice(node.pos, word.pos) + alias + rest;
}

function* runAlias(sh: Shell, node: CommandSyntax, text: string): Run {
  const name = node.name?.value ?? "";
  sh.expandingAliases.push(name);
  const frame = sh.frame;
  try {
    return yield* runText(sh, text, frame?.file ?? "", frame?.file ? sh.line - 1 : 0);
  } finally {
    sh.expandingAliases.pop();
  }
}

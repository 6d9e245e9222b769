import type { Word, WordPart } from "unbash";
import { fromUtf8 } from "../base/text.ts";
import type { Run } from "../host/process.ts";
import { expandBraces } from "./brace.ts";
import { type Field, Fields } from "./field.ts";
import { glob } from "./glob.ts";
import { paramList, paramScalar, type Values, valuesOf } from "./param.ts";
import { parseBody, parseWord } from "./parse.ts";
import { ExpansionError, type Shell } from "./shell.ts";
import { commandOutput, processSubstitution } from "./substitute.ts";

/** How the text around an expansion is quoted. */
export type Context = "bare" | "quoted" | "operand" | "quoted-operand" | "assignment";

/** The words of a command line, in bash's order: braces, expansions, splitting, file names. */
export function* expandWords(sh: Shell, words: readonly Word[]): Run<string[]> {
  const out: string[] = [];
  for (const word of words) {
    if (word.parts === undefined && !isTilde(word.text)) {
      out.push(word.value);
      continue;
    }
    if (
      word.parts?.some((part) => part.type === "BraceExpansion") &&
      sh.options.has("braceexpand")
    ) {
      for (const text of expandBraces(word.text)) yield* expandFields(sh, parseWord(text), out);
      continue;
    }
    yield* expandFields(sh, word, out);
  }
  return out;
}

function isTilde(text: string): boolean {
  return text.charCodeAt(0) === 126;
}

function* expandFields(sh: Shell, word: Word, out: string[]): Run<void> {
  const fields = new Fields(sh.get("IFS") ?? " \t\n", true);
  yield* expandInto(sh, word, fields, "bare");
  for (const field of fields.finish()) {
    if (field.magic && !sh.options.has("noglob")) {
      const found = glob(sh.p, field.pattern, {
        dotglob: sh.shopts.has("dotglob"),
        nocase: sh.shopts.has("nocaseglob"),
        globstar: sh.shopts.has("globstar"),
      });
      if (found.length) {
        out.push(...found);
        continue;
      }
      if (sh.shopts.has("failglob")) throw new ExpansionError(`no match: ${field.text}`);
      if (sh.shopts.has("nullglob")) continue;
    }
    out.push(field.text);
  }
}

/** One text, neither split nor matched against files: assignments, redirections' words, `case`. */
export function* expandText(sh: Shell, word: Word, context: Context = "assignment"): Run<string> {
  if (word.parts === undefined && !word.text.includes("~")) return word.value;
  return (yield* expandSingle(sh, word, context)).text;
}

/** The same as a pattern: what was quoted stands for itself. */
export function* expandPattern(sh: Shell, word: Word, context: Context = "bare"): Run<string> {
  if (word.parts === undefined && /[?*+@!]\(/.test(word.text) && sh.shopts.has("extglob"))
    return word.text;
  return (yield* expandSingle(sh, word, context)).pattern;
}

/** The same as a regular expression for `=~`. */
export function* expandRegex(sh: Shell, word: Word): Run<string> {
  if (word.parts === undefined) return word.text;
  const fields = new Fields("", false, true);
  yield* expandInto(sh, word, fields, "bare");
  return fields.single().pattern;
}

function* expandSingle(sh: Shell, word: Word, context: Context): Run<Field> {
  const fields = new Fields(sh.get("IFS") ?? " \t\n", false);
  yield* expandInto(sh, word, fields, context);
  return fields.single();
}

/** A here-document, an arithmetic expression, a prompt: as if in double quotes. */
export function* expandBody(sh: Shell, text: string): Run<string> {
  const parts = parseBody(text);
  if (!parts) return text;
  // The memo's parts come from a here-document, which ends with a newline of its own.
  return (yield* expandParts(sh, parts)).replace(/\n$/, "");
}

export function* expandParts(sh: Shell, parts: readonly WordPart[]): Run<string> {
  const fields = new Fields(sh.get("IFS") ?? " \t\n", false);
  for (const part of parts) yield* expandPart(sh, part, fields, "quoted");
  return fields.single().text;
}

/** Arithmetic: expansions first, then what the text says (bash "Arithmetic Expansion"). */
export function* arithmetic(sh: Shell, text: string): Run<bigint> {
  const plain = /[$`\\"']/.test(text) ? (yield* expandBody(sh, text)).replace(/["']/g, "") : text;
  return sh.arith(plain);
}

export function* expandInto(sh: Shell, word: Word, fields: Fields, context: Context): Run<void> {
  const parts = word.parts;
  if (parts === undefined) {
    plainText(sh, word.value, word.text, fields, context, true);
    return;
  }
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] as WordPart;
    if (part.type === "Literal" && context !== "quoted") {
      if (context === "quoted-operand") fields.literal(part.value, true);
      else plainText(sh, part.value, part.text, fields, context, i === 0);
    } else yield* expandPart(sh, part, fields, context);
  }
}

/** Unquoted literal text: tilde at its start, and after `:` and `=` in an assignment. */
function plainText(
  sh: Shell,
  value: string,
  text: string,
  fields: Fields,
  context: Context,
  first: boolean,
): void {
  if (fields.regex) {
    fields.literal(text, false);
    return;
  }
  if (context === "quoted-operand") {
    fields.literal(value, true);
    return;
  }
  if (value.includes("~") && text.includes("~")) {
    if (first && isTilde(text)) value = tilde(sh, value);
    if (context === "assignment") value = value.replace(/:(~[^:]*)/g, (_, t) => `:${tilde(sh, t)}`);
  }
  // The blanks of `${x:-a b}` separate fields when the whole is not quoted.
  if (context === "operand" && fields.split && /[ \t\n]/.test(value) && value === text)
    fields.value(value);
  else fields.literal(value, value !== text && value !== "");
}

function tilde(sh: Shell, text: string): string {
  const slash = text.search(/[/:]/);
  const name = slash < 0 ? text.slice(1) : text.slice(1, slash);
  const rest = slash < 0 ? "" : text.slice(slash);
  if (name === "") return (sh.get("HOME") ?? "/root") + rest;
  if (name === "+") return sh.p.cwd + rest;
  if (name === "-") return (sh.get("OLDPWD") ?? "~-") + rest;
  const entry = fromUtf8(sh.p.machine.fs.readFile("/etc/passwd"))
    .split("\n")
    .find((line) => line.startsWith(`${name}:`));
  return entry ? entry.split(":")[5] + rest : text;
}

function* expandPart(sh: Shell, part: WordPart, fields: Fields, context: Context): Run<void> {
  const quoted = context === "quoted" || context === "quoted-operand";
  switch (part.type) {
    case "Literal":
      fields.literal(part.value, quoted);
      return;
    case "SingleQuoted":
      fields.literal(context === "quoted-operand" ? part.text : part.value, true);
      return;
    case "AnsiCQuoted":
      fields.literal(part.value, true);
      return;
    case "DoubleQuoted":
    case "LocaleString":
      yield* expandQuoted(sh, part.parts, fields);
      return;
    case "Glob":
      if (quoted) fields.literal(part.text, true);
      else if (fields.regex) fields.literal(part.text, false);
      else if (part.kind === "bracket" && part.parts.some((inner) => inner.type !== "Literal")) {
        let body = "";
        for (const inner of part.parts) {
          const one = new Fields("", false);
          yield* expandPart(sh, inner, one, "assignment");
          body += inner.type === "Literal" ? inner.text : one.single().text;
        }
        fields.glob(`[${body}]`);
      } else fields.glob(part.text);
      return;
    case "ExtendedGlob": {
      const fieldsOfBody = new Fields("", false);
      if (part.parts)
        for (const inner of part.parts) yield* expandPart(sh, inner, fieldsOfBody, "bare");
      const body = part.parts ? fieldsOfBody.single().pattern : part.pattern;
      if (quoted || fields.regex) fields.literal(part.text, false);
      else fields.glob(`${part.operator}(${body})`);
      return;
    }
    case "BraceExpansion":
      // Braces that make no list are themselves; what is in them is expanded.
      if (!part.parts) fields.literal(part.text, false);
      else {
        fields.literal("{", false);
        for (const inner of part.parts) yield* expandPart(sh, inner, fields, context);
        fields.literal("}", false);
      }
      return;
    case "SimpleExpansion": {
      const name = part.text.slice(1);
      putValues(sh, valuesOf(sh, name, null), fields, quoted, name);
      return;
    }
    case "ParameterExpansion": {
      const operand = quoted
        ? "quoted-operand"
        : context === "assignment"
          ? "assignment"
          : "operand";
      if (part.operation?.type === "Default") {
        const { operator } = part.operation;
        const values = yield* paramList(sh, part);
        const list = typeof values === "object" && values !== null;
        const unset = values === null || (list && values.items.length === 0);
        const empty =
          unset || (operator[0] === ":" && (list ? values.items.join("") : values) === "");
        const kind = operator[operator.length - 1];
        if (kind === "+" ? !empty : kind === "-" && empty) {
          if (part.operation.operand.text === "" && quoted) fields.literal("", true);
          else if (part.operation.operand.text !== "")
            yield* expandInto(sh, part.operation.operand, fields, operand);
          return;
        }
        if (kind === "+") {
          if (quoted) fields.literal("", true);
          return;
        }
      }
      const value = yield* paramScalar(sh, part, operand);
      putValues(sh, value, fields, quoted, part.parameter);
      return;
    }
    case "CommandExpansion": {
      const text = yield* commandOutput(sh, part.script, part.text);
      if (quoted) fields.literal(text, true);
      else fields.value(text);
      return;
    }
    case "ArithmeticExpansion": {
      const body = part.text.startsWith("$((") ? part.text.slice(3, -2) : part.text.slice(2, -1);
      const text = (yield* arithmetic(sh, body)).toString();
      if (quoted) fields.literal(text, true);
      else fields.value(text);
      return;
    }
    case "ProcessSubstitution":
      fields.literal(yield* processSubstitution(sh, part.script, part.text, part.operator), true);
      return;
  }
}

/** The inside of "...": only "$@" and its kind make more than one field, or none. */
function* expandQuoted(sh: Shell, parts: readonly WordPart[], fields: Fields): Run<void> {
  if (parts.length === 1) {
    const only = parts[0] as WordPart;
    if (isAtList(only)) {
      yield* expandPart(sh, only, fields, "quoted");
      return;
    }
  }
  fields.open().quoted = true;
  for (const part of parts) yield* expandPart(sh, part, fields, "quoted");
}

function isAtList(part: WordPart): boolean {
  if (part.type === "SimpleExpansion") return part.text === "$@";
  if (part.type !== "ParameterExpansion") return false;
  return part.parameter === "@" || part.index?.text === "@" || part.operation?.type === "Names";
}

function putValues(sh: Shell, values: Values, fields: Fields, quoted: boolean, name: string): void {
  if (values === null) {
    if (sh.options.has("nounset") && !/^[@*]$/.test(name))
      throw new ExpansionError(`${name}: unbound variable`, 127);
    if (quoted) fields.literal("", true);
    return;
  }
  if (typeof values === "string") {
    if (quoted) fields.literal(values, true);
    else fields.value(values);
    return;
  }
  const { items, star } = values;
  if (!fields.split || (quoted && star)) {
    const glue = star ? (sh.get("IFS") ?? " ").slice(0, 1) : " ";
    if (quoted || !fields.split) {
      const text = items.join(glue);
      if (quoted) fields.literal(text, true);
      else fields.value(text);
    }
    return;
  }
  items.forEach((item, i) => {
    if (i > 0) fields.cut();
    if (quoted) fields.literal(item, true);
    else fields.value(item);
  });
}

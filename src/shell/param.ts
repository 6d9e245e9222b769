import type { ParameterExpansionPart, Word } from "unbash";
import type { Run } from "../host/process.ts";
import { arithmetic, expandPattern, expandText } from "./expansion.ts";
import { patternRegex } from "./pattern.ts";
import { promptString } from "./prompt.ts";
import { quoteWord } from "./quote.ts";
import { ExpansionError, type Shell } from "./shell.ts";
import type { Variable } from "./variable.ts";

/** `$@`, `${a[*]}`: several values; `star` when quotes join them. */
export interface List {
  items: string[];
  star: boolean;
}

export type Values = string | null | List;

type Operand = "operand" | "quoted-operand" | "assignment";

/** What a parameter is worth; null when unset. `index` has been expanded. */
export function valuesOf(sh: Shell, name: string, index: string | null): Values {
  if (index !== null) return elementOf(sh, name, index);
  const code = name.charCodeAt(0);
  if (code >= 48 && code <= 57) {
    const n = Number(name);
    return n === 0 ? sh.name : (sh.positional[n - 1] ?? null);
  }
  switch (name) {
    case "@":
      return { items: sh.positional, star: false };
    case "*":
      return { items: sh.positional, star: true };
    case "#":
      return String(sh.positional.length);
    case "?":
      return String(sh.status);
    case "$":
      return String(shellPid(sh));
    case "!":
      return sh.lastBackground ? String(sh.lastBackground) : null;
    case "-":
      return flags(sh);
  }
  return sh.get(name);
}

/** `$$` is the pid of the shell that forked the subshells, too. */
function shellPid(sh: Shell): number {
  let p = sh.p;
  for (let i = 0; i < sh.level && p.parent; i++) p = p.parent;
  return p.pid;
}

function flags(sh: Shell): string {
  const letters: [string, string][] = [
    ["allexport", "a"],
    ["errexit", "e"],
    ["noglob", "f"],
    ["hashall", "h"],
    ["", "i"],
    ["monitor", "m"],
    ["noexec", "n"],
    ["nounset", "u"],
    ["verbose", "v"],
    ["xtrace", "x"],
    ["braceexpand", "B"],
    ["noclobber", "C"],
    ["errtrace", "E"],
    ["histexpand", "H"],
    ["functrace", "T"],
  ];
  const set = letters.filter(([name, letter]) =>
    letter === "i" ? sh.interactive : sh.options.has(name as "errexit"),
  );
  const from = sh.commandString ? "c" : sh.fromInput || sh.interactive ? "s" : "";
  return set.map(([, letter]) => letter).join("") + from;
}

function elementOf(sh: Shell, name: string, index: string): Values {
  const all = index === "@" || index === "*";
  if (name === "FUNCNAME" || name === "BASH_SOURCE" || name === "BASH_LINENO") {
    const frames = sh.frames.filter((frame) => frame.function).reverse();
    const items = frames.map((frame) => (name === "FUNCNAME" ? frame.function : frame.file));
    if (items.length || name === "BASH_SOURCE") {
      if (name === "FUNCNAME" && !sh.interactive) items.push("main");
      if (name === "BASH_SOURCE") items.push(sh.name);
      return all ? { items, star: index === "*" } : (items[Number(index)] ?? null);
    }
    return all ? { items: [], star: index === "*" } : null;
  }
  const variable = sh.find(name);
  if (all) return { items: variable?.values() ?? [], star: index === "*" };
  if (!variable) return null;
  if (variable.dict) return variable.dict.get(index) ?? null;
  const at = sh.listIndex(name, variable, index);
  return variable.list ? (variable.list.get(at) ?? null) : at === 0 ? variable.text : null;
}

/** The subscript of `${name[index]}` or of an assignment: a key, or arithmetic. */
export function* expandIndex(sh: Shell, variable: Variable | null, index: Word): Run<string> {
  if (index.text === "@" || index.text === "*") return index.text;
  return yield* expandText(sh, index, variable?.dict ? "assignment" : "quoted");
}

/** The parameter itself, before its operation; `!` has been followed. */
export function* paramList(sh: Shell, part: ParameterExpansionPart): Run<Values> {
  let name = part.parameter;
  const index = part.index ? yield* expandIndex(sh, sh.find(name), part.index) : null;
  if (part.prefix === "!") {
    const target = valuesOf(sh, name, index);
    const text = typeof target === "string" ? target : "";
    const match = /^([A-Za-z_]\w*|\d+|[@*#?$!-])(?:\[(.*)\])?$/.exec(text);
    if (!match) {
      if (target === null) return null;
      throw new ExpansionError(`${text}: invalid variable name`);
    }
    name = match[1] as string;
    return valuesOf(sh, name, match[2] ?? null);
  }
  return valuesOf(sh, name, index);
}

/** The whole of `${...}`. */
export function* paramScalar(
  sh: Shell,
  part: ParameterExpansionPart,
  operand: Operand,
): Run<Values> {
  const { operation, prefix } = part;
  if (prefix === "#" && !operation) return yield* lengthOf(sh, part);
  if (prefix === "!" && operation?.type === "Names") {
    const names = new Set<string>();
    for (const scope of sh.scopes)
      for (const name of scope.keys()) if (name.startsWith(part.parameter)) names.add(name);
    return { items: [...names].sort(), star: operation.operator === "*" };
  }
  if (prefix === "!" && part.index && /^[@*]$/.test(part.index.text) && !operation)
    return { items: sh.find(part.parameter)?.keys() ?? [], star: part.index.text === "*" };
  const found = yield* paramList(sh, part);
  if (!operation) return found;
  if (operation.type !== "Default" && found === null && sh.options.has("nounset"))
    throw new ExpansionError(`${part.parameter}: unbound variable`, 127);
  switch (operation.type) {
    case "Default": {
      const list = typeof found === "object" && found !== null;
      const unset = found === null || (list && found.items.length === 0);
      const colon = operation.operator[0] === ":";
      if (!unset && !(colon && (list ? found.items.join("") : found) === "")) return found;
      const value = yield* expandText(sh, operation.operand, operand);
      if (operation.operator.endsWith("?")) {
        const message = value || (colon ? "parameter null or not set" : "parameter not set");
        throw new ExpansionError(`${part.parameter}: ${message}`, 127);
      }
      if (part.index)
        sh.setElement(
          part.parameter,
          yield* expandIndex(sh, sh.find(part.parameter), part.index),
          value,
        );
      else if (/^[A-Za-z_]/.test(part.parameter)) sh.set(part.parameter, value);
      else throw new ExpansionError(`$${part.parameter}: cannot assign in this way`);
      return value;
    }
    case "Remove": {
      const pattern = yield* expandPattern(sh, operation.operand);
      return each(found, (text) => removePart(text, pattern, operation.operator));
    }
    case "Replace": {
      const pattern = yield* expandPattern(sh, operation.pattern);
      const by = yield* replacement(sh, operation.replacement);
      return each(found, (text) => replacePart(text, pattern, by, operation.operator));
    }
    case "CaseModification": {
      const pattern = operation.operand ? yield* expandPattern(sh, operation.operand) : "?";
      return each(found, (text) => changeCase(text, pattern || "?", operation.operator));
    }
    case "Slice": {
      const offset = Number(yield* arithmetic(sh, operation.offset.text));
      const length = operation.length ? Number(yield* arithmetic(sh, operation.length.text)) : null;
      return slice(sh, part, found, offset, length);
    }
    case "Transform":
      return transform(sh, part, found, operation.operand.text);
    default:
      throw new ExpansionError(`${part.text}: bad substitution`);
  }
}

function each(values: Values, change: (text: string) => string): Values {
  if (values === null) return null;
  if (typeof values === "string") return change(values);
  return { items: values.items.map(change), star: values.star };
}

function* lengthOf(sh: Shell, part: ParameterExpansionPart): Run<string> {
  const values = yield* paramList(sh, part);
  if (values === null) {
    if (sh.options.has("nounset"))
      throw new ExpansionError(`${part.parameter}: unbound variable`, 127);
    return "0";
  }
  return String(typeof values === "string" ? [...values].length : values.items.length);
}

export function removePart(text: string, pattern: string, operator: string): string {
  if (operator[0] === "#") {
    const match = patternRegex(pattern, "prefix", operator === "#").exec(text);
    return match ? text.slice(match[0].length) : text;
  }
  if (operator === "%%") {
    const match = patternRegex(pattern, "suffix").exec(text);
    return match ? text.slice(0, match.index) : text;
  }
  const whole = patternRegex(pattern, "whole");
  for (let i = text.length; i >= 0; i--) if (whole.test(text.slice(i))) return text.slice(0, i);
  return text;
}

/** The replacement of `${x/a/b}`: an unquoted `&` is what matched (patsub_replacement). */
function* replacement(sh: Shell, word: Word): Run<string> {
  if (word.text === "") return "";
  const text = yield* expandText(sh, word, "assignment");
  if (!word.text.includes("&") || !sh.shopts.has("patsub_replacement"))
    return text.replace(/[\\&]/g, "\\$&");
  return /["'\\]/.test(word.text) ? text.replace(/[\\&]/g, "\\$&") : text;
}

function replacePart(text: string, pattern: string, by: string, operator: string): string {
  if (pattern === "" && operator !== "/#" && operator !== "/%") return text;
  const anchor = operator === "/#" ? "prefix" : operator === "/%" ? "suffix" : "anywhere";
  const regex = patternRegex(pattern, anchor, false, operator === "//" ? "g" : "");
  regex.lastIndex = 0;
  return text.replace(regex, (match) =>
    match === "" && operator === "//" ? "" : by.replace(/\\([\\&])|&/g, (_, c) => c ?? match),
  );
}

function changeCase(text: string, pattern: string, operator: string): string {
  const regex = patternRegex(pattern, "whole");
  const change = (c: string) =>
    regex.test(c) ? (operator[0] === "^" ? c.toUpperCase() : c.toLowerCase()) : c;
  if (operator.length === 2) return [...text].map(change).join("");
  const first = [...text][0];
  return first === undefined ? text : change(first) + text.slice(first.length);
}

function slice(
  sh: Shell,
  part: ParameterExpansionPart,
  found: Values,
  offset: number,
  length: number | null,
): Values {
  if (found === null) return null;
  if (typeof found === "string") {
    const chars = [...found];
    const from = offset < 0 ? chars.length + offset : offset;
    if (from < 0 || from > chars.length) return "";
    const to = length === null ? chars.length : length < 0 ? chars.length + length : from + length;
    if (to < from) throw new ExpansionError(`${length}: substring expression < 0`);
    return chars.slice(from, to).join("");
  }
  const positional = part.parameter === "@" || part.parameter === "*";
  const items = positional ? [sh.name, ...found.items] : found.items;
  const from = offset < 0 ? items.length + offset : offset;
  if (length !== null && length < 0)
    throw new ExpansionError(`${length}: substring expression < 0`);
  if (from < 0) return { items: [], star: found.star };
  const list = items.slice(from, length === null ? undefined : from + length);
  return { items: positional && offset === 0 ? list : list, star: found.star };
}

function transform(sh: Shell, part: ParameterExpansionPart, found: Values, what: string): Values {
  switch (what) {
    case "Q":
      return each(found, quoteWord);
    case "U":
      return each(found, (text) => text.toUpperCase());
    case "u":
      return each(found, (text) => changeCase(text, "?", "^"));
    case "L":
      return each(found, (text) => text.toLowerCase());
    case "E":
      return each(found, (text) => text.replace(/\\n/g, "\n").replace(/\\t/g, "\t"));
    case "P":
      return each(found, (text) => promptString(sh, text));
    case "a": {
      const variable = sh.find(part.parameter);
      if (!variable) return "";
      const { list, dict, integer, readonly, exported } = variable;
      return `${list ? "a" : ""}${dict ? "A" : ""}${integer ? "i" : ""}${readonly ? "r" : ""}${exported ? "x" : ""}`;
    }
    case "A":
      return each(found, (text) => `${part.parameter}=${quoteWord(text)}`);
    case "K":
    case "k":
      return found;
    default:
      throw new ExpansionError(`${part.text}: bad substitution`);
  }
}

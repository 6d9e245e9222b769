import type { Process } from "../../host/process.ts";
import type {
  MatchExtension,
  TableName,
  TargetExtension,
  XtOption,
} from "../../net/netfilter/extension.ts";
import { parseProtocol, protocolName, protocolNames } from "../../net/netfilter/names.ts";
import { MATCHES, TARGETS } from "../../net/netfilter/registry.ts";
import { TABLE_HOOKS } from "../../net/netfilter/table.ts";
import { ALLOWED, BASE_OPTIONS, type BaseOption } from "../command/iptables/command-line.ts";
import { HELP } from "../command/iptables/help.ts";
import { VERDICTS } from "../command/iptables/parsed.ts";
import { type Completion, type Completions, type Hover, lineAt } from "./language.ts";

type Extension = MatchExtension | TargetExtension;

/** What iptables-restore's lines do besides appending. */
const COMMANDS = "AIRDNPFXE";

interface Word {
  text: string;
  at: number;
}

function wordsOf(line: string): Word[] {
  return [...line.matchAll(/"(?:\\.|[^"\\])*"?|\S+/g)].map((found) => ({
    text: found[0],
    at: found.index,
  }));
}

/** The table that a line of the text belongs to, and the chains that it has there. */
function placeOf(text: string, offset: number): { table: TableName | null; users: string[] } {
  let table: string | null = null;
  let users: string[] = [];
  let at = 0;
  for (const line of text.split("\n")) {
    const begins = /^\*(\S+)/.exec(line)?.[1];
    if (begins !== undefined) {
      if (at > offset) break;
      table = begins;
      users = [];
    }
    const declared = /^(?::|(?:-N|--new-chain)\s+)([^\s[]+)/.exec(line)?.[1];
    const known = table !== null && Object.hasOwn(TABLE_HOOKS, table);
    const builtin: readonly string[] = known ? TABLE_HOOKS[table as TableName] : [];
    if (declared && !builtin.includes(declared) && !users.includes(declared)) users.push(declared);
    at += line.length + 1;
    if (line === "COMMIT") {
      if (at > offset) break;
      table = null;
      users = [];
    }
  }
  return {
    table: table !== null && Object.hasOwn(TABLE_HOOKS, table) ? (table as TableName) : null,
    users,
  };
}

function baseOption(word: string): BaseOption | null {
  if (/^-\w$/.test(word)) return BASE_OPTIONS.find(({ letter }) => letter === word[1]) ?? null;
  return BASE_OPTIONS.find(({ name }) => `--${name}` === word) ?? null;
}

/** The extensions that a line has named by then. */
function loadedBy(words: readonly Word[]): Extension[] {
  const loaded: Extension[] = [];
  for (const [i, { text }] of words.entries()) {
    const letter = baseOption(words[i - 1]?.text ?? "")?.letter;
    const protocol = letter === "p" ? parseProtocol(text.toLowerCase()) : null;
    const found =
      letter === "m"
        ? MATCHES.get(text)
        : letter === "j"
          ? TARGETS.get(text)
          : protocol !== null && protocol > 0
            ? MATCHES.get(protocolName(protocol) ?? "")
            : undefined;
    if (found && !loaded.includes(found)) loaded.push(found);
  }
  return loaded;
}

function spellings({ name, alias }: XtOption): string[] {
  return (alias === undefined ? [name] : [name, alias]).map((one) => `--${one}`);
}

function optionOf(loaded: readonly Extension[], word: string): [Extension, XtOption] | null {
  for (const extension of [...loaded].reverse())
    for (const option of extension.options)
      if (spellings(option).includes(word)) return [extension, option];
  return null;
}

/** What an extension's help says of an option: its line, and those that go on with it. */
function optionHelp(extension: Extension, option: XtOption): string {
  const lines = extension.help.trimEnd().split("\n").slice(1);
  const names = spellings(option).map((name) => new RegExp(`${name}(?![\\w-])`));
  const out: string[] = [];
  let inside = false;
  for (const line of lines) {
    if (names.some((name) => name.test(line))) inside = true;
    else if (/--\w|^Valid /.test(line)) inside = false;
    if (inside) out.push(line.trim());
  }
  return out.length ? out.join("\n") : spellings(option).join(", ");
}

/** Values that the help lists: {A|B}, A,B,C, "Valid types: A B", or a line for each. */
function valuesOf(extension: Extension, option: XtOption): string[] {
  const help = optionHelp(extension, option);
  const braces = /\{([^}]+)\}/.exec(help)?.[1];
  if (braces) return braces.split("|");
  const listed = /--[\w-]+ ([A-Za-z_]+(?:,[A-Za-z_]+)+)/.exec(help)?.[1];
  if (listed) return listed.split(",");
  const valid = /^Valid [\w ]+: (.+)$/m.exec(extension.help)?.[1];
  if (valid && /\btype/.test(help)) return valid.split(" ");
  return help
    .split("\n")
    .slice(1)
    .flatMap((line) => /^([\w-]+)(?: \(\d+\))?(?:\s{2,}.*)?$/.exec(line)?.[1] ?? []);
}

/** The line of `iptables -h` about an option, or about a command. */
function baseHelp({ letter, name }: BaseOption): string {
  const found = HELP.split("\n").find(
    (line) =>
      new RegExp(`^(\\[!\\]|  ) (.*, )?-${letter}\\b`).test(line) || line.includes(`--${name} `),
  );
  return found?.trim() ?? `--${name}`;
}

function item(
  label: string,
  kind: Completion["kind"],
  detail = "",
  about = "",
  insert = label,
): Completion {
  return { label, insert, kind, detail, about };
}

function chainItems(table: TableName, users: readonly string[], builtin: boolean): Completion[] {
  const own = builtin ? TABLE_HOOKS[table].map((name) => item(name, "keyword", table)) : [];
  return [...own, ...users.map((name) => item(name, "name", "chain"))];
}

function targetItems(table: TableName, users: readonly string[]): Completion[] {
  const legal = TARGETS.all().filter((one) => one.tables?.includes(table) ?? true);
  return [
    ...VERDICTS.map((name) => item(name, "keyword")),
    ...chainItems(table, users, false),
    ...legal.map(({ name, linux, help }) => item(name, "value", linux, help)),
  ];
}

/** Values of one of iptables' own options. */
function baseValues(p: Process, letter: string, table: TableName, users: string[]): Completion[] {
  if (COMMANDS.includes(letter)) return chainItems(table, users, true);
  switch (letter) {
    case "j":
      return targetItems(table, users);
    case "g":
      return chainItems(table, users, false);
    case "m":
      return MATCHES.all().map(({ name, linux, help }) => item(name, "value", linux, help));
    case "p":
      return protocolNames().map((name) => item(name, "value"));
    case "i":
    case "o":
      return [...p.netns.byName.values()].map(({ name, kind }) => item(name, "name", kind));
    default:
      return [];
  }
}

/** Values of an extension's option; `second` is that after the first. */
function values(p: Process, extension: Extension, option: XtOption, second: boolean): Completion[] {
  const isSet = /(^|-)set$/.test(option.name) && option.args === 2;
  if (isSet && !second)
    return [...p.netns.ipsets.byName.values()].map(({ name, data }) =>
      item(name, "name", data.type),
    );
  if (isSet) return ["src", "dst"].map((name) => item(name, "value"));
  return valuesOf(extension, option).map((name) => item(name, "value"));
}

/** An option; what takes an argument is written with the blank before it. */
function option(label: string, takes: boolean, detail: string, about: string): Completion {
  return item(label, "field", detail, about, takes ? `${label} ` : label);
}

function baseItem(one: BaseOption): Completion {
  return option(`-${one.letter}`, one.argument === "required", `--${one.name}`, baseHelp(one));
}

function optionItems(loaded: readonly Extension[]): Completion[] {
  const own = BASE_OPTIONS.filter(
    ({ letter, name }) =>
      ("gmj".includes(letter) || ALLOWED.A.includes(letter)) &&
      !"vc".includes(letter) &&
      !["src", "dst"].includes(name),
  );
  const theirs = loaded.flatMap((extension) =>
    extension.options.map((one) => {
      const label = spellings(one).at(-1) as string;
      return option(label, one.args > 0, extension.name, optionHelp(extension, one));
    }),
  );
  return [...theirs, ...own.map(baseItem)];
}

/** What begins a line: a table, or what stands in one. */
function lineItems(table: TableName | null): Completion[] {
  if (!table) return Object.keys(TABLE_HOOKS).map((name) => item(`*${name}`, "keyword", "table"));
  return [
    ...BASE_OPTIONS.filter(({ letter }) => COMMANDS.includes(letter)).map(baseItem),
    ...TABLE_HOOKS[table].map((name) => item(`:${name}`, "keyword", "chain and its policy")),
    item("COMMIT", "keyword", "the table takes effect"),
  ];
}

export function completeRule(p: Process, text: string, offset: number): Completions | null {
  const { start, before } = lineAt(text, offset);
  if (before.startsWith("#")) return null;
  const { table, users } = placeOf(text, start);
  const words = wordsOf(before);
  const current = /\s$/.test(before) ? undefined : words.pop();
  const from = start + (current?.at ?? before.length);
  if (words.length === 0 && /^\[?/.test(before)) {
    const typed = current?.text ?? "";
    return { from, items: lineItems(typed.startsWith("*") ? null : table) };
  }
  if (!table) return null;
  const last = words.at(-1)?.text ?? "";
  if (before.startsWith(":"))
    return words.length === 1
      ? { from, items: ["ACCEPT", "DROP", "-"].map((name) => item(name, "keyword")) }
      : null;
  // A list's last item is what is being completed.
  const comma = (current?.text ?? "").lastIndexOf(",") + 1;
  const base = baseOption(last);
  if (base && base.argument !== "none" && last !== "!")
    return { from: from + comma, items: baseValues(p, base.letter, table, users) };
  const loaded = loadedBy(words);
  const given = optionOf(loaded, last);
  if (given && given[1].args > 0) return { from: from + comma, items: values(p, ...given, false) };
  const earlier = optionOf(loaded, words.at(-2)?.text ?? "");
  if (earlier && earlier[1].args === 2)
    return { from: from + comma, items: values(p, ...earlier, true) };
  if (baseOption(words.at(-2)?.text ?? "")?.letter === "P")
    return { from, items: ["ACCEPT", "DROP"].map((name) => item(name, "keyword")) };
  if (current && !current.text.startsWith("-")) return null;
  return { from, items: optionItems(loaded) };
}

export function hoverRule(_p: Process, text: string, offset: number): Hover | null {
  const { start, text: line } = lineAt(text, offset);
  if (/^[#*:]/.test(line)) return null;
  const words = wordsOf(line);
  const i = words.findIndex(
    ({ text: word, at }) => start + at <= offset && offset <= start + at + word.length,
  );
  const word = words[i];
  if (!word) return null;
  const make = (about: string): Hover => ({
    from: start + word.at,
    to: start + word.at + word.text.length,
    text: about.trimEnd(),
  });
  const base = baseOption(word.text);
  if (base) return make(baseHelp(base));
  const given = optionOf(loadedBy(words.slice(0, i)), word.text);
  if (given) return make(`${optionHelp(...given)}\n\n${given[0].linux}`);
  const letter = baseOption(words[i - 1]?.text ?? "")?.letter;
  const extension =
    letter === "m" ? MATCHES.get(word.text) : letter === "j" ? TARGETS.get(word.text) : undefined;
  return extension ? make(`${extension.help.trimEnd()}\n\n${extension.linux}`) : null;
}

import { builtins } from "./builtin/index.ts";
import type { Command } from "./command.ts";
import { byLocale } from "./lib/locale.ts";
import { commandNames, findCommand, partOf } from "./registry.ts";
import type { Shell } from "./shell.ts";

export interface Completion {
  /** Where in the line the word that is completed begins. */
  from: number;
  /** Whole words; a directory ends with a slash. */
  candidates: string[];
}

/** The words of the command at hand: what follows the last separator. */
function wordsOf(before: string): string[] {
  const start = Math.max(...["|", ";", "&", "(", "`", "{ "].map((c) => before.lastIndexOf(c))) + 1;
  const words = before
    .slice(start)
    .trimStart()
    .split(/(?<!\\)\s+/);
  while (words.length > 1 && /^[A-Za-z_]\w*=/.test(words[0] as string)) words.shift();
  return words;
}

/** Where the command's own name stands in them. */
function firstOf(words: readonly string[]): number {
  return words[0] === "sudo" || words[0] === "watch" || words[0] === "time" ? 1 : 0;
}

function commandOf(words: readonly string[]): Command | null {
  return findCommand((words[firstOf(words)] ?? "").replace(/.*\//, ""));
}

/** The part that has to come before it can be said what Tab offers; null: none. */
export function completionPart(before: string): string | null {
  const words = wordsOf(before);
  const isName = words.length <= 1 && !words[0]?.includes("/");
  return isName ? null : partOf(commandOf(words));
}

/** What Tab offers for the text before the cursor. */
export function completionsFor(sh: Shell, before: string): Completion {
  const words = wordsOf(before);
  const word = words[words.length - 1] ?? "";
  const from = before.length - word.length;
  if (word.startsWith("$")) {
    const brace = word.startsWith("${");
    const prefix = word.slice(brace ? 2 : 1);
    const names = [...new Set(sh.scopes.flatMap((scope) => [...scope.keys()]))];
    const found = names.filter((name) => name.startsWith(prefix)).sort(byLocale);
    return { from, candidates: found.map((name) => (brace ? `\${${name}}` : `$${name}`)) };
  }
  const redirect = /[<>]$/.test(words[words.length - 2] ?? "");
  if (words.length <= 1 && !word.includes("/")) return { from, candidates: commandsLike(sh, word) };
  const first = firstOf(words);
  const found = commandOf(words);
  if (found?.complete && !redirect && !/^[./~]/.test(word)) {
    const candidates = found.complete(sh.p, words.slice(first)).filter((c) => c.startsWith(word));
    if (candidates.length) return { from, candidates: [...new Set(candidates)].sort(byLocale) };
  }
  if (words[first] === "man" || words[first] === "which" || words[first] === "type")
    return { from, candidates: commandsLike(sh, word) };
  return { from, candidates: filesLike(sh, word, words[first] === "cd") };
}

function commandsLike(sh: Shell, prefix: string): string[] {
  const all = [
    ...commandNames(),
    ...builtins.names(),
    ...sh.functions.keys(),
    ...sh.aliases.keys(),
    "declare export local readonly if then else elif fi for while until do done case esac function".split(
      " ",
    ),
  ].flat();
  return [...new Set(all)].filter((name) => name.startsWith(prefix)).sort(byLocale);
}

function filesLike(sh: Shell, word: string, directories: boolean): string[] {
  const { fs } = sh.p.machine;
  const slash = word.lastIndexOf("/");
  const dir = slash < 0 ? "" : word.slice(0, slash + 1);
  const base = word.slice(slash + 1).replace(/\\(.)/g, "$1");
  const home = sh.get("HOME") ?? "/root";
  const real = dir === "" ? "." : dir.replace(/^~(?=\/)/, home).replace(/\\(.)/g, "$1");
  const path = sh.p.path(real);
  if (!fs.isDirectory(path, sh.p)) return [];
  const out: string[] = [];
  for (const name of fs.readdir(path, sh.p)) {
    if (!name.startsWith(base) || (name.startsWith(".") && !base.startsWith("."))) continue;
    const directory = fs.isDirectory(`${path}/${name}`, sh.p);
    if (directories && !directory) continue;
    out.push(dir + name.replace(/[ \t()&;|<>"'$`\\*?[\]!#]/g, "\\$&") + (directory ? "/" : ""));
  }
  return out.sort(byLocale);
}

/** What all candidates begin with. */
export function commonPrefix(words: readonly string[]): string {
  let prefix = words[0] ?? "";
  for (const word of words) while (!word.startsWith(prefix)) prefix = prefix.slice(0, -1);
  return prefix;
}

/** Names in columns, down first, as readline and ls show them. */
export function inColumns(names: readonly string[], columns: number): string {
  if (names.length === 0) return "";
  const widest = Math.max(...names.map((name) => [...name].length)) + 2;
  const across = Math.max(1, Math.floor(columns / widest));
  const rows = Math.ceil(names.length / across);
  let out = "";
  for (let row = 0; row < rows; row++) {
    let line = "";
    for (let i = row; i < names.length; i += rows)
      line += i + rows < names.length ? (names[i] as string).padEnd(widest) : names[i];
    out += `${line}\n`;
  }
  return out;
}

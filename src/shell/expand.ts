import type { Word, WordPart } from "unbash";
import type { Run } from "../host/process.ts";
import type { Context } from "./expansion.ts";
import type { Shell } from "./shell.ts";
import { withGrammar } from "./with-grammar.ts";

/** The words of a command line, expanded; what there is to expand only the grammar finds. */
export function* expandWords(sh: Shell, words: readonly Word[]): Run<string[]> {
  if (words.every((word) => word.parts === undefined && !word.text.includes("~")))
    return words.map((word) => word.value);
  return yield* withGrammar().expandWords(sh, words);
}

/** One text, neither split nor matched against files. */
export function* expandText(sh: Shell, word: Word, context?: Context): Run<string> {
  if (word.parts === undefined && !word.text.includes("~")) return word.value;
  return yield* withGrammar().expandText(sh, word, context);
}

export function expandParts(sh: Shell, parts: readonly WordPart[]): Run<string> {
  return withGrammar().expandParts(sh, parts);
}

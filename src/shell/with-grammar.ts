import type { Assignment, Statement, Word, WordPart } from "unbash";
import type { Run } from "../host/process.ts";
import { Absent } from "../sim/part.ts";
import type { Context } from "./expansion.ts";
import { GRAMMAR } from "./plain.ts";
import type { Shell } from "./shell.ts";

/** What is done only in texts that the grammar reads, and comes with it. */
export interface WithGrammar {
  /** Whatever is no simple command. */
  runOther(sh: Shell, node: Exclude<Statement["command"], { type: "Command" }>): Run;
  /** `command &` */
  runBackground(sh: Shell, node: Statement["command"]): Run<void>;
  expandWords(sh: Shell, words: readonly Word[]): Run<string[]>;
  expandText(sh: Shell, word: Word, context?: Context): Run<string>;
  expandParts(sh: Shell, parts: readonly WordPart[]): Run<string>;
  assign(sh: Shell, assignment: Assignment): Run<void>;
  /** `declare` and its kind. */
  runDeclaration(sh: Shell, name: string, items: readonly (string | Assignment)[]): Run;
  /** An arithmetic expression without expansions. Throws ExpansionError. */
  arith(sh: Shell, source: string): bigint;
}

/** Whoever starts the engine fills it, so it is no state of a world. */
const installed: WithGrammar[] = [];

export function installWithGrammar(rest: WithGrammar): void {
  if (!installed.includes(rest)) installed.push(rest);
}

/** Throws Absent: what the grammar has read can be done. */
export function withGrammar(): WithGrammar {
  const [found] = installed;
  if (!found) throw new Absent(GRAMMAR);
  return found;
}

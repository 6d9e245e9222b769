import { parse } from "unbash";
import { assign } from "../../shell/assign.ts";
import { runDeclaration } from "../../shell/builtin/declare.ts";
import { runBackground, runOther } from "../../shell/compound.ts";
import { arith } from "../../shell/evaluate.ts";
import { expandParts, expandText, expandWords } from "../../shell/expansion.ts";
import { installGrammar } from "../../shell/parse.ts";
import { GRAMMAR } from "../../shell/plain.ts";
import { recognise } from "../../shell/syntax/recognise.ts";
import { installWithGrammar, type WithGrammar } from "../../shell/with-grammar.ts";
import { arrive } from "../../sim/part.ts";

const rest: WithGrammar = {
  runOther,
  runBackground,
  expandWords,
  expandText,
  expandParts,
  assign,
  runDeclaration,
  arith,
};

/** Bash's grammar, and what is done only where it is needed. */
export function install(): void {
  installGrammar({ parse, recognise });
  installWithGrammar(rest);
  arrive(GRAMMAR);
}

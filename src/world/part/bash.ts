import { parse } from "unbash";
import { installBuiltins } from "../../shell/builtin/index.ts";
import { later } from "../../shell/builtin/later.ts";
import { installGrammar } from "../../shell/parse.ts";
import { BASH } from "../../shell/plain.ts";
import { arrive } from "../../sim/part.ts";

/** Bash's grammar, and the builtins that a line of plain words seldom begins with. */
export function install(): void {
  installGrammar(parse);
  installBuiltins(later);
  arrive(BASH);
}

import { parse } from "unbash";
import { installGrammar } from "../../shell/parse.ts";
import { GRAMMAR } from "../../shell/plain.ts";
import { arrive } from "../../sim/part.ts";

/** Bash's grammar. */
export function install(): void {
  installGrammar(parse);
  arrive(GRAMMAR);
}

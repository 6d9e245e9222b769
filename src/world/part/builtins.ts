import { installBuiltins } from "../../shell/builtin/index.ts";
import { later } from "../../shell/builtin/later.ts";
import * as grammar from "./grammar.ts";

/** What bash has inside and a plain line does not use. What it changes (PS1, PS4, traps) the grammar reads. */
export function install(): void {
  grammar.install();
  installBuiltins(later);
}

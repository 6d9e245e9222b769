import { installBuiltins } from "../../shell/builtin/index.ts";
import { later } from "../../shell/builtin/later.ts";

/** What bash has inside and a plain line does not use. */
export function install(): void {
  installBuiltins(later);
}

import type { Builtin } from "./builtin.ts";
import { jobControl } from "./jobs.ts";
import { miscellany } from "./misc.ts";
import { reading } from "./read.ts";
import { settings } from "./set.ts";

/** Builtins that a line without them does not need. */
export const later: Readonly<Record<string, Builtin>> = {
  ...settings,
  ...reading,
  ...jobControl,
  ...miscellany,
};

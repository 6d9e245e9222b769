import { awk } from "../command/awk/awk.ts";
import { cut } from "../command/cut.ts";
import { diff } from "../command/diff.ts";
import { grep } from "../command/grep.ts";
import { lineTools } from "../command/lines.ts";
import { sed } from "../command/sed/sed.ts";
import { seq } from "../command/seq.ts";
import { sort } from "../command/sort.ts";
import { tr } from "../command/tr.ts";
import { uniq } from "../command/uniq.ts";
import type { Command } from "../command.ts";

/** Lines of text. */
export const commands: readonly Command[] = [
  awk,
  cut,
  diff,
  grep,
  ...lineTools,
  sed,
  seq,
  sort,
  tr,
  uniq,
];

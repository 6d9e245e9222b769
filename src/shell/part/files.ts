import { binary } from "../command/binary.ts";
import { cat } from "../command/cat.ts";
import { copying } from "../command/copy.ts";
import { edit } from "../command/edit.ts";
import { filemod } from "../command/filemod.ts";
import { find } from "../command/find.ts";
import { head, tail } from "../command/head.ts";
import { ls } from "../command/ls.ts";
import { paths } from "../command/paths.ts";
import { sync } from "../command/sync.ts";
import { tee } from "../command/tee.ts";
import { wc } from "../command/wc.ts";
import type { Command } from "../command.ts";

/** Files: to look at, to copy, to change. */
export const commands: readonly Command[] = [
  ...binary,
  cat,
  ...copying,
  edit,
  ...filemod,
  find,
  head,
  ls,
  ...paths,
  sync,
  tail,
  tee,
  wc,
];

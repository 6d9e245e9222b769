import type { Select } from "unbash";
import type { Run } from "../host/process.ts";
import { leavesLoop } from "./compound.ts";
import { expandWords } from "./expansion.ts";
import { readLine } from "./lib/input.ts";
import { runList, step } from "./run.ts";
import type { Shell } from "./shell.ts";

/** `select` (bash "Conditional Constructs"): a menu on standard error, answers by number. */
export function* runSelect(sh: Shell, node: Select): Run {
  const items = node.wordlist ? yield* expandWords(sh, node.wordlist) : sh.positional;
  const width = String(items.length).length;
  const menu = items.map((item, i) => `${String(i + 1).padStart(width)}) ${item}\n`).join("");
  let status = 0;
  let show = true;
  sh.loops++;
  try {
    for (;;) {
      if (show) yield* sh.p.err(menu);
      yield* sh.p.err(sh.get("PS3") ?? "#? ");
      const line = yield* readLine(sh.p, 0);
      if (line === null) {
        yield* sh.p.err("\n");
        status = 1;
        break;
      }
      sh.set("REPLY", line);
      show = line === "";
      if (show) continue;
      sh.set(node.name.value, items[Number(line) - 1] ?? "");
      status = yield* runList(sh, node.body.commands);
      if (leavesLoop(sh)) {
        status = sh.status;
        break;
      }
      yield* step(sh);
    }
  } finally {
    sh.loops--;
  }
  sh.status = status;
  return status;
}

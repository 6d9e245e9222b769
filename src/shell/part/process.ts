import { bash } from "../command/bash.ts";
import { date } from "../command/date.ts";
import { dmesg } from "../command/dmesg.ts";
import { environment } from "../command/environment.ts";
import { getent } from "../command/getent.ts";
import { manual } from "../command/help.ts";
import { identity } from "../command/identity.ts";
import { processTools } from "../command/processes.ts";
import { sleep } from "../command/sleep.ts";
import { terminal } from "../command/terminal.ts";
import { runners } from "../command/timeout.ts";
import { watch } from "../command/watch.ts";
import { xargs } from "../command/xargs.ts";
import type { Command } from "../command.ts";

/** Processes, their terminal, their time, who they are; and the manual. */
export const commands: readonly Command[] = [
  bash,
  date,
  dmesg,
  ...environment,
  getent,
  ...identity,
  ...manual,
  ...processTools,
  ...runners,
  sleep,
  ...terminal,
  watch,
  xargs,
];

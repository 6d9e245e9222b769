import { echo } from "../command/echo.ts";
import { printf } from "../command/printf.ts";
import { yesno } from "../command/true.ts";
import type { Command } from "../command.ts";

/** What bash itself does, and most scripts use. */
export const commands: readonly Command[] = [echo, printf, ...yesno];

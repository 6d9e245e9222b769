import { test } from "../command/test.ts";
import type { Command } from "../command.ts";

/** Conditions, which bash has inside, with much of what its grammar comes with. */
export const commands: readonly Command[] = [test];

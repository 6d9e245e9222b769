import { ping } from "../command/ping.ts";
import type { Command } from "../command.ts";

/** The first packet. */
export const commands: readonly Command[] = [ping];

import conntrack from "../command/conntrack/conntrack.ts";
import type { Command } from "../command.ts";

/** Connections that the kernel follows. */
export const commands: readonly Command[] = [conntrack];

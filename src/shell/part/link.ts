import { bridge } from "../command/bridge/bridge.ts";
import { tc } from "../command/tc/tc.ts";
import type { Command } from "../command.ts";

/** Bridges and queues. */
export const commands: readonly Command[] = [bridge, tc];

import ipset from "../command/ipset/index.ts";
import type { Command } from "../command.ts";

/** Sets of addresses, ports and devices. */
export const commands: readonly Command[] = [ipset];

import iptables from "../command/iptables/index.ts";
import iptablesRestore from "../command/iptables-restore.ts";
import iptablesSave from "../command/iptables-save.ts";
import type { Command } from "../command.ts";

/** Rules, with the matches and targets that they are most often made of. */
export const commands: readonly Command[] = [iptables, iptablesRestore, iptablesSave];

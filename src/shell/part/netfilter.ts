import conntrack from "../command/conntrack/conntrack.ts";
import ipset from "../command/ipset/index.ts";
import iptables from "../command/iptables/index.ts";
import iptablesRestore from "../command/iptables-restore.ts";
import iptablesSave from "../command/iptables-save.ts";
import type { Command } from "../command.ts";

/** Rules, sets and connections: every match and every target comes along. */
export const commands: readonly Command[] = [
  conntrack,
  ipset,
  iptables,
  iptablesRestore,
  iptablesSave,
];

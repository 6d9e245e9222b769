import { defineMatch } from "../extension.ts";
import { not } from "../option.ts";
import { parseStates, stateBit, statesText } from "../state.ts";

/** The old name of conntrack's --ctstate; the kernel gets the same match under its alias. */
export default defineMatch<{ states: number; invert: boolean }>({
  name: "state",
  linux: "net/netfilter/xt_conntrack.c",
  help: "state match options:\n[!] --state INVALID,ESTABLISHED,NEW,RELATED,UNTRACKED\n",
  needsConntrack: true,
  options: [{ name: "state", args: 1, invert: true, required: true }],
  parse: ([option]) => ({
    states: parseStates(option?.values[0] ?? "", "state"),
    invert: option?.invert ?? false,
  }),
  save: (info) => `${not(info.invert)} --state ${statesText(info.states)}`,
  print: (info) => `${not(info.invert)} state ${statesText(info.states)}`,
  matches: (info, skb) => ((info.states & stateBit(skb)) !== 0) !== info.invert,
  examples: [
    ["-m state --state RELATED,NEW", "-m state --state NEW,RELATED"],
    ["-m state wrong", null],
    ["-m state", null],
  ],
});

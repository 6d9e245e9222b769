import { defineTarget } from "../extension.ts";

export default defineTarget<null>({
  name: "TRACE",
  linux: "net/netfilter/xt_TRACE.c",
  help: "TRACE does not take any options\n",
  tables: ["raw"],
  options: [],
  parse: () => null,
  save: () => "",
  print: () => "",
  apply(_info, skb) {
    skb.nfTrace = true;
    return "CONTINUE";
  },
  examples: [["-j TRACE", "-j TRACE"]],
});

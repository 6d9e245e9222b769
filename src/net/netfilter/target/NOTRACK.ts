import { IP_CT_UNTRACKED } from "../../skb.ts";
import { defineTarget } from "../extension.ts";

/** The kernel's CT target with its flag for "notrack", under its old name. */
export default defineTarget<null>({
  name: "NOTRACK",
  listName: "CT",
  linux: "net/netfilter/xt_CT.c",
  help: "NOTRACK does not take any options\n",
  tables: ["raw"],
  options: [],
  parse: () => null,
  save: () => "",
  print: () => " NOTRACK",
  apply(_info, skb) {
    // An earlier rule may have put it into a zone: then it is tracked.
    if (!skb.ct && !skb.ctinfo) skb.ctinfo = IP_CT_UNTRACKED;
    return "CONTINUE";
  },
  examples: [["-j NOTRACK", "-j NOTRACK"]],
});

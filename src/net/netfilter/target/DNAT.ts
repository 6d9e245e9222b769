import { natSetup } from "../../nat/nat.ts";
import { defineTarget } from "../extension.ts";
import { type NatInfo, natRange, natText, parseNat } from "../nat-range.ts";

export default defineTarget<NatInfo>({
  name: "DNAT",
  linux: "net/netfilter/xt_nat.c",
  help:
    "DNAT target options:\n" +
    " --to-destination [ip[-ip]][:port[-port]]    the new destination\n" +
    "[--random] [--persistent]\n",
  tables: ["nat"],
  hooks: ["PREROUTING", "OUTPUT"],
  needsConntrack: true,
  options: [
    { name: "to-destination", args: 1, invert: false, required: true },
    { name: "random", args: 0, invert: false },
    { name: "persistent", args: 0, invert: false },
  ],
  parse: parseNat,
  save: (info) => natText(info, "--to-destination ", "--", true),
  print: (info) => natText(info, "to:", "", true),
  apply(info, skb, par) {
    return skb.ct ? natSetup(par.ns, skb.ct, natRange(info), "DST") : "ACCEPT";
  },
  examples: [
    ["-j DNAT --to-destination 10.4.3.20", "-j DNAT --to-destination 10.4.3.20"],
    [
      "-p tcp -j DNAT --to-destination 10.4.3.20:9080",
      "-p tcp -j DNAT --to-destination 10.4.3.20:9080",
    ],
    [
      "-p tcp -j DNAT --to-destination :80-90 --random",
      "-p tcp -j DNAT --to-destination :80-90 --random",
    ],
    ["-j DNAT --to-destination 1.1.1.1:80", null],
    ["-j DNAT", null],
  ],
});

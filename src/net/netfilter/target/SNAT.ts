import { natSetup } from "../../nat/nat.ts";
import { defineTarget } from "../extension.ts";
import { type NatInfo, natRange, natText, parseNat } from "../nat-range.ts";

export default defineTarget<NatInfo>({
  name: "SNAT",
  linux: "net/netfilter/xt_nat.c",
  help:
    "SNAT target options:\n" +
    " --to-source [ip[-ip]][:port[-port]]    the new source\n" +
    "[--random] [--random-fully] [--persistent]\n",
  tables: ["nat"],
  hooks: ["POSTROUTING", "INPUT"],
  needsConntrack: true,
  options: [
    { name: "to-source", args: 1, invert: false, required: true },
    { name: "random", args: 0, invert: false },
    { name: "random-fully", args: 0, invert: false },
    { name: "persistent", args: 0, invert: false },
  ],
  parse: parseNat,
  save: (info) => natText(info, "--to-source ", "--", true),
  print: (info) => natText(info, "to:", "", true),
  apply(info, skb, par) {
    return skb.ct ? natSetup(par.ns, skb.ct, natRange(info), "SRC") : "ACCEPT";
  },
  examples: [
    ["-j SNAT --to-source 1.1.1.1-1.1.1.10", "-j SNAT --to-source 1.1.1.1-1.1.1.10"],
    [
      "-p tcp -j SNAT --to-source 1.1.1.1:1025-65535 --persistent",
      "-p tcp -j SNAT --to-source 1.1.1.1:1025-65535 --persistent",
    ],
    ["-j SNAT", null],
  ],
});

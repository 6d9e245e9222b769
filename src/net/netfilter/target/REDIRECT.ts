import { natSetup } from "../../nat/nat.ts";
import { defineTarget, XtUsageError } from "../extension.ts";
import { type NatInfo, natRange, natText, parseNat } from "../nat-range.ts";

const LOCALHOST = 0x7f000001;

export default defineTarget<NatInfo>({
  name: "REDIRECT",
  linux: "net/netfilter/xt_REDIRECT.c",
  help: "REDIRECT target options:\n --to-ports port[-port]    the new destination port, here\n [--random]\n",
  tables: ["nat"],
  hooks: ["PREROUTING", "OUTPUT"],
  needsConntrack: true,
  options: [
    { name: "to-ports", args: 1, invert: false },
    { name: "random", args: 0, invert: false },
  ],
  parse(options) {
    const info = parseNat(options);
    if (info.basePort !== null)
      throw new XtUsageError("Shifted portmap ranges not supported with this kernel");
    return info;
  },
  save: (info) => natText(info, "--to-ports ", "--", false),
  print: (info) => natText(info, "redir ports ", "", false),
  /** linux: net/netfilter/nf_nat_redirect.c, nf_nat_redirect_ipv4 */
  apply(info, skb, par) {
    if (!skb.ct) return "ACCEPT";
    const first = par.in?.addresses.find((address) => !address.secondary);
    const to = par.hook === "OUTPUT" ? LOCALHOST : (first?.local ?? 0);
    if (to === 0) return "DROP";
    return natSetup(par.ns, skb.ct, natRange(info, to), "DST");
  },
  examples: [
    ["-p tcp -j REDIRECT --to-ports 15006", "-p tcp -j REDIRECT --to-ports 15006"],
    ["-j REDIRECT", "-j REDIRECT"],
    ["-j REDIRECT --to-ports 15006", null],
  ],
});

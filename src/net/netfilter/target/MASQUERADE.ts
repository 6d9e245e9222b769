import { RT_SCOPE_UNIVERSE } from "../../fib/route.ts";
import { natSetup } from "../../nat/nat.ts";
import { defineTarget } from "../extension.ts";
import { type NatInfo, natRange, natText, parseNat } from "../nat-range.ts";

export default defineTarget<NatInfo>({
  name: "MASQUERADE",
  linux: "net/netfilter/xt_MASQUERADE.c",
  help:
    "MASQUERADE target options:\n" +
    " --to-ports port[-port]    the new source ports\n" +
    "[--random] [--random-fully]\n",
  tables: ["nat"],
  hooks: ["POSTROUTING"],
  needsConntrack: true,
  options: [
    { name: "to-ports", args: 1, invert: false },
    { name: "random", args: 0, invert: false },
    { name: "random-fully", args: 0, invert: false },
  ],
  parse: parseNat,
  save: (info) => natText(info, "--to-ports ", "--", false),
  print: (info) => natText(info, "masq ports: ", "", false),
  /** linux: net/netfilter/nf_nat_masquerade.c, nf_nat_masquerade_ipv4 */
  apply(info, skb, par) {
    const { ct } = skb;
    const out = par.out;
    // From 0.0.0.0, as DHCP sends: not to be masqueraded.
    if (!ct || !out || ct.tuples[0].src === 0) return "ACCEPT";
    const next = skb.route?.gateway || skb.ip.dst;
    const address = par.ns.fib.selectAddress(out, next, RT_SCOPE_UNIVERSE);
    if (address === 0) return "DROP";
    ct.natDevice = out.ifindex;
    return natSetup(par.ns, ct, natRange(info, address), "SRC");
  },
  examples: [
    ["-j MASQUERADE", "-j MASQUERADE"],
    ["-j MASQUERADE --random-fully", "-j MASQUERADE --random-fully"],
    ["-p tcp -j MASQUERADE --to-ports 10-20", "-p tcp -j MASQUERADE --to-ports 10-20"],
    ["-j MASQUERADE --to-ports 10", null],
  ],
});

import { formatIpv4, prefixOf } from "../../../wire/address.ts";
import { natSetup } from "../../nat/nat.ts";
import { defineTarget } from "../extension.ts";
import { parseHostMask, value } from "../option.ts";

interface NetmapInfo {
  address: number;
  mask: number;
}

function text(info: NetmapInfo): string {
  const length = prefixOf(info.mask);
  return `${formatIpv4(info.address)}/${length < 0 ? formatIpv4(info.mask) : length}`;
}

export default defineTarget<NetmapInfo>({
  name: "NETMAP",
  linux: "net/netfilter/xt_NETMAP.c",
  help: "NETMAP target options:\n  --to address[/mask]    the network to map to, host by host\n",
  tables: ["nat"],
  hooks: ["PREROUTING", "POSTROUTING", "OUTPUT", "INPUT"],
  needsConntrack: true,
  options: [{ name: "to", args: 1, invert: false, required: true }],
  parse([option], context) {
    const { address, mask } = parseHostMask("NETMAP", "to", option ? value(option) : "", context);
    return { address: (address & mask) >>> 0, mask };
  },
  save: (info) => ` --to ${text(info)}`,
  print: (info) => ` to:${text(info)}`,
  apply(info, skb, par) {
    if (!skb.ct) return "ACCEPT";
    const dst = par.hook === "PREROUTING" || par.hook === "OUTPUT";
    const old = dst ? skb.ip.dst : skb.ip.src;
    const address = ((old & ~info.mask) | info.address) >>> 0;
    const range = {
      minAddress: address,
      maxAddress: address,
      minPort: 0,
      maxPort: 0,
      random: false,
      persistent: false,
    };
    return natSetup(par.ns, skb.ct, range, dst ? "DST" : "SRC");
  },
  examples: [
    ["-j NETMAP --to 1.2.3.0/24", "-j NETMAP --to 1.2.3.0/24"],
    ["-j NETMAP --to 1.2.3.4", "-j NETMAP --to 1.2.3.4/32"],
    ["-j NETMAP", null],
  ],
});

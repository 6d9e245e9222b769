import { formatMac, sameMac } from "../../../wire/address.ts";
import { ETH_HLEN } from "../../../wire/ethernet.ts";
import { defineMatch } from "../extension.ts";
import { not, parseMacOption } from "../option.ts";

export default defineMatch<{ mac: Uint8Array; invert: boolean }>({
  name: "mac",
  linux: "net/netfilter/xt_mac.c",
  help: "mac match options:\n[!] --mac-source XX:XX:XX:XX:XX:XX    the sender's hardware address\n",
  hooks: ["PREROUTING", "INPUT", "FORWARD"],
  options: [{ name: "mac-source", args: 1, invert: true, required: true }],
  parse: ([option]) => ({
    mac: parseMacOption(option?.values[0] ?? ""),
    invert: option?.invert ?? false,
  }),
  save: (info) => `${not(info.invert)} --mac-source ${formatMac(info.mac)}`,
  print: (info) => ` MAC${info.invert ? " !" : ""} ${formatMac(info.mac)}`,
  matches(info, skb) {
    // Only Ethernet has these addresses; elsewhere nothing matches, inverted or not.
    const dev = skb.dev;
    if (!dev || dev.isLoopback || dev.headerLength !== ETH_HLEN) return false;
    if (skb.mac < 0 || skb.mac + ETH_HLEN > skb.network) return false;
    return sameMac(skb.data, skb.mac + 6, info.mac) !== info.invert;
  },
  examples: [
    ["-m mac --mac-source 42:01:02:03:04:5", "-m mac --mac-source 42:01:02:03:04:05"],
    ["-m mac --mac-source 42:01", null],
    ["-m mac", null],
  ],
});

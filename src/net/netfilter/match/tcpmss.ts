import { IPPROTO_TCP } from "../../../wire/ipv4.ts";
import { Tcp } from "../../../wire/tcp.ts";
import { defineMatch, XtUsageError } from "../extension.ts";
import { parseOptionRange } from "../number.ts";
import { not, rangeText } from "../option.ts";

export default defineMatch<{ min: number; max: number; invert: boolean }>({
  name: "tcpmss",
  linux: "net/netfilter/xt_tcpmss.c",
  help: "tcpmss match options:\n[!] --mss value[:value]    the maximum segment size that a SYN offers\n",
  protocol: IPPROTO_TCP,
  options: [{ name: "mss", args: 1, invert: true, required: true }],
  parse([option]) {
    const values = parseOptionRange("tcpmss", "mss", option?.values[0] ?? "", 65535);
    const [min = 0, max = min] = values;
    if (values.length === 2 && max < min) throw new XtUsageError("tcpmss: invalid range given");
    return { min, max, invert: option?.invert ?? false };
  },
  save: (info) => `${not(info.invert)} --mss ${rangeText(info.min, info.max)}`,
  print: (info) => ` tcpmss match ${info.invert ? "!" : ""}${rangeText(info.min, info.max)}`,
  matches(info, skb, par) {
    if (!Tcp.check(skb.data, par.thoff, skb.tail)) {
      par.hotDrop = true;
      return false;
    }
    const mss = new Tcp(skb.data, par.thoff).options.mss;
    if (mss === undefined) return info.invert;
    return (mss >= info.min && mss <= info.max) !== info.invert;
  },
  examples: [
    ["-p tcp -m tcpmss --mss 1400:1500", "-p tcp -m tcpmss --mss 1400:1500"],
    ["-p tcp -m tcpmss --mss 65536", null],
    ["-m tcpmss --mss 42", null],
  ],
});

import { defineMatch } from "../extension.ts";
import { parseOptionRange } from "../number.ts";
import { not, rangeText } from "../option.ts";

export default defineMatch<{ min: number; max: number; invert: boolean }>({
  name: "length",
  linux: "net/netfilter/xt_length.c",
  help: "length match options:\n[!] --length length[:length]    the packet's length, IP header included\n",
  options: [{ name: "length", args: 1, invert: true, required: true }],
  parse([option]) {
    const [min = 0, max = min] = parseOptionRange(
      "length",
      "length",
      option?.values[0] ?? "",
      65535,
    );
    return { min, max, invert: option?.invert ?? false };
  },
  save: (info) => `${not(info.invert)} --length ${rangeText(info.min, info.max)}`,
  print: (info) => ` length ${info.invert ? "!" : ""}${rangeText(info.min, info.max)}`,
  matches(info, skb) {
    const length = skb.ip.totalLength;
    return (length >= info.min && length <= info.max) !== info.invert;
  },
  examples: [
    ["-m length --length 1400:", "-m length --length 1400:65535"],
    ["-m length ! --length 2", "-m length ! --length 2"],
    ["-m length --length 65536", null],
    ["-m length", null],
  ],
});

import { entryOf } from "../../conntrack/entry.ts";
import { defineMatch } from "../extension.ts";
import { parseValueMask, printValueMask } from "../number.ts";
import { not } from "../option.ts";

export default defineMatch<{ value: number; mask: number; invert: boolean }>({
  name: "connmark",
  linux: "net/netfilter/xt_connmark.c",
  help: "connmark match options:\n[!] --mark value[/mask]    the connection's mark, under the mask, is this value\n",
  options: [{ name: "mark", args: 1, invert: true, required: true }],
  needsConntrack: true,
  parse([option]) {
    const { value, mask } = parseValueMask("connmark", "mark", option?.values[0] ?? "");
    return { value, mask, invert: option?.invert ?? false };
  },
  save: (info) => `${not(info.invert)} --mark${printValueMask(info.value, info.mask)}`,
  print: (info) =>
    ` connmark match ${info.invert ? "!" : ""}${printValueMask(info.value, info.mask)}`,
  matches(info, skb) {
    // Without a connection nothing matches, inverted or not.
    const ct = entryOf(skb);
    return ct !== null && ((ct.mark & info.mask) >>> 0 === info.value) !== info.invert;
  },
  examples: [
    ["-m connmark --mark 0x5/0xf", "-m connmark --mark 0x5/0xf"],
    ["-m connmark ! --mark 1", "-m connmark ! --mark 0x1"],
    ["-m connmark", null],
  ],
});

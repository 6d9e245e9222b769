import { defineMatch } from "../extension.ts";
import { parseValueMask, printValueMask } from "../number.ts";
import { not } from "../option.ts";

export default defineMatch<{ value: number; mask: number; invert: boolean }>({
  name: "mark",
  linux: "net/netfilter/xt_mark.c",
  help: "mark match options:\n[!] --mark value[/mask]    the packet's mark, under the mask, is this value\n",
  options: [{ name: "mark", args: 1, invert: true, required: true }],
  parse([option]) {
    const { value, mask } = parseValueMask("mark", "mark", option?.values[0] ?? "");
    return { value, mask, invert: option?.invert ?? false };
  },
  save: (info) => `${not(info.invert)} --mark${printValueMask(info.value, info.mask)}`,
  print: (info) => ` mark match${not(info.invert)}${printValueMask(info.value, info.mask)}`,
  matches: (info, skb) => ((skb.mark & info.mask) >>> 0 === info.value) !== info.invert,
  examples: [
    ["-m mark --mark 0x100/0x100", "-m mark --mark 0x100/0x100"],
    ["-m mark ! --mark 4294967295", "-m mark ! --mark 0xffffffff"],
    ["-m mark --mark 4294967296", null],
    ["-m mark", null],
  ],
});

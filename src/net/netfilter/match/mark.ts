import { hex } from "../../../base/text.ts";
import { defineMatch, XtUsageError } from "../extension.ts";
import { parseValueMask } from "../number.ts";

export default defineMatch<{ value: number; mask: number; invert: boolean }>({
  name: "mark",
  linux: "net/netfilter/xt_mark.c",
  help: "mark match options:\n[!] --mark value[/mask]    Match nfmark value with optional mask\n",
  options: [{ name: "mark", args: 1, invert: true }],
  parse(given) {
    const option = given[0];
    if (!option) throw new XtUsageError("mark: option \"--mark\" must be specified");
    const { value, mask } = parseValueMask("mark", "--mark", option.values[0] ?? "");
    return { value, mask, invert: option.invert };
  },
  save(info) {
    const mask = info.mask === 0xffffffff ? "" : `/0x${hex(info.mask)}`;
    return `${info.invert ? " !" : ""} --mark 0x${hex(info.value)}${mask}`;
  },
  print(info) {
    const mask = info.mask === 0xffffffff ? "" : `/0x${hex(info.mask)}`;
    return ` mark match${info.invert ? " !" : ""} 0x${hex(info.value)}${mask}`;
  },
  matches(info, skb) {
    return ((skb.mark & info.mask) >>> 0 === info.value) !== info.invert;
  },
  examples: [
    ["-m mark --mark 0x100/0x100", "-m mark --mark 0x100/0x100"],
    ["-m mark --mark 4294967295", "-m mark --mark 0xffffffff"],
    ["-m mark --mark 4294967296", null],
    ["-m mark", null],
  ],
});

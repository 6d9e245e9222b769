import { defineMatch } from "../extension.ts";
import { not } from "../option.ts";
import { byteText, parseTos, TOS_NAMES_HELP, tosName } from "../tos-value.ts";

export default defineMatch<{ value: number; mask: number; invert: boolean }>({
  name: "tos",
  linux: "net/netfilter/xt_dscp.c",
  help: `tos match options:\n[!] --tos value[/mask]    the type of service field, by number or name:\n${TOS_NAMES_HELP}`,
  options: [{ name: "tos", args: 1, invert: true, required: true }],
  parse: ([option]) => ({
    ...parseTos(option?.values[0] ?? ""),
    invert: option?.invert ?? false,
  }),
  save: (info) => `${not(info.invert)} --tos ${byteText(info.value)}/${byteText(info.mask)}`,
  print(info, numeric) {
    const name = numeric ? null : tosName(info.value, info.mask);
    const shown = name === null ? `${byteText(info.value)}/${byteText(info.mask)}` : ` ${name}`;
    return ` tos match${info.invert ? "!" : ""}${shown}`;
  },
  matches: (info, skb) => ((skb.ip.tos & info.mask) === info.value) !== info.invert,
  examples: [
    ["-m tos --tos Minimize-Delay", "-m tos --tos 0x10/0x3f"],
    ["-m tos ! --tos 0x00", "-m tos ! --tos 0x00/0xff"],
    ["-m tos", null],
  ],
});

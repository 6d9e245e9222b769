import { defineTarget, XtUsageError } from "../extension.ts";
import { parseOptionNumber } from "../number.ts";
import { value } from "../option.ts";
import { byteText, parseTos, TOS_NAMES_HELP, tosName } from "../tos-value.ts";

const EXCLUSIVE = ["set-tos", "and-tos", "or-tos", "xor-tos"];

export default defineTarget<{ value: number; mask: number }>({
  name: "TOS",
  linux: "net/netfilter/xt_DSCP.c",
  help:
    "TOS target options:\n" +
    "  --set-tos value[/mask]    clear the bits of mask, XOR value; or a name:\n" +
    `${TOS_NAMES_HELP}  --and-tos bits, --or-tos bits, --xor-tos bits\n`,
  tables: ["mangle"],
  options: EXCLUSIVE.map(
    (name) => ({ name, args: 1, invert: false, excludes: EXCLUSIVE }) as const,
  ),
  parse([option]) {
    if (!option) throw new XtUsageError("TOS: An action is required");
    if (option.name === "set-tos") return parseTos(value(option));
    const bits = parseOptionNumber("TOS", option.name, value(option), 0, 255);
    if (option.name === "and-tos") return { value: 0, mask: ~bits & 0xff };
    return { value: bits, mask: option.name === "or-tos" ? bits : 0 };
  },
  save: (info) => ` --set-tos ${byteText(info.value)}/${byteText(info.mask)}`,
  print(info, numeric) {
    const { value, mask } = info;
    const set = ` TOS set ${byteText(value)}/${byteText(mask)}`;
    if (numeric) return set;
    const name = tosName(value, mask);
    // The real tool puts two spaces before a name.
    if (name !== null) return `  TOS set${name}`;
    if (value === 0) return ` TOS and ${byteText(~mask & 0xff)}`;
    if (value === mask) return ` TOS or ${byteText(value)}`;
    return mask === 0 ? ` TOS xor ${byteText(value)}` : set;
  },
  apply(info, skb) {
    const ip = skb.ip;
    const tos = (ip.tos & ~info.mask) ^ info.value;
    if (tos !== ip.tos) ip.tos = tos;
    return "CONTINUE";
  },
  examples: [
    ["-j TOS --set-tos 0x1f", "-j TOS --set-tos 0x1f/0xff"],
    ["-j TOS --set-tos Minimize-Delay", "-j TOS --set-tos 0x10/0x3f"],
    ["-j TOS --and-tos 0x12", "-j TOS --set-tos 0x00/0xed"],
    ["-j TOS", null],
  ],
});

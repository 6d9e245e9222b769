import { hex } from "../../../base/text.ts";
import { setMark } from "../../mark.ts";
import { defineTarget, XtUsageError } from "../extension.ts";
import { parseOptionNumber, parseValueMask } from "../number.ts";
import { value } from "../option.ts";

const EXCLUSIVE = ["set-xmark", "set-mark", "and-mark", "or-mark", "xor-mark"];

/** "Clear the bits of mask, then XOR value": what all the spellings come to. */
export interface MarkChange {
  value: number;
  mask: number;
}

/** One of --set-xmark, --set-mark, --and-mark, --or-mark, --xor-mark. */
export function parseMarkChange(extension: string, name: string, text: string): MarkChange {
  if (name === "set-xmark" || name === "set-mark") {
    const { value, mask } = parseValueMask(extension, name, text);
    return { value, mask: name === "set-mark" ? (mask | value) >>> 0 : mask };
  }
  const bits = parseOptionNumber(extension, name, text, 0, 0xffffffff);
  if (name === "and-mark") return { value: 0, mask: ~bits >>> 0 };
  return { value: bits, mask: name === "or-mark" ? bits : 0 };
}

/** As -L tells it: the spelling that says it best. */
export function markChangeText(label: string, { value, mask }: MarkChange): string {
  if (value === 0) return ` ${label} and 0x${hex(~mask)}`;
  if (value === mask) return ` ${label} or 0x${hex(value)}`;
  if (mask === 0) return ` ${label} xor 0x${hex(value)}`;
  if (mask === 0xffffffff) return ` ${label} set 0x${hex(value)}`;
  return ` ${label} xset 0x${hex(value)}/0x${hex(mask)}`;
}

export default defineTarget<MarkChange>({
  name: "MARK",
  linux: "net/netfilter/xt_mark.c",
  help:
    "MARK target options:\n" +
    "  --set-xmark value[/mask]  clear the bits of mask, XOR value into the mark\n" +
    "  --set-mark value[/mask]   clear the bits of mask, OR value into the mark\n" +
    "  --and-mark bits, --or-mark bits, --xor-mark bits\n",
  options: EXCLUSIVE.map(
    (name) => ({ name, args: 1, invert: false, excludes: EXCLUSIVE }) as const,
  ),
  parse([option]) {
    if (!option)
      throw new XtUsageError(
        "MARK: One of the --set-xmark, --{and,or,xor,set}-mark options is required",
      );
    return parseMarkChange("MARK", option.name, value(option));
  },
  save: (info) => ` --set-xmark 0x${hex(info.value)}/0x${hex(info.mask)}`,
  print: (info) => markChangeText("MARK", info),
  apply(info, skb, par) {
    setMark(par.ns, skb, ((skb.mark & ~info.mask) ^ info.value) >>> 0);
    return "CONTINUE";
  },
  examples: [
    ["-j MARK --set-mark 0x100/0x100", "-j MARK --set-xmark 0x100/0x100"],
    ["-j MARK --set-xmark 0xfeedcafe/0xdeadbeef", "-j MARK --set-xmark 0xfeedcafe/0xdeadbeef"],
    ["-j MARK --and-mark 0xff", "-j MARK --set-xmark 0x0/0xffffff00"],
    ["-j MARK --or-mark 4", "-j MARK --set-xmark 0x4/0x4"],
    ["-j MARK --xor-mark 4", "-j MARK --set-xmark 0x4/0x0"],
    ["-j MARK", null],
  ],
});

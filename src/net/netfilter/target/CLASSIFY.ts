import { hex } from "../../../base/text.ts";
import { defineTarget, XtUsageError } from "../extension.ts";
import { value } from "../option.ts";

export default defineTarget<{ priority: number }>({
  name: "CLASSIFY",
  linux: "net/netfilter/xt_CLASSIFY.c",
  help: "CLASSIFY target options:\n--set-class MAJOR:MINOR    the packet's traffic class, hexadecimal\n",
  hooks: ["OUTPUT", "FORWARD", "POSTROUTING"],
  options: [{ name: "set-class", args: 1, invert: false, required: true }],
  parse([option]) {
    const text = option ? value(option) : "";
    const found = /^\s*(?:0[xX])?([0-9a-fA-F]+):\s*(?:0[xX])?([0-9a-fA-F]+)/.exec(text);
    if (!found) throw new XtUsageError(`Bad class value "${text}"`);
    const [, major = "", minor = ""] = found;
    return {
      priority: ((Number.parseInt(major, 16) << 16) | (Number.parseInt(minor, 16) & 0xffff)) >>> 0,
    };
  },
  save: (info) => ` --set-class ${hex(info.priority >>> 16, 4)}:${hex(info.priority & 0xffff, 4)}`,
  print: (info) => ` CLASSIFY set ${hex(info.priority >>> 16)}:${hex(info.priority & 0xffff)}`,
  apply(info, skb) {
    skb.priority = info.priority;
    return "CONTINUE";
  },
  examples: [
    ["-j CLASSIFY --set-class 1:ffff", "-j CLASSIFY --set-class 0001:ffff"],
    ["-j CLASSIFY --set-class 1", null],
    ["-j CLASSIFY", null],
  ],
});

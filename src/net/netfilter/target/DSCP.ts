import { DSCP_MAX, parseDscpClass } from "../dscp-class.ts";
import { defineTarget, XtUsageError } from "../extension.ts";
import { parseOptionNumber } from "../number.ts";
import { value } from "../option.ts";
import { byteText } from "../tos-value.ts";

export default defineTarget<{ dscp: number }>({
  name: "DSCP",
  linux: "net/netfilter/xt_DSCP.c",
  help:
    "DSCP target options\n" +
    "  --set-dscp value          the DiffServ code point, by number\n" +
    "  --set-dscp-class class    or by class: BE, EF, AFxx, CSx\n",
  tables: ["mangle"],
  options: [
    { name: "set-dscp", args: 1, invert: false, excludes: ["set-dscp-class"] },
    { name: "set-dscp-class", args: 1, invert: false, excludes: ["set-dscp"] },
  ],
  parse([option]) {
    if (!option) throw new XtUsageError("DSCP target: Parameter --set-dscp is required");
    if (option.name === "set-dscp-class") return { dscp: parseDscpClass(value(option)) };
    return { dscp: parseOptionNumber("DSCP", "set-dscp", value(option), 0, DSCP_MAX) };
  },
  save: (info) => ` --set-dscp ${byteText(info.dscp)}`,
  print: (info) => ` DSCP set ${byteText(info.dscp)}`,
  apply(info, skb) {
    const ip = skb.ip;
    if (ip.tos >> 2 !== info.dscp) ip.tos = (ip.tos & 3) | (info.dscp << 2);
    return "CONTINUE";
  },
  examples: [
    ["-j DSCP --set-dscp 0x3f", "-j DSCP --set-dscp 0x3f"],
    ["-j DSCP --set-dscp-class AF11", "-j DSCP --set-dscp 0x0a"],
    ["-j DSCP", null],
  ],
});

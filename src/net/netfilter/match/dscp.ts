import { DSCP_MAX, parseDscpClass } from "../dscp-class.ts";
import { defineMatch, XtUsageError } from "../extension.ts";
import { parseOptionNumber } from "../number.ts";
import { not, value } from "../option.ts";
import { byteText } from "../tos-value.ts";

export default defineMatch<{ dscp: number; invert: boolean }>({
  name: "dscp",
  linux: "net/netfilter/xt_dscp.c",
  help:
    "dscp match options\n" +
    "[!] --dscp value          the DiffServ code point, by number\n" +
    "[!] --dscp-class name     or by class: BE, EF, AFxx, CSx\n",
  options: [
    { name: "dscp", args: 1, invert: true, excludes: ["dscp-class"] },
    { name: "dscp-class", args: 1, invert: true, excludes: ["dscp"] },
  ],
  parse([option]) {
    if (!option) throw new XtUsageError("DSCP match: Parameter --dscp is required");
    const dscp =
      option.name === "dscp"
        ? parseOptionNumber("dscp", "dscp", value(option), 0, DSCP_MAX)
        : parseDscpClass(value(option));
    return { dscp, invert: option.invert };
  },
  save: (info) => `${not(info.invert)} --dscp ${byteText(info.dscp)}`,
  print: (info) => ` DSCP match ${info.invert ? "!" : ""}${byteText(info.dscp)}`,
  matches: (info, skb) => (skb.ip.tos >> 2 === info.dscp) !== info.invert,
  examples: [
    ["-m dscp --dscp 0x20", "-m dscp --dscp 0x20"],
    ["-m dscp ! --dscp-class EF", "-m dscp ! --dscp 0x2e"],
    ["-m dscp --dscp 0x40", null],
    ["-m dscp", null],
  ],
});

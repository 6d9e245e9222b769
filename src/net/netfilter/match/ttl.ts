import { defineMatch, XtUsageError } from "../extension.ts";
import { parseOptionNumber } from "../number.ts";
import { value } from "../option.ts";

interface TtlInfo {
  mode: "eq" | "ne" | "lt" | "gt";
  ttl: number;
}

const EXCLUSIVE = ["ttl-lt", "ttl-gt", "ttl-eq"];
const SIGNS = { eq: "==", ne: "!=", lt: "<", gt: ">" } as const;

export default defineMatch<TtlInfo>({
  name: "ttl",
  linux: "net/netfilter/xt_hl.c",
  help:
    "ttl match options:\n" +
    "[!] --ttl-eq value    time to live is this (also --ttl)\n" +
    "    --ttl-lt value    less than this\n" +
    "    --ttl-gt value    more than this\n",
  options: [
    { name: "ttl-lt", args: 1, invert: false, excludes: EXCLUSIVE },
    { name: "ttl-gt", args: 1, invert: false, excludes: EXCLUSIVE },
    { name: "ttl-eq", alias: "ttl", args: 1, invert: true, excludes: EXCLUSIVE },
  ],
  parse([option]) {
    if (!option)
      throw new XtUsageError(
        "TTL match: You must specify one of `--ttl-eq', `--ttl-lt', `--ttl-gt",
      );
    const ttl = parseOptionNumber("ttl", option.name, value(option), 0, 255);
    if (option.name === "ttl-eq") return { mode: option.invert ? "ne" : "eq", ttl };
    return { mode: option.name === "ttl-lt" ? "lt" : "gt", ttl };
  },
  save: (info) =>
    info.mode === "ne" ? ` ! --ttl-eq ${info.ttl}` : ` --ttl-${info.mode} ${info.ttl}`,
  print: (info) => ` TTL match TTL ${SIGNS[info.mode]} ${info.ttl}`,
  matches(info, skb) {
    const ttl = skb.ip.ttl;
    if (info.mode === "eq") return ttl === info.ttl;
    if (info.mode === "ne") return ttl !== info.ttl;
    return info.mode === "lt" ? ttl < info.ttl : ttl > info.ttl;
  },
  examples: [
    ["-m ttl --ttl-eq 1", "-m ttl --ttl-eq 1"],
    ["-m ttl ! --ttl-eq 64", "-m ttl ! --ttl-eq 64"],
    ["-m ttl --ttl-lt 256", null],
    ["-m ttl", null],
  ],
});

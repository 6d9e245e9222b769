import { defineTarget, XtUsageError } from "../extension.ts";
import { parseOptionNumber } from "../number.ts";
import { given, quoted, value } from "../option.ts";

/** linux: include/uapi/linux/netfilter/xt_NFLOG.h, with its final zero */
const MAX_PREFIX = 63;
const DEFAULT_THRESHOLD = 0;

interface NflogInfo {
  group: number;
  prefix: string;
  range: number;
  size: number | null;
  threshold: number;
}

function text(info: NflogInfo, prefix: string): string {
  return (
    (info.prefix ? ` ${prefix}nflog-prefix${quoted(info.prefix)}` : "") +
    (info.group ? ` ${prefix}nflog-group ${info.group}` : "") +
    (info.size !== null ? ` ${prefix}nflog-size ${info.size}` : "") +
    (info.range ? ` ${prefix}nflog-range ${info.range}` : "") +
    (info.threshold !== DEFAULT_THRESHOLD ? ` ${prefix}nflog-threshold ${info.threshold}` : "")
  );
}

/** Nobody listens on the netlink groups of these machines, so the packet just goes on. */
export default defineTarget<NflogInfo>({
  name: "NFLOG",
  linux: "net/netfilter/xt_NFLOG.c",
  help:
    "NFLOG target options:\n" +
    " --nflog-group, --nflog-size, --nflog-threshold number\n" +
    " --nflog-prefix text\n",
  options: [
    { name: "nflog-group", args: 1, invert: false },
    { name: "nflog-prefix", args: 1, invert: false },
    { name: "nflog-range", args: 1, invert: false, excludes: ["nflog-size"] },
    { name: "nflog-size", args: 1, invert: false, excludes: ["nflog-range"] },
    { name: "nflog-threshold", args: 1, invert: false },
  ],
  parse(options, context) {
    const number = (name: string, max: number): number | null => {
      const option = given(options, name);
      return option ? parseOptionNumber("NFLOG", name, value(option), 0, max) : null;
    };
    const prefix = given(options, "nflog-prefix");
    if (prefix && value(prefix) === "")
      throw new XtUsageError("Argument must have a minimum length of 1 characters\n");
    if (prefix && value(prefix).includes("\n"))
      throw new XtUsageError("Newlines not allowed in --log-prefix");
    const info: NflogInfo = {
      group: number("nflog-group", 65535) ?? 0,
      prefix: prefix ? value(prefix).slice(0, MAX_PREFIX) : "",
      range: number("nflog-range", 0xffffffff) ?? 0,
      size: number("nflog-size", 0xffffffff),
      threshold: number("nflog-threshold", 65535) ?? DEFAULT_THRESHOLD,
    };
    if (given(options, "nflog-range"))
      context.warnings.push(
        "warn: --nflog-range has never worked and is no longer supported, please use --nflog-size instead",
      );
    return info;
  },
  save: (info) => text(info, "--"),
  print: (info) => text(info, ""),
  apply: () => "CONTINUE",
  examples: [
    ["-j NFLOG --nflog-group 1", "-j NFLOG --nflog-group 1"],
    ['-j NFLOG --nflog-prefix "in here"', '-j NFLOG --nflog-prefix "in here"'],
    ["-j NFLOG --nflog-group 65536", null],
  ],
});

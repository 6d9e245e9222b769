import { defineTarget, XtRefused, XtUsageError } from "../extension.ts";
import {
  LOG_IPOPT,
  LOG_MACDECODE,
  LOG_TCPOPT,
  LOG_TCPSEQ,
  LOG_UID,
  logPacket,
} from "../log-line.ts";
import { parseUnsigned } from "../number.ts";
import { quoted, value } from "../option.ts";

/** linux: include/linux/kern_levels.h; what -L calls them, and what else may be typed. */
const LEVELS = ["emerg", "alert", "crit", "err", "warn", "notice", "info", "debug"];
const TYPED: Record<string, number> = {
  alert: 1,
  crit: 2,
  debug: 7,
  emerg: 0,
  error: 3,
  info: 6,
  notice: 5,
  panic: 0,
  warning: 4,
};
const DEFAULT_LEVEL = 4;
const MAX_PREFIX = 29;
const FLAGS: readonly (readonly [string, number, string])[] = [
  ["log-tcp-sequence", LOG_TCPSEQ, "tcp-sequence"],
  ["log-tcp-options", LOG_TCPOPT, "tcp-options"],
  ["log-ip-options", LOG_IPOPT, "ip-options"],
  ["log-uid", LOG_UID, "uid"],
  ["log-macdecode", LOG_MACDECODE, "macdecode"],
];

interface LogInfo {
  level: number;
  prefix: string;
  flags: number;
}

export default defineTarget<LogInfo>({
  name: "LOG",
  linux: "net/netfilter/xt_LOG.c",
  help:
    "LOG target options:\n" +
    " --log-level level          by number or name\n" +
    " --log-prefix prefix        what the line begins with\n" +
    " --log-tcp-sequence, --log-tcp-options, --log-ip-options, --log-uid, --log-macdecode\n",
  options: [
    { name: "log-level", args: 1, invert: false },
    { name: "log-prefix", args: 1, invert: false },
    ...FLAGS.map(([name]) => ({ name, args: 0, invert: false }) as const),
  ],
  parse(options) {
    const info: LogInfo = { level: DEFAULT_LEVEL, prefix: "", flags: 0 };
    for (const option of options)
      if (option.name === "log-level") {
        const level = parseUnsigned(value(option), 7) ?? TYPED[value(option)];
        if (level === undefined) throw new XtUsageError(`log level "${value(option)}" unknown\n`);
        info.level = level;
      } else if (option.name === "log-prefix") {
        if (value(option) === "")
          throw new XtUsageError("Argument must have a minimum length of 1 characters\n");
        if (value(option).includes("\n"))
          throw new XtUsageError("Newlines not allowed in --log-prefix");
        info.prefix = value(option).slice(0, MAX_PREFIX);
      } else info.flags |= FLAGS.find(([name]) => name === option.name)?.[1] ?? 0;
    return info;
  },
  save: (info) =>
    (info.prefix ? ` --log-prefix${quoted(info.prefix)}` : "") +
    (info.level === DEFAULT_LEVEL ? "" : ` --log-level ${info.level}`) +
    FLAGS.filter(([, bit]) => info.flags & bit)
      .map(([name]) => ` --${name}`)
      .join(""),
  print(info, numeric) {
    const prefix = info.prefix ? ` prefix "${info.prefix}"` : "";
    if (numeric) return ` LOG flags ${info.flags} level ${info.level}${prefix}`;
    const words = FLAGS.filter(([, bit]) => info.flags & bit).map(([, , word]) => ` ${word}`);
    return ` LOG level ${LEVELS[info.level]}${words.join("")}${prefix}`;
  },
  check(info) {
    if (info.level > 7) throw new XtRefused(`xt_LOG: level ${info.level} >= 8`);
  },
  apply(info, skb, par) {
    logPacket(par.ns, skb, par.in, par.out, info.prefix, info.flags, info.level);
    return "CONTINUE";
  },
  examples: [
    ["-j LOG", "-j LOG"],
    ['-j LOG --log-prefix "in: " --log-level alert', '-j LOG --log-prefix "in: " --log-level 1'],
    ["-j LOG --log-uid --log-ip-options", "-j LOG --log-ip-options --log-uid"],
    ["-j LOG --log-level loud", null],
    ["-j LOG --log-prefix", null],
  ],
});

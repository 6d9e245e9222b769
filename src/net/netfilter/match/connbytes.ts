import { defineMatch, XtUsageError } from "../extension.ts";
import { parseUnsigned64 } from "../number.ts";
import { given, value } from "../option.ts";

const MODES = ["packets", "bytes", "avgpkt"] as const;
const DIRECTIONS = ["original", "reply", "both"] as const;
const MAX = 0xffffffffffffffffn;

interface ConnbytesInfo {
  /** The kernel marks inversion by from > to, and so do we. */
  from: bigint;
  to: bigint;
  mode: (typeof MODES)[number];
  direction: (typeof DIRECTIONS)[number];
}

function parseCounts(text: string): [bigint, bigint] {
  const parts = text.split(":");
  if (parts.length > 2)
    throw new XtUsageError('connbytes: Too many components for option "--connbytes" (max: 2)\n');
  const [from = 0n, to = MAX] = parts.map((part, i) => {
    if (part === "") return i === 1 ? MAX : 0n;
    const number = parseUnsigned64(part);
    if (number === null)
      throw new XtUsageError(
        `connbytes: bad value for option "--connbytes" near "${parts.slice(i).join(":")}", or out of range (0-${MAX}).\n`,
      );
    return number;
  });
  if (to < from) throw new XtUsageError(`${from} should be less than ${to}`);
  return [from, to];
}

function rangeText(info: ConnbytesInfo, prefix: string): string {
  const inverted = info.from > info.to;
  const [from, to] = inverted ? [info.to, info.from] : [info.from, info.to];
  return `${inverted ? " !" : ""} ${prefix}connbytes ${from}${to && to < MAX ? `:${to}` : ""}`;
}

export default defineMatch<ConnbytesInfo>({
  name: "connbytes",
  linux: "net/netfilter/xt_connbytes.c",
  help:
    "connbytes match options:\n" +
    "[!] --connbytes from:[to]\n" +
    "    --connbytes-dir {original|reply|both}\n" +
    "    --connbytes-mode {packets|bytes|avgpkt}\n",
  needsConntrack: true,
  options: [
    { name: "connbytes", args: 1, invert: true, required: true },
    { name: "connbytes-dir", args: 1, invert: false, required: true },
    { name: "connbytes-mode", args: 1, invert: false, required: true },
  ],
  parse(options) {
    const counts = given(options, "connbytes");
    const [from, to] = parseCounts(counts ? value(counts) : "");
    const word = <T extends string>(name: string, known: readonly T[]): T => {
      const option = given(options, name);
      const text = option ? value(option) : "";
      const found = known.find((candidate) => candidate === text);
      if (!found) throw new XtUsageError(`Unknown --${name} \`${text}'`);
      return found;
    };
    const direction = word("connbytes-dir", DIRECTIONS);
    const mode = word("connbytes-mode", MODES);
    return counts?.invert ? { from: to, to: from, mode, direction } : { from, to, mode, direction };
  },
  save: (info) =>
    `${rangeText(info, "--")} --connbytes-mode ${info.mode} --connbytes-dir ${info.direction}`,
  print: (info) =>
    `${rangeText(info, "")} connbytes mode ${info.mode} connbytes direction ${info.direction}`,
  /** What nobody counted cannot be compared: counting is switched on (linux: connbytes_mt_check). */
  check(_info, { ns }) {
    ns.sysctl.values.set("net/netfilter/nf_conntrack_acct", "1");
  },
  matches(info, skb) {
    const ct = skb.ct;
    if (!ct) return false;
    const total = ([first, second]: [number, number]): number =>
      info.direction === "original" ? first : info.direction === "reply" ? second : first + second;
    const packets = total(ct.packets);
    const bytes = total(ct.bytes);
    let what = info.mode === "packets" ? packets : bytes;
    if (info.mode === "avgpkt") what = packets === 0 ? 0 : Math.floor(bytes / packets);
    if (info.from <= info.to) return what >= info.from && what <= info.to;
    return what < info.to || what > info.from;
  },
  examples: [
    [
      "-m connbytes --connbytes 0:1000 --connbytes-mode packets --connbytes-dir original",
      "-m connbytes --connbytes 0:1000 --connbytes-mode packets --connbytes-dir original",
    ],
    ["-m connbytes --connbytes 20:10 --connbytes-mode bytes --connbytes-dir both", null],
    ["-m connbytes", null],
  ],
});

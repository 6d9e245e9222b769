import { defineMatch, XtUsageError } from "../extension.ts";
import { parseOptionNumber } from "../number.ts";
import { given, value } from "../option.ts";

const ONE = 0x80000000;

interface StatisticInfo {
  mode: "random" | "nth";
  /** In 1/2³¹. */
  probability: number;
  /** One less than --every, as the kernel keeps it. */
  every: number;
  packet: number;
  invert: boolean;
  state: { count: number } | null;
}

function text(info: StatisticInfo, prefix: string): string {
  const head = ` ${prefix}mode ${info.mode}${info.invert ? " !" : ""}`;
  if (info.mode === "random")
    return `${head} ${prefix}probability ${(info.probability / ONE).toFixed(11)}`;
  const packet = info.packet || prefix ? ` ${prefix}packet ${info.packet}` : "";
  return `${head} ${prefix}every ${info.every + 1}${packet}`;
}

export default defineMatch<StatisticInfo>({
  name: "statistic",
  linux: "net/netfilter/xt_statistic.c",
  help:
    "statistic match options:\n" +
    " --mode {random|nth}\n" +
    " random mode:\n[!] --probability p    0.0 to 1.0\n" +
    " nth mode:\n[!] --every n          every nth packet\n --packet p           beginning with this, 0 to n-1\n",
  options: [
    { name: "mode", args: 1, invert: false },
    { name: "probability", args: 1, invert: true, excludes: ["every", "packet"] },
    { name: "every", args: 1, invert: true, excludes: ["probability"], requires: ["packet"] },
    { name: "packet", args: 1, invert: false, excludes: ["probability"], requires: ["every"] },
  ],
  parse(options) {
    const info: StatisticInfo = {
      mode: "random",
      probability: 0,
      every: 0,
      packet: 0,
      invert: false,
      state: null,
    };
    for (const option of options) {
      if (option.invert) info.invert = true;
      if (option.name === "mode") {
        if (value(option) !== "random" && value(option) !== "nth")
          throw new XtUsageError(`Bad mode "${value(option)}"`);
        info.mode = value(option) as "random" | "nth";
      } else if (option.name === "probability") {
        const p = value(option).trim() === "" ? Number.NaN : Number(value(option));
        if (!(p >= 0 && p <= 1))
          throw new XtUsageError(
            'statistic: bad value for option "--probability", or out of range (0-1).\n',
          );
        info.probability = Math.round(p * ONE);
      } else if (option.name === "every")
        info.every = parseOptionNumber("statistic", "every", value(option), 1, 0xffffffff) - 1;
      else info.packet = parseOptionNumber("statistic", "packet", value(option), 0, 0xffffffff);
    }
    if (info.mode === "random" && !given(options, "probability"))
      throw new XtUsageError("--probability must be specified when using random mode");
    if (info.mode === "nth" && !given(options, "every") && !given(options, "packet"))
      throw new XtUsageError("--every and --packet must be specified when using nth mode");
    if (info.mode === "nth" && info.packet > info.every)
      throw new XtUsageError("the --packet p must be 0 <= p <= n-1");
    if (!given(options, "mode"))
      throw new XtUsageError('statistic: option "--mode" must be specified\n');
    return info;
  },
  save: (info) => text(info, "--"),
  print: (info) => ` statistic${text(info, "")}`,
  fresh(info) {
    info.state = { count: info.every - info.packet };
  },
  matches(info, _skb, par) {
    if (info.mode === "random")
      return par.ns.sim.rng("xt_statistic").u32() >>> 1 < info.probability !== info.invert;
    const state = info.state;
    if (!state) return info.invert;
    const hit = state.count === info.every;
    state.count = hit ? 0 : state.count + 1;
    return hit !== info.invert;
  },
  examples: [
    [
      "-m statistic --mode random --probability 0.5",
      "-m statistic --mode random --probability 0.50000000000",
    ],
    [
      "-m statistic --mode nth --every 5 --packet 2",
      "-m statistic --mode nth --every 5 --packet 2",
    ],
    ["-m statistic --mode nth --every 5 --packet 5", null],
    ["-m statistic", null],
  ],
});

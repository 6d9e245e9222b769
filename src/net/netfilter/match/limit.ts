import { SEC } from "../../../sim/sim.ts";
import { defineMatch, XtUsageError } from "../extension.ts";
import { parseOptionNumber } from "../number.ts";
import { given, value } from "../option.ts";
import { parseRate, rateText } from "../rate.ts";

/** linux: include/uapi/linux/netfilter/xt_limit.h, XT_LIMIT_SCALE: the kernel keeps 1/10000 s */
const SCALE = 10_000;
const DEFAULT_BURST = 5;

interface LimitInfo {
  /** Time between packets, in 1/SCALE seconds. */
  average: number;
  burst: number;
  state: { credit: number; at: number } | null;
}

export default defineMatch<LimitInfo>({
  name: "limit",
  linux: "net/netfilter/xt_limit.c",
  help:
    "limit match options:\n" +
    "--limit avg                packets per second, or /minute, /hour, /day; 3/hour when not given\n" +
    "--limit-burst number       how many may come at once, 5 when not given\n",
  options: [
    { name: "limit", args: 1, invert: true, lenient: true },
    { name: "limit-burst", args: 1, invert: true, lenient: true },
  ],
  parse(options) {
    let average = (SCALE * 3600) / 3;
    let burst = DEFAULT_BURST;
    for (const option of options) {
      if (given(options.slice(0, options.indexOf(option)), option.name))
        throw new XtUsageError(`limit: option "--${option.name}" can only be used once.\n`);
      if (option.invert)
        throw new XtUsageError(`limit: option "--${option.name}" cannot be inverted.\n`);
      if (option.name === "limit-burst")
        burst = parseOptionNumber("limit", "limit-burst", value(option), 0, 10000);
      else {
        const rate = parseRate(value(option));
        if (!rate) throw new XtUsageError(`bad rate "${value(option)}"'`);
        average = Math.floor((SCALE * rate.seconds) / rate.count);
        if (average === 0) throw new XtUsageError(`Rate too fast "${value(option)}"`);
      }
    }
    return { average, burst, state: null };
  },
  save: (info) =>
    ` --limit${rateText(info.average, SCALE).text}` +
    (info.burst === DEFAULT_BURST ? "" : ` --limit-burst ${info.burst}`),
  print: (info) => ` limit: avg${rateText(info.average, SCALE).text} burst ${info.burst}`,
  fresh(info, ns) {
    info.state = { credit: info.average * info.burst * (SEC / SCALE), at: ns.sim.now };
  },
  matches(info, _skb, par) {
    // Credit is time: it grows with the clock up to the burst, a packet costs one period.
    const state = info.state;
    if (!state) return false;
    const cost = info.average * (SEC / SCALE);
    state.credit = Math.min(state.credit + par.ns.sim.now - state.at, cost * info.burst);
    state.at = par.ns.sim.now;
    if (state.credit < cost) return false;
    state.credit -= cost;
    return true;
  },
  examples: [
    ["-m limit --limit 1/sec", "-m limit --limit 1/sec"],
    ["-m limit --limit 1000/hour --limit-burst 10", "-m limit --limit 1000/hour --limit-burst 10"],
    ["-m limit", "-m limit --limit 3/hour"],
    ["-m limit ! --limit 1/sec", null],
    ["-m limit --limit 1/fortnight", null],
  ],
});

import { defineMatch, XtUsageError } from "../extension.ts";
import { parseUnsigned64 } from "../number.ts";
import { not, value } from "../option.ts";

interface QuotaInfo {
  quota: bigint;
  invert: boolean;
  state: { left: number } | null;
}

export default defineMatch<QuotaInfo>({
  name: "quota",
  linux: "net/netfilter/xt_quota.c",
  help: "quota match options:\n[!] --quota bytes    as long as there is some left\n",
  options: [{ name: "quota", args: 1, invert: true, required: true }],
  parse([option]) {
    const quota = parseUnsigned64(option ? value(option) : "");
    if (quota === null)
      throw new XtUsageError(
        'quota: bad value for option "--quota", or out of range (0-18446744073709551615).\n',
      );
    return { quota, invert: option?.invert ?? false, state: null };
  },
  save: (info) => `${not(info.invert)} --quota ${info.quota}`,
  print: (info) => ` quota: ${info.quota} bytes`,
  fresh(info) {
    info.state = { left: Number(info.quota) };
  },
  matches(info, skb) {
    const state = info.state;
    const length = skb.tail - skb.network;
    if (state && state.left >= length) {
      state.left -= length;
      return !info.invert;
    }
    // A packet that does not fit uses up what was left (linux: xt_quota.c, quota_mt).
    if (state) state.left = 0;
    return info.invert;
  },
  examples: [
    ["-m quota --quota 1000", "-m quota --quota 1000"],
    ["-m quota ! --quota 18446744073709551615", "-m quota ! --quota 18446744073709551615"],
    ["-m quota", null],
  ],
});

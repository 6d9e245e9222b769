import { maskOf, prefixOf } from "../../../wire/address.ts";
import { type Conntrack, IPS_DYING } from "../../conntrack/entry.ts";
import { defineMatch, XtUsageError } from "../extension.ts";
import { parseOptionNumber } from "../number.ts";
import { given, parsePrefixLength, value } from "../option.ts";

interface ConnlimitInfo {
  limit: number;
  /** true: match more than the limit; false: up to it. */
  above: boolean;
  mask: number;
  destination: boolean;
  /** Connections seen, by the masked address. */
  state: Map<number, Conntrack[]> | null;
}

function counts(ct: Conntrack, now: number): boolean {
  if (ct.status & IPS_DYING || ct.expires <= now) return false;
  const tcp = ct.tcp?.state;
  return tcp !== "TIME_WAIT" && tcp !== "CLOSE";
}

export default defineMatch<ConnlimitInfo>({
  name: "connlimit",
  linux: "net/netfilter/xt_connlimit.c",
  help:
    "connlimit match options:\n" +
    "  --connlimit-upto n     there are up to n connections\n" +
    "  --connlimit-above n    there are more\n" +
    "  --connlimit-mask n     hosts of one prefix count as one\n" +
    "  --connlimit-saddr, --connlimit-daddr    whose connections\n",
  needsConntrack: true,
  options: [
    { name: "connlimit-upto", args: 1, invert: true, excludes: ["connlimit-above"] },
    { name: "connlimit-above", args: 1, invert: true, excludes: ["connlimit-upto"] },
    { name: "connlimit-mask", args: 1, invert: false },
    { name: "connlimit-saddr", args: 0, invert: false, excludes: ["connlimit-daddr"] },
    { name: "connlimit-daddr", args: 0, invert: false, excludes: ["connlimit-saddr"] },
  ],
  parse(options) {
    const limit = given(options, "connlimit-above") ?? given(options, "connlimit-upto");
    const mask = given(options, "connlimit-mask");
    const length = mask ? parsePrefixLength("connlimit", "connlimit-mask", value(mask)) : 32;
    if (!limit)
      throw new XtUsageError('You must specify "--connlimit-above" or "--connlimit-upto".');
    return {
      limit: parseOptionNumber("connlimit", limit.name, value(limit), 0, 0xffffffff),
      above: (limit.name === "connlimit-above") !== limit.invert,
      mask: maskOf(length),
      destination: given(options, "connlimit-daddr") !== undefined,
      state: null,
    };
  },
  save: (info) =>
    ` --connlimit-${info.above ? "above" : "upto"} ${info.limit} --connlimit-mask ${prefixOf(info.mask)}` +
    ` --connlimit-${info.destination ? "daddr" : "saddr"}`,
  print: (info) =>
    ` #conn ${info.destination ? "dst" : "src"}/${prefixOf(info.mask)} ${info.above ? ">" : "<="} ${info.limit}`,
  fresh(info) {
    info.state = new Map();
  },
  matches(info, skb, par) {
    const ct = skb.ct;
    if (!info.state) return false;
    const ip = skb.ip;
    const key = ((info.destination ? ip.dst : ip.src) & info.mask) >>> 0;
    const known = info.state.get(key) ?? [];
    const alive = known.filter((other) => other === ct || counts(other, par.ns.sim.now));
    if (ct && !alive.includes(ct)) alive.push(ct);
    info.state.set(key, alive);
    // What belongs to no connection counts as one, this once.
    return alive.length + (ct ? 0 : 1) > info.limit === info.above;
  },
  examples: [
    [
      "-m connlimit --connlimit-upto 4 --connlimit-mask 24",
      "-m connlimit --connlimit-upto 4 --connlimit-mask 24 --connlimit-saddr",
    ],
    [
      "-m connlimit --connlimit-above 10",
      "-m connlimit --connlimit-above 10 --connlimit-mask 32 --connlimit-saddr",
    ],
    ["-m connlimit", null],
  ],
});

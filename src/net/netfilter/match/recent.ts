import { formatIpv4 } from "../../../wire/address.ts";
import { defineMatch, XtRefused, XtUsageError } from "../extension.ts";
import { parseOptionNumber } from "../number.ts";
import { given, not, parseHost, value } from "../option.ts";
import { RecentList } from "../recent-list.ts";

const ACTIONS = ["set", "rcheck", "update", "remove"] as const;
type Action = (typeof ACTIONS)[number];
const SHOWN: Record<Action, string> = {
  set: "SET",
  rcheck: "CHECK",
  update: "UPDATE",
  remove: "REMOVE",
};
/** linux: net/netfilter/xt_recent.c */
const MAX_NAME = 199;
const MAX_STAMPS = 65536;

interface RecentInfo {
  action: Action;
  invert: boolean;
  seconds: number;
  reap: boolean;
  hitcount: number;
  rttl: boolean;
  list: string;
  mask: number;
  destination: boolean;
}

export default defineMatch<RecentInfo>({
  name: "recent",
  linux: "net/netfilter/xt_recent.c",
  help:
    "recent match options:\n" +
    "[!] --set          put the address into the list\n" +
    "[!] --rcheck       it is in the list\n" +
    "[!] --update       the same, and it was seen now\n" +
    "[!] --remove       the same, and it is taken out\n" +
    "    --seconds n    only if seen in the last n seconds; --reap forgets older ones\n" +
    "    --hitcount n   only if seen n times\n" +
    "    --rttl         only if the TTL is the same\n" +
    "    --name name    which list, DEFAULT when not given\n" +
    "    --rsource, --rdest, --mask netmask    which address\n",
  options: [
    ...ACTIONS.map((name) => ({ name, args: 0, invert: true, excludes: ACTIONS }) as const),
    { name: "seconds", args: 1, invert: false },
    { name: "reap", args: 0, invert: false, requires: ["seconds"] },
    { name: "hitcount", args: 1, invert: false },
    { name: "rttl", args: 0, invert: false, excludes: ["set", "remove"] },
    { name: "name", args: 1, invert: false },
    { name: "rsource", args: 0, invert: false },
    { name: "rdest", args: 0, invert: false },
    { name: "mask", args: 1, invert: false },
  ],
  parse(options, context) {
    const action = options.find((option) => (ACTIONS as readonly string[]).includes(option.name));
    const number = (name: string, min: number): number => {
      const option = given(options, name);
      return option ? parseOptionNumber("recent", name, value(option), min, 0xffffffff) : 0;
    };
    const seconds = number("seconds", 1);
    const hitcount = number("hitcount", 0);
    const name = given(options, "name");
    const mask = given(options, "mask");
    const netmask = mask ? parseHost(value(mask), context) : 0xffffffff;
    if (!action)
      throw new XtUsageError(
        "recent: you must specify one of `--set', `--rcheck' `--update' or `--remove'",
      );
    const sides = options.filter((option) => option.name === "rsource" || option.name === "rdest");
    return {
      action: action.name as Action,
      invert: action.invert,
      seconds,
      reap: given(options, "reap") !== undefined,
      hitcount,
      rttl: given(options, "rttl") !== undefined,
      list: name ? value(name).slice(0, MAX_NAME) : "DEFAULT",
      mask: netmask,
      destination: sides[sides.length - 1]?.name === "rdest",
    };
  },
  save: (info) =>
    `${not(info.invert)} --${info.action}` +
    (info.seconds ? ` --seconds ${info.seconds}` : "") +
    (info.reap ? " --reap" : "") +
    (info.hitcount ? ` --hitcount ${info.hitcount}` : "") +
    (info.rttl ? " --rttl" : "") +
    ` --name ${info.list} --mask ${formatIpv4(info.mask)} --${info.destination ? "rdest" : "rsource"}`,
  print: (info) =>
    `${not(info.invert)} recent: ${SHOWN[info.action]}` +
    (info.seconds ? ` seconds: ${info.seconds}` : "") +
    (info.reap ? " reap" : "") +
    (info.hitcount ? ` hit_count: ${info.hitcount}` : "") +
    (info.rttl ? " TTL-Match" : "") +
    ` name: ${info.list} side: ${info.destination ? "dest" : "source"} mask: ${formatIpv4(info.mask)}`,
  check(info) {
    const checks = info.action === "rcheck" || info.action === "update";
    if (!checks && (info.seconds || info.hitcount) && info.action !== "set")
      throw new XtRefused("xt_recent: seconds and hitcount need rcheck or update");
    if (info.action === "set" && (info.seconds || info.hitcount || info.rttl))
      throw new XtRefused("xt_recent: set takes neither seconds nor hitcount");
    if (info.hitcount >= MAX_STAMPS)
      throw new XtRefused(
        `xt_recent: hitcount (${info.hitcount}) is larger than allowed maximum (${MAX_STAMPS - 1})`,
      );
    if (info.list === "" || info.list.includes("/")) throw new XtRefused("xt_recent: bad name");
  },
  attach(info, ns) {
    const lists = ns.netfilter.recent;
    const list = lists.get(info.list) ?? new RecentList(info.list, info.mask);
    lists.set(info.list, list);
    list.users++;
    while (list.maxStamps < info.hitcount) list.maxStamps *= 2;
  },
  detach(info, ns) {
    const list = ns.netfilter.recent.get(info.list);
    if (list && --list.users === 0) ns.netfilter.recent.delete(info.list);
  },
  matches(info, skb, par) {
    const list = par.ns.netfilter.recent.get(info.list);
    if (!list) return info.invert;
    const ip = skb.ip;
    const now = par.ns.sim.now;
    const address = ((info.destination ? ip.dst : ip.src) & list.mask) >>> 0;
    // As it was before forwarding took one away.
    const ttl = par.out && !skb.sk ? ip.ttl + 1 : ip.ttl;
    const entry = list.find(address, info.rttl ? ttl : 0);
    if (!entry) {
      if (info.action !== "set") return info.invert;
      list.add(address, ttl, now);
      return !info.invert;
    }
    let found = true;
    if (info.action === "remove") list.entries.delete(address);
    else if (info.action !== "set") {
      const since = info.seconds ? now - info.seconds * 1e9 : Number.NEGATIVE_INFINITY;
      const hits = entry.stamps.filter((stamp) => stamp >= since).length;
      found = hits >= Math.max(info.hitcount, 1);
      if (info.reap) list.reap(since);
    }
    if (info.action === "set" || (info.action === "update" && found !== info.invert))
      list.touch(entry, ttl, now);
    return found !== info.invert;
  },
  examples: [
    ["-m recent --set", "-m recent --set --name DEFAULT --mask 255.255.255.255 --rsource"],
    [
      "-m recent --rcheck --seconds 60 --hitcount 8 --name foo --rdest",
      "-m recent --rcheck --seconds 60 --hitcount 8 --name foo --mask 255.255.255.255 --rdest",
    ],
    ["-m recent --set --rttl", null],
    ["-m recent", null],
  ],
});

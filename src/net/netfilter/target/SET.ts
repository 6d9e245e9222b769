import { setMark } from "../../mark.ts";
import { type DirectedSet, directionsText, packetKey, parseDirectedSet } from "../directed-set.ts";
import { defineTarget, XtRefused, XtUsageError } from "../extension.ts";
import { parseUnsigned } from "../number.ts";
import { given, value } from "../option.ts";

const NO_TIMEOUT = 0xffffffff;

interface SetTargetInfo {
  add: DirectedSet | null;
  exist: boolean;
  timeout: number | null;
  del: DirectedSet | null;
  map: DirectedSet | null;
  mapMark: boolean;
  mapPrio: boolean;
  mapQueue: boolean;
}

function text(info: SetTargetInfo, prefix: string): string {
  const set = (name: string, directed: DirectedSet | null): string =>
    directed ? ` ${prefix}${name} ${directionsText(directed)}` : "";
  return (
    set("add-set", info.add) +
    (info.exist ? ` ${prefix}exist` : "") +
    (info.timeout === null ? "" : ` ${prefix}timeout ${info.timeout}`) +
    set("del-set", info.del) +
    set("map-set", info.map) +
    (info.mapMark ? ` ${prefix}map-mark` : "") +
    (info.mapPrio ? ` ${prefix}map-prio` : "") +
    (info.mapQueue ? ` ${prefix}map-queue` : "")
  );
}

export default defineTarget<SetTargetInfo>({
  name: "SET",
  linux: "net/netfilter/xt_set.c",
  help:
    "SET target options:\n" +
    " --add-set name flags [--exist] [--timeout n]    put the packet's addresses into the set\n" +
    " --del-set name flags                            take them out\n" +
    " --map-set name flags [--map-mark] [--map-prio] [--map-queue]\n" +
    "       flags: src and dst, one for each dimension of the set\n",
  options: [
    ...["add-set", "del-set", "map-set"].map(
      (name) => ({ name, args: 2, invert: true, lenient: true }) as const,
    ),
    { name: "exist", args: 0, invert: true, lenient: true },
    { name: "timeout", args: 1, invert: true, lenient: true },
    ...["map-mark", "map-prio", "map-queue"].map(
      (name) => ({ name, args: 0, invert: true, lenient: true }) as const,
    ),
  ],
  parse(options, context) {
    const has = (name: string): boolean => given(options, name) !== undefined;
    const set = (name: string): DirectedSet | null =>
      has(name) ? parseDirectedSet(options, name, context) : null;
    const timeout = given(options, "timeout");
    const seconds = timeout ? parseUnsigned(value(timeout), NO_TIMEOUT - 1) : null;
    if (timeout && seconds === null)
      throw new XtUsageError(
        `Invalid value for option --timeout or out of range 0-${NO_TIMEOUT - 1}`,
      );
    const info: SetTargetInfo = {
      add: set("add-set"),
      exist: has("exist"),
      timeout: seconds,
      del: set("del-set"),
      map: set("map-set"),
      mapMark: has("map-mark"),
      mapPrio: has("map-prio"),
      mapQueue: has("map-queue"),
    };
    if (!info.add && !info.del && !info.map)
      throw new XtUsageError("You must specify either `--add-set' or `--del-set' or `--map-set'");
    if (!info.add && info.exist)
      throw new XtUsageError("Flag `--exist' can be used with `--add-set' only");
    if (!info.add && timeout)
      throw new XtUsageError("Option `--timeout' can be used with `--add-set' only");
    for (const name of ["map-mark", "map-prio", "map-queue"])
      if (!info.map && has(name))
        throw new XtUsageError(`Flag \`--${name}' can be used with \`--map-set' only`);
    if (info.map && !info.mapMark && !info.mapPrio && !info.mapQueue)
      throw new XtUsageError(
        "You must specify flags `--map-mark' or '--map-prio` or `--map-queue'",
      );
    return info;
  },
  save: (info) => text(info, "--"),
  print: (info) => text(info, ""),
  check(info, place) {
    if (!info.map) return;
    if (place.table !== "mangle")
      throw new XtRefused("xt_set: --map-set only usable from mangle table");
  },
  attach(info) {
    for (const directed of [info.add, info.del, info.map]) if (directed) directed.set.references++;
  },
  detach(info) {
    for (const directed of [info.add, info.del, info.map]) if (directed) directed.set.references--;
  },
  apply(info, skb, par) {
    if (info.add) {
      const data = info.add.set.data;
      const element = data.changeOf(packetKey(info.add, skb, par));
      if (element)
        data.add(
          element,
          {
            timeout: info.timeout,
            packets: 1,
            bytes: skb.ip.totalLength,
            comment: "",
            nomatch: false,
            skbmark: null,
            skbprio: null,
            skbqueue: null,
          },
          info.exist,
        );
    }
    if (info.del) {
      const element = info.del.set.data.changeOf(packetKey(info.del, skb, par));
      if (element) info.del.set.data.del(element);
    }
    if (info.map) {
      const member = info.map.set.data.findPacket(packetKey(info.map, skb, par));
      if (member?.skbmark && info.mapMark)
        setMark(par.ns, skb, ((skb.mark & ~member.skbmark.mask) ^ member.skbmark.value) >>> 0);
      if (member && member.skbprio !== null && info.mapPrio) skb.priority = member.skbprio;
    }
    return "CONTINUE";
  },
  examples: [
    ["-j SET --add-set foo src", "-j SET --add-set foo src"],
    [
      "-j SET --add-set foo src --exist --timeout 60",
      "-j SET --add-set foo src --exist --timeout 60",
    ],
    ["-j SET --del-set foo dst", "-j SET --del-set foo dst"],
    ["-j SET", null],
  ],
});

import { type Compare, compareText, matchesCounter, parseCompare } from "../counter-compare.ts";
import { type DirectedSet, directionsText, packetKey, parseDirectedSet } from "../directed-set.ts";
import { defineMatch } from "../extension.ts";
import type { Member } from "../ipset/data.ts";
import { given, not } from "../option.ts";

interface SetInfo {
  set: DirectedSet;
  invert: boolean;
  returnNomatch: boolean;
  updateCounters: boolean;
  updateSubcounters: boolean;
  packets: Compare | null;
  bytes: Compare | null;
}

function text(info: SetInfo, prefix: string): string {
  return (
    `${not(info.invert)} ${prefix}match-set ${directionsText(info.set)}` +
    (info.returnNomatch ? ` ${prefix}return-nomatch` : "") +
    (info.updateCounters ? "" : ` ! ${prefix}update-counters`) +
    (info.updateSubcounters ? "" : ` ! ${prefix}update-subcounters`) +
    compareText(info.packets, "packets", prefix) +
    compareText(info.bytes, "bytes", prefix)
  );
}

const COMPARES = [
  "packets-eq",
  "packets-lt",
  "packets-gt",
  "bytes-eq",
  "bytes-lt",
  "bytes-gt",
] as const;

export default defineMatch<SetInfo>({
  name: "set",
  linux: "net/netfilter/xt_set.c",
  help:
    "set match options:\n" +
    "[!] --match-set name flags          flags: src and dst, one for each dimension of the set\n" +
    "    --return-nomatch                match what a nomatch element takes out\n" +
    "[!] --update-counters, [!] --update-subcounters\n" +
    "[!] --packets-eq, --packets-lt, --packets-gt, --bytes-eq, --bytes-lt, --bytes-gt value\n",
  options: [
    { name: "match-set", args: 2, invert: true, lenient: true },
    { name: "set", args: 2, invert: true, lenient: true },
    { name: "return-nomatch", args: 0, invert: true, lenient: true },
    { name: "update-counters", args: 0, invert: true, lenient: true },
    { name: "update-subcounters", args: 0, invert: true, lenient: true },
    ...COMPARES.map((name) => ({ name, args: 1, invert: true, lenient: true }) as const),
  ],
  parse(options, context) {
    return {
      set: parseDirectedSet(options, "match-set", context),
      invert: given(options, "match-set")?.invert ?? false,
      returnNomatch: given(options, "return-nomatch") !== undefined,
      updateCounters: !given(options, "update-counters")?.invert,
      updateSubcounters: !given(options, "update-subcounters")?.invert,
      packets: parseCompare(options, "packets"),
      bytes: parseCompare(options, "bytes"),
    };
  },
  save: (info) => text(info, "--"),
  print: (info) => text(info, ""),
  attach: (info) => {
    info.set.set.references++;
  },
  detach: (info) => {
    info.set.set.references--;
  },
  matches(info, skb, par) {
    const data = info.set.set.data;
    // The packet that asks is counted first, then compared (linux: ip_set_match_extensions); where
    // the counters say no, a shorter prefix may still say yes.
    const count = (member: Member, update: boolean): void => {
      if (!update) return;
      member.packets++;
      member.bytes += skb.ip.totalLength;
    };
    const member = data.findPacket(packetKey(info.set, skb, par), {
      accept: (member) => {
        if (!data.options.counters) return true;
        count(member, info.updateCounters);
        return (
          matchesCounter(info.packets, member.packets) && matchesCounter(info.bytes, member.bytes)
        );
      },
      inList: (member) => {
        count(member, info.updateCounters && info.updateSubcounters);
        return true;
      },
      returnNomatch: info.returnNomatch,
    });
    // What has no exceptions takes no notice of --return-nomatch (linux: ip_set_test).
    const wanted = info.returnNomatch && data.hasNomatch;
    return (member !== null && member.nomatch === wanted) !== info.invert;
  },
  examples: [
    ["-m set --match-set foo src", "-m set --match-set foo src"],
    ["-m set ! --match-set foo src,dst", "-m set ! --match-set foo src,dst"],
    ["-m set --match-set foo src --packets-gt 3", "-m set --match-set foo src --packets-gt 3"],
    ["-m set --match-set nowhere src", null],
    ["-m set", null],
  ],
});

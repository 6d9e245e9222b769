import { describe, expect, it } from "vitest";
import { isProblem, looksLikeFilter, matchesFilter, parseFilter } from "./display-filter.ts";
import type { PacketStory, Step } from "./story.ts";

const step = (kind: Step["kind"], facts: Step["facts"]): Step => ({
  n: 1,
  at: 0,
  kind,
  text: "",
  facts,
  misses: [],
});

/** A SYN that was marked, translated, and dropped behind a tunnel. */
const story: PacketStory = {
  skb: 1,
  parent: 0,
  cause: "socket",
  at: 0,
  head: { protocol: "TCP", src: "10.4.4.19", dst: "10.8.14.226", srcPort: 40112, dstPort: 9080 },
  what: "SYN",
  socket: 1,
  end: "dropped",
  reason: "NETFILTER_DROP",
  first: 1,
  last: 9,
  legs: [
    {
      ns: 1,
      namespace: "node-a",
      machine: "node-a",
      steps: [
        step("in", { device: "veth0", length: 74 }),
        step("hook", { hook: "PREROUTING", mark: "0x0", connmark: "0x0" }),
        step("rule", {
          table: "mangle",
          chain: "MARKER",
          rule: 1,
          text: "-j MARK",
          verdict: "CONTINUE",
        }),
        step("mark", { from: "0x0", mark: "0x100" }),
        step("nat", { nat: "DNAT", from: "10.8.14.226:9080", to: "10.4.3.20:9081" }),
        step("route", { type: "unicast", device: "eth0", table: "101", text: "default dev eth0" }),
        step("encap", { tunnel: "geneve", device: "gen", vni: 1001, remote: "10.4.4.18" }),
        step("drop", { reason: "NETFILTER_DROP" }),
      ],
    },
  ],
};

function fits(text: string): boolean | string {
  const filter = parseFilter(text);
  return isProblem(filter) ? `${filter.message} @${filter.at}` : matchesFilter(filter, story);
}

describe("a display filter", () => {
  const cases: [string, boolean][] = [
    ["tcp", true],
    ["udp", false],
    ["tcp.port == 9080 and mark == 0x100", true],
    ["tcp.port eq 9080 && mark==256", true],
    ["tcp.dstport == 9081", true],
    ["tcp.srcport == 9080", false],
    ["ip.addr == 10.4.3.20", true],
    ["ip.dst == 10.4.0.0/16", true],
    ["ip.src == 10.8.0.0/16", false],
    ["ip.addr != 10.4.4.19", false],
    ["ip.addr != 1.1.1.1", true],
    ["mark == 0", true],
    ["mark == 0x200", false],
    ["mark > 0xff", true],
    ["device == veth0", true],
    ['device in {"eth9", "veth0"}', true],
    ["vni == 1001", true],
    ["route.table == 101", true],
    ['route contains "default"', true],
    ["namespace contains node", true],
    ["drop.reason == netfilter_drop", true],
    ["not drop", false],
    ["!(drop and tcp)", false],
    ["udp or tcp and not arp", true],
    ["(udp or tcp) and arp", false],
    ["tcp.flags.syn", true],
    ["tcp.flags.reset", false],
    ["nat == DNAT and hook == PREROUTING", true],
    ['rule contains "mark"', true],
    ["chain == marker", true],
    ["connmark == 0", true],
  ];
  it.each(cases)("%s", (text, expected) => {
    expect(fits(text)).toBe(expected);
  });

  const wrong: [string, string][] = [
    ["", "a field is missing @0"],
    ["tcp.port ==", "a value is missing @11"],
    ["nonsense == 1", '"nonsense" is not a field @0'],
    ["tcp and", "a field is missing @7"],
    ["(tcp", '")" is missing @4'],
    ["tcp)", '")" was not expected here @3'],
    ["tcp udp", '"udp" was not expected here @4'],
    ["ip.addr == banana", '"banana" is not an IPv4 address @11'],
    ["device in {a", '"}" is missing @12'],
    ['device == "open', '""" was not expected here @10'],
  ];
  it.each(wrong)("%s says what is wrong", (text, problem) => {
    expect(fits(text)).toBe(problem);
  });

  it("is told from words to look for", () => {
    expect(looksLikeFilter("9080")).toBe(false);
    expect(looksLikeFilter("10.4.4.19 syn")).toBe(false);
    expect(looksLikeFilter("tcp.port == 80")).toBe(true);
    expect(looksLikeFilter("drop")).toBe(true);
    expect(looksLikeFilter("not (arp)")).toBe(true);
  });
});

import { expect, it } from "vitest";
import type { Leg, Step, StepKind } from "../../journey/story.ts";
import { blocksOf, type HookBlock, isSection, ruleWords, type Section } from "./blocks.ts";

function leg(...steps: [StepKind, Step["facts"]][]): Leg {
  return {
    ns: 1,
    namespace: "node-a",
    machine: "node-a",
    steps: steps.map(([kind, facts], n) => ({ n, at: 0, kind, text: kind, facts, misses: [] })),
  };
}

const jump = { table: "mangle", chain: "PREROUTING", rule: 1, text: "", verdict: "JUMP" };
const mark = { table: "mangle", chain: "mine", rule: 3, text: "", verdict: "CONTINUE" };
const policy = { table: "mangle", chain: "PREROUTING", verdict: "ACCEPT" };

it("puts what a rule brought about under it, and says which hooks decided something", () => {
  const blocks = blocksOf(
    leg(
      ["in", { device: "eth0" }],
      ["hook", { hook: "PREROUTING", mark: "0x0", connmark: "0x0" }],
      ["conntrack", { state: "NEW" }],
      ["rule", jump],
      ["rule", mark],
      ["mark", { from: "0x0", mark: "0x100" }],
      ["policy", policy],
      ["iprule", { outcome: "fwmark" }],
      ["iprule", { outcome: "used" }],
      ["route", { table: "101" }],
      ["hook", { hook: "FORWARD", mark: "0x100", connmark: "0x0" }],
      ["policy", policy],
      ["out", { device: "istioout" }],
    ),
  );
  expect(blocks.map((block) => block.kind)).toEqual(["plain", "hook", "routing", "hook", "plain"]);
  const [first, second] = blocks.filter((block): block is HookBlock => block.kind === "hook");
  expect(first?.decides).toBe(true);
  expect(second?.decides).toBe(false);
  const section = first?.parts.find(isSection) as Section;
  expect(section.entries.map(({ depth, decides }) => [depth, decides])).toEqual([
    [0, false],
    [1, true],
  ]);
  expect(section.entries[1]?.effects.length).toBe(1);
});

it("goes on with a hook after the new look-up that a mark in OUTPUT brings", () => {
  const blocks = blocksOf(
    leg(
      ["hook", { hook: "OUTPUT", mark: "0x0", connmark: "0x0" }],
      ["rule", mark],
      ["route", { table: "main" }],
      ["policy", { table: "filter", chain: "OUTPUT", verdict: "DROP" }],
      ["drop", { reason: "NETFILTER_DROP" }],
    ),
  );
  const again = blocks[2] as HookBlock;
  expect([again.kind, again.hook, again.again, again.decides]).toEqual([
    "hook",
    "OUTPUT",
    true,
    true,
  ]);
});

it("joins what was asked of one neighbour", () => {
  const asked = { ip: "10.0.0.1", device: "eth0" };
  const blocks = blocksOf(
    leg(["neigh", { ...asked, what: "solicit" }], ["neigh", { ...asked, what: "resolved" }]),
  );
  expect(blocks).toEqual([
    { kind: "neighbour", ip: "10.0.0.1", device: "eth0", states: ["solicit", "resolved"] },
  ]);
});

it("takes a rule apart", () => {
  const text =
    '-A KUBE-SERVICES -d 10.8.0.10/32 -p udp -m comment --comment "kube-dns:dns \\"x\\"" -m udp --dport 53 -j KUBE-SVC';
  expect(ruleWords(text)).toEqual({
    matches: "-d 10.8.0.10/32 -p udp -m udp --dport 53",
    target: "-j KUBE-SVC",
    comment: 'kube-dns:dns "x"',
  });
  expect(ruleWords("-A FORWARD -j mine")).toEqual({ matches: "", target: "-j mine", comment: "" });
  expect(ruleWords("-P INPUT DROP").target).toBe("");
});

import { describe, expect, it } from "vitest";
import type { PacketStory } from "../../journey/story.ts";
import { align, parting } from "./align.ts";

function story(...lines: string[]): PacketStory {
  const steps = lines.map((text, n) => ({
    n,
    at: n,
    kind: "rule" as const,
    text,
    facts: {},
    misses: [],
  }));
  return {
    skb: 1,
    parent: 0,
    cause: "",
    at: 0,
    head: { protocol: "TCP", src: "", dst: "", srcPort: 0, dstPort: 0 },
    what: "",
    socket: 0,
    end: "",
    reason: "",
    first: 0,
    last: 0,
    legs: [{ ns: 1, namespace: "node", machine: "node", steps }],
  };
}
const text = (rows: ReturnType<typeof align>) =>
  rows.map(({ left, right }) => [left?.step.text ?? "", right?.step.text ?? ""]);

describe("two stories beside each other", () => {
  it("are the same but for ports that the kernel chose", () => {
    const rows = align(story("sent by 10.0.0.1:40000"), story("sent by 10.0.0.1:41234"));
    expect(rows).toHaveLength(1);
    expect(parting(rows)).toBe(-1);
    expect(parting(align(story("to :9080"), story("to :15008")))).toBe(0);
  });

  it("part, and find together again", () => {
    const rows = align(story("a", "mark", "b", "c"), story("a", "b", "drop"));
    expect(text(rows)).toEqual([
      ["a", "a"],
      ["mark", ""],
      ["b", "b"],
      ["c", ""],
      ["", "drop"],
    ]);
    expect(parting(rows)).toBe(1);
  });

  it("one alone is its own table", () => {
    expect(text(align(story("a", "b"), null))).toEqual([
      ["a", ""],
      ["b", ""],
    ]);
  });
});

import { expect, it } from "vitest";
import type { Move } from "../../worker/protocol.ts";
import { MoveQueue } from "./queue.ts";

function move(skb: number, at: number, look: Move["look"] = "plain"): Move {
  return { skb, at, from: { ns: 1, ifindex: 1 }, to: { ns: 1, ifindex: 2 }, look, what: "" };
}

it("shows hops of one moment together, hops of one packet one after the other", () => {
  const queue = new MoveQueue();
  queue.add([move(1, 0), move(2, 500), move(1, 900), move(3, 9000)]);
  const beats = [queue.next(), queue.next(), queue.next(), queue.next()];
  expect(beats.map((beat) => beat?.moves.map((m) => m.skb))).toEqual([[1, 2], [1], [3], undefined]);
  expect(beats[0]?.duration).toBeGreaterThanOrEqual(150);
  expect(beats[0]?.duration).toBeLessThanOrEqual(250);
});

it("hurries when much is waiting, and lets the oldest go", () => {
  const queue = new MoveQueue();
  queue.add(Array.from({ length: 100 }, (_, i) => move(i, i * 10_000)));
  expect(queue.next()?.duration).toBeLessThan(60);
  queue.add(Array.from({ length: 9000 }, (_, i) => move(100 + i, i * 10_000)));
  expect(queue.moves.length).toBe(1500);
  expect(queue.next()?.moves[0]?.skb).toBe(7600);
});

it("shows a flood as a flow: each packet's next hop, in its order", () => {
  const queue = new MoveQueue();
  const hops = Array.from({ length: 250 }, (_, i) => [
    move(i, i * 10_000),
    move(i, i * 10_000 + 5),
  ]);
  queue.add(hops.flat());
  for (const beat of [queue.next(), queue.next()]) {
    expect(beat?.moves.length).toBe(250);
    expect(new Set(beat?.moves.map((m) => m.skb)).size).toBe(250);
    expect(beat?.moves.every((m, i) => m.skb === i)).toBe(true);
  }
  expect(queue.next()).toBeNull();
});

it("gives ARP less time", () => {
  const queue = new MoveQueue();
  queue.add([move(1, 0, "arp"), move(2, 9000)]);
  const arp = queue.next()?.duration ?? 0;
  expect(arp).toBeLessThan(queue.next()?.duration ?? 0);
});

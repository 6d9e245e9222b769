import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Heap } from "../base/heap.ts";
import { remember } from "./memento.ts";
import { Sim, type Wakeable } from "./sim.ts";
import { Ev, Trace } from "./trace.ts";

class Diary implements Wakeable {
  seen: string[] = [];
  wake(reason: string): void {
    this.seen.push(reason);
  }
}

describe("the event queue", () => {
  it("gives what is due in the order of time, then of asking", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5)), (times) => {
        const heap = new Heap<{ at: number; seq: number }>();
        times.forEach((at, seq) => {
          heap.push({ at, seq });
        });
        const got: { at: number; seq: number }[] = [];
        for (let item = heap.pop(); item; item = heap.pop()) got.push(item);
        const sorted = times
          .map((at, seq) => ({ at, seq }))
          .sort((a, b) => a.at - b.at || a.seq - b.seq);
        expect(got).toEqual(sorted);
      }),
    );
  });

  it("runs equal times in the order of asking, and moves the clock to each", () => {
    const sim = new Sim(1, 10);
    const diary = new Diary();
    sim.after(5, diary, "second");
    sim.after(5, diary, "third");
    sim.after(1, diary, "first");
    expect(sim.step() && sim.now).toBe(1);
    while (sim.step());
    expect(diary.seen).toEqual(["first", "second", "third"]);
    expect(sim.now).toBe(5);
  });

  it("does not run what was cancelled, nor twice what ran", () => {
    const sim = new Sim(1, 10);
    const diary = new Diary();
    const timer = sim.after(1, diary, "never");
    const ran = sim.after(2, diary, "once");
    timer.cancel();
    timer.cancel();
    expect(timer.pending).toBe(false);
    while (sim.step());
    ran.cancel();
    expect([diary.seen, sim.nextAt(), sim.step()]).toEqual([["once"], null, false]);
  });

  it("stops at a limit with the clock there, and never goes back", () => {
    const sim = new Sim(1, 10);
    const diary = new Diary();
    sim.after(10, diary, "late");
    sim.runUntil(7);
    expect([sim.now, diary.seen]).toEqual([7, []]);
    sim.at(3, diary, "in the past");
    sim.step();
    expect([sim.now, diary.seen]).toEqual([7, ["in the past"]]);
  });

  it("has a stream of chance for each name, the same for the same seed", () => {
    const draw = (seed: number, name: string) => {
      const rng = new Sim(seed, 10).rng(name);
      return [rng.u32(), rng.u32()];
    };
    expect(draw(1, "ports")).toEqual(draw(1, "ports"));
    expect(draw(1, "ports")).not.toEqual(draw(2, "ports"));
    expect(draw(1, "ports")).not.toEqual(draw(1, "macs"));
  });
});

describe("the trace", () => {
  it("keeps the newest events and says from where on", () => {
    const trace = new Trace(new Sim(1, 10), 4, 64);
    for (let i = 0; i < 10; i++) trace.emit(Ev.MARK, 1, i, i);
    expect([trace.first, trace.next]).toEqual([6, 10]);
    expect(trace.event(5)).toBeNull();
    expect(trace.event(10)).toBeNull();
    expect([6, 7, 8, 9].map((n) => trace.event(n)?.skb)).toEqual([6, 7, 8, 9]);
  });

  it("keeps bytes in a ring of their own: whole, or not at all", () => {
    const trace = new Trace(new Sim(1, 10), 100, 32);
    const packet = (i: number) => new Uint8Array(10).fill(i);
    for (let i = 0; i < 5; i++) trace.emitBytes(Ev.TX, 1, i, packet(i), 0, 10, 7);
    expect([0, 1, 2, 3, 4].map((n) => trace.bytesOf(n)?.[9] ?? null)).toEqual([
      null,
      null,
      2,
      3,
      4,
    ]);
    // The fourth wraps round the ring's end.
    expect(trace.bytesOf(3)).toEqual(packet(3));
  });

  it("takes events back when what counts them is put back", () => {
    const sim = new Sim(1, 10);
    sim.trace.emit(Ev.MARK, 1, 1);
    const before = remember(sim, sim.trace.rings);
    sim.trace.emit(Ev.MARK, 1, 2);
    before.restore();
    expect([sim.trace.next, sim.trace.event(1)]).toEqual([1, null]);
  });

  it("takes back what was said of a packet that never was, and no more", () => {
    const { trace } = new Sim(1, 10);
    for (const skb of [1, 2, 1, 3, 3]) trace.emit(Ev.MARK, 1, skb);
    trace.takeBack(3);
    expect([trace.next, trace.first]).toEqual([3, 0]);
    trace.takeBack(4);
    expect([trace.next, trace.event(2)?.skb]).toEqual([3, 1]);
  });

  it("has lost what was written over before it was put back", () => {
    const sim = new Sim(1);
    sim.trace = new Trace(sim, 4);
    const { trace } = sim;
    for (const skb of [1, 2, 3, 4]) trace.emit(Ev.MARK, 1, skb);
    const before = remember(sim, trace.rings);
    for (const skb of [5, 6]) trace.emit(Ev.MARK, 1, skb);
    before.restore();
    trace.wentBack(6);
    expect([1, 2, 3].map((n) => trace.event(n)?.skb)).toEqual([undefined, 3, 4]);
  });
});

describe("remembering", () => {
  it("puts everything back into the same objects", () => {
    const inner = { n: 1 };
    const state = {
      list: [inner, 2],
      map: new Map<string, object>([["a", inner]]),
      set: new Set([1]),
      bytes: Uint8Array.of(1, 2),
      extra: undefined as unknown,
    };
    const before = remember(state);
    inner.n = 5;
    state.list.push(7);
    state.map.set("b", {});
    state.map.delete("a");
    state.set.clear();
    state.bytes[0] = 9;
    Object.assign(state, { added: 1 });
    before.restore();
    expect(state).toEqual({
      list: [{ n: 1 }, 2],
      map: new Map([["a", { n: 1 }]]),
      set: new Set([1]),
      bytes: Uint8Array.of(1, 2),
      extra: undefined,
    });
    expect(state.list[0]).toBe(inner);
    expect(state.map.get("a")).toBe(inner);
  });

  it("refuses what could not be put back, and says where it is", () => {
    expect(() => remember({ a: { b: () => 1 } })).toThrow(".a.b is a function");
  });
});

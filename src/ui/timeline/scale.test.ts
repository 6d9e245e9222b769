import { describe, expect, it } from "vitest";
import { moment, nearest, places } from "./scale.ts";

const tick = (at: number) => ({ skb: at, at, look: "plain" as const });

describe("the timeline's scale", () => {
  it("gives packets the same room, and pauses some more", () => {
    const [a = 0, b = 0, c = 0, d = 0] = places([0, 10, 20, 5e9].map(tick));
    expect([a, d]).toEqual([0, 1]);
    expect(b - a).toBeCloseTo(c - b);
    expect(d - c).toBeGreaterThan(3 * (b - a));
  });

  it("puts a single packet into the middle", () => {
    expect(places([tick(7)])).toEqual([0.5]);
    expect(places([])).toEqual([]);
  });

  it("finds the tick at a place, or the nearest", () => {
    const list = [0, 0.2, 0.9, 1];
    expect([-1, 0.05, 0.15, 0.5, 0.6, 0.97, 2].map((place) => nearest(list, place))).toEqual([
      0, 0, 1, 1, 2, 3, 3,
    ]);
  });

  it("says moments to the microsecond", () => {
    expect(moment(65_314_730_999)).toBe("1:05.314730");
  });
});

import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { posterOf } from "../src/lab/poster.ts";

const lessons = resolve(import.meta.dirname, "../lessons");

/** Names of the devices that a poster marks as crossed. */
function crossed(svg: string): string[] {
  return [...svg.matchAll(/<g class="port lit">.*?<text[^>]*>([^<]+)</g)].map(
    ([, name]) => name ?? "",
  );
}

describe("a poster", () => {
  it("shows the way of the packet that the step asks for, and is the same every time", () => {
    const svg = posterOf(lessons, "ambient-outbound#2");
    expect(crossed(svg)).toEqual(expect.arrayContaining(["istioout", "pistioout", "veth52b75946"]));
    expect(svg).toContain("Ambient outbound: From mark to table");
    expect(svg).toMatch(/TCP SYN {2}10\.4\.4\.19:\d+ → 10\.8\.14\.226:9080 · delivered/);
    expect(posterOf(lessons, "ambient-outbound#2")).toBe(svg);
  });

  it("comes after the solutions of the steps before, and marks where a packet died", () => {
    const svg = posterOf(lessons, "ambient-outbound#5");
    expect(svg).toContain('class="drop"');
    expect(svg).toMatch(/· dropped: [A-Z_]+</);
  });

  it("stands by itself: both themes, its text as text, no script and no other file", () => {
    const svg = posterOf(lessons, "marks");
    expect(svg).toContain("prefers-color-scheme:dark");
    expect(svg).toMatch(/<title>[^<]+<\/title><desc>[^<]+<\/desc>/);
    expect(svg).not.toMatch(/<script|<image|href|url\(|@import|\bon\w+=/);
    expect(svg.replace("http://www.w3.org/2000/svg", "")).not.toContain("http");
  });

  it("says which lessons' steps there are", () => {
    expect(() => posterOf(lessons, "nothing#1")).toThrow('no lesson "nothing"');
    expect(() => posterOf(lessons, "../etc#1")).toThrow("a poster is of LESSON#STEP");
    expect(() => posterOf(lessons, "marks#99")).toThrow(/marks has the steps 1 to \d+, not 99/);
    expect(() => posterOf(lessons, "marks#0")).toThrow("not 0");
  });
});

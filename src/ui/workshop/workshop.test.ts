import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readStanding, readWorkshop, standingCode, standingsOf, workshopLink } from "./workshop.ts";

const workshop = {
  title: "Netze — Tag 1",
  lessons: [
    { slug: "marks", minutes: 20 },
    { slug: "tproxy", minutes: 15 },
  ],
};
const kept = { step: 2, steps: 5, passed: [], finished: false, at: 0 };

describe("a workshop", () => {
  it("stands in its link", () => {
    expect(readWorkshop(workshopLink(workshop))).toEqual(workshop);
    expect(workshopLink(workshop)).toMatch(/^[\w-]+$/);
  });

  it("knows from short codes where everybody is", () => {
    const anna = standingCode(workshop, { marks: kept }, " Änne ");
    expect(anna.length).toBeLessThan(80);
    expect(readStanding(anna)).toEqual({
      name: "Änne",
      lessons: [
        { step: 3, steps: 5, done: false },
        { step: 0, steps: 0, done: false },
      ],
    });
    const later = standingCode(workshop, { marks: { ...kept, finished: true } }, "Änne");
    const bo = standingCode(workshop, {}, "Bo");
    const all = standingsOf(`${bo}\n${anna} nonsense\n\n${later}`);
    expect(all.map(({ name }) => name)).toEqual(["Änne", "Bo"]);
    expect(all[0]?.lessons[0]?.done).toBe(true);
  });

  it("takes nothing from a text that is none", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(readWorkshop(text)).toBeNull();
        expect(readStanding(text)).toBeNull();
      }),
    );
    expect(readWorkshop(btoa('["x",[["../..",5]]]'))).toBeNull();
    expect(readStanding(`hopscope-at.${btoa('["x",[[-1,"a",1]]]')}`)?.lessons).toEqual([
      { step: 0, steps: 0, done: false },
    ]);
  });
});

import { describe, expect, it } from "vitest";
import { type Kept, merged, progressFile, progressOf, readProgress } from "./progress.ts";

const kept = (more: Partial<Kept> = {}): Kept => ({
  step: 1,
  steps: 4,
  passed: ["0/a"],
  finished: false,
  at: 10,
  ...more,
});

describe("progress in the lessons", () => {
  it("comes back from its own file", () => {
    const all = { marks: kept(), "ambient-outbound": kept({ finished: true }) };
    expect(readProgress(progressFile(all))).toEqual(all);
  });

  it("takes of anything else only what it understands", () => {
    expect(readProgress("{}")).toBeNull();
    expect(readProgress("nonsense")).toBeNull();
    expect(readProgress('{"format":"hopscope-progress-1","lessons":{"a":{"step":"x"}}}')).toEqual(
      {},
    );
    expect(progressOf(null)).toEqual({});
    expect(progressOf({ "../x": kept(), ok: kept(), bad: kept({ passed: ["<b>"] }) })).toEqual({
      ok: kept(),
    });
  });

  it("joins two: the newer step, everything that passed", () => {
    const mine = { marks: kept({ at: 5, step: 3, passed: ["0/a", "2/b"] }) };
    const other = {
      marks: kept({ at: 9, step: 2, passed: ["1/c"], finished: true }),
      tproxy: kept(),
    };
    expect(merged(mine, other)).toEqual({
      marks: kept({ at: 9, step: 2, passed: ["0/a", "2/b", "1/c"], finished: true }),
      tproxy: kept(),
    });
  });
});

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { compare } from "./compare.ts";
import { judgeEmulated } from "./emulated.ts";
import { generate } from "./generate/generate.ts";
import { complaints } from "./invariants.ts";
import type { FuzzState, Outcome } from "./state.ts";

const folder = join(import.meta.dirname, "regressions");

/** What once differed from Linux, as small as it could be made, and what Linux did. */
describe("what the fuzzer found stays mended", () => {
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".json")))
    it(file.slice(0, -5), () => {
      const recorded = JSON.parse(readFileSync(join(folder, file), "utf8"));
      const { linux, ...state } = recorded as FuzzState & { linux: Outcome };
      expect(compare(state, linux, judgeEmulated(state))).toBeNull();
    });
});

describe("without a judge", () => {
  it("no state makes a malformed packet or throws", () => {
    for (let i = 0; i < 20; i++) {
      const { state, ours } = generate(`test/${i}`, 50);
      expect(complaints(state, ours)).toEqual([]);
    }
  });
});

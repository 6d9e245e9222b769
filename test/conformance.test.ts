import { describe, expect, it } from "vitest";
import { caseNames, recordingOf, runEmulated, substitute } from "./conformance/suite.ts";

/** Each script prints here what a real kernel printed; `npm run conformance` shows more. */
describe("the same script prints the same as on Linux", () => {
  it.each(caseNames())("%s", (name) => {
    expect(substitute(runEmulated(name))).toBe(substitute(recordingOf(name).text));
  });
});

import { describe, expect, it } from "vitest";
import { chunksOf, fieldLines } from "./chunks.ts";

describe("documents of a file", () => {
  it("begin at their first line that says something", () => {
    const file = "# first\na: 1\n---\n\nb: 2\n";
    expect(chunksOf(file)).toEqual([
      { text: "# first\na: 1", line: 1 },
      { text: "b: 2", line: 5 },
    ]);
  });

  it("keep a separator that nothing stands before, uncounted", () => {
    expect(chunksOf("---\na: 1\n")).toEqual([{ text: "---\na: 1", line: 2 }]);
    expect(chunksOf("a: 1\n---\n---\nb: 2")).toEqual([
      { text: "a: 1", line: 1 },
      { text: "---\nb: 2", line: 4 },
    ]);
  });

  it("know the lines of their fields", () => {
    const [, chunk] = chunksOf("x: 1\n---\nspec:\n  ports:\n  - port: 80\n  names: [a,\n    b]\n");
    expect(chunk && [...fieldLines(chunk)]).toEqual([
      ["{.spec.ports[0].port}", 5],
      ["{.spec.names[0]}", 6],
      ["{.spec.names[1]}", 7],
    ]);
  });

  it("have none where they are no YAML", () => {
    expect(fieldLines({ text: "a: b: c", line: 1 }).size).toBe(0);
  });
});

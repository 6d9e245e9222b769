import { describe, expect, it } from "vitest";
import { ManifestError, parseManifests } from "./manifest.ts";

/** What kubectl says of a text that it cannot read. */
function told(text: string): string {
  try {
    parseManifests(text, "a.yaml");
  } catch (error) {
    if (error instanceof ManifestError) return error.message;
    throw error;
  }
  return "";
}

const PARSING = "error: error parsing a.yaml: error converting YAML to JSON: yaml: ";

describe("a manifest's aliases", () => {
  it("stand for what they name", () => {
    expect(parseManifests("kind: &k Pod\nname: *k\n", "a.yaml")).toEqual([
      { kind: "Pod", name: "Pod" },
    ]);
  });

  it("that name nothing, or too much, are told of", () => {
    expect(told("kind: *!")).toBe(`${PARSING}unknown anchor '!' referenced`);
    const levels = Array.from({ length: 9 }, (_, n) =>
      n
        ? `a${n}: &a${n} [${Array(9)
            .fill(`*a${n - 1}`)
            .join(", ")}]`
        : "a0: &a0 [x]",
    );
    expect(told(levels.join("\n"))).toBe(`${PARSING}document contains excessive aliasing`);
  });
});

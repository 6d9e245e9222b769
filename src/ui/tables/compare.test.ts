import { describe, expect, it } from "vitest";
import type { StateSection } from "../../worker/protocol.ts";
import { compare } from "./compare.ts";

function section(...keys: string[]): StateSection[] {
  const rows = keys.map((text) => {
    const [key = "", packets] = text.split("=");
    const count = packets === undefined ? {} : { packets: Number(packets) };
    return { kind: "line" as const, key, text: key, filter: "", ...count };
  });
  return [{ title: "nat", command: "", rows }];
}
const marks = (now: StateSection[], other: StateSection[], mode: "fresh" | "then"): string =>
  compare(now, other, mode)
    .flatMap(({ rows }) => rows.map(({ text, change }) => `${text}${change && `:${change}`}`))
    .join(" ");

describe("two looks at the same tables", () => {
  it("marks what was not there at the last look, and what has counted", () => {
    expect(marks(section("a=1", "b=2"), [], "fresh")).toBe("a b");
    expect(marks(section("a=1", "n=0", "b=3"), section("a=1", "b=2"), "fresh")).toBe(
      "a n:new b:counted",
    );
  });

  it("shows what there was, in its order, and what has come since where it stands now", () => {
    expect(marks(section("a", "n", "c"), section("a", "b", "c"), "then")).toBe("a n:new b:gone c");
    expect(marks(section("n", "a"), section("a", "b"), "then")).toBe("n:new a b:gone");
    expect(marks([], section("a"), "then")).toBe("a:gone");
  });

  it("tells rows apart that say the same", () => {
    expect(marks(section("a"), section("a", "a"), "then")).toBe("a a:gone");
    expect(marks(section("a", "a"), section("a"), "then")).toBe("a a:new");
  });
});

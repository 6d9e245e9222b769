import { describe, expect, it } from "vitest";
import { applicationCursor, control } from "./keys.ts";

describe("keys of the bar", () => {
  it.each([
    ["c", "\x03"],
    ["C", "\x03"],
    ["[", "\x1b"],
    ["|", "\x1c"],
    ["~", "\x1e"],
    ["/", "\x1f"],
    [" ", "\0"],
    ["?", "\x7f"],
    ["\x1b[C", "\x1b[1;5C"],
    ["\x1bOD", "\x1b[1;5D"],
    ["-", "-"],
    ["\t", "\t"],
    ["word", "word"],
  ])("Ctrl and %j send %j", (key, bytes) => {
    expect(control(key)).toBe(bytes);
  });

  it("send arrows as a full-screen program asks for them", () => {
    expect(applicationCursor("\x1b[A")).toBe("\x1bOA");
    expect(applicationCursor("\x1b")).toBe("\x1b");
    expect(applicationCursor("~")).toBe("~");
  });
});

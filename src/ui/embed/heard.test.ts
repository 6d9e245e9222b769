import { expect, it, vi } from "vitest";
import { Grumbler, initOf, numberOf, requestOf } from "./heard.ts";

const cyclic: Record<string, unknown> = { type: "run", id: 1 };
cyclic.commands = cyclic;

it("a call is acted on only as it is meant, without what else came along", () => {
  expect(requestOf({ type: "run", id: 3, commands: "ls", at: "", more: [1] })).toEqual({
    type: "run",
    id: 3,
    commands: "ls",
    at: "",
  });
  expect(requestOf({ type: "seek", id: 3, seconds: null })).toEqual({
    type: "seek",
    id: 3,
    seconds: null,
  });
});

it("whatever else is sent is no call, and says what is wrong", () => {
  const wrong = [
    ...[null, undefined, 7, "run", [], [{ type: "run" }], {}, { type: {} }, { type: "toString" }],
    ...[{ type: "hopscope:init", v: 2 }, { type: "run", id: 1 }, cyclic],
    { type: "run", id: 1, commands: ["ls"], at: "" },
    { type: "run", id: 1, commands: "x".repeat(2_000_000), at: "" },
    { type: "seek", id: 1, seconds: Number.NaN },
    { type: "seek", id: 1, seconds: -1 },
    { type: "seek", id: 1, seconds: "0" },
    { type: "setTheme", id: 1, theme: "pink" },
    { type: "setState", id: 1, state: 5 },
  ];
  for (const data of wrong) expect(typeof requestOf(data)).toBe("string");
  expect((requestOf({ type: "x".repeat(5000) }) as string).length).toBeLessThan(100);
});

it("only a whole number is answered under, and only an object begins", () => {
  expect(numberOf({ id: 4 })).toBe(4);
  for (const data of [null, 4, {}, { id: "4" }, { id: Number.NaN }, [4]])
    expect(numberOf(data)).toBe(null);
  expect(initOf({ type: "hopscope:init", v: 1 })).toEqual({ v: 1 });
  for (const data of [null, "hopscope:init", ["hopscope:init"], { type: "init" }, cyclic])
    expect(initOf(data)).toBe(null);
});

it("grumbles once", () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  const grumbler = new Grumbler();
  grumbler.say("a");
  grumbler.say("b");
  expect(warn).toHaveBeenCalledTimes(1);
  warn.mockRestore();
});

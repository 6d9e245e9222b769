import { describe, expect, it } from "vitest";
import { askedOf, linesOf } from "./asked.ts";

describe("a frame's address", () => {
  it("names lesson, step, views and what is to be typed first", () => {
    const query = new URLSearchParams({
      lesson: "marks",
      step: "3",
      view: "terminal journey nonsense terminal",
      run: "ip rule\n\nnode-a$ ip route show table 101",
      at: "sleep",
      theme: "light",
      readonly: "",
    });
    expect(askedOf(query, "#s=abc")).toMatchObject({
      lesson: "marks",
      step: 2,
      views: ["terminal", "journey"],
      run: [
        { at: "sleep", command: "ip rule" },
        { at: "node-a", command: "ip route show table 101" },
      ],
      theme: "light",
      readonly: true,
      state: "abc",
      host: null,
    });
  });

  it("may say nothing, or nonsense", () => {
    const asked = askedOf(
      new URLSearchParams("step=-4&seed=x&theme=pink&view=&readonly=false"),
      "",
    );
    expect(asked).toMatchObject({ lesson: null, step: 0, seed: null, theme: "auto", state: null });
    expect(asked.views).toEqual(["terminal", "journey"]);
    expect(asked.readonly).toBe(false);
  });

  it("takes a prompt for a host only at a line's beginning", () => {
    expect(linesOf("echo a# b\nroot@x# y", "")).toEqual([
      { at: "", command: "echo a# b" },
      { at: "", command: "root@x# y" },
    ]);
  });
});

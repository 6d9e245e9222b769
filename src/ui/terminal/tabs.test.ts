import { beforeEach, describe, expect, it } from "vitest";
import type { Machine } from "../state/machine.svelte.ts";
import { Tabs } from "./tabs.svelte.ts";

/** As much of a machine as tabs ask for. */
const machine = {
  left: [],
  topology: { machines: ["a", "b", "c"].map((name) => ({ name, label: name })) },
} as unknown as Machine;

let tabs: Tabs;

/** Where each is seen, by its label. */
function places(): Record<string, string> {
  return Object.fromEntries(tabs.list.map((tab) => [tab.label, tabs.place(tab.key)]));
}

function active(): string {
  return tabs.list.find((tab) => tab.key === tabs.active)?.label ?? "";
}

describe("tabs of terminals", () => {
  beforeEach(() => {
    tabs = new Tabs(machine);
    tabs.begin();
  });

  it("split with the one before, else with a new shell on the same machine", () => {
    tabs.split();
    expect(places()).toEqual({ a: "first", "a 2": "second" });
    tabs.split();
    expect(places()).toEqual({ a: "hidden", "a 2": "alone" });
    tabs.open("b");
    tabs.open("c");
    tabs.show("a");
    tabs.split();
    expect(places()).toEqual({ a: "first", "a 2": "hidden", b: "hidden", c: "second" });
    expect(active()).toBe("c");
  });

  it("put what is chosen in the place of the active one", () => {
    tabs.open("b");
    tabs.split();
    expect(places()).toEqual({ a: "second", b: "first" });
    tabs.open("c");
    expect(places()).toEqual({ a: "hidden", b: "first", c: "second" });
    tabs.show("b");
    expect(places()).toEqual({ a: "hidden", b: "first", c: "second" });
    tabs.show("a");
    expect(places()).toEqual({ a: "first", b: "hidden", c: "second" });
  });

  it("leave the other alone when one of two is closed, and keep the place of a new shell", () => {
    tabs.open("b");
    tabs.split();
    tabs.renew(tabs.active);
    expect(places()).toEqual({ b: "first", a: "second" });
    expect(active()).toBe("a");
    tabs.open("c");
    tabs.close(tabs.active);
    expect(places()).toEqual({ b: "alone", a: "hidden" });
    expect(active()).toBe("b");
  });
});

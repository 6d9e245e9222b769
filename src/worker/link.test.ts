import { describe, expect, it } from "vitest";
import { ENGINE_VERSION, type InputLog } from "../sim/input-log.ts";
import { decodeLink, encodeLink } from "./link.ts";

const log: InputLog = {
  version: ENGINE_VERSION,
  world: "linux",
  seed: 1,
  entries: [{ at: 5, steps: 2, input: { kind: "type", terminal: 1, text: "echo 'ä' ✓\r" } }],
};

describe("a link", () => {
  it("says what the log says, in characters that may stand in an address", async () => {
    const text = await encodeLink(log);
    expect(text).toMatch(/^[\w-]+$/);
    expect(await decodeLink(text)).toEqual(log);
  });

  it("that is broken says nothing", async () => {
    const text = await encodeLink(log);
    expect(await decodeLink("")).toBeNull();
    expect(await decodeLink("%%%")).toBeNull();
    expect(await decodeLink(text.slice(0, 20))).toBeNull();
    expect(await decodeLink(`A${text}`)).toBeNull();
  });

  it("that unpacks to too much says nothing", async () => {
    const huge = {
      ...log,
      entries: [{ ...log.entries[0], input: { text: "a".repeat(3_000_000) } }],
    };
    const text = await encodeLink(huge as unknown as InputLog);
    expect(text.length).toBeLessThan(10_000);
    expect(await decodeLink(text)).toBeNull();
  });
});

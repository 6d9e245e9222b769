import { describe, expect, it } from "vitest";
import { ENGINE_VERSION, type Input, type InputLog } from "../sim/input-log.ts";
import { undoLast } from "./undo.ts";

const log = (...inputs: Input[]): InputLog => ({
  version: ENGINE_VERSION,
  world: "linux",
  seed: 1,
  entries: inputs.map((input, i) => ({ at: i, steps: i, input })),
});
const type = (text: string, terminal = 1): Input => ({ kind: "type", terminal, text });
const open: Input = { kind: "open", terminal: 1, machine: "linux", rows: 24, columns: 80 };
const write: Input = { kind: "write", machine: "linux", path: "/a", text: "" };
const resize: Input = { kind: "resize", terminal: 1, rows: 1, columns: 1 };

describe("undo", () => {
  it("takes back the last line, from its first key", () => {
    const all = log(open, type("l"), type("s"), type("\r"), type("p"), type("wd\r"));
    const undo = undoLast(all);
    expect(undo?.command).toBe("pwd");
    expect(undo?.log.entries).toEqual(all.entries.slice(0, 4));
    expect(undoLast(undo?.log ?? all)?.command).toBe("ls");
  });
  it("takes what was typed since, and says how much else goes", () => {
    const undo = undoLast(log(open, type("x\r"), write, type("half")));
    expect([undo?.command, undo?.others, undo?.log.entries.length]).toEqual(["x", 1, 1]);
  });
  it("reads the line as the editor would have", () => {
    expect(undoLast(log(type("abX\x7f"), type("\x1b[D"), resize, type("c\r")))?.command).toBe(
      "abc",
    );
  });
  it("has nothing to take back before the first line", () => {
    expect(undoLast(log(open, type("half")))).toBeNull();
    expect(undoLast(log())).toBeNull();
  });
});

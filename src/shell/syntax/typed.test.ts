import { expect, it } from "vitest";
import { fromUtf8 } from "../../base/text.ts";
import { SEC } from "../../sim/sim.ts";
import { openSession } from "../session.ts";
import { testMachine } from "../testkit.ts";
import { typed } from "./typed.testdata.ts";

/** What stands on the terminal when all of it has been typed. */
function shown(lines: readonly string[]): string {
  const session = openSession(testMachine());
  session.machine.fs.writeFile("/root/lib.sh", "echo in lib\n)\n");
  session.shell.set("PS1", "$ ");
  let text = "";
  for (const line of ["", ...lines]) {
    session.terminal.type(line);
    session.sim.runUntil(session.sim.now + SEC);
    text += fromUtf8(session.terminal.drain());
  }
  return text.replace(/\r\n/g, "\n").replace(/\x1b\[\?2004[hl]\r?/g, "");
}

it.each(typed)("%j shows what it does in bash", (lines, text) => {
  expect(shown(lines)).toBe(text);
});

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { setLink } from "../../src/net/device/admin.ts";
import { runToCompletion } from "../../src/shell/script.ts";
import { testMachine } from "../../src/shell/testkit.ts";

/** Scripts about sockets and the tools that open them; what a real kernel printed stands beside each. */
const FOLDERS = ["tcp", "udp", "ss", "ping", "nc", "curl"];

const cases = FOLDERS.flatMap((folder) =>
  readdirSync(join(import.meta.dirname, folder))
    .filter((name) => name.endsWith(".sh"))
    .map((name) => `${folder}/${name.slice(0, -3)}`),
);

function read(name: string): string {
  return readFileSync(join(import.meta.dirname, name), "utf8");
}

describe("as on Linux", () => {
  it.each(cases)("%s", (name) => {
    const machine = testMachine();
    setLink(machine.netns.loopback, true);
    // One stream, as the recording has it.
    const { stdout, status } = runToCompletion(machine, `exec 2>&1; ${read(`${name}.sh`)}`);
    const end = stdout === "" || stdout.endsWith("\n") ? "" : "\n";
    const [, ...recorded] = read(`${name}.out`).split("\n");
    expect(`${stdout}${end}# status ${status}\n`).toBe(recorded.join("\n"));
  });
});

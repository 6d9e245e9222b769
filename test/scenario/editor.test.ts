import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { compileWorld } from "../../src/lab/compile/world.ts";
import { SEC } from "../../src/sim/sim.ts";
import * as languages from "../../src/worker/languages.ts";
import { Replay } from "../../src/worker/replay.ts";
import { WorldSession } from "../../src/worker/session.ts";

/** The editor's conversation with the worker: who asked for a file decides what can be done with it. */

function session(name: string): WorldSession {
  const path = join(import.meta.dirname, "../../lessons/worlds", `${name}.yaml`);
  return new WorldSession(compileWorld(`${name}.yaml`, name, readFileSync(path, "utf8")));
}

const run = (on: WorldSession, seconds = 2): void =>
  void on.run(on.world.sim.now + seconds * SEC, 10_000_000);

/** Type a line; the file that the editor is then asked for, and what was printed. */
function typed(on: WorldSession, terminal: number, line: string) {
  on.input({ kind: "type", terminal, text: `${line}\r` });
  run(on);
  const { edits, terminals } = on.update();
  return { edit: edits[0], text: terminals.map(({ text }) => text).join("") };
}

const RULES = "*filter\n:INPUT DROP [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n";

describe("the editor and the worker", () => {
  it("says which command applies a file, previews it, and the command does just that", () => {
    const on = session("linux");
    const terminal = on.openTerminal("linux", 24, 80);
    const { edit } = typed(on, terminal, "edit '/root/my rules.v4'");
    const id = edit?.id ?? 0;
    expect(languages.language(on, id, RULES)).toMatchObject({
      name: "iptables",
      command: "iptables-restore < '/root/my rules.v4'",
      terminal,
    });
    expect(languages.check(on, id, RULES)).toEqual([]);
    const preview = languages.preview(on, id, RULES);
    expect(preview?.diff).toContain("+:INPUT DROP [0:0]");
    expect(on.writeFile("linux", edit?.path ?? "", RULES)).toBeNull();
    on.input({ kind: "answer", request: id, answer: "saved" });
    run(on);
    expect(languages.language(on, id, RULES)).toBeNull();
    typed(on, terminal, "iptables-restore < '/root/my rules.v4'");
    expect(typed(on, terminal, "iptables -S").text).toContain("-P INPUT DROP");
    // The log holds the whole of it: another machine comes to the same.
    const again = session("linux");
    new Replay(again, on.log).to(null);
    expect(typed(again, terminal, "iptables -S").text).toContain("-P INPUT DROP");
  });

  it("is about the namespace that the editor was started in", () => {
    const on = session("linux");
    const terminal = on.openTerminal("linux", 24, 80);
    typed(on, terminal, "ip netns add red; iptables -P FORWARD DROP");
    const { edit } = typed(on, terminal, "ip netns exec red edit r.v4");
    const id = edit?.id ?? 0;
    expect(languages.language(on, id, RULES)?.command).toBe(
      "ip netns exec red iptables-restore < /root/r.v4",
    );
    expect(languages.preview(on, id, RULES)?.diff).not.toContain("-:FORWARD DROP");
  });

  it("leaves the applying of what kubectl edit asked for to kubectl", () => {
    const on = session("ambient-2022");
    const terminal = on.openTerminal("node-a", 24, 80);
    run(on, 20);
    on.update();
    const { edit } = typed(on, terminal, "kubectl edit service productpage");
    if (!edit) throw new Error("nothing is edited");
    const { id, text } = edit;
    expect(languages.language(on, id, text)).toMatchObject({
      name: "yaml",
      command: null,
      terminal,
    });
    expect(languages.check(on, id, text)).toEqual([]);
    const changed = text.replace("port: 9080", "port: 80000");
    expect(languages.check(on, id, changed).map(({ message }) => message)).toEqual([
      "spec.ports[0].port: Invalid value: 80000: must be between 1 and 65535, inclusive",
    ]);
    const diff = languages.preview(on, id, changed)?.diff.split("\n");
    expect(diff?.filter((line) => /^[-+]/.test(line))).toEqual([
      "-    port: 9080",
      "+    port: 80000",
    ]);
  });

  it("knows no language of other files, and shows what saving changes", () => {
    const on = session("linux");
    const terminal = on.openTerminal("linux", 24, 80);
    const { edit } = typed(on, terminal, "echo one > x; edit x");
    const id = edit?.id ?? 0;
    expect(languages.language(on, id, "one\n")).toMatchObject({ name: "plain", command: null });
    expect(languages.check(on, id, "*b* {")).toEqual([]);
    expect(languages.preview(on, id, "two\n")?.diff).toBe("@@ -1 +1 @@\n-one\n+two\n");
  });
});

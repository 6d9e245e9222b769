import { describe, expect, it } from "vitest";
import { Process } from "../../host/process.ts";
import { commands } from "../commands.ts";
import { installCommands } from "../registry.ts";
import { runToCompletion } from "../script.ts";
import { openSession } from "../session.ts";
import { testMachine } from "../testkit.ts";
import { shell } from "./shell.ts";

installCommands(commands);

function offered(text: string): string[] {
  const box = testMachine();
  const session = openSession(box, { rows: 24, columns: 80 });
  session.shell.functions.set("greet", { name: "greet", source: "", file: "", line: 0 });
  const p = new Process(box, session, ["edit"]);
  const found = shell.complete(p, text.replace("|>", ""), text.indexOf("|>"));
  return found?.items.map(({ label }) => label) ?? [];
}

describe("shell scripts", () => {
  it.each([
    ["echo a\nif true; then\n  echo b\n", 4, 1],
    ["echo a\nfor x in 1 2; do\n  echo $x )\ndone\n", 3, 11],
    ["echo 'a\necho b\n", 1, 1],
    ['case $1 in * "a) ;; esac\necho b\n', 1, 1],
    ['case $1 "a b" in *) ;; esac\n', 1, 9],
    ['case $1 "a\nb" in *) ;; esac\n', 2, 1],
    ["echo a\nfi\n", 2, 1],
  ])("says of %j what bash says, at the place", (text, line, column) => {
    const box = testMachine();
    const p = new Process(box, null, ["edit"]);
    box.fs.writeFile("/tmp/x.sh", text);
    const [problem, ...more] = shell.check(p, "/tmp/x.sh", text);
    expect(more).toEqual([]);
    const { stderr } = runToCompletion(box, "bash /tmp/x.sh");
    expect(stderr.split("\n")).toContain(problem?.message);
    expect([problem?.line, problem?.column]).toEqual([
      Math.min(line, text.split("\n").length),
      column,
    ]);
  });

  it("finds nothing wrong with a script that runs", () => {
    const p = new Process(testMachine(), null, ["edit"]);
    expect(
      shell.check(p, "/x.sh", "#!/bin/bash\ncat <<X\n$(date)\nX\n[[ a == b ]] || exit\n"),
    ).toEqual([]);
  });

  it("offers commands of the machine, of the terminal's shell, of the text", () => {
    expect(offered("ipt|>")).toEqual(expect.arrayContaining(["iptables", "iptables-save"]));
    expect(offered("ping x | gre|>")).toEqual(expect.arrayContaining(["grep", "greet"]));
    expect(offered("setup() { :; }\nif set|>")).toContain("setup");
    expect(offered("target=10.0.0.1\nping $ta|>")).toEqual(["$target"]);
    expect(offered("iptables -t |>")).toContain("nat");
    expect(offered("# ipt|>")).toEqual([]);
  });

  it("shows the manual of a command where one stands", () => {
    const box = testMachine();
    const p = new Process(box, null, ["edit"]);
    const text = "x=1 ping -c 1 host | grep ping\n";
    expect(shell.hover(p, text, 5)?.text).toBe(runToCompletion(box, "man ping").stdout.trimEnd());
    expect(shell.hover(p, text, text.indexOf("grep"))?.text).toContain("grep - ");
    expect(shell.hover(p, text, text.lastIndexOf("ping"))).toBeNull();
  });
});

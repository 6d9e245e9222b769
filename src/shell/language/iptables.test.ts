import { describe, expect, it } from "vitest";
import { Process } from "../../host/process.ts";
import { commands } from "../commands.ts";
import { installCommands } from "../registry.ts";
import { runToCompletion } from "../script.ts";
import { testMachine } from "../testkit.ts";
import { iptables } from "./iptables.ts";

installCommands(commands);

const GOOD = `*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:WEB - [0:0]
-A INPUT -p tcp -m tcp --dport 80 -j WEB
-A WEB -j DROP
COMMIT
`;

function machine() {
  const box = testMachine();
  return { box, p: new Process(box, null, ["edit"]) };
}

/** What stands before the | , and what would be offered there. */
function offered(text: string): string[] {
  const { box, p } = machine();
  runToCompletion(box, "ipset create bad hash:ip; ip link add veth7 type veth");
  const offset = text.indexOf("|");
  const found = iptables.complete(p, text.replace("|", ""), offset);
  return found?.items.map(({ label }) => label) ?? [];
}

function hovered(text: string): string {
  const { p } = machine();
  return iptables.hover(p, text.replace("|", ""), text.indexOf("|"))?.text ?? "";
}

describe("iptables-save text", () => {
  it("is known by its name or by its first lines", () => {
    expect(iptables.owns("/etc/iptables/rules.v4", "")).toBe(true);
    expect(iptables.owns("/tmp/x", "# comment\n\n*nat\n")).toBe(true);
    expect(iptables.owns("/tmp/x", "*bold*\n")).toBe(false);
  });

  it("finds nothing wrong with what iptables-save prints", () => {
    const { box, p } = machine();
    const { stdout } = runToCompletion(
      box,
      "iptables -t nat -A PREROUTING -i lo -j REDIRECT -p tcp --to-ports 9; iptables -A INPUT -m limit -j LOG; iptables-save",
    );
    expect(iptables.check(p, "/tmp/x", stdout)).toEqual([]);
    expect(iptables.preview?.(p, "/tmp/x", stdout)).toEqual({ diff: "", problem: "" });
  });

  it.each([
    ["-A INPUT -p tcp --dports 80 -j ACCEPT", "--dports"],
    ["-A INPUT -m nosuch -j ACCEPT", "nosuch"],
    ["-A INPUT -j NOSUCH", "NOSUCH"],
    ["-A INPUT -p tcp --dport 99999 -j ACCEPT", "99999"],
    ["-A INPUT foo -j ACCEPT", "foo"],
    ["-A NOCHAIN -j ACCEPT", ""],
    ["-A INPUT -o lo -j ACCEPT", ""],
  ])("says of %s what iptables-restore says, at the word", (rule, word) => {
    const { box, p } = machine();
    const text = GOOD.replace("-A WEB -j DROP", rule);
    const [problem, ...more] = iptables.check(p, "/tmp/x", text);
    expect(more).toEqual([]);
    const { stderr, status } = runToCompletion(box, `iptables-restore <<'X'\n${text}X\n`);
    expect(status).not.toBe(0);
    const [first] = stderr.split("\n");
    expect(problem?.message.split("\n")[0]).toBe(first);
    expect(problem?.line).toBe(7);
    const line = text.split("\n")[6] as string;
    const at = word === "" ? 1 : line.indexOf(word) + 1;
    const end = word === "" ? line.length + 1 : at + word.length;
    expect([problem?.column, problem?.endColumn]).toEqual([at, end]);
  });

  it("says what the kernel would say at COMMIT, with its reason", () => {
    const { box, p } = machine();
    const text = GOOD.replace("-A WEB -j DROP", "-A WEB -j MASQUERADE");
    const [problem] = iptables.check(p, "/tmp/x", text);
    expect(problem?.line).toBe(8);
    const { stderr } = runToCompletion(box, `iptables-restore <<'X'\n${text}X\n`);
    expect(problem?.message.startsWith(stderr.trim())).toBe(true);
    expect(problem?.message).toContain("MASQUERADE target: only valid in nat table, not filter");
    expect(iptables.check(p, "/tmp/x", GOOD.replace("COMMIT\n", ""))[0]?.message).toBe(
      "iptables-restore: COMMIT expected at line 8",
    );
  });

  it("finds a second bad rule behind the first", () => {
    const { p } = machine();
    const text = GOOD.replace("--dport 80", "--dprt 80").replace("-j DROP", "-j DRAP");
    expect(iptables.check(p, "/tmp/x", text).map(({ line }) => line)).toEqual([6, 7]);
  });

  it("shows what iptables-restore would change, and changes nothing", () => {
    const { box, p } = machine();
    runToCompletion(box, "iptables -A INPUT -i lo -j ACCEPT; iptables -t nat -A OUTPUT -j ACCEPT");
    const now = () => runToCompletion(box, "iptables-save").stdout;
    const before = now();
    const { ids, log } = box.kernel;
    const counted = JSON.stringify([ids, log, box.sim.trace.next, box.sim.steps]);
    const tables = box.sim.trace.catalogue.tables.size;
    const { diff } = iptables.preview?.(p, "/tmp/x", GOOD) ?? { diff: "" };
    const changed = diff.split("\n").filter((line) => /^[-+]/.test(line));
    expect(changed).toEqual([
      "--A INPUT -i lo -j ACCEPT",
      "+:WEB - [0:0]",
      "+-A INPUT -p tcp -m tcp --dport 80 -j WEB",
      "+-A WEB -j DROP",
    ]);
    iptables.check(p, "/tmp/x", `${GOOD}*raw\n-A OUTPUT -j TRACE\nCOMMIT\n`);
    expect(JSON.stringify([box.kernel.ids, log, box.sim.trace.next, box.sim.steps])).toBe(counted);
    expect(box.sim.trace.catalogue.tables.size).toBe(tables);
    expect(now().replace(/^#.*/gm, "")).toBe(before.replace(/^#.*/gm, ""));
    runToCompletion(box, `iptables-restore <<'X'\n${GOOD}X\n`);
    expect(iptables.preview?.(p, "/tmp/x", GOOD).diff).toBe("");
  });

  it("stops where iptables-restore stops", () => {
    const { p } = machine();
    const preview = iptables.preview?.(p, "/tmp/x", `${GOOD}*nat\n-A OUTPUT -j NO\nCOMMIT\n`);
    expect(preview?.diff).toContain("+-A WEB -j DROP");
    expect(preview?.diff).not.toContain("+-A OUTPUT");
    expect(preview?.problem).toContain("Couldn't load target `NO'");
  });

  it("offers tables, chains, targets, matches, options and their values", () => {
    expect(offered("|")).toContain("*filter");
    expect(offered("*nat\n|")).toEqual(expect.arrayContaining(["-A", ":PREROUTING", "COMMIT"]));
    expect(offered("*nat\n:MINE - [0:0]\n-A |")).toEqual([
      "PREROUTING",
      "INPUT",
      "OUTPUT",
      "POSTROUTING",
      "MINE",
    ]);
    expect(offered("*nat\n-A OUTPUT -j |")).toEqual(expect.arrayContaining(["DNAT", "RETURN"]));
    expect(offered("*filter\n-A OUTPUT -j |")).not.toContain("DNAT");
    expect(offered("*filter\n-A INPUT -m |")).toContain("conntrack");
    expect(offered("*filter\n-A INPUT -i |")).toEqual(expect.arrayContaining(["lo", "veth7"]));
    expect(offered("*filter\n-A INPUT -p tcp --d|")).toContain("--dport");
    expect(offered("*filter\n-A INPUT -p udp --d|")).not.toContain("--syn");
    expect(offered("*filter\n-A INPUT -m conntrack --ctstate NEW,|")).toContain("ESTABLISHED");
    expect(offered("*filter\n-A INPUT -m conntrack --ctdir |")).toEqual(["ORIGINAL", "REPLY"]);
    expect(offered("*filter\n-A INPUT -m addrtype --dst-type |")).toContain("LOCAL");
    expect(offered("*filter\n-A INPUT -j REJECT --reject-with |")).toContain("tcp-reset");
    expect(offered("*filter\n-A INPUT -m set --match-set |")).toEqual(["bad"]);
    expect(offered("*filter\n-A INPUT -m set --match-set bad |")).toEqual(["src", "dst"]);
    expect(offered("*filter\n:INPUT |")).toEqual(["ACCEPT", "DROP", "-"]);
  });

  it("tells what an option, a match, a target is", () => {
    expect(hovered("*filter\n-A INPUT -m mark --m|ark 1 -j DROP")).toContain(
      "[!] --mark value[/mask]    the packet's mark",
    );
    expect(hovered("*filter\n-A INPUT -m ma|rk --mark 1")).toContain("mark match options:");
    expect(hovered("*filter\n-A INPUT -|p tcp")).toBe(
      "[!] -p protocol, --protocol      by number or name",
    );
    expect(hovered("*filter\n-A INPUT -p tcp --dpo|rt 80")).toContain("destination port");
    expect(hovered("*nat\n-A OUTPUT -j DN|AT --to 1.2.3.4")).toContain("DNAT target options:");
  });
});

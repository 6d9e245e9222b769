import { describe, expect, it } from "vitest";
import { Ids, Kernel } from "../../../net/kernel.ts";
import {
  HOOKS,
  type MatchExtension,
  type TableName,
  type TargetExtension,
} from "../../../net/netfilter/extension.ts";
import { element } from "../../../net/netfilter/ipset/data.ts";
import { createSet } from "../../../net/netfilter/ipset/types.ts";
import { NO_NAMES } from "../../../net/netfilter/names.ts";
import { MATCHES, TARGETS } from "../../../net/netfilter/registry.ts";
import { TABLE_HOOKS } from "../../../net/netfilter/table.ts";
import type { NetNs } from "../../../net/netns.ts";
import { Sim } from "../../../sim/sim.ts";
import { parseCreate } from "../ipset/options.ts";
import { splitLine } from "./restore.ts";
import { iptables, Output } from "./run.ts";

function namespace(): NetNs {
  const ns = new Kernel(new Sim(1, 1000), new Ids(), "box").init;
  const set = createSet(
    ns,
    "hash:ip",
    parseCreate("hash:ip", ["timeout", "60"], () => []),
  );
  if (set) ns.ipsets.add("foo", set);
  return ns;
}

const names = {
  ...NO_NAMES,
  userId: (name: string): number | null => (name === "root" ? 0 : null),
};

function run(ns: NetNs, line: string): { status: number; out: string; err: string } {
  const output = new Output();
  const speaker = { ns, names, program: "iptables", line: null, output };
  const status = iptables(speaker, ["iptables", ...splitLine(line)]);
  return { status, ...output };
}

/** A table and a chain where the extension is legal. */
function home(extension: MatchExtension | TargetExtension): { table: TableName; chain: string } {
  const tables: readonly TableName[] = extension.tables ?? ["filter", "mangle"];
  for (const table of tables)
    for (const chain of TABLE_HOOKS[table])
      if ((extension.hooks ?? HOOKS).includes(chain)) return { table, chain };
  throw new Error(`${extension.name} is legal nowhere`);
}

describe.each([...MATCHES.all(), ...TARGETS.all()].map((one) => [one.name, one] as const))(
  "%s",
  (_name, extension) => {
    it.each(extension.examples)("%s", (typed, saved) => {
      const ns = namespace();
      const { table, chain } = home(extension);
      const added = run(ns, `-t ${table} -A ${chain} ${typed}`);
      if (saved === null) {
        expect(added.status).not.toBe(0);
        expect(added.err).not.toBe("");
        return;
      }
      expect(added.err).toBe("");
      expect(run(ns, `-t ${table} -S ${chain} 1`).out).toBe(`-A ${chain} ${saved}\n`);
      // What is printed can be typed, and is the same rule.
      expect(run(ns, `-t ${table} -C ${chain} ${saved}`).status).toBe(0);
      expect(run(ns, `-t ${table} -vnL ${chain}`).status).toBe(0);
      expect(run(ns, `-t ${table} -D ${chain} ${typed}`).status).toBe(0);
    });
  },
);

describe("what rules refer to", () => {
  it("a set that a rule names cannot be destroyed until the rule goes", () => {
    const ns = namespace();
    run(ns, "-A INPUT -m set --match-set foo src");
    expect(ns.ipsets.get("foo")?.references).toBe(1);
    run(ns, "-A INPUT -j ACCEPT");
    expect(ns.ipsets.get("foo")?.references).toBe(1);
    run(ns, "-F");
    expect(ns.ipsets.get("foo")?.references).toBe(0);
  });

  it("rules that look at connections switch tracking on and off", () => {
    const ns = namespace();
    run(ns, "-A INPUT -m conntrack --ctstate NEW -j ACCEPT");
    run(ns, "-A OUTPUT -m state --state NEW -j ACCEPT");
    expect(ns.conntrack.users).toBe(2);
    run(ns, "-F INPUT");
    expect(ns.conntrack.users).toBe(1);
    run(ns, "-F");
    expect(ns.conntrack.users).toBe(0);
  });

  it("rules keep their identity and counters when their table changes", () => {
    const ns = namespace();
    run(ns, "-A INPUT -j ACCEPT");
    const rule = ns.netfilter.table("filter").byName.get("INPUT")?.rules[0];
    if (rule) rule.packets = 7;
    run(ns, "-I INPUT -j DROP");
    expect(ns.netfilter.table("filter").byName.get("INPUT")?.rules[1]).toBe(rule);
    expect(run(ns, "-vS INPUT 2").out).toBe("-A INPUT -c 7 0 -j ACCEPT\n");
  });

  it("a table that the kernel refuses leaves the old one in force", () => {
    const ns = namespace();
    const before = ns.netfilter.table("nat");
    const refused = run(ns, "-t nat -A OUTPUT -j MASQUERADE");
    expect(refused.err).toBe("iptables: Invalid argument. Run `dmesg' for more information.\n");
    expect(ns.netfilter.table("nat")).toBe(before);
    expect(ns.kernel.log).toHaveLength(1);
  });

  it("a chain that comes back to itself is refused once it can be reached", () => {
    const ns = namespace();
    for (const line of ["-N a", "-N b", "-A a -j b", "-A b -j a"])
      expect(run(ns, line).status).toBe(0);
    expect(run(ns, "-A INPUT -j a").err).toBe("iptables: Too many levels of symbolic links.\n");
  });
});

describe("hash sets", () => {
  it("list their members in the order of the kernel's hash", () => {
    const ns = namespace();
    const options = parseCreate("hash:ip", ["initval", "0x12345678"], () => []);
    const data = createSet(ns, "hash:ip", options);
    const plain = { timeout: null, packets: 0, bytes: 0, comment: "", nomatch: false };
    const extensions = { ...plain, skbmark: null, skbprio: null, skbqueue: null };
    for (let i = 1; i <= 6; i++) data?.add(element({ ip: 0x0a000000 + i }), extensions, false);
    // Recorded from Linux 6.18.
    expect(data?.members().map((member) => member.element.ip & 255)).toEqual([2, 4, 3, 6, 1, 5]);
  });
});

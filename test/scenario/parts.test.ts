import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it, vi } from "vitest";
import { compileWorld } from "../../src/lab/compile/world.ts";
import { traceHash } from "../../src/lesson/proof.ts";
import type { WorldSpec } from "../../src/world/spec.ts";

/*
 * What a world does, and prints, is the same whether its parts were there from the start or came when they
 * were first used: each way has modules of its own.
 */

const worlds = join(import.meta.dirname, "../../lessons/worlds");

function specOf(name: string): WorldSpec {
  return compileWorld(name, name, readFileSync(join(worlds, `${name}.yaml`), "utf8"));
}

interface Seen {
  text: string;
  steps: number;
  now: number;
  hash: number;
}

/** Each line once the one before it is done; what was waited for is noted. */
async function play(spec: WorldSpec, lines: string[], fetched: string[] | null): Promise<Seen> {
  vi.resetModules();
  if (!fetched) (await import("../../src/world/install.ts")).installAll();
  const { need, partsOf } = await import("../../src/worker/parts.ts");
  const { WorldSession } = await import("../../src/worker/session.ts");
  if (fetched) await need(partsOf(spec));
  const on = new WorldSession(spec);
  const { sim } = on.world;
  const id = on.openTerminal(spec.at, 24, 80);
  let text = "";
  const settle = async (until: number): Promise<void> => {
    while (!on.run(until, 1000) || sim.absent !== null) {
      if (sim.absent === null) continue;
      fetched?.push(sim.absent);
      await need([sim.absent]);
    }
    text += on
      .update()
      .terminals.map((one) => one.text)
      .join("");
  };
  await settle(sim.now + 1e9);
  for (const line of lines) {
    on.input({ kind: "type", terminal: id, text: line });
    await settle(sim.now + 20e9);
  }
  return { text, steps: sim.steps, now: sim.now, hash: traceHash(on.world) };
}

afterAll(() => vi.resetModules());

const LINES: Record<string, string[]> = {
  linux: [
    `echo "a  b" 'c' > x\r`,
    "bash -x -c date 2>err\r",
    "ping -c 1 localhost; ping -c 1 nowhere.example\r",
    "x=3; read y <<< $x; trap 'echo bye' INT; type read; for i in 1 2; do printf '%s\\n' $y; done\r",
    "ping -c 2 127.0.0.1 | tail -3\r",
    "ls /usr/sbin | sort | head -4\r",
  ],
  router: [
    "ip netns exec client ping -c 2 10.2.0.10\r",
    "iptables -t nat -A POSTROUTING -o east -j MASQUERADE; iptables-save | grep MASQ\r",
    "iptables -A FORWARD -m limit --limit 5/s -j TEE --gateway 10.2.0.10; iptables -S FORWARD\r",
    "echo '*mangle\n-A FORWARD -m ttl --ttl-lt 3 -j TTL --ttl-set 9\nCOMMIT' | iptables-restore; ipset create s hash:ip; conntrack -L; iptables-save -t mangle\r",
    "type tc; which curl; man bridge | head -3\r",
    "ss -\t\tt\r",
    "ip netns exec server nc -l -p 80 & sleep 1; echo hi | ip netns exec client nc -w 1 10.2.0.10 80\r",
    "kubectl get pods\r",
    "ip rule add fwmark 7 lookup 7 && ip rule; ip nei | sort\r",
    "for p in curl awk; do $p --version | head -1; done\r",
  ],
  services: ["kubectl get pods -A | head -5\r", "kubectl run z --image=quay.io/cilium/ztunnel\r"],
};

for (const [name, lines] of Object.entries(LINES))
  it(`${name}: commands do the same whenever their code comes`, { timeout: 60_000 }, async () => {
    const spec = specOf(name);
    const fetched: string[] = [];
    const late = await play(spec, lines, fetched);
    expect(fetched.length).toBeGreaterThan(1);
    expect(late).toEqual(await play(spec, lines, null));
    // The first line is plain words, the second is traced, which takes the grammar.
    if (name === "linux") expect(fetched.slice(0, 3)).toEqual(["core", "process", "grammar"]);
    if (name === "router")
      for (const part of [
        "text",
        "netfilter",
        "netfilter-more",
        "ipset",
        "conntrack",
        "kubectl",
        "link",
        "curl",
        "sockets",
      ])
        expect(fetched).toContain(part);
    if (name === "services") expect(fetched).toContain("mesh-preview");
  });

for (const name of ["underlay", "field-work", "ambient-2022", "ambient"])
  it(`${name}: starts with the parts that its file tells`, { timeout: 60_000 }, async () => {
    const spec = specOf(name);
    expect(await play(spec, [], [])).toEqual(await play(spec, [], null));
  });

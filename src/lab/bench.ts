import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { iptDoTable } from "../net/netfilter/evaluate.ts";
import type { NetNs } from "../net/netns.ts";
import type { Skb } from "../net/skb.ts";
import { runToCompletion } from "../shell/script.ts";
import { openSession } from "../shell/session.ts";
import { Ipv4 } from "../wire/ipv4.ts";
import type { WorldSpec } from "../world/spec.ts";
import { World } from "../world/world.ts";
import { benchMesh } from "./bench-mesh.ts";
import { benchNetfilter } from "./bench-netfilter.ts";
import { benchTls } from "./bench-tls.ts";

/** One line of the report. */
interface Row {
  what: string;
  value: string;
  aim: string;
}

function best(times: number, run: () => number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < times; i++) least = Math.min(least, run());
  return least;
}

function timed(run: () => void): number {
  const start = performance.now();
  run();
  return performance.now() - start;
}

/** A world whose machines have shells, and the first prompt: as the page does it, agents start after that. */
function firstPrompt(spec: WorldSpec): void {
  const world = new World(spec, { boot: false });
  const session = openSession(world.first, { rows: 24, columns: 80 });
  while (session.terminal.output.length === 0)
    if (!world.sim.step()) throw new Error("no prompt came");
}

const PAIR = `ip netns add x
ip link add v0 type veth peer name v1 netns x
ip addr add 10.0.0.1/24 dev v0
ip link set v0 up
ip -n x addr add 10.0.0.2/24 dev v1
ip -n x link set v1 up
`;

/** Every hook of both sides has its tables and tracking: nothing is skipped. */
const HOOKS = ["", "ip netns exec x "]
  .flatMap((where) => [
    `${where}iptables -t raw -A PREROUTING -p tcp -j ACCEPT`,
    `${where}iptables -t mangle -A PREROUTING -p tcp -j ACCEPT`,
    `${where}iptables -t nat -A POSTROUTING -p tcp -j MASQUERADE`,
    `${where}iptables -A INPUT -m conntrack --ctstate INVALID -j DROP`,
  ])
  .join("\n");

function flood(spec: WorldSpec, count: number, recording: boolean): number {
  const world = new World(spec);
  const machine = world.first;
  runToCompletion(machine, `${PAIR}${HOOKS}\nping -c 1 10.0.0.2`);
  world.sim.trace.on = recording;
  runToCompletion(machine, "ping -q -f -c 2000 10.0.0.2");
  const ms = timed(() => {
    const done = runToCompletion(machine, `ping -q -f -c ${count} 10.0.0.2`);
    if (!done.stdout.includes(" 0% packet loss")) throw new Error(done.stdout + done.stderr);
  });
  return (count / ms) * 1000;
}

/** The same on the machine's own kernel; null where that may not be done. */
function realFlood(count: number): number | null {
  const may =
    process.getuid?.() === 0 &&
    ["unshare", "ip", "ping", "iptables-legacy"].every((tool) =>
      ["/usr/bin", "/usr/sbin", "/bin", "/sbin"].some((dir) => existsSync(join(dir, tool))),
    );
  if (!may) return null;
  const dir = mkdtempSync(join(tmpdir(), "hopscope-"));
  const script = join(dir, "flood.sh");
  const rules = HOOKS.replaceAll("iptables", "iptables-legacy");
  writeFileSync(
    script,
    `set -e\nmkdir -p /run/netns; mount -t tmpfs none /run/netns; ip link set lo up\n${PAIR}${rules}\nping -c 1 10.0.0.2 >/dev/null\nping -q -f -c ${count} 10.0.0.2\n`,
  );
  const result = spawnSync(
    "unshare",
    ["--net", "--mount", "--propagation", "private", "bash", script],
    { encoding: "utf8" },
  );
  const took = /time (\d+)ms/.exec(result.stdout);
  return result.status === 0 && took ? (count / Number(took[1])) * 1000 : null;
}

/** ns that one rule costs a packet that it does not match. */
function ruleCost(spec: WorldSpec, rule: string): number {
  const world = new World(spec);
  const machine = world.first;
  const lines = Array.from({ length: 1000 }, () => `-A INPUT ${rule}`).join("\n");
  runToCompletion(
    machine,
    `iptables-restore <<'X'\n*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n${lines}\nCOMMIT\nX`,
  );
  const ns: NetNs = machine.netns;
  const skb: Skb = ns.kernel.newSkb(ns, 60, "injected");
  Ipv4.write(skb.data, skb.network, {
    tos: 0,
    totalLength: 60,
    id: 1,
    fragment: 0,
    ttl: 64,
    protocol: 17,
    src: 0x0a000001,
    dst: 0x0a000002,
  });
  const table = ns.netfilter.table("filter");
  if (table.byName.get("INPUT")?.rules.length !== 1000)
    throw new Error("the rules were not loaded");
  const turns = 2000;
  const run = (): number =>
    timed(() => {
      for (let i = 0; i < turns; i++) iptDoTable(ns, table, "INPUT", skb, ns.loopback, null);
    });
  run();
  return (best(5, run) * 1e6) / turns / 1000;
}

/** `npm run bench`: what the product is measured by, ratios within this run where a peer is at hand. */
export function bench(load: (name: string) => WorldSpec): void {
  const rows: Row[] = [];
  const linux = load("linux");
  const ambient = load("ambient-2022");
  const coldPrompt = timed(() => firstPrompt(ambient));
  const prompt = best(8, () => timed(() => firstPrompt(ambient)));
  const coldStart = timed(() => new World(ambient));
  const started = best(8, () => timed(() => new World(ambient)));
  const ms = (value: number): string => `${value.toFixed(0)} ms`;
  rows.push({
    what: "ambient-2022 made, at its first prompt; best of 8",
    value: `${ms(coldPrompt)} (first in this process); ${ms(prompt)}`,
    aim: "50 ms",
  });
  rows.push({
    what: "the same, and its agents have come to rest",
    value: `${ms(coldStart)} (first in this process); ${ms(started)}`,
    aim: "",
  });
  const count = 100_000;
  const recorded = Math.max(flood(linux, count, true), flood(linux, count, true));
  const silent = flood(linux, count, false);
  rows.push({
    what: "ping -f through a veth pair, all hooks, recorded",
    value: `${Math.round(recorded)} /s`,
    aim: "50000 /s",
  });
  rows.push({
    what: "the same, trace off",
    value: `${Math.round(silent)} /s (${(silent / recorded).toFixed(2)} of recorded)`,
    aim: "",
  });
  const real = realFlood(count);
  rows.push({
    what: "the same on this machine's kernel",
    value:
      real === null
        ? "not run: needs root and the tools"
        : `${Math.round(real)} /s; ours is ${(recorded / real).toFixed(2)} of it`,
    aim: "",
  });
  for (const rule of [
    "-s 10.9.9.9 -j ACCEPT",
    "-p tcp -m tcp --dport 80 -j ACCEPT",
    "-m mark --mark 0x100/0x100 -j ACCEPT",
  ])
    rows.push({
      what: `a rule that does not match: ${rule}`,
      value: `${ruleCost(linux, rule).toFixed(1)} ns`,
      aim: "20 ns",
    });
  rows.push(...benchNetfilter(linux));
  rows.push(...benchTls());
  rows.push(...benchMesh(ambient, linux));
  const width = Math.max(...rows.map((row) => row.what.length));
  for (const row of rows)
    console.log(`${row.what.padEnd(width)}  ${row.value}${row.aim ? `   (aim: ${row.aim})` : ""}`);
}

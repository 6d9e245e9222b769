import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { iptDoTable } from "../net/netfilter/evaluate.ts";
import { runToCompletion } from "../shell/script.ts";
import { Ipv4 } from "../wire/ipv4.ts";
import type { WorldSpec } from "../world/spec.ts";
import { World } from "../world/world.ts";

const RULES = [100, 1000, 10_000];
const ENTRIES = [100, 1000, 10_000, 100_000];
/** A set's lookup is measured by this many rules that ask it. */
const ASKING = 200;

/** `count` lines of iptables-restore into INPUT. */
function ruleset(rule: string, count: number): string {
  const lines = Array.from({ length: count }, () => `-A INPUT ${rule}`).join("\n");
  return `*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n${lines}\nCOMMIT\n`;
}

const NO_MATCH = "-s 10.9.9.9 -j ACCEPT";
const ASK = "-m set --match-set s src -j ACCEPT";

/** `ipset restore`: a set of so many addresses, none of them a packet's. */
function setOf(entries: number): string {
  let text = `create s hash:ip maxelem 200000 hashsize ${entries}\n`;
  for (let i = 0; i < entries; i++)
    text += `add s 172.${16 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}\n`;
  return text;
}

/** ns that a packet spends in our INPUT with these rules. */
function ours(spec: WorldSpec, rules: string, set = ""): number {
  const world = new World(spec);
  const machine = world.first;
  machine.fs.writeFile("/tmp/set", set);
  machine.fs.writeFile("/tmp/rules", rules);
  const load = `${set ? "ipset restore </tmp/set\n" : ""}iptables-restore </tmp/rules`;
  const loaded = runToCompletion(machine, load);
  if (loaded.status !== 0) throw new Error(loaded.stderr);
  const ns = machine.netns;
  const skb = ns.kernel.newSkb(ns, 60, "injected");
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
  const count = table.byName.get("INPUT")?.rules.length ?? 0;
  const turns = Math.max(20, Math.round(1_000_000 / Math.max(count, 1)));
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 6; round++) {
    const start = performance.now();
    for (let i = 0; i < turns; i++) iptDoTable(ns, table, "INPUT", skb, ns.loopback, null);
    least = Math.min(least, performance.now() - start);
  }
  return (least * 1e6) / turns;
}

const PINGS = 30_000;

/** One script for this machine's kernel: the rounds that it makes with each load, in ms. */
function realScript(loads: readonly { rules: string; set: string }[], folder: string): string {
  loads.forEach(({ rules, set }, i) => {
    writeFileSync(join(folder, `rules${i}`), rules);
    writeFileSync(join(folder, `set${i}`), set);
  });
  return `set -e
mkdir -p /run/netns; mount -t tmpfs none /run/netns; ip link set lo up
ip netns add x; ip link add v0 type veth peer name v1 netns x
ip addr add 10.0.0.1/24 dev v0; ip link set v0 up
ip -n x addr add 10.0.0.2/24 dev v1; ip -n x link set v1 up; ping -c 1 10.0.0.2 >/dev/null
for i in $(seq 0 ${loads.length - 1}); do
  ip netns exec x iptables-legacy -F; ip netns exec x ipset destroy
  ip netns exec x ipset restore <${folder}/set$i; ip netns exec x iptables-legacy-restore <${folder}/rules$i
  best=99999999
  for round in 1 2 3; do
    ms=$(ping -q -f -c ${PINGS} 10.0.0.2 | sed -n 's/.*time \\([0-9]*\\)ms/\\1/p')
    [ $ms -ge $best ] || best=$ms
  done
  echo $best
done
`;
}

/** ns that a packet spends in this machine's kernel because of each load; null where that may not be asked. */
function real(loads: readonly { rules: string; set: string }[]): number[] | null {
  const may =
    process.getuid?.() === 0 &&
    ["unshare", "ip", "ping", "iptables-legacy", "ipset"].every((tool) =>
      ["/usr/bin", "/usr/sbin", "/bin", "/sbin"].some((dir) => existsSync(join(dir, tool))),
    );
  if (!may) return null;
  const folder = mkdtempSync(join(tmpdir(), "hopscope-"));
  const script = join(folder, "run.sh");
  writeFileSync(script, realScript([{ rules: ruleset("", 0), set: "" }, ...loads], folder));
  const ran = spawnSync(
    "unshare",
    ["--net", "--mount", "--propagation", "private", "bash", script],
    { encoding: "utf8" },
  );
  const [bare = 0, ...times] = ran.stdout.trim().split("\n").map(Number);
  if (ran.status !== 0 || times.length !== loads.length) return null;
  return times.map((ms) => Math.max(0, ((ms - bare) * 1e6) / PINGS));
}

interface Row {
  what: string;
  value: string;
  aim: string;
}

/**
 * What a rule costs as rules grow in number, and a lookup in a set as its entries do: the first is
 * linear, the second constant; beside it the same on the kernel at hand.
 */
export function benchNetfilter(spec: WorldSpec): Row[] {
  const loads = [
    ...RULES.map((count) => ({ count, per: count, rules: ruleset(NO_MATCH, count), set: "" })),
    ...ENTRIES.map((count) => ({
      count,
      per: ASKING,
      rules: ruleset(ASK, ASKING),
      set: setOf(count),
    })),
  ];
  const theirs = real(loads);
  return loads.map(({ count, per, rules, set }, i) => {
    const linux = theirs ? `; Linux ${((theirs[i] as number) / per).toFixed(1)} ns` : "";
    return {
      what: set
        ? `a lookup in hash:ip of ${count} entries`
        : `each of ${count} rules, none matching`,
      value: `${(ours(spec, rules, set) / per).toFixed(1)} ns${linux}`,
      aim: "",
    };
  });
}

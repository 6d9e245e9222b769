import { describe, expect, it } from "vitest";
import type { InputLog } from "../../src/sim/input-log.ts";
import { historyOf } from "../../src/worker/history.ts";
import { Past } from "../../src/worker/past.ts";
import type { StateTopic } from "../../src/worker/protocol.ts";
import { journeysOf, storyTextOf } from "../../src/worker/reading.ts";
import { WorldSession } from "../../src/worker/session.ts";
import { noteOf, sectionsOf } from "../../src/world/tables.ts";
import { makeWorld } from "./kit.ts";

const { spec } = makeWorld("ambient-2022", { boot: false });

/** A session in which the commands are typed, three seconds each; when each had been done. */
function course(machine: string, ...commands: string[]): { on: WorldSession; times: number[] } {
  const on = new WorldSession(spec);
  const id = on.openTerminal(machine, 24, 80);
  const times = commands.map((command) => {
    on.input({ kind: "type", terminal: id, text: `${command}\r` });
    while (!on.run(on.world.sim.now + 3e9, 1e6));
    on.update();
    return on.world.sim.now;
  });
  return { on, times };
}

function text(on: WorldSession, topic: StateTopic, name = "node-a"): string {
  const ns = on.topology().namespaces.find((one) => one.name === name || one.app === name);
  return sectionsOf(on.world, ns?.id ?? 0, topic)
    .map(({ title, rows }) => `# ${title}\n${rows.map((row) => row.text).join("\n")}\n`)
    .join("");
}

const newPast = (on: WorldSession): Past =>
  new Past(({ seed }) => new WorldSession(spec, seed, false), on.log);

describe("tables of a namespace", () => {
  it("say what the tools would say, and nothing happens by it", () => {
    const { on } = course("node-a", "ip rule add pref 7 fwmark 0x7 lookup 77");
    const { sim } = on.world;
    const before = [sim.now, sim.seq, sim.steps, sim.trace.next, on.world.first.nextPid];
    expect(text(on, "routing")).toContain("7:\tfrom all fwmark 0x7 lookup 77");
    expect(text(on, "routing")).toMatch(/# table 100\n10\.4\.4\.\d+ /);
    expect(text(on, "rules")).toMatch(/# nat\nPREROUTING \(policy ACCEPT\)\n-A PREROUTING -j/);
    expect(text(on, "sets")).toContain("Name: ztunnel-pods-ips");
    expect(text(on, "devices")).toContain("10.168.15.222/24");
    expect(text(on, "sockets", "productpage")).toContain(":9080");
    expect(sectionsOf(on.world, 4711, "rules")).toEqual([]);
    expect([sim.now, sim.seq, sim.steps, sim.trace.next, on.world.first.nextPid]).toEqual(before);
  });

  it("know the packets of a rule and of a connection", () => {
    const { on } = course("sleep", "curl -s productpage:9080 -o /dev/null");
    const node = on.topology().namespaces.find((one) => one.name === "node-a")?.id ?? 0;
    const rule = sectionsOf(on.world, node, "rules")
      .flatMap(({ rows }) => rows)
      .find((row) => row.text.includes("-p udp -j MARK"));
    expect(rule?.packets).toBeGreaterThan(0);
    const found = journeysOf(on, 100, rule?.filter ?? "").lines;
    expect(found.map((line) => line.protocol)).toContain("UDP");
    expect(found.map((line) => line.protocol)).not.toContain("TCP");
    const entry = sectionsOf(on.world, node, "connections")
      .flatMap(({ rows }) => rows)
      .find((row) => row.text.includes("dport=9080"));
    expect(journeysOf(on, 100, entry?.filter ?? "").lines.length).toBeGreaterThan(0);
  });

  it("know what speaks of a device", () => {
    const { on } = course("node-a");
    const node = on.topology().namespaces.find((one) => one.name === "node-a");
    const device = node?.devices.find(({ name }) => name === "istioin");
    const note = noteOf(on.world, node?.id ?? 0, device?.ifindex ?? 0);
    expect(note?.mentions.map(({ where }) => where)).toContain("mangle");
    expect(note?.mentions.some((one) => one.text.includes("dev istioin"))).toBe(true);
    expect(noteOf(on.world, node?.id ?? 0, 4711)).toBeNull();
  });
});

describe("the past", () => {
  const commands = [
    "iptables -t mangle -A PREROUTING -p tcp --dport 81 -j MARK --set-mark 1",
    ...Array.from({ length: 8 }, () => "ping -c 20 -i 0.1 10.168.15.224 >/dev/null"),
    "iptables -t mangle -D PREROUTING -p tcp --dport 81 -j MARK --set-mark 1",
  ];

  it("is made again at any moment, in any order, the same each time", () => {
    const { on, times } = course("node-a", ...commands);
    const past = newPast(on);
    const seen = new Map<number, string>();
    const last = times.length - 1;
    for (const index of [last, 0, 4, 2, 8, 4, last, 0]) {
      const at = times[index] ?? 0;
      const then = past.seek(on.log, at);
      expect(then.world.sim.now).toBe(at);
      const state = [text(then, "rules"), text(then, "connections"), then.world.sim.steps].join();
      expect(state).toBe(seen.get(index) ?? state);
      seen.set(index, state);
    }
    expect(past.keyframes.length).toBeGreaterThan(2);
    expect(past.keyframes.length).toBeLessThan(33);
    expect(seen.get(last)).toBe(
      [text(on, "rules"), text(on, "connections"), on.world.sim.steps].join(),
    );
    expect(seen.get(0)).toContain("--dport 81");
    expect(seen.get(last)).not.toContain("--dport 81");
  });

  it("knows its own journeys when it has gone back", () => {
    const { on, times } = course("node-a", ...commands);
    const past = newPast(on);
    journeysOf(past.seek(on.log, times.at(-1) ?? 0), 100, "");
    const then = past.seek(on.log, times[3] ?? 0);
    const direct = newPast(on).seek(on.log, times[3] ?? 0);
    expect(journeysOf(then, 100, "").lines).toEqual(journeysOf(direct, 100, "").lines);
    expect(journeysOf(then, 100, "icmp").lines.length).toBeGreaterThan(0);
    expect(then.log).toEqual(direct.log);
  });

  it("shows no packet that did not happen, when the trace's ring has gone round", () => {
    const small = (log: InputLog): WorldSession => {
      const made = new WorldSession(spec, log.seed, false);
      made.world.sim.trace.capacity = 6000;
      return made;
    };
    const { on, times } = course("node-a", ...commands);
    const past = new Past(small, on.log);
    let packets = 0;
    for (const index of [8, 4, 7, 5]) {
      const at = (times[index] ?? 0) - 1e9;
      const then = past.seek(on.log, at);
      const direct = new Past(small, on.log).seek(on.log, at);
      expect(then.world.sim.trace.first).toBeGreaterThan(0);
      const known = new Set(historyOf(direct, 0).ticks.map(({ skb }) => skb));
      const told = historyOf(then, 0).ticks.filter(({ skb }) => known.has(skb));
      for (const { skb } of told) expect(storyTextOf(then, skb)).toBe(storyTextOf(direct, skb));
      packets += told.length;
    }
    expect(packets).toBeGreaterThan(20);
  });

  it("begins anew when what was done is no longer the same", () => {
    const { on, times } = course("node-a", "ip rule add pref 7 fwmark 0x7 lookup 77", "ip rule");
    const past = newPast(on);
    past.seek(on.log, times[1] ?? 0);
    const other = {
      ...on.log,
      entries: on.log.entries.filter(({ input }) => input.kind === "open"),
    };
    expect(text(past.seek(other, times[1] ?? 0), "routing")).not.toContain("lookup 77");
  });
});

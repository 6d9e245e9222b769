import { beforeAll, describe, expect, it } from "vitest";
import { traceHash } from "../src/lesson/proof.ts";
import { Typist } from "../src/lesson/typist.ts";
import { remember } from "../src/sim/memento.ts";
import type { World } from "../src/world/world.ts";
import { makeWorld, runAt } from "./scenario/kit.ts";

const SCRIPT = `
curl -s productpage:9080/ | head -2
ping -c 2 10.4.4.1
ip -s link show eth0`;

function play(world: World): { output: string; hash: number } {
  const { stdout, stderr, status } = runAt(world, "sleep", SCRIPT);
  return { output: `${stdout}${stderr}${status}`, hash: traceHash(world) };
}

describe("a world is a function of its file, its seed and its inputs", () => {
  let first: ReturnType<typeof play>;
  beforeAll(() => {
    first = play(makeWorld("ambient-2022"));
  });

  it("the same script twice gives the same output and the same trace", () => {
    expect(first.output).toContain("<!DOCTYPE html>");
    expect(play(makeWorld("ambient-2022"))).toEqual(first);
  });

  it("another seed gives another trace", () => {
    const other = play(makeWorld("ambient-2022", { seed: 7 }));
    expect(other.hash).not.toBe(first.hash);
    expect(other.output).toContain("<!DOCTYPE html>");
  });

  it("another script gives another trace", () => {
    const world = makeWorld("ambient-2022");
    runAt(world, "sleep", "true");
    expect(play(world).hash).not.toBe(first.hash);
  });
});

describe("a world that is put back", () => {
  it("does the same again, and nothing of what was taken back is left", () => {
    const world = makeWorld("ambient-2022");
    const typist = new Typist(world);
    const commands = [
      { at: "sleep", run: "curl -s productpage:9080/ > page; ip -s link show eth0; ss -tan" },
      { at: "node-a", run: "iptables-save -c -t mangle; conntrack -L; ip neigh" },
    ];
    const act = (): { shown: string; hash: number } => {
      for (const command of commands) expect(typist.type(command)).toBe(true);
      const shown = runAt(world, "node-a", "iptables-save -c; conntrack -L; ip neigh; date");
      return { shown: `${shown.stdout}${shown.stderr}`, hash: traceHash(world) };
    };
    const { trace } = world.sim;
    typist.type({ at: "sleep", run: "echo begun" });
    typist.type({ at: "node-a", run: "echo begun" });
    const before = remember([world, typist], trace.rings);
    const first = act();
    before.restore();
    // Something else happens and is taken back too.
    typist.type({ at: "node-a", run: "iptables -t mangle -F; ip route flush table 100" });
    typist.type({ at: "sleep", run: "ping -c 3 10.4.3.20; curl -s -m 1 productpage:9080" });
    before.restore();
    expect(act()).toEqual(first);
  });
});

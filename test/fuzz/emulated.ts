import { readFileSync } from "node:fs";
import { join } from "node:path";
import { compileWorld } from "../../src/lab/compile/world.ts";
import type { NetDevice, Tap } from "../../src/net/device/device.ts";
import { xmitFrame } from "../../src/net/device/transmit.ts";
import type { NetNs } from "../../src/net/netns.ts";
import type { Skb } from "../../src/net/skb.ts";
import { type Finished, runToCompletion } from "../../src/shell/script.ts";
import { MSEC } from "../../src/sim/sim.ts";
import { World } from "../../src/world/world.ts";
import { fromHex, toHex } from "./bytes.ts";
import {
  COMMANDS,
  type FuzzFrame,
  type FuzzPacket,
  type FuzzState,
  type Outcome,
  PORTS,
  peerMac,
  routerMac,
  SECTIONS,
  type Section,
  textOf,
} from "./state.ts";

const worldFile = join(import.meta.dirname, "../../lessons/worlds/linux.yaml");
const spec = compileWorld("linux.yaml", "linux", readFileSync(worldFile, "utf8"));

/** What comes out of the cables' other ends. */
class Outside implements Tap {
  frames: FuzzFrame[] = [];
  packet(dev: NetDevice, skb: Skb, out: boolean): void {
    if (out) return;
    this.frames.push({
      port: Number(dev.name.slice(1)),
      hex: toHex(skb.data.subarray(skb.mac, skb.tail)),
    });
  }
  take(): FuzzFrame[] {
    // As the real kernel's side reads them: port by port.
    return this.frames.splice(0).sort((a, b) => a.port - b.port);
  }
}

/** Time that passes between two packets: the real kernel's side needs about as much. */
const GAP = MSEC / 5;

/** The emulator, configured as a state says. */
export class Session {
  world: World;
  outside: NetNs;
  tap = new Outside();
  /** Events that the last packet caused. */
  steps = 0;
  loads: Record<Section, string> = { sysctl: "", ip: "", ipset: "", iptables: "", tuning: "" };

  constructor(state: FuzzState) {
    this.world = new World(structuredClone(spec), { trace: 2000 });
    const ports = Array.from({ length: PORTS }, (_, port) => port);
    const made = this.run(
      [
        "ip netns add o",
        ...ports.map(
          (n) =>
            `ip link add eth${n} address ${routerMac(n)} type veth peer name p${n} address ${peerMac(n)} netns o`,
        ),
        ...ports.map((n) => `ip link set eth${n} up; ip -n o link set p${n} up`),
      ].join("\n"),
    );
    const outside = this.world.first.kernel.named.get("o");
    if (!outside || made.status !== 0 || made.stderr) throw new Error(`no cables: ${made.stderr}`);
    this.outside = outside;
    outside.taps.push(this.tap);
    for (const section of SECTIONS) {
      if (!state[section].length) continue;
      const words = section === "sysctl" || section === "tuning";
      const args = words ? ` ${state[section].map((word) => `'${word}'`).join(" ")}` : "";
      const done = this.run(COMMANDS[section] + args, words ? "" : textOf(state[section]));
      this.loads[section] = `${done.stdout}${done.stderr}# status ${done.status}\n`;
    }
    this.tap.take();
  }

  run(script: string, stdin = ""): Finished {
    return runToCompletion(this.world.first, `${script}\n`, { stdin });
  }

  /** How often something was chosen at random that Linux draws too: a port for NAT. */
  get drawn(): number {
    return this.world.sim.rng("nat").d;
  }

  /** Put a frame on a cable; what leaves the router because of it. */
  send(packet: FuzzPacket): FuzzFrame[] {
    const { world, outside } = this;
    const dev = outside.byName.get(`p${packet.port}`) as NetDevice;
    const bytes = fromHex(packet.hex);
    const skb = world.first.kernel.newSkb(outside, bytes.length, "injected");
    skb.data.set(bytes, skb.head);
    const before = world.sim.steps;
    xmitFrame(outside, skb, dev);
    world.sim.runUntil(world.sim.now + GAP);
    this.steps = world.sim.steps - before;
    return this.tap.take();
  }

  outcome(frames: FuzzFrame[][]): Outcome {
    return {
      loads: this.loads,
      frames,
      rules: this.run("iptables-save -c").stdout,
      conntrack: this.run("conntrack -L").stdout,
      sets: this.run("ipset save").stdout,
    };
  }
}

/** What the emulator makes of a state. */
export function judgeEmulated(state: FuzzState): Outcome {
  const session = new Session(state);
  return session.outcome(state.packets.map((packet) => session.send(packet)));
}

/** Does a packet of it go in circles? There is no end to compare then. */
export function circles(state: FuzzState): boolean {
  const session = new Session(state);
  return state.packets.some((packet) => {
    session.send(packet);
    return session.steps > LOOP;
  });
}

/** More events than this no packet causes that comes to an end; in a gap are forty rounds through lo. */
export const LOOP = 30;

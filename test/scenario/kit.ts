import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type CaptureFile, captures } from "../../src/journey/capture.ts";
import { JourneyReader } from "../../src/journey/reader.ts";
import type { PacketStory } from "../../src/journey/story.ts";
import { storyOf } from "../../src/journey/tell.ts";
import { compileWorld } from "../../src/lab/compile/world.ts";
import { Agent } from "../../src/mesh/ambient2022/agent.ts";
import { type Finished, runToCompletion } from "../../src/shell/script.ts";
import { MSEC } from "../../src/sim/sim.ts";
import { World, type WorldOptions } from "../../src/world/world.ts";

const worlds = join(import.meta.dirname, "../../lessons/worlds");

/** A world of the repository, by name. */
export function makeWorld(name: string, options: WorldOptions = {}): World {
  const file = `${name}.yaml`;
  return new World(compileWorld(file, name, readFileSync(join(worlds, file), "utf8")), options);
}

/** Run a script on a machine of the world, named as `--at` does. */
export function runAt(world: World, at: string, script: string): Finished {
  const machine = world.machine(at);
  if (!machine) throw new Error(`no machine ${at}`);
  const finished = runToCompletion(machine, `${script}\n`);
  // What is under way when the shell ends (a last ACK) arrives.
  world.sim.runUntil(world.sim.now + 200 * MSEC);
  return finished;
}

/** What runs in a ztunnel's pod of the 2022 world. */
export function agentOf(world: World, pod: string): Agent {
  for (const worker of world.nodes?.workers.values() ?? [])
    for (const { server } of worker.containers)
      if (worker.pod.metadata.name === pod && server instanceof Agent) return server;
  throw new Error(`no ${pod}`);
}

/** What happened while `act` ran: packets' stories, and the captures of every namespace. */
export function watch<T>(
  world: World,
  act: () => T,
): { result: T; stories: PacketStory[]; files: CaptureFile[]; reader: JourneyReader } {
  const { trace } = world.sim;
  const begin = trace.next;
  const result = act();
  const reader = new JourneyReader(trace, begin);
  reader.read();
  if (trace.first > begin) throw new Error("the trace ring is too small for this");
  const files = captures(trace, reader, begin);
  const stories = [...reader.stories.keys()].flatMap((skb) => storyOf(reader, skb) ?? []);
  return { result, stories, files, reader };
}

/** "node-a eth0 Out", in the order in which the packet was there. */
export function devices(story: PacketStory, names: Record<string, string> = {}): string[] {
  return story.legs.flatMap((leg) =>
    leg.steps
      .filter((step) => step.kind === "in" || step.kind === "out")
      .map((step) => {
        const where = names[leg.namespace] ?? leg.namespace;
        const device = String(step.facts.device);
        return `${where} ${names[device] ?? device} ${step.kind === "in" ? "In" : "Out"}`;
      }),
  );
}

export interface CapturedFrame {
  device: string;
  direction: "in" | "out" | "";
  data: Uint8Array;
  comment: string;
}

/** What stands in a pcapng file, read by other eyes than those that wrote it. */
export function readPcapng(file: Uint8Array): CapturedFrame[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const names: string[] = [];
  const frames: CapturedFrame[] = [];
  const text = (from: number, length: number) =>
    new TextDecoder().decode(file.subarray(from, from + length));
  for (let at = 0; at < file.length; ) {
    const type = view.getUint32(at, true);
    const length = view.getUint32(at + 4, true);
    if (length < 12 || length % 4 || view.getUint32(at + length - 4, true) !== length)
      throw new Error(`block at ${at}: bad length ${length}`);
    const captured = type === 6 ? view.getUint32(at + 20, true) : 0;
    let option = at + (type === 6 ? 28 + ((captured + 3) & ~3) : type === 1 ? 16 : length);
    const found = new Map<number, [number, number]>();
    while (option < at + length - 4) {
      const code = view.getUint16(option, true);
      const size = view.getUint16(option + 2, true);
      if (code === 0) break;
      found.set(code, [option + 4, size]);
      option += 4 + ((size + 3) & ~3);
    }
    if (type === 1) names.push(text(...(found.get(2) ?? [at, 0])));
    if (type === 6) {
      const flags = found.get(2);
      const direction = flags ? view.getUint32(flags[0], true) & 3 : 0;
      frames.push({
        device: names[view.getUint32(at + 8, true)] ?? "?",
        direction: direction === 1 ? "in" : direction === 2 ? "out" : "",
        data: file.subarray(at + 28, at + 28 + captured),
        comment: text(...(found.get(1) ?? [at, 0])),
      });
    }
    at += length;
  }
  return frames;
}

import { Machine } from "../host/machine.ts";
import type { Kernel } from "../net/kernel.ts";
import { Sim } from "../sim/sim.ts";

/** A machine without a network, for tests of the shell alone. */
export function testMachine(seed = 1): Machine {
  const sim = new Sim(seed, 16);
  const kernel = { sim, release: "6.1.0-28-cloud-amd64" } as Kernel;
  return new Machine("box", kernel, { id: 1, label: "box" } as never);
}

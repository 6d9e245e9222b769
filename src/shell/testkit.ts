import { Machine } from "../host/machine.ts";
import { Ids, Kernel } from "../net/kernel.ts";
import { Sim } from "../sim/sim.ts";

/** A machine with a kernel and a loopback of its own, for tests. */
export function testMachine(seed = 1): Machine {
  const sim = new Sim(seed, 1000);
  const kernel = new Kernel(sim, new Ids(), "box");
  return new Machine("box", kernel, kernel.init);
}

import type { Machine } from "../../host/machine.ts";
import type { Cluster } from "../../kube/cluster.ts";
import type { ContainerStatus, Pod } from "../../kube/objects.ts";
import type { Sim } from "../../sim/sim.ts";
import type { NodeSpec, PodSpec } from "../spec.ts";
import type { World } from "../world.ts";

/** Where a program starts: its pod, and all around it. */
export interface AppContext {
  world: World;
  cluster: Cluster;
  /** The pod's own machine; for one in the node's network, a machine with the node's namespace. */
  machine: Machine;
  /** The machine of the node. */
  node: Machine;
  nodeSpec: NodeSpec;
  pod: Pod;
  spec: PodSpec;
  status: ContainerStatus;
  /** What it writes. */
  output: ContainerOutput;
  /** For programs that are not ready as soon as they run. */
  readiness: Readiness;
}

/** Told when a program is, or is no longer, ready to serve. */
export interface Readiness {
  setReady(ready: boolean): void;
}

/** The log of a container, for who writes into it. */
export class ContainerOutput {
  sim: Sim;
  status: ContainerStatus;

  constructor(sim: Sim, status: ContainerStatus) {
    this.sim = sim;
    this.status = status;
  }

  write(text: string): void {
    this.status.log.push({ at: this.sim.now, text });
  }
}

/** A program that runs. */
export interface Server {
  stop(): void;
  /** Absent: from the start. */
  isReady?: boolean;
}

/** What runs in a pod: a program that we have. */
export interface App {
  /** As in a world file's `app`. */
  name: string;
  /** It handles no SIGTERM, and the first process of a container hears no other. */
  deaf?: boolean;
  /** The script of its init container, run in the pod before it starts. */
  init?(context: AppContext): string;
  /** Start it; what stops it again, if there is more to stop than its processes. */
  start(context: AppContext): Server | null;
}

/**
 * Programs by name. Whoever starts the engine fills it (world/install.ts): they come with the part
 * that the first prompt does not wait for, so it is no state of a world.
 */
const byName = new Map<string, App>();

export function installApps(apps: readonly App[]): void {
  for (const app of apps) byName.set(app.name, app);
}

export function findApp(name: string): App {
  const found = byName.get(name);
  if (!found) throw new Error(`no app ${name}`);
  return found;
}

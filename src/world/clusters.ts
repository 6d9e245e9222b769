import type { Cluster } from "../kube/cluster.ts";
import { Absent } from "../sim/part.ts";
import type { ClusterSpec } from "./spec.ts";
import type { World } from "./world.ts";

/** The part that a world with a cluster cannot be made without. */
export const NODES = "nodes";

/** What makes a world's cluster, with its nodes and pods, and what starts it. */
export interface Clusters {
  build(world: World, spec: ClusterSpec): void;
  start(cluster: Cluster): void;
}

/** It comes with the worlds that have one; whoever starts the engine fills it, so it is no state of a world. */
const installed: Clusters[] = [];

export function installClusters(clusters: Clusters): void {
  if (!installed.includes(clusters)) installed.push(clusters);
}

/** Throws Absent. */
export function clusters(): Clusters {
  const [found] = installed;
  if (!found) throw new Absent(NODES);
  return found;
}

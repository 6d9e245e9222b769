import { installClusters } from "../app/registry.ts";
import { buildCluster } from "../cluster.ts";

/** The machines of a cluster, before anything runs on them. */
export function install(): void {
  installClusters(buildCluster);
}

import { startCluster } from "../../kube/kind-registry.ts";
import { buildCluster } from "../cluster.ts";
import { installClusters } from "../clusters.ts";

const clusters = { build: buildCluster, start: startCluster };

/** Clusters, as far as their machines' shells need them: objects, nodes and pods in which nothing runs yet. */
export function install(): void {
  installClusters(clusters);
}

import type { Cluster } from "../cluster.ts";
import { DaemonSetController } from "./daemonset.ts";
import { DeploymentController } from "./deployment.ts";
import { EndpointsController } from "./endpoints.ts";
import { GarbageCollector } from "./garbage.ts";
import { NamespaceController } from "./namespace.ts";
import { NodeLifecycleController } from "./node-lifecycle.ts";
import { ReplicaSetController } from "./replicaset.ts";
import { Scheduler } from "./scheduler.ts";
import { TaintEvictionController } from "./taint-eviction.ts";

/** kube-controller-manager and kube-scheduler: everything that looks after objects. */
export function startControllers(cluster: Cluster): void {
  new NamespaceController(cluster);
  new DeploymentController(cluster);
  new ReplicaSetController(cluster);
  new DaemonSetController(cluster);
  new Scheduler(cluster);
  new EndpointsController(cluster.store);
  new GarbageCollector(cluster);
  new TaintEvictionController(cluster);
  if (cluster.controlPlane) new NodeLifecycleController(cluster);
}

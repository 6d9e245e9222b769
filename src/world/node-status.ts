import type { Node } from "../kube/api/core.ts";
import type { Cluster } from "../kube/cluster.ts";
import { SEC, type Wakeable } from "../sim/sim.ts";
import { Nodes } from "./kubelet.ts";
import { healthyConditions } from "./node-conditions.ts";

/** kubelet: a quarter of nodeLeaseDurationSeconds, and nodeStatusUpdateFrequency. */
const PERIOD = 10 * SEC;
/** kubelet: nodeStatusReportFrequency, when nothing has changed. */
const REPORT = 300 * SEC;

/** What a kubelet says of its node: that it lives, and how it is. */
export class NodeStatus implements Wakeable {
  nodes: Nodes;
  node: string;
  /** When it last said how the node is, ns. */
  reported: number;
  wasLost = false;

  constructor(nodes: Nodes, node: string) {
    this.nodes = nodes;
    this.node = node;
    const { sim } = nodes.world;
    this.reported = sim.now;
    nodes.cluster.leases.set(node, sim.now);
    sim.after(PERIOD, this, "renew");
  }

  wake(): void {
    const { cluster, world } = this.nodes;
    const { sim } = world;
    sim.after(PERIOD, this, "renew");
    if (cluster.isLost(this.node)) {
      this.wasLost = true;
      return;
    }
    cluster.leases.set(this.node, sim.now);
    const node = cluster.store.get("Node", this.node);
    const unknown = node?.status.conditions.some((c) => c.status === "Unknown") ?? false;
    if (node && (unknown || sim.now - this.reported >= REPORT)) this.report(node);
    if (this.wasLost) this.reconnected();
    this.wasLost = false;
  }

  /** The node has its way to the API server again: what changed meanwhile is seen, and said. */
  reconnected(): void {
    const { nodes, node } = this;
    const { store } = nodes.cluster;
    for (const worker of [...nodes.workers.values()]) {
      if (worker.pod.spec.nodeName !== node) continue;
      const current = store.current(worker.pod);
      if (!current) {
        nodes.see("DELETED", worker.pod);
        continue;
      }
      worker.pod = current;
      worker.writeStatus();
      nodes.see("MODIFIED", store.current(current) ?? current);
    }
    for (const pod of store.list("Pod"))
      if (pod.spec.nodeName === node && !nodes.workers.has(pod.metadata.uid))
        nodes.see("ADDED", pod);
  }

  report(node: Node): void {
    const { store } = this.nodes.cluster;
    this.reported = this.nodes.world.sim.now;
    store.edit(node, ({ status }) => {
      status.conditions = healthyConditions(store.timestamp).map((fresh) => {
        const old = status.conditions.find((c) => c.type === fresh.type);
        const same = old?.status === fresh.status && old.lastTransitionTime !== undefined;
        return same ? { ...fresh, lastTransitionTime: old.lastTransitionTime ?? "" } : fresh;
      });
    });
  }
}

/** Kubelets speak up, where nodes can be lost. */
export function startNodeStatus({ kubelet, controlPlane }: Cluster): void {
  if (controlPlane && kubelet instanceof Nodes)
    for (const { name } of kubelet.spec.nodes) new NodeStatus(kubelet, name);
}

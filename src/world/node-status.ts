import type { Node } from "../kube/api/core.ts";
import { SEC, type Wakeable } from "../sim/sim.ts";
import type { Nodes } from "./kubelet.ts";

/** kubelet: a quarter of nodeLeaseDurationSeconds, and nodeStatusUpdateFrequency. */
const PERIOD = 10 * SEC;
/** kubelet: nodeStatusReportFrequency, when nothing has changed. */
const REPORT = 300 * SEC;

/** A kubelet's healthy conditions: reason and message. */
const CONDITIONS = {
  MemoryPressure: ["KubeletHasSufficientMemory", "kubelet has sufficient memory available"],
  DiskPressure: ["KubeletHasNoDiskPressure", "kubelet has no disk pressure"],
  PIDPressure: ["KubeletHasSufficientPID", "kubelet has sufficient PID available"],
  Ready: ["KubeletReady", "kubelet is posting ready status"],
} as const;

export function healthyConditions(now: string): Node["status"]["conditions"] {
  return Object.entries(CONDITIONS).map(([type, [reason, message]]) => ({
    type,
    status: type === "Ready" ? "True" : "False",
    lastHeartbeatTime: now,
    lastTransitionTime: now,
    reason,
    message,
  }));
}

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
    if (this.wasLost) this.nodes.reconnected(this.node);
    this.wasLost = false;
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

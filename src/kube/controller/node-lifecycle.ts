import { SEC, type Wakeable } from "../../sim/sim.ts";
import type { Node, Taint } from "../api/core.ts";
import type { Condition } from "../api/meta.ts";
import type { Cluster } from "../cluster.ts";
import { recordEvent } from "../events.ts";
import { NOT_READY, UNREACHABLE } from "../taints.ts";

/** kube-controller-manager: --node-monitor-period */
const PERIOD = 5 * SEC;
const SOURCE = { component: "node-controller" };
/** What a kubelet posts. */
const CONDITIONS = ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"];

/** --node-monitor-grace-period: 40 s until Kubernetes 1.31, then 50. */
function gracePeriod(node: Node): number {
  const minor = Number(/^v1\.(\d+)/.exec(node.status.nodeInfo.kubeletVersion)?.[1] ?? 0);
  return (minor >= 32 ? 50 : 40) * SEC;
}

function readyOf(node: Node): Condition | undefined {
  return node.status.conditions.find((c) => c.type === "Ready");
}

/** The taint that belongs to a node's state. */
function keyFor(node: Node): string | null {
  const status = readyOf(node)?.status;
  if (status === "True") return null;
  return status === "False" ? NOT_READY : UNREACHABLE;
}

/**
 * Watches whether kubelets renew their leases: whoever does not is not known to be ready any more,
 * nor are its pods, and taints keep others away (kubernetes: pkg/controller/nodelifecycle).
 */
export class NodeLifecycleController implements Wakeable {
  cluster: Cluster;
  /** By node: the last renewal, and when this was first seen. */
  seen = new Map<string, { renewed: number; at: number }>();
  /** Whether a node was ready when this last looked. */
  ready = new Map<string, boolean>();

  constructor(cluster: Cluster) {
    this.cluster = cluster;
    cluster.store.sim.after(PERIOD, this, "monitor");
  }

  wake(): void {
    const { store } = this.cluster;
    store.sim.after(PERIOD, this, "monitor");
    for (const node of store.list("Node")) this.observe(node);
    // Where no node at all is heard of, it is the network that is broken, not the nodes.
    const nodes = store.list("Node");
    const disrupted = nodes.every((node) => readyOf(node)?.status !== "True");
    for (const node of nodes) this.taint(node, disrupted);
  }

  observe(node: Node): void {
    const { name } = node.metadata;
    const { store, leases } = this.cluster;
    const { now } = store.sim;
    const renewed = leases.get(name) ?? 0;
    let seen = this.seen.get(name);
    if (seen?.renewed !== renewed) {
      seen = { renewed, at: now };
      this.seen.set(name, seen);
    }
    const silent = now > seen.at + gracePeriod(node);
    const current = silent ? (this.markUnknown(node) ?? node) : node;
    const ready = readyOf(current)?.status === "True";
    if (this.ready.get(name) === true && !ready) {
      const message = `Node ${name} status is now: NodeNotReady`;
      recordEvent(store, current, SOURCE, "Normal", "NodeNotReady", message);
      this.markPods(name);
    }
    this.ready.set(name, ready);
  }

  /** tryUpdateNodeHealth */
  markUnknown(node: Node): Node | null {
    const { store } = this.cluster;
    const now = store.timestamp;
    const known = node.status.conditions.some(
      ({ type, status }) => CONDITIONS.includes(type) && status !== "Unknown",
    );
    if (!known) return null;
    return store.edit(node, ({ status }) => {
      for (const condition of status.conditions) {
        if (!CONDITIONS.includes(condition.type) || condition.status === "Unknown") continue;
        condition.status = "Unknown";
        condition.reason = "NodeStatusUnknown";
        condition.message = "Kubelet stopped posting node status.";
        condition.lastTransitionTime = now;
      }
    });
  }

  /** Nobody should be sent to them (pkg/controller/util/node, MarkPodsNotReady). */
  markPods(node: string): void {
    const { store } = this.cluster;
    for (const pod of store.list("Pod")) {
      const ready = pod.status.conditions?.find((c) => c.type === "Ready");
      if (pod.spec.nodeName !== node || ready?.status !== "True") continue;
      const next = store.edit(pod, ({ status }) => {
        for (const condition of status.conditions ?? [])
          if (condition.type === "Ready") {
            condition.status = "False";
            condition.lastTransitionTime = store.timestamp;
          }
      });
      recordEvent(store, next ?? pod, SOURCE, "Warning", "NodeNotReady", "Node is not ready");
    }
  }

  /** doNoScheduleTaintingPass, doNoExecuteTaintingPass */
  taint(node: Node, disrupted: boolean): void {
    const { store } = this.cluster;
    const key = keyFor(node);
    const old = node.spec.taints ?? [];
    const effects = key === null ? [] : disrupted ? ["NoSchedule"] : ["NoSchedule", "NoExecute"];
    const isOurs = (taint: Taint): boolean => taint.key === NOT_READY || taint.key === UNREACHABLE;
    const wanted = effects.map(
      (effect): Taint =>
        old.find((t) => t.key === key && t.effect === effect) ?? {
          key: key as string,
          effect,
          timeAdded: store.timestamp,
        },
    );
    const ours = old.filter(isOurs);
    if (ours.length === wanted.length && wanted.every((taint) => ours.includes(taint))) return;
    store.edit(node, ({ spec }) => {
      const taints = [...old.filter((taint) => !isOurs(taint)), ...wanted];
      if (taints.length) spec.taints = taints;
      else delete spec.taints;
    });
  }
}

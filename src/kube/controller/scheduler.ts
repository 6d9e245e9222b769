import { affineNode } from "../affinity.ts";
import type { Node } from "../api/core.ts";
import type { Pod } from "../api/pod.ts";
import type { Cluster } from "../cluster.ts";
import { recordEvent } from "../events.ts";
import { controllerOf } from "../objects.ts";
import type { WatchEvent } from "../store.ts";
import { untolerated } from "../taints.ts";
import { Controller, keyOf } from "./queue.ts";
import { isActive } from "./replicaset.ts";

const SOURCE = { component: "default-scheduler" };

/**
 * Gives each new pod a node (kubernetes: pkg/scheduler): of those that fit, the one with the fewest
 * of its kind (PodTopologySpread), that has its images (ImageLocality), that is the emptiest.
 */
export class Scheduler extends Controller {
  constructor(cluster: Cluster) {
    super(cluster, ["Pod", "Node"]);
  }

  keys({ object }: WatchEvent): string[] {
    if (object.kind === "Node")
      return this.cluster.store
        .list("Pod")
        .filter((pod) => !pod.spec.nodeName)
        .map(keyOf);
    return (object as Pod).spec.nodeName ? [] : [keyOf(object)];
  }

  reconcile(namespace: string, name: string): void {
    const { store } = this.cluster;
    const pod = store.get("Pod", name, namespace);
    if (!pod || pod.spec.nodeName || pod.metadata.deletionTimestamp) return;
    const nodes = store.list("Node");
    const refusals = nodes.map((node) => refusal(pod, node));
    const fitting = nodes.filter((_, i) => refusals[i] === null);
    if (fitting.length === 0) return this.refuse(pod, refusals as string[]);
    const pods = store.list("Pod").filter(isActive);
    const owner = controllerOf(pod)?.uid;
    const score = (node: Node): number[] => {
      const here = pods.filter((other) => other.spec.nodeName === node.metadata.name);
      const kin = here.filter((other) => owner !== undefined && controllerOf(other)?.uid === owner);
      const images = new Set(this.cluster.kubelet?.images(node.metadata.name));
      const missing = pod.spec.containers.filter((c) => !images.has(c.image ?? "")).length;
      return [kin.length, missing, here.length];
    };
    const best = [...fitting].sort((a, b) => compare(score(a), score(b)))[0] as Node;
    store.edit(pod, (copy) => {
      copy.spec.nodeName = best.metadata.name;
      copy.status.conditions = [
        {
          type: "PodScheduled",
          status: "True",
          lastProbeTime: null,
          lastTransitionTime: store.timestamp,
        },
      ];
    });
    const message = `Successfully assigned ${namespace}/${name} to ${best.metadata.name}`;
    recordEvent(store, pod, SOURCE, "Normal", "Scheduled", message);
  }

  refuse(pod: Pod, refusals: readonly string[]): void {
    const { store } = this.cluster;
    const counts = new Map<string, number>();
    for (const why of refusals) counts.set(why, (counts.get(why) ?? 0) + 1);
    const reasons = [...counts].map(([why, n]) => `${n} ${why}`).sort();
    const none = `0/${refusals.length} nodes are available:`;
    const message = `${none} ${reasons.join(", ")}. preemption: ${none} ${refusals.length} Preemption is not helpful for scheduling.`;
    if (pod.status.conditions?.some((c) => c.type === "PodScheduled" && c.message === message))
      return;
    store.edit(pod, (copy) => {
      copy.status.conditions = [
        {
          type: "PodScheduled",
          status: "False",
          reason: "Unschedulable",
          message,
          lastProbeTime: null,
          lastTransitionTime: store.timestamp,
        },
      ];
    });
    recordEvent(store, pod, SOURCE, "Warning", "FailedScheduling", message);
  }
}

/** Why a pod cannot run on a node, as the scheduler's plugins say; null when it can. */
function refusal(pod: Pod, node: Node): string | null {
  const only = affineNode(pod);
  if (only !== null && only !== node.metadata.name)
    return "node(s) didn't match Pod's node affinity/selector";
  const labels = node.metadata.labels ?? {};
  if (Object.entries(pod.spec.nodeSelector ?? {}).some(([k, v]) => labels[k] !== v))
    return "node(s) didn't match Pod's node affinity/selector";
  const taint = untolerated(node.spec.taints, pod.spec.tolerations, ["NoSchedule", "NoExecute"])[0];
  if (taint) return `node(s) had untolerated taint {${taint.key}: ${taint.value ?? ""}}`;
  // A daemon stays also where nobody new may come.
  if (node.spec.unschedulable && only === null) return "node(s) were unschedulable";
  return null;
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return (a[i] ?? 0) - (b[i] ?? 0);
  return 0;
}

import type { ReplicaSet } from "../api/apps.ts";
import type { Pod } from "../api/pod.ts";
import type { Cluster } from "../cluster.ts";
import { deletePod } from "../deletion.ts";
import { recordEvent } from "../events.ts";
import { controllerOf, podReady } from "../objects.ts";
import { podFrom } from "../pod-template.ts";
import type { WatchEvent } from "../store.ts";
import { claimants, claimPods } from "./claim.ts";
import { Controller, keyOf } from "./queue.ts";

const SOURCE = { component: "replicaset-controller" };

/** Pods that count: neither ended nor on their way out. */
export function isActive(pod: Pod): boolean {
  const { phase } = pod.status;
  return (
    phase !== "Succeeded" && phase !== "Failed" && pod.metadata.deletionTimestamp === undefined
  );
}

/** Keeps as many pods as a ReplicaSet says (kubernetes: pkg/controller/replicaset). */
export class ReplicaSetController extends Controller {
  constructor(cluster: Cluster) {
    super(cluster, ["ReplicaSet", "Pod"]);
  }

  keys(event: WatchEvent): string[] {
    if (event.object.kind === "ReplicaSet") return [keyOf(event.object)];
    return claimants(this.cluster.store, "ReplicaSet", event);
  }

  reconcile(namespace: string, name: string): void {
    const { store } = this.cluster;
    const set = store.get("ReplicaSet", name, namespace);
    if (!set || set.metadata.deletionTimestamp) return;
    const pods = claimPods(store, set).filter(isActive);
    const { replicas } = set.spec;
    for (let n = pods.length; n < replicas; n++) this.createPod(set);
    const surplus = pods.length - replicas;
    // Who is the least use goes first (ActivePodsWithRanks): not placed, not running, not ready, young.
    const ranked = [...pods].sort((a, b) => rank(a) - rank(b) || age(b) - age(a));
    for (const pod of ranked.slice(0, Math.max(surplus, 0))) {
      deletePod(store, pod, null);
      const message = `Deleted pod: ${pod.metadata.name}`;
      recordEvent(store, set, SOURCE, "Normal", "SuccessfulDelete", message);
    }
    this.writeStatus(set);
  }

  createPod(set: ReplicaSet): void {
    const { store } = this.cluster;
    const { namespace = "", name } = set.metadata;
    const account = set.spec.template.spec.serviceAccountName ?? "default";
    if (!store.get("ServiceAccount", account, namespace)) {
      const why = `error looking up service account ${namespace}/${account}: serviceaccount "${account}" not found`;
      const message = `Error creating: pods "${name}-" is forbidden: ${why}`;
      recordEvent(store, set, SOURCE, "Warning", "FailedCreate", message);
      return;
    }
    const space = store.get("Namespace", namespace);
    if (!space || space.status.phase === "Terminating") return;
    const pod = store.create(
      podFrom(set.spec.template, set, `${name}-${store.nameSuffix()}`, store),
    );
    const message = `Created pod: ${pod.metadata.name}`;
    recordEvent(store, set, SOURCE, "Normal", "SuccessfulCreate", message);
  }

  writeStatus(set: ReplicaSet): void {
    const { store } = this.cluster;
    const pods = store
      .list("Pod", set.metadata.namespace ?? "")
      .filter((pod) => controllerOf(pod)?.uid === set.metadata.uid && isActive(pod));
    const ready = pods.filter(podReady).length;
    store.edit(set, (copy) => {
      copy.status = {
        replicas: pods.length,
        ...(pods.length ? { fullyLabeledReplicas: pods.length } : {}),
        ...(ready ? { readyReplicas: ready, availableReplicas: ready } : {}),
        observedGeneration: copy.metadata.generation ?? 1,
      };
    });
  }
}

function rank(pod: Pod): number {
  if (!pod.spec.nodeName) return 0;
  if (pod.status.phase === "Pending") return 1;
  return podReady(pod) ? 3 : 2;
}

function age(pod: Pod): number {
  return -Date.parse(pod.metadata.creationTimestamp);
}

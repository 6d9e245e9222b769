import { affineNode, affinityTo } from "../affinity.ts";
import type { DaemonSet } from "../api/apps.ts";
import type { Node } from "../api/core.ts";
import type { Pod } from "../api/pod.ts";
import type { Cluster } from "../cluster.ts";
import { deletePod } from "../deletion.ts";
import { recordEvent } from "../events.ts";
import { templateHash } from "../hash.ts";
import { REVISION_HASH } from "../labels.ts";
import { controllerOf, podReady } from "../objects.ts";
import { podFrom } from "../pod-template.ts";
import type { WatchEvent } from "../store.ts";
import { claimants, claimPods } from "./claim.ts";
import { Controller, keyOf } from "./queue.ts";

const SOURCE = { component: "daemonset-controller" };

/** Keeps one pod on each node that fits (kubernetes: pkg/controller/daemon). */
export class DaemonSetController extends Controller {
  constructor(cluster: Cluster) {
    super(cluster, ["DaemonSet", "Pod", "Node"]);
  }

  keys(event: WatchEvent): string[] {
    const { object } = event;
    if (object.kind === "DaemonSet") return [keyOf(object)];
    if (object.kind === "Node") return this.cluster.store.list("DaemonSet").map(keyOf);
    return claimants(this.cluster.store, "DaemonSet", event);
  }

  wants(set: DaemonSet, node: Node): boolean {
    const { nodeSelector = {} } = set.spec.template.spec;
    return Object.entries(nodeSelector).every(([k, v]) => node.metadata.labels?.[k] === v);
  }

  reconcile(namespace: string, name: string): void {
    const { store } = this.cluster;
    const set = store.get("DaemonSet", name, namespace);
    if (!set || set.metadata.deletionTimestamp) return;
    const pods = claimPods(store, set);
    const nodes = store.list("Node");
    const hash = templateHash(set.spec.template);
    for (const node of nodes) {
      const here = pods.filter(
        (pod) => (pod.spec.nodeName ?? affineNode(pod)) === node.metadata.name,
      );
      const failed = here.filter((pod) => pod.status.phase === "Failed");
      for (const pod of failed) deletePod(store, pod, 0);
      // The old one keeps its ports until it is gone: only then comes the next.
      if (this.wants(set, node) && here.length === failed.length) this.createPod(set, node, hash);
      if (!this.wants(set, node)) for (const pod of here) deletePod(store, pod, null);
    }
    this.update(set, pods, hash, nodes.length);
    this.writeStatus(set, nodes, hash);
  }

  /** One after the other: as many may be missing as maxUnavailable says. */
  update(set: DaemonSet, pods: readonly Pod[], hash: string, nodes: number): void {
    if (set.spec.updateStrategy.type !== "RollingUpdate") return;
    const value = set.spec.updateStrategy.rollingUpdate?.maxUnavailable ?? 1;
    const most =
      typeof value === "number"
        ? value
        : Math.max(1, Math.ceil((Number.parseInt(value, 10) * nodes) / 100));
    const live = pods.filter((pod) => pod.metadata.deletionTimestamp === undefined);
    const old = live.filter((pod) => pod.metadata.labels?.[REVISION_HASH] !== hash);
    let missing = nodes - live.filter(podReady).length;
    for (const pod of old) {
      if (podReady(pod) && missing >= most) continue;
      if (podReady(pod)) missing++;
      this.removePod(set, pod);
    }
  }

  removePod(set: DaemonSet, pod: Pod): void {
    const { store } = this.cluster;
    deletePod(store, pod, null);
    const message = `Deleted pod: ${pod.metadata.name}`;
    recordEvent(store, set, SOURCE, "Normal", "SuccessfulDelete", message);
  }

  createPod(set: DaemonSet, node: Node, hash: string): void {
    const { store } = this.cluster;
    const { name, namespace = "" } = set.metadata;
    if (store.get("Namespace", namespace)?.status.phase !== "Active") return;
    const draft = podFrom(set.spec.template, set, `${name}-${store.nameSuffix()}`, store);
    draft.metadata.labels = {
      ...draft.metadata.labels,
      [REVISION_HASH]: hash,
      "pod-template-generation": String(set.metadata.generation ?? 1),
    };
    // The real one leaves the rest to the scheduler by an affinity for this one node.
    draft.spec.affinity = affinityTo(node.metadata.name);
    const pod = store.create(draft);
    const message = `Created pod: ${pod.metadata.name}`;
    recordEvent(store, set, SOURCE, "Normal", "SuccessfulCreate", message);
  }

  writeStatus(set: DaemonSet, nodes: readonly Node[], hash: string): void {
    const { store } = this.cluster;
    const pods = store
      .list("Pod", set.metadata.namespace ?? "")
      .filter((pod) => controllerOf(pod)?.uid === set.metadata.uid)
      .filter((pod) => pod.metadata.deletionTimestamp === undefined);
    const desired = nodes.filter((node) => this.wants(set, node)).length;
    const ready = pods.filter(podReady).length;
    const updated = pods.filter((pod) => pod.metadata.labels?.[REVISION_HASH] === hash).length;
    store.edit(set, (copy) => {
      copy.status = {
        currentNumberScheduled: pods.length,
        desiredNumberScheduled: desired,
        numberMisscheduled: 0,
        numberReady: ready,
        ...(ready ? { numberAvailable: ready } : {}),
        ...(desired - ready ? { numberUnavailable: desired - ready } : {}),
        ...(updated ? { updatedNumberScheduled: updated } : {}),
        observedGeneration: copy.metadata.generation ?? 1,
      };
    });
  }
}

import { SEC, type Timer, type Wakeable } from "../../sim/sim.ts";
import type { Pod } from "../api/pod.ts";
import type { Cluster } from "../cluster.ts";
import { deletePod } from "../deletion.ts";
import { recordEvent } from "../events.ts";
import type { WatchEvent } from "../store.ts";
import { tolerates, untolerated } from "../taints.ts";

const SOURCE = { component: "taint-eviction-controller" };
const REASON = "TaintManagerEviction";

/** Pods leave nodes with taints of the effect NoExecute, when they have stood them for as long as they may (kubernetes: pkg/controller/tainteviction). */
export class TaintEvictionController implements Wakeable {
  cluster: Cluster;
  /** Pods that will go, by uid. */
  due = new Map<string, Timer>();

  constructor(cluster: Cluster) {
    this.cluster = cluster;
    cluster.store.watch("Node", this);
    cluster.store.watch("Pod", this);
  }

  wake(reason: string, arg: unknown): void {
    const { store } = this.cluster;
    if (reason === "evict") {
      const pod = arg as Pod;
      this.due.delete(pod.metadata.uid);
      const current = store.current(pod);
      if (current) this.evict(current);
      return;
    }
    const { type, object } = arg as WatchEvent;
    if (object.kind === "Pod") {
      if (type === "DELETED") this.forget(object as Pod);
      else this.look(object as Pod);
      return;
    }
    for (const pod of store.list("Pod"))
      if (pod.spec.nodeName === object.metadata.name) this.look(pod);
  }

  forget(pod: Pod): boolean {
    const timer = this.due.get(pod.metadata.uid);
    timer?.cancel();
    return this.due.delete(pod.metadata.uid);
  }

  look(seen: Pod): void {
    const { store } = this.cluster;
    const pod = store.current(seen);
    const node = store.get("Node", pod?.spec.nodeName ?? "");
    if (!pod || !node || pod.metadata.deletionTimestamp) return;
    const taints = (node.spec.taints ?? []).filter((taint) => taint.effect === "NoExecute");
    const { uid, name, namespace } = pod.metadata;
    const { tolerations = [] } = pod.spec;
    if (taints.length === 0) {
      if (!this.forget(pod)) return;
      const message = `Cancelling deletion of Pod ${namespace}/${name}`;
      return recordEvent(store, pod, SOURCE, "Normal", REASON, message);
    }
    if (untolerated(taints, tolerations, ["NoExecute"]).length) {
      this.forget(pod);
      return this.evict(pod);
    }
    const seconds = tolerations
      .filter((toleration) => taints.some((taint) => tolerates(toleration, taint)))
      .flatMap(({ tolerationSeconds }) => tolerationSeconds ?? []);
    if (seconds.length === 0 || this.due.has(uid)) return;
    const delay = Math.max(0, Math.min(...seconds)) * SEC;
    this.due.set(uid, store.sim.after(delay, this, "evict", pod));
  }

  evict(pod: Pod): void {
    const { store } = this.cluster;
    const { name, namespace } = pod.metadata;
    const message = `Marking for deletion Pod ${namespace}/${name}`;
    recordEvent(store, pod, SOURCE, "Normal", REASON, message);
    const marked = store.edit(pod, ({ status }) => {
      status.conditions = [
        ...(status.conditions ?? []).filter((c) => c.type !== "DisruptionTarget"),
        {
          type: "DisruptionTarget",
          status: "True",
          lastProbeTime: null,
          lastTransitionTime: store.timestamp,
          reason: "DeletionByTaintManager",
          message: "Taint manager: deleting due to NoExecute taint",
        },
      ];
    });
    deletePod(store, marked ?? pod, null);
  }
}

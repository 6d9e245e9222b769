import type { Wakeable } from "../sim/sim.ts";
import type { Cluster } from "./cluster.ts";
import type { Pod } from "./objects.ts";
import type { WatchEvent } from "./store.ts";

/** What generated names end in: no vowels, nothing mistaken (k8s.io/apimachinery/pkg/util/rand). */
const ALPHABET = "bcdfghjklmnpqrstvwxz2456789";

/**
 * Keeps as many pods as there were (kubernetes: the replicaset and daemonset controllers). A
 * replica is replaced as soon as somebody deletes it, a node's daemon only when the old one is gone.
 */
export class WorkloadController implements Wakeable {
  cluster: Cluster;
  /** Pods that have their successor, by uid. */
  replaced = new Set<string>();

  constructor(cluster: Cluster) {
    this.cluster = cluster;
    cluster.store.watch("Pod", this);
  }

  wake(_reason: string, arg: unknown): void {
    const { type, object: pod } = arg as WatchEvent<"Pod">;
    const kind = pod.meta.owner.split("/")[0];
    if (type === "DELETED") {
      if (kind === "DaemonSet") this.replace(pod);
      this.replaced.delete(pod.meta.uid);
    } else if (
      pod.meta.deleted !== null &&
      kind === "Deployment" &&
      !this.replaced.has(pod.meta.uid)
    ) {
      this.replaced.add(pod.meta.uid);
      this.replace(pod);
    }
  }

  /** Generated names of one owner differ in their last part. */
  nameLike(pod: Pod): string {
    const rng = this.cluster.store.sim.rng("names");
    const end = Array.from({ length: 5 }, () => ALPHABET[rng.u32() % ALPHABET.length]).join("");
    return pod.meta.name.replace(/-[^-]+$/, `-${end}`);
  }

  replace(pod: Pod): void {
    this.cluster.kubelet?.replacePod(pod, this.nameLike(pod));
  }
}

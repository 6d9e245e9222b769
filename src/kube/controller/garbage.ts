import type { Wakeable } from "../../sim/sim.ts";
import type { Pod } from "../api/pod.ts";
import type { Cluster } from "../cluster.ts";
import { deletePod } from "../deletion.ts";
import type { WatchEvent } from "../store.ts";

/** Kinds that others may belong to. */
const OWNERS = ["Deployment", "ReplicaSet", "DaemonSet", "Service", "Pod", "Node"];

/** What belongs to something that is gone goes too (kubernetes: pkg/controller/garbagecollector). */
export class GarbageCollector implements Wakeable {
  cluster: Cluster;

  constructor(cluster: Cluster) {
    this.cluster = cluster;
    for (const kind of OWNERS) cluster.store.watch(kind, this);
  }

  wake(_reason: string, arg: unknown): void {
    const { type, object } = arg as WatchEvent;
    if (type !== "DELETED") return;
    const { store } = this.cluster;
    const { uid } = object.metadata;
    for (const kind of [...store.objects.keys()])
      for (const other of store.list(kind)) {
        const owners = other.metadata.ownerReferences;
        if (!owners?.some((owner) => owner.uid === uid)) continue;
        if (owners.length > 1)
          store.edit(other, ({ metadata }) => {
            metadata.ownerReferences = owners.filter((owner) => owner.uid !== uid);
          });
        else if (other.kind === "Pod") deletePod(store, other as Pod, null);
        else store.remove(other);
      }
  }
}

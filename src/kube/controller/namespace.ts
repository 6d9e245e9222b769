import { MSEC } from "../../sim/sim.ts";
import type { ServiceAccount } from "../api/core.ts";
import type { KubeObject } from "../api/meta.ts";
import type { Pod } from "../api/pod.ts";
import type { Cluster } from "../cluster.ts";
import { deletePod } from "../deletion.ts";
import type { WatchEvent } from "../store.ts";
import { Controller } from "./queue.ts";

/** How often it looks whether a namespace that goes is empty. */
const POLL = 100 * MSEC;

/**
 * A namespace gets its default account; one that is deleted is emptied, then it is gone (kubernetes:
 * pkg/controller/serviceaccount, pkg/controller/namespace).
 */
export class NamespaceController extends Controller {
  constructor(cluster: Cluster) {
    super(cluster, ["Namespace"]);
  }

  keys({ object }: WatchEvent): string[] {
    return [`/${object.metadata.name}`];
  }

  reconcile(_: string, name: string): void {
    const { store } = this.cluster;
    const namespace = store.get("Namespace", name);
    if (!namespace) return;
    if (namespace.metadata.deletionTimestamp === undefined) {
      if (!store.get("ServiceAccount", "default", name))
        store.create<ServiceAccount>({
          apiVersion: "v1",
          kind: "ServiceAccount",
          metadata: { name: "default", namespace: name },
        });
      return;
    }
    const left: KubeObject[] = [...store.objects.keys()].flatMap((kind) => [
      ...store.list<KubeObject>(kind, name),
    ]);
    for (const object of left) {
      if (object.kind === "Pod") deletePod(store, object as Pod, null);
      else store.remove(object);
    }
    if (left.length === 0) store.remove(namespace);
    else this.addAfter(POLL, `/${name}`);
  }
}

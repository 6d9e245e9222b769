import type { KubeObject, LabelSelector } from "../api/meta.ts";
import type { Pod } from "../api/pod.ts";
import { controllerOf, matchesSelector, ownedBy } from "../objects.ts";
import type { Store, WatchEvent } from "../store.ts";
import { keyOf } from "./queue.ts";

type Owner = KubeObject & { spec: { selector: LabelSelector } };

/**
 * The pods of a controller (kubernetes: controller_ref_manager.go): one without an owner whose labels
 * match is taken in, one of its own whose labels do not match any more is let go.
 */
export function claimPods(store: Store, owner: Owner): Pod[] {
  const claimed: Pod[] = [];
  for (const pod of store.list("Pod", owner.metadata.namespace ?? "")) {
    const controller = controllerOf(pod);
    const fits = matchesSelector(owner.spec.selector, pod.metadata.labels);
    if (controller ? controller.uid !== owner.metadata.uid : !fits) continue;
    if (controller && fits) claimed.push(pod);
    else if (pod.metadata.deletionTimestamp !== undefined) continue;
    else {
      const { ownerReferences = [] } = pod.metadata;
      const next = store.edit(pod, ({ metadata }) => {
        if (fits) metadata.ownerReferences = [...ownerReferences, ...ownedBy(owner)];
        else {
          const left = ownerReferences.filter((ref) => ref.uid !== owner.metadata.uid);
          if (left.length) metadata.ownerReferences = left;
          else delete metadata.ownerReferences;
        }
      });
      if (next && fits) claimed.push(next);
    }
  }
  return claimed;
}

/** Whom a change of a pod concerns: its controller, or whoever would take it in. */
export function claimants(
  store: Store,
  kind: "ReplicaSet" | "DaemonSet",
  event: WatchEvent,
): string[] {
  const { object } = event;
  const { namespace = "", labels } = object.metadata;
  const owner = controllerOf(object);
  if (owner) return owner.kind === kind ? [`${namespace}/${owner.name}`] : [];
  const owners: readonly Owner[] = store.list(kind, namespace);
  return owners.filter((o) => matchesSelector(o.spec.selector, labels)).map(keyOf);
}

import type { Pod } from "./api/pod.ts";
import type { Store } from "./store.ts";

/** terminationGracePeriodSeconds where nobody says otherwise. */
const GRACE = 30;

/**
 * What the API server does when a pod is deleted (kubernetes: pkg/registry/core/pod, CheckGracefulDelete):
 * it is marked, its node ends it and then lets it go. `grace` in seconds; null: the pod's own. With 0,
 * or where no node has it, it is gone at once.
 */
export function deletePod(store: Store, pod: Pod, grace: number | null): void {
  const current = store.current(pod);
  if (!current) return;
  const { phase } = current.status;
  const wanted = grace ?? current.spec.terminationGracePeriodSeconds ?? GRACE;
  const ended = phase === "Succeeded" || phase === "Failed";
  if (wanted <= 0 || ended || current.spec.nodeName === undefined) return store.remove(current);
  const { deletionGracePeriodSeconds: before } = current.metadata;
  // A period that runs can only become shorter.
  if (before !== undefined && before <= wanted) return;
  const { sim } = store;
  const at = sim.epoch + Math.floor(sim.now / 1e6) + wanted * 1000;
  store.edit(current, ({ metadata }) => {
    metadata.deletionTimestamp = `${new Date(at).toISOString().slice(0, 19)}Z`;
    metadata.deletionGracePeriodSeconds = wanted;
  });
}

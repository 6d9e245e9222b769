import type { Pod } from "../../kube/api/pod.ts";
import type { Store } from "../../kube/store.ts";

/** Is the pod to be captured: by its own label, else its namespace's (istio: cni/pkg/util, PodRedirectionEnabled)? */
export function isEnrolled(store: Store, pod: Pod): boolean {
  const { labels = {}, annotations = {}, namespace } = pod.metadata;
  if (pod.spec.hostNetwork || "sidecar.istio.io/status" in annotations) return false;
  const own = labels["istio.io/dataplane-mode"];
  if (own === "none") return false;
  const of = store.get("Namespace", namespace ?? "")?.metadata.labels ?? {};
  return own === "ambient" || of["istio.io/dataplane-mode"] === "ambient";
}

import type { Deployment } from "../../../../kube/api/apps.ts";
import type { Namespace } from "../../../../kube/api/core.ts";
import type { KubeObject } from "../../../../kube/api/meta.ts";
import type { Container, Pod } from "../../../../kube/api/pod.ts";
import type { Analysis } from "./analysis.ts";

/** Who is in the mesh (istio: pkg/config/analysis/analyzers/util/in_mesh.go and config.go). */

export const INJECTION_LABEL = "istio-injection";
const INJECT = "sidecar.istio.io/inject";
const PROXY = "istio-proxy";

/** A part of the control plane: analyzers leave it alone. */
export function isControlPlane({ metadata: { labels = {} } }: KubeObject): boolean {
  return "istio" in labels || labels.release === "istio";
}

/** Has it a sidecar, or would it get one? */
function hasSidecar(
  analysis: Analysis,
  annotations: Record<string, string> | undefined,
  labels: Record<string, string> | undefined,
  namespace: string,
  containers: readonly Container[],
): boolean {
  if (containers.some(({ name, image }) => name === PROXY && image)) return true;
  const said = labels?.[INJECT] ?? annotations?.[INJECT];
  if (said !== undefined) return said === "true";
  const home = analysis.find<Namespace>("Namespace", namespace);
  return home?.object.metadata.labels?.[INJECTION_LABEL] === "enabled";
}

export function podHasSidecar(analysis: Analysis, { metadata, spec }: Pod): boolean {
  const { annotations, labels, namespace = "" } = metadata;
  const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
  return hasSidecar(analysis, annotations, labels, namespace, containers);
}

export function deploymentHasSidecar(analysis: Analysis, { metadata, spec }: Deployment): boolean {
  const { annotations, labels } = spec?.template?.metadata ?? {};
  const containers = spec?.template?.spec?.containers ?? [];
  return hasSidecar(analysis, annotations, labels, metadata.namespace ?? "", containers);
}

/** Has the node's agent captured it? Today's istioctl asks; the preview's did not know of it. */
export function podIsCaptured({ metadata }: Pod): boolean {
  return metadata.annotations?.["ambient.istio.io/redirection"] === "enabled";
}

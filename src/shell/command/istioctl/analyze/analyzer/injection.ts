import type { ConfigMap, Namespace } from "../../../../../kube/api/core.ts";
import type { Pod } from "../../../../../kube/api/pod.ts";
import { type Analysis, type Analyzer, fullName, type Resource } from "../analysis.ts";
import { INJECTION_LABEL } from "../mesh.ts";

const NAMESPACE_NOT_INJECTED = { code: "IST0102", level: "Info" } as const;
const POD_MISSING_PROXY = { code: "IST0103", level: "Warning" } as const;
const MULTIPLE_LABELS = { code: "IST0123", level: "Warning" } as const;
const ENABLED_BY_DEFAULT = { code: "IST0148", level: "Info" } as const;
const REVISION = "istio.io/rev";
const DATAPLANE = "istio.io/dataplane-mode";

/** enableNamespacesByDefault, in the injector's ConfigMap of a revision. */
function enabledByDefault(analysis: Analysis, revision = "default"): boolean {
  const wanted = `istio-sidecar-injector${revision === "default" || !revision ? "" : `-${revision}`}`;
  const map = analysis
    .list<ConfigMap>("ConfigMap")
    .find(({ object }) => object.metadata.name === wanted);
  const [, value] =
    /"enableNamespacesByDefault"\s*:\s*(true|false)/.exec(map?.object.data?.values ?? "") ?? [];
  return value === "true";
}

/** Is a sidecar wanted in it? What is odd about its labels is said. */
function isInjected(analysis: Analysis, resource: Resource<Namespace>): boolean {
  const { name, labels = {} } = resource.object.metadata;
  const injection = labels[INJECTION_LABEL];
  const modes = [
    ...(injection === undefined ? [] : [INJECTION_LABEL]),
    ...[REVISION, DATAPLANE].filter(
      (label) => label in labels && (injection === undefined || injection === "enabled"),
    ),
  ];
  if (analysis.today && modes.length > 1)
    analysis.report(
      MULTIPLE_LABELS,
      resource,
      `The namespace has more than one type of injection labels [${modes.map((label) => `${label}=${labels[label]}`).join(" ")}], which may lead to undefined behavior. Make sure only one injection label exists.`,
    );
  if (analysis.today && labels[DATAPLANE] === "ambient") return false;
  if (!injection && labels[REVISION] === undefined) {
    if (enabledByDefault(analysis))
      analysis.report(
        ENABLED_BY_DEFAULT,
        resource,
        "is enabled for Istio injection, as Istio is installed with enableNamespacesByDefault as true.",
      );
    else
      analysis.report(
        NAMESPACE_NOT_INJECTED,
        resource,
        `The namespace is not enabled for Istio injection. Run 'kubectl label namespace ${name} istio-injection=enabled' to enable it, or 'kubectl label namespace ${name} istio-injection=disabled' to explicitly mark it as not needing injection.`,
        "{.metadata.name}",
      );
    return false;
  }
  return injection === "enabled";
}

/** istio: pkg/config/analysis/analyzers/injection/injection.go */
export const injection: Analyzer = {
  name: "injection.Analyzer",
  description: "Checks conditions related to Istio sidecar injection",
  inputs: ["Namespace", "Pod", "ConfigMap"],
  analyze(analysis) {
    const injected = new Set<string>();
    for (const resource of analysis.list<Namespace>("Namespace")) {
      const { name } = resource.object.metadata;
      if (name !== "istio-system" && isInjected(analysis, resource)) injected.add(name);
    }
    for (const resource of analysis.list<Pod>("Pod")) {
      const { metadata, spec } = resource.object;
      const { namespace = "", annotations, labels } = metadata;
      const said = labels?.["sidecar.istio.io/inject"] ?? annotations?.["sidecar.istio.io/inject"];
      if (!injected.has(namespace) || said?.toLowerCase() === "false" || spec.hostNetwork) continue;
      const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
      if (!containers.some(({ name, image }) => name === "istio-proxy" && image))
        analysis.report(
          POD_MISSING_PROXY,
          resource,
          `The pod ${fullName(resource.object)} is missing the Istio proxy. This can often be resolved by restarting or redeploying the workload.`,
        );
    }
  },
  examples: [
    {
      objects: `
apiVersion: v1
kind: Namespace
metadata: {name: outside}
---
apiVersion: v1
kind: Namespace
metadata: {name: captured, labels: {istio.io/dataplane-mode: ambient}}
`,
      says: [
        "Info [IST0102] (Namespace outside) The namespace is not enabled for Istio injection. Run 'kubectl label namespace outside istio-injection=enabled' to enable it, or 'kubectl label namespace outside istio-injection=disabled' to explicitly mark it as not needing injection.",
      ],
    },
    {
      objects: `
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec: {containers: [{name: web, image: web}]}
---
apiVersion: v1
kind: Pod
metadata: {name: other, namespace: shop, labels: {sidecar.istio.io/inject: "false"}}
spec: {containers: [{name: web, image: web}]}
`,
      says: [
        "Warning [IST0103] (Pod shop/web) The pod shop/web is missing the Istio proxy. This can often be resolved by restarting or redeploying the workload.",
      ],
    },
    {
      objects: `
apiVersion: v1
kind: Namespace
metadata: {name: both, labels: {istio-injection: enabled, istio.io/dataplane-mode: ambient}}
`,
      says: [
        "Warning [IST0123] (Namespace both) The namespace has more than one type of injection labels [istio-injection=enabled istio.io/dataplane-mode=ambient], which may lead to undefined behavior. Make sure only one injection label exists.",
      ],
    },
  ],
};

import type { Namespace } from "../../../../../kube/api/core.ts";
import type { Pod } from "../../../../../kube/api/pod.ts";
import { selects } from "../../../../../kube/objects.ts";
import type { Analysis, Analyzer, Resource } from "../analysis.ts";
import { podHasSidecar, podIsCaptured } from "../mesh.ts";
import { AUTHORIZATION_POLICY, type AuthorizationPolicy, list, strings } from "../security.ts";

const NOT_FOUND = { code: "IST0101", level: "Error" } as const;
const NO_WORKLOADS = { code: "IST0127", level: "Warning" } as const;

/** Labels of the mesh's pods by namespace. A namespace with pods that are not in it is there, empty. */
function labelsOf(analysis: Analysis): Map<string, Record<string, string>[]> {
  const all = new Map<string, Record<string, string>[]>();
  for (const { object: pod } of analysis.list<Pod>("Pod")) {
    const { namespace = "", labels = {} } = pod.metadata;
    const here = all.get(namespace) ?? [];
    all.set(namespace, here);
    const captured = analysis.today && podIsCaptured(pod);
    if (captured || podHasSidecar(analysis, pod)) here.push(labels);
  }
  return all;
}

/** "app=web,version=v1": as k8s.io/apimachinery/pkg/labels writes a selector. */
function selectorText(labels: Record<string, string>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(",");
}

function matches(labels: Record<string, string>, wanted: Record<string, string>): boolean {
  return Object.keys(wanted).length === 0 || selects(wanted, labels);
}

function checkWorkloads(
  analysis: Analysis,
  resource: Resource<AuthorizationPolicy>,
  pods: Map<string, Record<string, string>[]>,
): void {
  const { metadata, spec } = resource.object;
  const namespace = metadata.namespace ?? "";
  const selector = spec?.selector;
  const wholeMesh = namespace === analysis.rootNamespace;
  if (wholeMesh && !selector) return;
  const wanted = selector?.matchLabels ?? {};
  const among = wholeMesh ? [...pods.values()].flat() : (pods.get(namespace) ?? []);
  const found = selector ? among.some((labels) => matches(labels, wanted)) : among.length > 0;
  if (!found)
    analysis.report(
      NO_WORKLOADS,
      resource,
      `No matching workloads for this resource with the following labels: ${selectorText(wanted)}`,
    );
}

/** "*", "*-suffix", "prefix-*", or a name. */
function names(pattern: string, namespace: string): boolean {
  if (pattern === "*") return true;
  if (pattern.startsWith("*")) return namespace.endsWith(pattern.slice(1));
  if (pattern.endsWith("*")) return namespace.startsWith(pattern.slice(0, -1));
  return pattern.toLowerCase() === namespace.toLowerCase();
}

function checkNamespaces(analysis: Analysis, resource: Resource<AuthorizationPolicy>): void {
  const known = analysis.list<Namespace>("Namespace").map(({ object }) => object.metadata.name);
  for (const [i, rule] of list(resource.object.spec?.rules).entries())
    for (const [j, { source }] of list(rule?.from).entries()) {
      const wanted = strings(source?.namespaces);
      for (const [k, pattern] of [...wanted, ...strings(source?.notNamespaces)].entries()) {
        if (known.some((name) => names(pattern, name))) continue;
        const at = k < wanted.length ? k : k - wanted.length;
        analysis.report(
          NOT_FOUND,
          resource,
          `Referenced namespace not found: ${JSON.stringify(pattern)}`,
          `{.spec.rules[${i}].from[${j}].source.namespaces[${at}]}`,
        );
      }
    }
}

/** istio: analyzers/authz/authorizationpolicies.go */
export const authorizationPolicies: Analyzer = {
  name: "auth.AuthorizationPoliciesAnalyzer",
  description: "Checks the validity of authorization policies",
  inputs: [AUTHORIZATION_POLICY, "Namespace", "Pod"],
  analyze(analysis) {
    const pods = labelsOf(analysis);
    for (const resource of analysis.list<AuthorizationPolicy>(AUTHORIZATION_POLICY)) {
      checkWorkloads(analysis, resource, pods);
      checkNamespaces(analysis, resource);
    }
  },
  examples: [
    {
      objects: `
apiVersion: v1
kind: Namespace
metadata: {name: default}
---
apiVersion: v1
kind: Pod
metadata:
  name: web
  namespace: default
  labels: {app: web}
  annotations: {ambient.istio.io/redirection: enabled}
spec: {containers: [{name: web, image: web}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: fits, namespace: default}
spec:
  selector: {matchLabels: {app: web}}
  rules: [{from: [{source: {namespaces: [default, "def*"]}}]}]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: nobody, namespace: default}
spec:
  selector: {matchLabels: {version: v2, app: web}}
  rules: [{from: [{source: {notNamespaces: [shop]}}]}]
`,
      says: [
        'Error [IST0101] (AuthorizationPolicy default/nobody) Referenced namespace not found: "shop"',
        "Warning [IST0127] (AuthorizationPolicy default/nobody) No matching workloads for this resource with the following labels: app=web,version=v2",
      ],
    },
    {
      objects: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: all, namespace: istio-system}
spec: {}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: all, namespace: empty}
spec: {}
`,
      says: [
        "Warning [IST0127] (AuthorizationPolicy empty/all) No matching workloads for this resource with the following labels: ",
      ],
    },
  ],
};

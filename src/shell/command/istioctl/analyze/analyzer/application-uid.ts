import type { Deployment } from "../../../../../kube/api/apps.ts";
import type { Pod, PodSpec } from "../../../../../kube/api/pod.ts";
import type { Analysis, Analyzer, Resource } from "../analysis.ts";
import { isControlPlane } from "../mesh.ts";

const INVALID = { code: "IST0144", level: "Warning" } as const;
const PROXY_UID = 1337;

function check(analysis: Analysis, resource: Resource, spec: PodSpec | undefined): void {
  if (!spec || isControlPlane(resource.object)) return;
  const users = [
    spec.securityContext?.runAsUser,
    ...(spec.containers ?? [])
      .filter(({ name }) => name !== "istio-proxy" && name !== "istio-operator")
      .map(({ securityContext }) => securityContext?.runAsUser),
  ];
  if (users.includes(PROXY_UID))
    analysis.report(INVALID, resource, "User ID (UID) 1337 is reserved for the sidecar proxy.");
}

/** istio: analyzers/deployment/pod.go */
export const applicationUid: Analyzer = {
  name: "applicationUID.Analyzer",
  description: "Checks invalid application UID",
  inputs: ["Pod", "Deployment"],
  analyze(analysis) {
    for (const resource of analysis.list<Pod>("Pod"))
      check(analysis, resource, resource.object.spec);
    for (const resource of analysis.list<Deployment>("Deployment"))
      check(analysis, resource, resource.object.spec?.template?.spec);
  },
  examples: [
    {
      objects: `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: default}
spec:
  template:
    spec: {containers: [{name: web, securityContext: {runAsUser: 1337}}]}
---
apiVersion: v1
kind: Pod
metadata: {name: sidecar, namespace: default}
spec: {containers: [{name: istio-proxy, securityContext: {runAsUser: 1337}}]}
---
apiVersion: v1
kind: Pod
metadata: {name: istiod, namespace: istio-system, labels: {istio: pilot}}
spec: {securityContext: {runAsUser: 1337}, containers: []}
`,
      says: [
        "Warning [IST0144] (Deployment default/web) User ID (UID) 1337 is reserved for the sidecar proxy.",
      ],
    },
  ],
};

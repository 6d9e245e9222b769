import type { Deployment } from "../../../../../kube/api/apps.ts";
import type { Service } from "../../../../../kube/api/core.ts";
import { selects } from "../../../../../kube/objects.ts";
import { type Analysis, type Analyzer, fullName, type Resource } from "../analysis.ts";
import { deploymentHasSidecar } from "../mesh.ts";

const PROTOCOLS = { code: "IST0116", level: "Warning" } as const;
const PORTS = { code: "IST0137", level: "Warning" } as const;

/** As Go prints a list. */
function goList(values: readonly (string | number)[]): string {
  return `[${values.join(" ")}]`;
}

/** One port, several protocols. */
function checkProtocols(
  analysis: Analysis,
  resource: Resource<Deployment>,
  services: readonly Service[],
): void {
  const byPort = new Map<number, Map<string, string[]>>();
  for (const service of services)
    for (const { port, protocol = "TCP" } of service.spec.ports ?? []) {
      const protocols = byPort.get(port) ?? new Map<string, string[]>();
      byPort.set(port, protocols);
      protocols.set(protocol, [...(protocols.get(protocol) ?? []), fullName(service)]);
    }
  for (const [port, protocols] of byPort) {
    if (protocols.size < 2) continue;
    const names = [...protocols.values()].flat().sort();
    analysis.report(
      PROTOCOLS,
      resource,
      `This deployment ${resource.object.metadata.name} is associated with multiple services using port ${port} but different protocols: ${goList(names)}`,
      "{.metadata.name}",
    );
  }
}

/** One port of the pods, several of the services. */
function checkTargets(
  analysis: Analysis,
  resource: Resource<Deployment>,
  services: readonly Service[],
): void {
  const byTarget = new Map<string, Map<number, string>>();
  for (const service of services)
    for (const { port, targetPort } of service.spec.ports ?? []) {
      const target = String(targetPort || port);
      const ports = byTarget.get(target) ?? new Map<number, string>();
      byTarget.set(target, ports);
      ports.set(port, fullName(service));
    }
  for (const [target, ports] of byTarget) {
    if (ports.size < 2) continue;
    const numbers = [...ports.keys()].sort((a, b) => a - b);
    analysis.report(
      PORTS,
      resource,
      `This deployment ${resource.object.metadata.name} is associated with multiple services ${goList([...ports.values()].sort())} using targetPort ${JSON.stringify(target)} but different ports: ${goList(numbers)}.`,
      "{.metadata.name}",
    );
  }
}

/** istio: analyzers/deployment/services.go; of deployments with a sidecar. */
export const services: Analyzer = {
  name: "deployment.MultiServiceAnalyzer",
  description: "Checks association between services and pods",
  inputs: ["Service", "Deployment", "Namespace"],
  analyze(analysis) {
    for (const resource of analysis.list<Deployment>("Deployment")) {
      const { metadata, spec } = resource.object;
      const waypoint = metadata.labels?.["gateway.istio.io/managed"] === "istio.io-mesh-controller";
      if (waypoint || !deploymentHasSidecar(analysis, resource.object)) continue;
      const found = analysis
        .list<Service>("Service")
        .map(({ object }) => object)
        .filter(
          (service) =>
            service.metadata.namespace === metadata.namespace &&
            selects(service.spec.selector, spec?.template?.metadata?.labels),
        );
      checkProtocols(analysis, resource, found);
      checkTargets(analysis, resource, found);
    }
  },
  examples: [
    {
      objects: `
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec: {template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: web}]}}}
---
apiVersion: v1
kind: Service
metadata: {name: a, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 53, targetPort: 1053, protocol: TCP}]}
---
apiVersion: v1
kind: Service
metadata: {name: b, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 53, targetPort: 2053, protocol: UDP}, {port: 80, targetPort: 1053}]}
`,
      says: [
        "Warning [IST0116] (Deployment shop/web) This deployment web is associated with multiple services using port 53 but different protocols: [shop/a shop/b]",
        'Warning [IST0137] (Deployment shop/web) This deployment web is associated with multiple services [shop/a shop/b] using targetPort "1053" but different ports: [53 80].',
      ],
    },
  ],
};

import type { CustomResourceDefinition } from "../../../../../kube/api/extensions.ts";
import type { Analyzer } from "../analysis.ts";

const BELOW_MINIMUM = { code: "IST0176", level: "Warning" } as const;
const BUNDLE = "gateway.networking.k8s.io/bundle-version";

/** istio: pkg/config/schema/gatewayapi/minimumversions.go */
const MINIMUM: Readonly<Record<string, readonly [number, number, number]>> = {
  "grpcroutes.gateway.networking.k8s.io": [1, 1, 0],
  "backendtlspolicies.gateway.networking.k8s.io": [1, 4, 0],
  "tlsroutes.gateway.networking.k8s.io": [1, 5, 0],
};

function isBelow(version: readonly number[], minimum: readonly number[]): boolean {
  const at = minimum.findIndex((part, i) => part !== version[i]);
  return at >= 0 && (version[at] ?? 0) < (minimum[at] ?? 0);
}

/** istio: analyzers/k8sgateway/crdversion.go */
export const gatewayCrds: Analyzer = {
  name: "k8sgateway.CRDVersionAnalyzer",
  description: "Checks Gateway API CRDs are at the minimum version required by this Istio version",
  inputs: ["CustomResourceDefinition"],
  preview: false,
  analyze(analysis) {
    for (const resource of analysis.list<CustomResourceDefinition>("CustomResourceDefinition")) {
      const { name, annotations } = resource.object.metadata;
      const minimum = MINIMUM[name];
      const [, installed, ...parts] =
        /^v?((\d+)\.(\d+)\.(\d+)(?:[-+].*)?)$/.exec(annotations?.[BUNDLE] ?? "") ?? [];
      if (!minimum || !installed || !isBelow(parts.map(Number), minimum)) continue;
      analysis.report(
        BELOW_MINIMUM,
        resource,
        `Gateway API CRD "${name}" is at version "${installed}" but Istio requires at least "${minimum.join(".")}"; resources of this kind will not be processed. Upgrade the Gateway API CRDs to satisfy the minimum version.`,
      );
    }
  },
  examples: [
    {
      objects: `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: tlsroutes.gateway.networking.k8s.io
  annotations: {gateway.networking.k8s.io/bundle-version: v1.4.1-rc.1}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: grpcroutes.gateway.networking.k8s.io
  annotations: {gateway.networking.k8s.io/bundle-version: v1.4.1}
`,
      says: [
        'Warning [IST0176] (CustomResourceDefinition tlsroutes.gateway.networking.k8s.io) Gateway API CRD "tlsroutes.gateway.networking.k8s.io" is at version "1.4.1-rc.1" but Istio requires at least "1.5.0"; resources of this kind will not be processed. Upgrade the Gateway API CRDs to satisfy the minimum version.',
      ],
    },
  ],
};

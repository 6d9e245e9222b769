import type { CustomResourceDefinition } from "../../../../../kube/api/extensions.ts";
import type { Analyzer } from "../analysis.ts";

const DEPRECATED = { code: "IST0002", level: "Warning" } as const;
const REMOVED = ["ClusterRbacConfig", "RbacConfig", "ServiceRole", "ServiceRoleBinding"];

/** istio: analyzers/deprecation/deprecation.go, of definitions */
export const deprecation: Analyzer = {
  name: "deprecation.DeprecationAnalyzer",
  description: "Checks for deprecated Istio types and fields",
  inputs: ["CustomResourceDefinition"],
  analyze(analysis) {
    for (const resource of analysis.list<CustomResourceDefinition>("CustomResourceDefinition")) {
      const { group, names } = resource.object.spec ?? {};
      if (group === "rbac.istio.io" && REMOVED.includes(names?.kind ?? ""))
        analysis.report(
          DEPRECATED,
          resource,
          `Deprecated: Custom resource type ${group} ${names?.kind} is removed`,
        );
    }
  },
  examples: [
    {
      objects: `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: serviceroles.rbac.istio.io}
spec: {group: rbac.istio.io, names: {kind: ServiceRole}}
`,
      says: [
        "Warning [IST0002] (CustomResourceDefinition serviceroles.rbac.istio.io) Deprecated: Custom resource type rbac.istio.io ServiceRole is removed",
      ],
    },
  ],
};

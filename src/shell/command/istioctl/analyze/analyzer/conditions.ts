import type { Condition, KubeObject } from "../../../../../kube/api/meta.ts";
import type { Analyzer } from "../analysis.ts";
import { AUTHORIZATION_POLICY, list } from "../security.ts";

const NEGATIVE = { code: "IST0171", level: "Warning" } as const;

/** Conditions that mean something bad when they are False, by kind. */
const BAD: Readonly<Record<string, readonly string[]>> = {
  Service: ["istio.io/WaypointBound"],
  [AUTHORIZATION_POLICY]: ["ZtunnelAccepted", "WaypointAccepted"],
};

/** istio: analyzers/conditions/conditions.go */
export const conditions: Analyzer = {
  name: "conditions.ConditionAnalyzer",
  description: "Checks for negative status conditions on resources",
  inputs: Object.keys(BAD),
  preview: false,
  analyze(analysis) {
    for (const [key, types] of Object.entries(BAD))
      for (const resource of analysis.list<KubeObject>(key)) {
        const { conditions: all } = (resource.object.status ?? {}) as { conditions?: Condition[] };
        for (const { type, status, reason = "", message = "" } of list(all)) {
          const partly = type === "WaypointAccepted" && reason === "PartiallyInvalid";
          if (!partly && !(types.includes(type) && status === "False")) continue;
          analysis.report(
            NEGATIVE,
            resource,
            `A condition with a negative status is present: type=${type}, reason=${reason}, message=${message}.`,
          );
        }
      }
  },
  examples: [
    {
      objects: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: custom, namespace: default}
status:
  conditions:
  - {type: ZtunnelAccepted, status: "False", reason: UnsupportedValue, message: ztunnel does not support the CUSTOM action}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: fine, namespace: default}
status:
  conditions:
  - {type: ZtunnelAccepted, status: "True", reason: Accepted, message: attached to ztunnel}
`,
      says: [
        "Warning [IST0171] (AuthorizationPolicy default/custom) A condition with a negative status is present: type=ZtunnelAccepted, reason=UnsupportedValue, message=ztunnel does not support the CUSTOM action.",
      ],
    },
  ],
};

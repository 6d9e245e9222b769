import type { KubeObject } from "../../../../../kube/api/meta.ts";
import type { Analyzer, Example } from "../analysis.ts";
import { AUTHORIZATION_POLICY, PEER_AUTHENTICATION } from "../security.ts";
import { authorizationPolicyFindings } from "../validate/authorization-policy.ts";
import { peerAuthenticationFindings } from "../validate/peer-authentication.ts";
import type { Findings } from "../validate/selector.ts";

const ERROR = { code: "IST0106", level: "Error" } as const;
const WARNING = { code: "IST0133", level: "Warning" } as const;

/** istio: analyzers/schema/validation.go; one for each kind of Istio's. */
function validation<T extends KubeObject>(
  key: string,
  findings: (object: T) => Findings,
  examples: readonly Example[],
): Analyzer {
  const [kind = ""] = key.split(".");
  return {
    name: `schema.ValidationAnalyzer.${kind}`,
    description: `Runs schema validation as an analyzer on '${kind}' resources`,
    inputs: [key],
    analyze(analysis) {
      for (const resource of analysis.list<T>(key)) {
        const { errors, warnings } = findings(resource.object);
        for (const error of errors)
          analysis.report(ERROR, resource, `Schema validation error: ${error}`);
        for (const warning of warnings)
          analysis.report(WARNING, resource, `Schema validation warning: ${warning}`);
      }
    },
    examples,
  };
}

export const authorizationPolicyValidation = validation(
  AUTHORIZATION_POLICY,
  authorizationPolicyFindings,
  [
    {
      objects: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: deny, namespace: default}
spec: {action: DENY}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: http, namespace: default}
spec: {action: DENY, rules: [{to: [{operation: {methods: [POST]}}]}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: odd, namespace: default}
spec:
  selector: {matchLabels: {app: "web*"}}
  rules:
  - from: [{source: {ipBlocks: [10.0.0.300, 10.0.0.0/40]}}]
    to: [{operation: {ports: ["70000"]}}, {operation: {}}]
    when: [{key: source.port, values: ["1"]}]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: fine, namespace: default}
spec: {rules: [{from: [{source: {principals: ["*"]}}], to: [{operation: {paths: ["/a/{*}"]}}]}]}
`,
      says: [
        "Error [IST0106] (AuthorizationPolicy default/deny) Schema validation error: invalid policy deny.default: DENY action without `rules` is meaningless as it will never be triggered, add an empty rule `{}` if you want it be triggered for every request",
        "Error [IST0106] (AuthorizationPolicy default/odd) Schema validation error: invalid policy odd.default: `to.operation` must not be empty, found at rule 0",
        'Error [IST0106] (AuthorizationPolicy default/odd) Schema validation error: invalid policy odd.default: bad CIDR range (10.0.0.0/40): netip.ParsePrefix("10.0.0.0/40"): prefix length out of range',
        "Error [IST0106] (AuthorizationPolicy default/odd) Schema validation error: invalid policy odd.default: bad IP address (10.0.0.300)",
        "Error [IST0106] (AuthorizationPolicy default/odd) Schema validation error: invalid policy odd.default: bad port (70000): <nil>",
        "Error [IST0106] (AuthorizationPolicy default/odd) Schema validation error: invalid policy odd.default: invalid `notValue` for `key` source.port: unknown attribute: source.port",
        "Error [IST0106] (AuthorizationPolicy default/odd) Schema validation error: invalid policy odd.default: invalid `value` for `key` source.port: unknown attribute: source.port",
        'Error [IST0106] (AuthorizationPolicy default/odd) Schema validation error: invalid policy odd.default: wildcard is not supported in selector: "app=web*"',
        "Warning [IST0133] (AuthorizationPolicy default/http) Schema validation warning: configured AuthorizationPolicy will deny all traffic to TCP ports under its scope due to the use of only HTTP attributes in a DENY rule; it is recommended to explicitly specify the port",
      ],
    },
  ],
);

export const peerAuthenticationValidation = validation(
  PEER_AUTHENTICATION,
  peerAuthenticationFindings,
  [
    {
      objects: `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: ports, namespace: default}
spec: {portLevelMtls: {"9080": {mode: DISABLE}}}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: strict, namespace: default}
spec: {mtls: {mode: STRICT}}
`,
      says: [
        "Error [IST0106] (PeerAuthentication default/ports) Schema validation error: mesh/namespace peer authentication cannot have port level mTLS",
      ],
    },
  ],
);

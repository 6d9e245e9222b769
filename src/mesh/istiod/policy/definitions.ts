import type { CustomResourceDefinition, JsonSchema } from "../../../kube/api/extensions.ts";
import type { Store } from "../../../kube/store.ts";

/*
 * The definitions of security.istio.io (istio: manifests/charts/base/files/crd-all.gen.yaml), as far
 * as something here reads them.
 */

const string = (description: string): JsonSchema => ({ type: "string", description });
const strings = (description = "Optional."): JsonSchema => ({
  type: "array",
  description,
  items: { type: "string" },
});
const object = (description: string, properties: Record<string, JsonSchema>): JsonSchema => ({
  type: "object",
  description,
  properties,
});
const list = (items: JsonSchema): JsonSchema => ({
  type: "array",
  description: "Optional.",
  items,
});

const SELECTOR = object("Which workloads it is for.", {
  matchLabels: {
    type: "object",
    description: "Labels that a workload must have.",
    additionalProperties: { type: "string" },
  },
});

const TARGET: JsonSchema = {
  ...object("What it is attached to.", {
    group: string("The group of the target."),
    kind: string("The kind of the target."),
    name: string("The name of the target."),
    namespace: string("The namespace of the target."),
  }),
  required: ["kind", "name"],
};

const SOURCE = object(
  "Source specifies the source of a request.",
  Object.fromEntries(
    [
      "ipBlocks",
      "namespaces",
      "principals",
      "remoteIpBlocks",
      "requestPrincipals",
      "serviceAccounts",
    ]
      .flatMap((name) => [name, `not${name[0]?.toUpperCase()}${name.slice(1)}`])
      .map((name) => [name, strings()]),
  ),
);

const OPERATION = object(
  "Operation specifies the operation of a request.",
  Object.fromEntries(
    ["hosts", "methods", "paths", "ports"]
      .flatMap((name) => [name, `not${name[0]?.toUpperCase()}${name.slice(1)}`])
      .map((name) => [name, strings()]),
  ),
);

const AUTHORIZATION = object("Configuration for access control on workloads.", {
  action: {
    ...string("Optional.\n\nValid Options: ALLOW, DENY, AUDIT, CUSTOM"),
    enum: ["ALLOW", "DENY", "AUDIT", "CUSTOM"],
  },
  provider: object("Specifies detailed configuration of the CUSTOM action.", {
    name: string("Specifies the name of the extension provider."),
  }),
  rules: list(
    object("A rule matches when one of each of its lists does.", {
      from: list(object("Who.", { source: SOURCE })),
      to: list(object("What.", { operation: OPERATION })),
      when: list({
        ...object("Under which conditions.", {
          key: string("The name of an Istio attribute."),
          notValues: strings(),
          values: strings(),
        }),
        required: ["key"],
      }),
    }),
  ),
  selector: SELECTOR,
  targetRef: TARGET,
  targetRefs: list(TARGET),
});

const MODE: JsonSchema = {
  ...string("Defines the mTLS mode used for peer authentication."),
  enum: ["UNSET", "DISABLE", "PERMISSIVE", "STRICT"],
};

const PEER = object("Peer authentication configuration for workloads.", {
  mtls: object("Mutual TLS settings for workload.", { mode: MODE }),
  portLevelMtls: {
    type: "object",
    description: "Port specific mutual TLS settings.",
    additionalProperties: object("The port's.", { mode: MODE }),
  },
  selector: SELECTOR,
});

function definition(
  kind: string,
  plural: string,
  short: string,
  version: string,
  spec: JsonSchema,
  column: { name: string; jsonPath: string },
): Omit<CustomResourceDefinition, "metadata" | "status"> {
  const age = { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    spec: {
      group: "security.istio.io",
      names: {
        categories: ["istio-io", "security-istio-io"],
        kind,
        listKind: `${kind}List`,
        plural,
        ...(short ? { shortNames: [short] } : {}),
        singular: kind.toLowerCase(),
      },
      scope: "Namespaced",
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: [{ ...column, type: "string" }, age],
          schema: {
            openAPIV3Schema: {
              type: "object",
              properties: {
                spec,
                status: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
              },
            },
          },
        },
      ],
    },
  };
}

/** What is installed before istiod: kinds of `version`, "v1" or (before Istio 1.22) "v1beta1". */
export function installDefinitions(store: Store, version: "v1" | "v1beta1"): void {
  const made = [
    definition("AuthorizationPolicy", "authorizationpolicies", "ap", version, AUTHORIZATION, {
      name: "Action",
      jsonPath: ".spec.action",
    }),
    definition("PeerAuthentication", "peerauthentications", "pa", version, PEER, {
      name: "Mode",
      jsonPath: ".spec.mtls.mode",
    }),
  ];
  for (const one of made) {
    const name = `${one.spec.names.plural}.${one.spec.group}`;
    if (store.get("CustomResourceDefinition", name)) continue;
    store.create<CustomResourceDefinition>({
      ...one,
      metadata: { name },
      status: {
        acceptedNames: one.spec.names,
        conditions: ["NamesAccepted", "Established"].map((type) => ({
          type,
          status: "True",
          lastTransitionTime: store.timestamp,
        })),
        storedVersions: [version],
      },
    });
  }
}

import { describe, expect, it } from "vitest";
import { Store } from "../../../kube/store.ts";
import { SEC, Sim } from "../../../sim/sim.ts";
import { Action, type Authorization, type Match, Scope } from "../workload-messages.ts";
import { convertAuthorization } from "./authorization.ts";
import { PolicyCollection, writeStatuses } from "./collection.ts";
import {
  AUTHORIZATION_POLICY,
  type AuthorizationPolicy,
  type PeerAuthentication,
} from "./objects.ts";

/** As istio's own tests have it: pilot/pkg/serviceregistry/ambient/testdata. */

type Spec = NonNullable<AuthorizationPolicy["spec"]>;
const policy = (spec: Spec, namespace = "default", annotations = {}): AuthorizationPolicy => ({
  apiVersion: "security.istio.io/v1",
  kind: "AuthorizationPolicy",
  metadata: {
    name: "p",
    namespace,
    annotations,
    uid: "u",
    resourceVersion: "1",
    creationTimestamp: "2022-11-21T08:00:00Z",
  },
  spec,
});

/** What stands in a match. */
const filled = (match: Match) =>
  Object.fromEntries(Object.entries(match).filter(([, values]) => values.length));
const shape = (made: Authorization | null) =>
  made?.rules.map(({ clauses }) => clauses.map(({ matches }) => matches.map(filled)));

const exact = (value: string) => ({ matchType: { case: "exact", value } });
const presence = { matchType: { case: "presence", value: {} } };

describe("AuthorizationPolicy", () => {
  it("has lists of lists: one of the rules, all of its parts, one of each part's", () => {
    const { policy: made, problem } = convertAuthorization(
      policy({
        action: "DENY",
        rules: [
          {
            from: [
              { source: { principals: ["cluster.local/ns/default/sa/sleep", "*"] } },
              { source: { notNamespaces: ["x*"], ipBlocks: ["10.0.0.0/8", "10.1.2.3", "::1"] } },
            ],
            to: [{ operation: { ports: ["80", "x", "70000"], notPorts: ["90"] } }],
            when: [{ key: "source.namespace", notValues: ["*-system"] }],
          },
          {},
        ],
      }),
    );
    expect(problem).toBeNull();
    expect(made).toMatchObject({ action: Action.DENY, scope: Scope.NAMESPACE });
    expect(shape(made)).toEqual([
      [
        [{ destinationPorts: [80], notDestinationPorts: [90] }],
        [
          { principals: [exact("cluster.local/ns/default/sa/sleep"), presence] },
          {
            notNamespaces: [{ matchType: { case: "prefix", value: "x" } }],
            sourceIps: [
              { address: Uint8Array.of(10, 0, 0, 0), length: 8 },
              { address: Uint8Array.of(10, 1, 2, 3), length: 32 },
            ],
          },
        ],
        [{ notNamespaces: [{ matchType: { case: "suffix", value: "-system" } }] }],
      ],
      [],
    ]);
  });

  it.each([
    [{}, "default", Scope.NAMESPACE],
    [{}, "istio-system", Scope.GLOBAL],
    [{ selector: { matchLabels: { app: "x" } } }, "default", Scope.WORKLOAD_SELECTOR],
  ])("%j in %s", (spec, namespace, scope) => {
    expect(convertAuthorization(policy(spec, namespace)).policy).toMatchObject({
      scope,
      action: Action.ALLOW,
      rules: [],
    });
  });

  it("rules of HTTP are left out of what is allowed", () => {
    const { policy: made, problem } = convertAuthorization(
      policy({
        rules: [
          { to: [{ operation: { methods: ["GET"], ports: ["80"] } }] },
          { from: [{ source: { serviceAccounts: ["sleep", "other/x"] } }] },
        ],
      }),
    );
    expect(shape(made)).toEqual([
      [
        [
          {
            serviceAccounts: [
              { namespace: "default", serviceAccount: "sleep" },
              { namespace: "other", serviceAccount: "x" },
            ],
          },
        ],
      ],
    ]);
    expect(problem).toEqual({
      reason: "UnsupportedValue",
      message:
        "ztunnel does not support HTTP attributes (found: methods). In ambient mode you must use a waypoint proxy to enforce HTTP rules. Within an ALLOW policy, rules matching HTTP attributes are omitted. This will be more restrictive than requested.",
    });
  });

  it("what is denied is denied without them, or not at all", () => {
    const deny = (rule: NonNullable<Spec["rules"]>[0]) =>
      convertAuthorization(policy({ action: "DENY", rules: [rule] }));
    const mixed = deny({ to: [{ operation: { paths: ["/x"], ports: ["80"] } }] });
    expect(shape(mixed.policy)).toEqual([[[{ destinationPorts: [80] }]]]);
    expect(mixed.problem?.message).toContain("(found: paths)");
    expect(mixed.problem?.message).toContain("enforced without the HTTP rules");
    const only = deny({ when: [{ key: "request.headers[x]", values: ["y"] }] });
    expect(shape(only.policy)).toEqual([[[{}]]]);
    expect(only.problem?.message).toContain("has no enforceable rules at ztunnel");
  });

  it("others are not for ztunnels", () => {
    const audit = convertAuthorization(policy({ action: "AUDIT" }));
    expect(audit).toEqual({
      policy: null,
      problem: {
        reason: "UnsupportedValue",
        message: "ztunnel does not support the AUDIT action",
      },
    });
    const target = convertAuthorization(policy({ targetRefs: [{ kind: "Service", name: "x" }] }));
    expect(target).toEqual({ policy: null, problem: null });
    const dry = convertAuthorization(policy({}, "default", { "istio.io/dry-run": "true" }));
    expect(dry.problem?.message).toContain('found policy "default/p" using dry-run annotation');
  });

  it("its status says what has become of it, once", () => {
    const store = new Store(new Sim());
    const { metadata: _metadata, ...rest } = policy({ action: "CUSTOM" });
    const made = store.create<AuthorizationPolicy>({
      ...rest,
      metadata: { name: "p", namespace: "default" },
    });
    writeStatuses(store, new PolicyCollection(store));
    const written = store.current(made);
    expect(written?.status?.conditions).toEqual([
      {
        lastTransitionTime: "2022-11-21T08:00:00Z",
        message: "ztunnel does not support the CUSTOM action",
        observedGeneration: "1",
        reason: "UnsupportedValue",
        status: "False",
        type: "ZtunnelAccepted",
      },
    ]);
    writeStatuses(store, new PolicyCollection(store));
    expect(store.get(AUTHORIZATION_POLICY, "p", "default")).toBe(written);
  });
});

describe("PeerAuthentication", () => {
  /** A store with one for each: name, namespace, spec, oldest first. */
  const collect = (...given: [string, string, PeerAuthentication["spec"]][]) => {
    const sim = new Sim();
    const store = new Store(sim);
    for (const [name, namespace, spec] of given) {
      store.create<PeerAuthentication>({
        apiVersion: "security.istio.io/v1",
        kind: "PeerAuthentication",
        metadata: { name, namespace },
        ...(spec && { spec }),
      });
      sim.runUntil(sim.now + 2 * SEC);
    }
    return new PolicyCollection(store);
  };
  const STRICT = "istio-system/istio_converted_static_strict";
  const strict = { mtls: { mode: "STRICT" } } as const;
  const permissive = { mtls: { mode: "PERMISSIVE" } } as const;
  const a = { selector: { matchLabels: { app: "a" } } };
  const of = (policies: PolicyCollection) => policies.of("default", { app: "a" });

  it.each<[string, Parameters<typeof collect>, string[]]>([
    ["nothing", [], []],
    ["the mesh", [["m", "istio-system", strict]], [STRICT]],
    ["the namespace", [["n", "default", strict]], [STRICT]],
    ["another namespace", [["n", "other", strict]], []],
    [
      "the namespace against the mesh",
      [
        ["m", "istio-system", strict],
        ["n", "default", permissive],
      ],
      [],
    ],
    [
      "a namespace that says nothing",
      [
        ["m", "istio-system", strict],
        ["n", "default", {}],
      ],
      [STRICT],
    ],
    [
      "the workload against the namespace",
      [
        ["n", "default", strict],
        ["w", "default", { ...a, mtls: { mode: "DISABLE" } }],
      ],
      [],
    ],
    ["the workload", [["w", "default", { ...a, ...strict }]], [STRICT]],
    [
      "the oldest of two",
      [
        ["n1", "default", permissive],
        ["n2", "default", strict],
      ],
      [],
    ],
    [
      "a workload's port that is open",
      [["w", "default", { ...a, ...strict, portLevelMtls: { 9090: { mode: "PERMISSIVE" } } }]],
      ["default/converted_peer_authentication_w"],
    ],
    [
      "a workload's port that is not",
      [["w", "default", { ...a, ...permissive, portLevelMtls: { 9090: { mode: "STRICT" } } }]],
      ["default/converted_peer_authentication_w"],
    ],
    [
      "the mesh, and a port that is open",
      [
        ["m", "istio-system", strict],
        ["w", "default", { ...a, portLevelMtls: { 9090: { mode: "PERMISSIVE" } } }],
      ],
      ["default/converted_peer_authentication_w"],
    ],
  ])("%s", (_what, given, expected) => {
    expect(of(collect(...given))).toEqual(expected);
  });

  const converted = (policies: PolicyCollection) =>
    shape(policies.all.find(({ name }) => name.startsWith("converted_")) ?? null);

  it("STRICT but for a port: denied without identity, and not at that port", () => {
    const policies = collect([
      "w",
      "default",
      { ...a, ...strict, portLevelMtls: { 9090: { mode: "DISABLE" } } },
    ]);
    expect(converted(policies)).toEqual([
      [[{ notPrincipals: [presence] }], [{ notDestinationPorts: [9090] }]],
    ]);
    expect(policies.all.map(({ name, action }) => [name, action])).toEqual([
      ["converted_peer_authentication_w", Action.DENY],
      ["istio_converted_static_strict", Action.DENY],
    ]);
  });

  it("PERMISSIVE but for ports: each a rule of its own", () => {
    const portLevelMtls = { 9090: { mode: "STRICT" }, 80: { mode: "STRICT" } } as const;
    expect(converted(collect(["w", "default", { ...a, ...permissive, portLevelMtls }]))).toEqual([
      [[{ notPrincipals: [presence], destinationPorts: [80] }]],
      [[{ notPrincipals: [presence], destinationPorts: [9090] }]],
    ]);
  });

  it("the strictness above is merged into the exception", () => {
    expect(
      converted(
        collect(
          ["m", "istio-system", strict],
          ["w", "default", { ...a, portLevelMtls: { 9090: { mode: "PERMISSIVE" } } }],
        ),
      ),
    ).toEqual([[[{ notDestinationPorts: [9090] }], [{ notPrincipals: [presence] }]]]);
  });
});

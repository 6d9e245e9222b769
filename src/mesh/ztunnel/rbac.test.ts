import { describe, expect, it } from "vitest";
import { assertRbac, matches, type RbacConnection } from "./rbac.ts";
import { type Authorization, ProxyState, type RbacMatch, type Workload } from "./state.ts";

const NOTHING: RbacMatch = {
  namespaces: [],
  notNamespaces: [],
  serviceAccounts: [],
  notServiceAccounts: [],
  principals: [],
  notPrincipals: [],
  sourceIps: [],
  notSourceIps: [],
  destinationIps: [],
  notDestinationIps: [],
  destinationPorts: [],
  notDestinationPorts: [],
};
const policy = (rules: Partial<RbacMatch>[][][], more: Partial<Authorization> = {}) => ({
  name: "p",
  namespace: "ns",
  scope: "Namespace" as const,
  action: "Allow" as const,
  rules: rules.map((clauses) => clauses.map((ms) => ms.map((m) => ({ ...NOTHING, ...m })))),
  dryRun: false,
  ...more,
});
const SLEEP = "spiffe://td/ns/default/sa/sleep";
const conn = (more: Partial<RbacConnection> = {}): RbacConnection => ({
  src: 0x0a000001,
  srcPort: 40000,
  dst: 0x0a000002,
  dstPort: 8080,
  identity: SLEEP,
  ...more,
});
const exact = (value: string) => ({ kind: "exact" as const, value });
const presence = { kind: "presence" as const };

describe("a policy speaks of a connection", () => {
  const cases: [string, Partial<RbacMatch>[][][], Partial<RbacConnection>, boolean][] = [
    ["no rule: never", [], {}, false],
    ["a rule without clauses: always", [[]], {}, true],
    ["an empty clause: always", [[[]]], {}, true],
    ["an empty alternative does not match", [[[{}]]], {}, false],
    ["its namespace", [[[{ namespaces: [exact("default")] }]]], {}, true],
    ["another namespace", [[[{ namespaces: [exact("other")] }]]], {}, false],
    [
      "not a namespace, in plain text",
      [[[{ notNamespaces: [exact("x")] }]]],
      { identity: null },
      true,
    ],
    ["its principal", [[[{ principals: [exact("td/ns/default/sa/sleep")] }]]], {}, true],
    ["a principal with its scheme", [[[{ principals: [exact(SLEEP)] }]]], {}, false],
    ["a prefix", [[[{ principals: [{ kind: "prefix", value: "td/" }] }]]], {}, true],
    ["a suffix", [[[{ principals: [{ kind: "suffix", value: "/sleep" }] }]]], {}, true],
    ["any principal", [[[{ principals: [presence] }]]], {}, true],
    ["any principal, in plain text", [[[{ principals: [presence] }]]], { identity: null }, false],
    ["no principal, in plain text", [[[{ notPrincipals: [presence] }]]], { identity: null }, true],
    ["no principal", [[[{ notPrincipals: [presence] }]]], {}, false],
    [
      "its account",
      [[[{ serviceAccounts: [{ namespace: "default", serviceAccount: "sleep" }] }]]],
      {},
      true,
    ],
    [
      "an account of another namespace",
      [[[{ serviceAccounts: [{ namespace: "other", serviceAccount: "sleep" }] }]]],
      {},
      false,
    ],
    ["its address", [[[{ sourceIps: [{ address: 0x0a000000, length: 24 }] }]]], {}, true],
    ["another's", [[[{ sourceIps: [{ address: 0x0a000002, length: 32 }] }]]], {}, false],
    ["any address at all", [[[{ sourceIps: [{ address: 0, length: 0 }] }]]], {}, true],
    ["its port", [[[{ destinationPorts: [80, 8080] }]]], {}, true],
    ["not its port", [[[{ notDestinationPorts: [8080] }]]], {}, false],
    [
      "fields of an alternative all",
      [[[{ destinationPorts: [8080], namespaces: [exact("other")] }]]],
      {},
      false,
    ],
    [
      "alternatives of a clause any",
      [[[{ destinationPorts: [1] }, { namespaces: [exact("default")] }]]],
      {},
      true,
    ],
    [
      "clauses of a rule all",
      [[[{ destinationPorts: [8080] }], [{ namespaces: [exact("other")] }]]],
      {},
      false,
    ],
    ["rules any", [[[{ destinationPorts: [1] }]], [[{ destinationPorts: [8080] }]]], {}, true],
  ];
  it.each(cases)("%s", (_name, rules, of, expected) => {
    expect(matches(policy(rules), conn(of))).toBe(expected);
  });
});

describe("a connection is allowed", () => {
  const destination = {
    namespace: "ns",
    authorizationPolicies: ["ns/selected", "ns/unknown"],
  } as Workload;
  const verdict = (...policies: Authorization[]) => {
    const state = new ProxyState();
    for (const one of policies) state.insertPolicy(one);
    return assertRbac(state, conn(), destination);
  };
  const always: Partial<RbacMatch>[][][] = [[]];
  const NOT = "allow policies exist, but none allowed";

  it("without policies, or with none that concerns it", () => {
    expect(verdict()).toBeNull();
    expect(verdict(policy([], { namespace: "other" }))).toBeNull();
    expect(verdict(policy([], { name: "elsewhere", scope: "WorkloadSelector" }))).toBeNull();
  });
  it("not when an ALLOW is there and none matches", () => {
    expect(verdict(policy([]))).toBe(NOT);
    expect(verdict(policy([], { name: "selected", scope: "WorkloadSelector" }))).toBe(NOT);
    expect(verdict(policy([], { namespace: "root", scope: "Global" }))).toBe(NOT);
  });
  it("when any ALLOW matches", () => {
    expect(verdict(policy([]), policy(always, { name: "q" }))).toBeNull();
  });
  it("not when a DENY matches, whatever allows", () => {
    const deny = policy(always, { name: "no", action: "Deny" });
    expect(verdict(policy(always), deny)).toBe("explicitly denied by: ns/no");
  });
  it("whatever a policy on trial says", () => {
    const deny = policy(always, { name: "no", action: "Deny", dryRun: true });
    expect(verdict(policy([], { dryRun: true }), deny)).toBeNull();
  });
});

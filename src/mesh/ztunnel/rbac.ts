import { maskOf } from "../../wire/address.ts";
import {
  type Authorization,
  type IpBlock,
  type ProxyState,
  policyKey,
  type RbacMatch,
  type StringMatch,
  type Workload,
} from "./state.ts";

/** What policies look at. `identity` is null for a client without a certificate. */
export interface RbacConnection {
  src: number;
  srcPort: number;
  dst: number;
  dstPort: number;
  identity: string | null;
}

interface Spiffe {
  namespace: string;
  serviceAccount: string;
}

/** "spiffe://TRUST-DOMAIN/ns/NAMESPACE/sa/ACCOUNT" */
export function parseSpiffe(id: string): (Spiffe & { trustDomain: string }) | null {
  const [, trustDomain = "", namespace = "", serviceAccount = ""] =
    /^spiffe:\/\/([^/]+)\/ns\/([^/]+)\/sa\/([^/]+)$/.exec(id) ?? [];
  return serviceAccount ? { trustDomain, namespace, serviceAccount } : null;
}

function matchesString(match: StringMatch, text: string): boolean {
  switch (match.kind) {
    case "exact":
      return text === match.value;
    case "prefix":
      return text.startsWith(match.value);
    case "suffix":
      return text.endsWith(match.value);
    case "presence":
      return text !== "";
  }
}

/** Principals are written without "spiffe://"; who has none has no principal. */
function matchesPrincipal(match: StringMatch, identity: string | null): boolean {
  if (!identity?.startsWith("spiffe://")) return false;
  return matchesString(match, identity.slice("spiffe://".length));
}

function within(block: IpBlock, address: number): boolean {
  return ((block.address ^ address) & maskOf(block.length)) === 0;
}

/** Nothing is named that must hold, or one of them does; and none of those that must not. */
function field<T>(
  positive: readonly T[],
  negative: readonly T[],
  holds: (value: T) => boolean,
): boolean {
  return (positive.length === 0 || positive.some(holds)) && !negative.some(holds);
}

function isEmpty(match: RbacMatch): boolean {
  return Object.values(match).every((values: readonly unknown[]) => values.length === 0);
}

function matchesOne(match: RbacMatch, conn: RbacConnection, spiffe: Spiffe | null): boolean {
  // An alternative that says nothing does not match (ztunnel: rbac.rs, "rbac_empty_policy").
  if (isEmpty(match)) return false;
  return (
    field(match.destinationIps, match.notDestinationIps, (b) => within(b, conn.dst)) &&
    field(match.sourceIps, match.notSourceIps, (b) => within(b, conn.src)) &&
    field(match.destinationPorts, match.notDestinationPorts, (p) => p === conn.dstPort) &&
    field(
      match.serviceAccounts,
      match.notServiceAccounts,
      (a) => spiffe?.namespace === a.namespace && spiffe.serviceAccount === a.serviceAccount,
    ) &&
    field(match.principals, match.notPrincipals, (m) => matchesPrincipal(m, conn.identity)) &&
    field(match.namespaces, match.notNamespaces, (m) => matchesString(m, spiffe?.namespace ?? ""))
  );
}

/** Does the policy speak of this connection? (ztunnel: src/rbac.rs, Authorization::matches) */
export function matches(policy: Authorization, conn: RbacConnection): boolean {
  const spiffe = conn.identity === null ? null : parseSpiffe(conn.identity);
  return policy.rules.some((clauses) =>
    clauses.every(
      (clause) => clause.length === 0 || clause.some((match) => matchesOne(match, conn, spiffe)),
    ),
  );
}

/** Policies that are asked about a destination: its namespace's, global ones, those that select it. */
export function policiesFor(state: ProxyState, destination: Workload): Authorization[] {
  const all = [...state.policies.values()];
  return [
    ...all.filter((p) => p.scope === "Namespace" && p.namespace === destination.namespace),
    ...all.filter((p) => p.scope === "Global"),
    // One that is named and not known (yet, or any more) is skipped.
    ...destination.authorizationPolicies.flatMap((key) => state.policies.get(key) ?? []),
  ];
}

/**
 * Null when the connection is allowed, else why not (ztunnel: src/state.rs, assert_rbac): any DENY that
 * matches; nothing else to say when no ALLOW is there; any ALLOW that matches.
 */
export function assertRbac(
  state: ProxyState,
  conn: RbacConnection,
  destination: Workload,
): string | null {
  const policies = policiesFor(state, destination).filter((policy) => !policy.dryRun);
  const denies = policies.find((policy) => policy.action === "Deny" && matches(policy, conn));
  if (denies) return `explicitly denied by: ${policyKey(denies)}`;
  const allows = policies.filter((policy) => policy.action === "Allow");
  if (allows.length === 0 || allows.some((policy) => matches(policy, conn))) return null;
  return "allow policies exist, but none allowed";
}

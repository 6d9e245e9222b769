import { parsePrefix } from "../../../wire/address.ts";
import {
  Action,
  type AddressBlock,
  type Authorization,
  type Clause,
  type Match,
  type Rule,
  Scope,
  type ServiceAccountMatch,
  type StringMatch,
} from "../workload-messages.ts";
import { addressBytes } from "../workloads.ts";
import {
  type AuthorizationPolicy,
  type Operation,
  type PolicyRule,
  ROOT_NAMESPACE,
  type Source,
  type When,
} from "./objects.ts";

/** What becomes of a policy: what ztunnels are told (null: nothing), and what is wrong with it. */
export interface Converted {
  policy: Authorization | null;
  /** A condition's reason and message; null when nothing is wrong. */
  problem: { reason: string; message: string } | null;
}

/** A match in which nothing stands: ztunnel takes it to match nothing. */
export function emptyMatch(): Match {
  return {
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
}

export const PRESENCE: StringMatch = { matchType: { case: "presence", value: {} } };

function stringMatch(text: string): StringMatch {
  if (text === "*") return PRESENCE;
  if (text.startsWith("*")) return { matchType: { case: "suffix", value: text.slice(1) } };
  if (text.endsWith("*")) return { matchType: { case: "prefix", value: text.slice(0, -1) } };
  return { matchType: { case: "exact", value: text } };
}

function strings(values: readonly string[] = []): StringMatch[] {
  return values.map(stringMatch);
}

/** "namespace/name", or a name in the policy's own namespace. */
function accounts(values: readonly string[] | undefined, own: string): ServiceAccountMatch[] {
  return (values ?? []).map((value) => {
    const at = value.indexOf("/");
    if (at < 0) return { namespace: own, serviceAccount: value };
    return { namespace: value.slice(0, at), serviceAccount: value.slice(at + 1) };
  });
}

/** What is no port is left out. */
function ports(values: readonly string[] = []): number[] {
  return values.filter((value) => /^\d+$/.test(value) && Number(value) <= 65535).map(Number);
}

/** What is no address of IPv4 is left out. */
function blocks(values: readonly string[] = []): AddressBlock[] {
  return values.flatMap((value) => {
    const prefix = parsePrefix(value.includes("/") ? value : `${value}/32`);
    if (!prefix) return [];
    const [ip = ""] = value.split("/");
    return [{ address: addressBytes(ip), length: prefix.length }];
  });
}

/** Fields of HTTP, which ztunnel does not see. */
const HTTP_OPERATIONS = [
  "hosts",
  "notHosts",
  "methods",
  "notMethods",
  "paths",
  "notPaths",
] as const;
const HTTP_SOURCES = [
  "remoteIpBlocks",
  "notRemoteIpBlocks",
  "requestPrincipals",
  "notRequestPrincipals",
] as const;
const L4_CONDITIONS: readonly string[] = [
  "source.ip",
  "source.namespace",
  "source.principal",
  "destination.ip",
  "destination.port",
];

function toMatch(operation: Operation): Match {
  return {
    ...emptyMatch(),
    destinationPorts: ports(operation.ports),
    notDestinationPorts: ports(operation.notPorts),
  };
}

function fromMatch(source: Source, own: string): Match {
  return {
    ...emptyMatch(),
    sourceIps: blocks(source.ipBlocks),
    notSourceIps: blocks(source.notIpBlocks),
    namespaces: strings(source.namespaces),
    notNamespaces: strings(source.notNamespaces),
    serviceAccounts: accounts(source.serviceAccounts, own),
    notServiceAccounts: accounts(source.notServiceAccounts, own),
    principals: strings(source.principals),
    notPrincipals: strings(source.notPrincipals),
  };
}

function whenMatch({ key, values, notValues }: When): Match {
  const match = emptyMatch();
  switch (key) {
    case "source.namespace":
      return { ...match, namespaces: strings(values), notNamespaces: strings(notValues) };
    case "source.principal":
      return { ...match, principals: strings(values), notPrincipals: strings(notValues) };
    case "source.ip":
      return { ...match, sourceIps: blocks(values), notSourceIps: blocks(notValues) };
    case "destination.ip":
      return { ...match, destinationIps: blocks(values), notDestinationIps: blocks(notValues) };
    case "destination.port":
      return { ...match, destinationPorts: ports(values), notDestinationPorts: ports(notValues) };
    default:
      return match;
  }
}

/** Clauses of a rule (null: the rule is left out), and the fields of HTTP that it has. */
function convertRule(
  action: number,
  rule: PolicyRule,
  namespace: string,
): { clauses: Clause[] | null; http: string[] } {
  const { to = [], from = [], when = [] } = rule;
  const http: string[] = [];
  for (const { operation = {} } of to)
    http.push(...HTTP_OPERATIONS.filter((field) => operation[field]?.length));
  for (const { source = {} } of from)
    http.push(...HTTP_SOURCES.filter((field) => source[field]?.length));
  http.push(...when.map(({ key }) => key).filter((key) => !L4_CONDITIONS.includes(key)));
  // Nobody can tell whether it would match: what it allows is not allowed.
  if (action === Action.ALLOW && http.length) return { clauses: null, http };
  const clauses: Clause[] = [];
  if (to.length) clauses.push({ matches: to.map(({ operation = {} }) => toMatch(operation)) });
  if (from.length)
    clauses.push({ matches: from.map(({ source = {} }) => fromMatch(source, namespace)) });
  for (const condition of when) clauses.push({ matches: [whenMatch(condition)] });
  return { clauses, http };
}

export function isEmpty(match: Match): boolean {
  return Object.values(match).every((values) => (values as unknown[]).length === 0);
}

/** Is there a rule that can match at all? */
function hasEffect(rules: readonly Rule[]): boolean {
  return rules.some(({ clauses }) =>
    clauses.every(({ matches }) => matches.some((match) => !isEmpty(match))),
  );
}

function httpProblem(action: number, rules: readonly Rule[], fields: readonly string[]): string {
  const found = [...new Set(fields)].sort().join(", ");
  const head = `ztunnel does not support HTTP attributes (found: ${found}). In ambient mode you must use a waypoint proxy to enforce HTTP rules. `;
  if (action === Action.ALLOW)
    return `${head}Within an ALLOW policy, rules matching HTTP attributes are omitted. This will be more restrictive than requested.`;
  if (!hasEffect(rules))
    return `${head}After omitting unsupported HTTP attributes, this DENY policy has no enforceable rules at ztunnel and will have no effect. Deploy a waypoint proxy and use a targetRef to enforce this policy.`;
  return `${head}DENY policy with HTTP attributes is enforced without the HTTP rules. This will be more restrictive than requested.`;
}

/** An AuthorizationPolicy for ztunnels (istio: pilot/pkg/serviceregistry/ambient/authorization.go). */
export function convertAuthorization(object: AuthorizationPolicy): Converted {
  const { name, namespace = "", annotations = {} } = object.metadata;
  const { selector, targetRef, targetRefs = [], action = "ALLOW", rules = [] } = object.spec ?? {};
  const unsupported = (message: string): Converted => ({
    policy: null,
    problem: { reason: "UnsupportedValue", message },
  });
  if (annotations["istio.io/dry-run"] === "true")
    return unsupported(
      `found policy "${namespace}/${name}" using dry-run annotation, but support for ambient dry-run authorizationPolicies isn't enabled`,
    );
  // Those are a waypoint's.
  if (targetRef || targetRefs.length) return { policy: null, problem: null };
  if (action !== "ALLOW" && action !== "DENY")
    return unsupported(`ztunnel does not support the ${action} action`);
  const kind = action === "DENY" ? Action.DENY : Action.ALLOW;
  const converted = rules.map((rule) => convertRule(kind, rule, namespace));
  const policy: Authorization = {
    name,
    namespace,
    scope: selector
      ? Scope.WORKLOAD_SELECTOR
      : namespace === ROOT_NAMESPACE
        ? Scope.GLOBAL
        : Scope.NAMESPACE,
    action: kind,
    rules: converted.flatMap(({ clauses }) => (clauses ? [{ clauses }] : [])),
    dryRun: false,
  };
  const http = converted.flatMap((one) => one.http);
  if (http.length === 0) return { policy, problem: null };
  const message = httpProblem(kind, policy.rules, http);
  return { policy, problem: { reason: "UnsupportedValue", message } };
}

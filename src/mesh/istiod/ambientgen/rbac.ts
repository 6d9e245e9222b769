import { parsePrefix } from "../../../wire/address.ts";
import type { AuthorizationPolicy, Operation, PolicyRule, Source } from "../policy/objects.ts";
import { type Json, named } from "./common.ts";

/*
 * AuthorizationPolicies as filters of connections (istio: pilot/pkg/security/authz/{builder,model}):
 * a rule becomes permissions (from what it says of the destination) and principals (of the source).
 */

/** A rule names what no connection shows: only HTTP has it, or nothing. */
class Unmatchable extends Error {}

type Generator = (value: string) => Json;

/** How a value is matched (matcher.StringMatcherWithPrefix). */
function stringMatcher(value: string, prefix: string): Json {
  const regex = (text: string): Json => ({ safe_regex: { google_re2: {}, regex: text } });
  if (value === "*") return regex(".+");
  if (value.startsWith("*"))
    return prefix ? regex(`${prefix}.*${value.slice(1)}`) : { suffix: value.slice(1) };
  if (value.endsWith("*")) return { prefix: prefix + value.slice(0, -1) };
  return { exact: prefix + value };
}

function cidr(value: string): Json {
  const prefix = parsePrefix(value.includes("/") ? value : `${value}/32`);
  if (!prefix) throw new Unmatchable(`invalid address ${value}`);
  const [address_prefix = ""] = value.split("/");
  return { address_prefix, prefix_len: prefix.length };
}

const principal: Generator = (value) => ({
  authenticated: { principal_name: stringMatcher(value, "spiffe://") },
});
const namespace: Generator = (value) => {
  const regex = `.*/ns/${value.replaceAll("*", ".*")}/.*`;
  return { authenticated: { principal_name: { safe_regex: { google_re2: {}, regex } } } };
};
const sourceIp: Generator = (value) => ({ direct_remote_ip: cidr(value) });
const remoteIp: Generator = (value) => ({ remote_ip: cidr(value) });
const destinationIp: Generator = (value) => ({ destination_ip: cidr(value) });
const destinationPort: Generator = (value) => {
  if (!/^\d+$/.test(value)) throw new Unmatchable(`invalid port ${value}`);
  return { destination_port: Number(value) };
};
const serverName: Generator = (value) => ({ requested_server_name: stringMatcher(value, "") });
const httpOnly: Generator = (value) => {
  throw new Unmatchable(value);
};

/** Some of the values, none of the others. */
interface Condition {
  make: Generator;
  values: readonly string[];
  not: readonly string[];
}

type Action = "ALLOW" | "DENY" | "LOG";

/** Envoy's words for the two halves of a policy. */
const PERMISSIONS = { and: "and_rules", or: "or_rules", not: "not_rule", list: "rules" };
const PRINCIPALS = { and: "and_ids", or: "or_ids", not: "not_id", list: "ids" };
type Words = typeof PERMISSIONS;

function generate(conditions: readonly Condition[], words: Words, action: Action): Json {
  const set = (items: Json[]): Json => ({ [words.list]: items });
  const either = (values: readonly string[], make: Generator): Json[] => {
    const made = values.flatMap((value) => {
      try {
        return [make(value)];
      } catch (error) {
        // Left out of what allows a whole rule goes; what denies then denies more.
        if (!(error instanceof Unmatchable) || action === "ALLOW") throw error;
        return [];
      }
    });
    return made.length ? [{ [words.or]: set(made) }] : [];
  };
  const all = conditions.flatMap(({ make, values, not }) => [
    ...either(values, make),
    ...either(not, make).map((one) => ({ [words.not]: one })),
  ]);
  return { [words.and]: set(all.length ? all : [{ any: true }]) };
}

const some = ({ values, not }: Condition): boolean => values.length + not.length > 0;
const condition = (make: Generator, values?: string[], not?: string[]): Condition => ({
  make,
  values: values ?? [],
  not: not ?? [],
});

function ofSource(source: Source): Condition[] {
  return [
    condition(principal, source.principals, source.notPrincipals),
    condition(httpOnly, source.requestPrincipals, source.notRequestPrincipals),
    condition(namespace, source.namespaces, source.notNamespaces),
    condition(remoteIp, source.remoteIpBlocks, source.notRemoteIpBlocks),
    condition(sourceIp, source.ipBlocks, source.notIpBlocks),
  ].filter(some);
}

function ofOperation(operation: Operation): Condition[] {
  return [
    condition(httpOnly, operation.hosts, operation.notHosts),
    condition(httpOnly, operation.methods, operation.notMethods),
    condition(httpOnly, operation.paths, operation.notPaths),
    condition(destinationPort, operation.ports, operation.notPorts),
  ].filter(some);
}

const WHEN: Readonly<Record<string, { of: "source" | "destination"; make: Generator }>> = {
  "source.ip": { of: "source", make: sourceIp },
  "remote.ip": { of: "source", make: remoteIp },
  "source.namespace": { of: "source", make: namespace },
  "source.principal": { of: "source", make: principal },
  "destination.ip": { of: "destination", make: destinationIp },
  "destination.port": { of: "destination", make: destinationPort },
  "connection.sni": { of: "destination", make: serverName },
};

/** Null: nothing of it can be matched without HTTP. */
function rulePolicy({ from, to, when = [] }: PolicyRule, action: Action): Json | null {
  const conditions = when.map(({ key, values, notValues }) => ({
    of: WHEN[key]?.of ?? "source",
    ...condition(WHEN[key]?.make ?? httpOnly, values, notValues),
  }));
  const base = (of: "source" | "destination"): Condition[] => conditions.filter((c) => c.of === of);
  const operations = to?.length ? to : [{}];
  const sources = from?.length ? from : [{}];
  try {
    return {
      permissions: operations.map(({ operation = {} }) =>
        generate([...ofOperation(operation), ...base("destination")], PERMISSIONS, action),
      ),
      principals: sources.map(({ source = {} }) =>
        generate([...ofSource(source), ...base("source")], PRINCIPALS, action),
      ),
    };
  } catch (error) {
    if (error instanceof Unmatchable) return null;
    throw error;
  }
}

/** A policy without rules: it matches nobody. */
const NEVER = {
  permissions: [{ not_rule: { any: true } }],
  principals: [{ not_id: { any: true } }],
};

function rules(policies: readonly AuthorizationPolicy[], action: Action): Json {
  const made: Json = {};
  for (const { metadata, spec } of policies) {
    const name = (index: number): string =>
      `ns[${metadata.namespace}]-policy[${metadata.name}]-rule[${index}]`;
    spec?.rules?.forEach((rule, index) => {
      const policy = rulePolicy(rule, action);
      if (policy) made[name(index)] = policy;
    });
    if (!spec?.rules?.length) made[name(0)] = NEVER;
  }
  return { ...(action !== "ALLOW" && { action }), policies: made };
}

/** The filters in front of a workload, for the policies that are for it. */
export function rbacFilters(policies: readonly AuthorizationPolicy[]): Json[] {
  const kinds = [
    ["AUDIT", "LOG"],
    ["DENY", "DENY"],
    ["ALLOW", "ALLOW"],
  ] as const;
  return kinds.flatMap(([wanted, action]): Json[] => {
    const some = policies.filter(({ spec }) => (spec?.action ?? "ALLOW") === wanted);
    if (some.length === 0) return [];
    const dry = (policy: AuthorizationPolicy): boolean =>
      policy.metadata.annotations?.["istio.io/dry-run"] === "true";
    const enforced = some.filter((policy) => !dry(policy));
    const shadow = some.filter(dry);
    const prefix =
      shadow.length && action !== "ALLOW" ? (action === "DENY" ? "deny_" : "") : "allow_";
    return [
      named("envoy.filters.network.rbac", "envoy.extensions.filters.network.rbac.v3.RBAC", {
        ...(enforced.length && { rules: rules(enforced, action) }),
        ...(shadow.length && { shadow_rules: rules(shadow, action) }),
        stat_prefix: "tcp.",
        ...(prefix && { shadow_rules_stat_prefix: `istio_dry_run_${prefix}` }),
      }),
    ];
  });
}

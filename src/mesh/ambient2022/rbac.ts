import { parseIpv4 } from "../../wire/address.ts";
import type { Filter, TypedConfig } from "./resources.ts";

/** What a filter of connections sees (envoy: source/extensions/filters/network/rbac). */
export interface Peer {
  /** The URIs of the certificate that the other side has proven to have; none without TLS. */
  uris: readonly string[];
  serverName: string;
  remote: number;
  local: number;
  port: number;
}

interface StringMatcher {
  exact?: string;
  prefix?: string;
  suffix?: string;
  safe_regex?: { regex: string };
}

interface Cidr {
  address_prefix: string;
  prefix_len?: number;
}

interface Permission {
  and_rules?: { rules?: Permission[] };
  or_rules?: { rules?: Permission[] };
  not_rule?: Permission;
  any?: boolean;
  destination_ip?: Cidr;
  destination_port?: number;
  requested_server_name?: StringMatcher;
}

interface Principal {
  and_ids?: { ids?: Principal[] };
  or_ids?: { ids?: Principal[] };
  not_id?: Principal;
  any?: boolean;
  authenticated?: { principal_name?: StringMatcher };
  direct_remote_ip?: Cidr;
  remote_ip?: Cidr;
}

interface Rbac extends TypedConfig {
  rules?: {
    /** Absent: ALLOW. */
    action?: "DENY" | "LOG";
    policies?: { [name: string]: { permissions: Permission[]; principals: Principal[] } };
  };
}

function isRbac(config: TypedConfig): config is Rbac {
  return config["@type"].endsWith(".network.rbac.v3.RBAC");
}

function matchesString(matcher: StringMatcher, text: string): boolean {
  const { exact, prefix, suffix, safe_regex } = matcher;
  if (exact !== undefined) return text === exact;
  if (prefix !== undefined) return text.startsWith(prefix);
  if (suffix !== undefined) return text.endsWith(suffix);
  try {
    return new RegExp(`^(?:${safe_regex?.regex ?? ""})$`, "u").test(text);
  } catch {
    return false;
  }
}

function within({ address_prefix, prefix_len = 0 }: Cidr, address: number): boolean {
  const prefix = parseIpv4(address_prefix);
  if (prefix === null) return false;
  const shift = 32 - prefix_len;
  return shift === 32 || prefix >>> shift === address >>> shift;
}

function permits(rule: Permission, peer: Peer): boolean {
  if (rule.and_rules) return (rule.and_rules.rules ?? []).every((one) => permits(one, peer));
  if (rule.or_rules) return (rule.or_rules.rules ?? []).some((one) => permits(one, peer));
  if (rule.not_rule) return !permits(rule.not_rule, peer);
  if (rule.destination_ip) return within(rule.destination_ip, peer.local);
  if (rule.destination_port !== undefined) return rule.destination_port === peer.port;
  if (rule.requested_server_name) return matchesString(rule.requested_server_name, peer.serverName);
  return rule.any ?? false;
}

function isOne(id: Principal, peer: Peer): boolean {
  if (id.and_ids) return (id.and_ids.ids ?? []).every((one) => isOne(one, peer));
  if (id.or_ids) return (id.or_ids.ids ?? []).some((one) => isOne(one, peer));
  if (id.not_id) return !isOne(id.not_id, peer);
  if (id.direct_remote_ip) return within(id.direct_remote_ip, peer.remote);
  if (id.remote_ip) return within(id.remote_ip, peer.remote);
  const { authenticated } = id;
  if (!authenticated) return id.any ?? false;
  const { principal_name } = authenticated;
  if (!principal_name) return peer.uris.length > 0;
  return peer.uris.some((uri) => matchesString(principal_name, uri));
}

/**
 * Whether a connection may go on through a chain's filters: "" when it may, else the details of its
 * end as the access log has them.
 */
export function denied(filters: readonly Filter[], peer: Peer): string {
  for (const { typed_config } of filters) {
    if (!isRbac(typed_config) || !typed_config.rules) continue;
    const { action = "ALLOW", policies = {} } = typed_config.rules;
    const [match] = Object.keys(policies)
      .sort()
      .filter((name) => policies[name]?.permissions.some((rule) => permits(rule, peer)))
      .filter((name) => policies[name]?.principals.some((id) => isOne(id, peer)));
    if (action === "LOG" || (action === "ALLOW") === (match !== undefined)) continue;
    return `rbac_access_denied_matched_policy[${match ?? "none"}]`;
  }
  return "";
}

import { formatIpv4, parseIpv4 } from "../../wire/address.ts";
import { TEXT_LOG_FORMAT } from "../istiod/ambientgen/names.ts";
import { type EnvoyConfig, secretOf } from "./config.ts";
import { denied } from "./rbac.ts";
import type {
  AccessLog,
  FilterChain,
  HttpConnectionManager,
  LbEndpoint,
  Listener,
  Matcher,
  OnMatch,
  TcpProxy,
} from "./resources.ts";

/** A connection as listeners see it: who, and whom they meant. */
export interface Tuple {
  source: number;
  destination: number;
  port: number;
}

/** What to do with a connection, and how its line in the access log ends. */
export interface Decision {
  action:
    | { kind: "connect"; address: number; port: number }
    | {
        kind: "tunnel";
        address: number;
        port: number;
        /** Of the CONNECT. */
        authority: string;
        /** Whose certificate is presented. */
        secret: string;
        /** Whether the other side's is verified. */
        verify: boolean;
        cluster: string;
        /** The internal listener on the way, which has a line of its own. */
        via: { listener: string; label: string } | null;
      }
    /** `flags`: Envoy's response flags. */
    | { kind: "refuse"; flags: string };
  cluster: string;
  label: string;
  /** Why its first byte ends it (%CONNECTION_TERMINATION_DETAILS%); "" where it may go on. */
  denied: string;
}

/** The end of an access log's format: what tells its lines from others. */
export function labelOf(log: readonly AccessLog[] | undefined): string {
  const text = log?.[0]?.typed_config.log_format?.text_format_source?.inline_string ?? "";
  return text.replace(TEXT_LOG_FORMAT, "").trimEnd();
}

const INPUT = "type.googleapis.com/envoy.extensions.matching.common_inputs.network.v3.";

/** Walk a matcher tree (xds.type.matcher.v3): the chain that it names; null where it says nothing. */
function evaluate(matcher: Matcher, tuple: Tuple): string | null {
  const { input, exact_match_map } = matcher.matcher_tree;
  const value = {
    [`${INPUT}DestinationPortInput`]: String(tuple.port),
    [`${INPUT}DestinationIPInput`]: formatIpv4(tuple.destination),
    [`${INPUT}SourceIPInput`]: formatIpv4(tuple.source),
  }[input.typed_config["@type"]];
  const found = value === undefined ? undefined : exact_match_map.map[value];
  const follow = (next: OnMatch | undefined): string | null => {
    if (next?.matcher) return evaluate(next.matcher, tuple);
    return next?.action?.typed_config.value ?? null;
  };
  return found ? follow(found) : follow(matcher.on_no_match);
}

/** Which filter chain takes a connection (envoy: FilterChainManagerImpl::findFilterChain). */
function findChain(listener: Listener, tuple: Tuple): FilterChain | null {
  const chains = listener.filter_chains ?? [];
  if (listener.filter_chain_matcher) {
    const name = evaluate(listener.filter_chain_matcher, tuple);
    if (name === null) return listener.default_filter_chain ?? null;
    return chains.find((chain) => chain.name === name) ?? null;
  }
  const destination = formatIpv4(tuple.destination);
  const exact = chains.find((chain) =>
    chain.filter_chain_match?.prefix_ranges?.some((range) => range.address_prefix === destination),
  );
  return exact ?? chains.find((chain) => !chain.filter_chain_match) ?? null;
}

function isTcpProxy(config: { "@type": string }): config is TcpProxy {
  return config["@type"].endsWith(".TcpProxy");
}

function isManager(config: { "@type": string }): config is HttpConnectionManager {
  return config["@type"].endsWith(".HttpConnectionManager");
}

function tcpProxyOf(chain: FilterChain | undefined): TcpProxy | null {
  return chain?.filters.map((filter) => filter.typed_config).find(isTcpProxy) ?? null;
}

/** "10.4.3.20:9080" as an address; null for what is none. */
export function parseTarget(text: string): { address: number; port: number } | null {
  const [, host = "", port = ""] = /^(\d+\.\d+\.\d+\.\d+):(\d+)$/.exec(text) ?? [];
  const address = parseIpv4(host);
  return address === null ? null : { address, port: Number(port) };
}

/** What becomes of a connection that a listener has accepted, where nothing is unwrapped first. */
export function decide(config: EnvoyConfig, listener: Listener, tuple: Tuple): Decision {
  const chain = findChain(listener, tuple);
  const proxy = tcpProxyOf(chain ?? undefined);
  if (!proxy) {
    const label = labelOf(listener.access_log);
    return { action: { kind: "refuse", flags: "NR" }, cluster: "-", label, denied: "" };
  }
  // A chain without a log of its own has its listener's lines only.
  const label = labelOf(proxy.access_log ?? listener.access_log);
  const { source: remote, destination: local, port } = tuple;
  const peer = { uris: [], serverName: "", remote, local, port };
  return {
    action: towards(config, proxy, tuple),
    cluster: proxy.cluster,
    label,
    denied: denied(chain?.filters ?? [], peer),
  };
}

function towards(config: EnvoyConfig, proxy: TcpProxy, tuple: Tuple): Decision["action"] {
  const cluster = config.clusters.get(proxy.cluster)?.resource;
  if (!cluster) return { kind: "refuse", flags: "NC" };
  if (cluster.type === "ORIGINAL_DST") {
    const port = cluster.original_dst_lb_config?.upstream_port_override ?? tuple.port;
    const address = tuple.destination;
    if (!proxy.tunneling_config) return { kind: "connect", address, port };
    return {
      kind: "tunnel",
      address,
      port,
      authority: `${formatIpv4(tuple.destination)}:${tuple.port}`,
      ...identityOf(cluster),
      cluster: cluster.name,
      via: null,
    };
  }
  const endpoint = nextEndpoint(config, proxy.cluster);
  if (!endpoint) return { kind: "refuse", flags: "UH" };
  const { socket_address: plain, envoy_internal_address: internal } = endpoint.endpoint.address;
  if (internal) return through(config, internal.server_listener_name, endpoint);
  const address = parseIpv4(plain?.address ?? "");
  if (!plain || address === null) return { kind: "refuse", flags: "UH" };
  return { kind: "connect", address, port: plain.port_value };
}

function identityOf(cluster: { transport_socket?: Parameters<typeof secretOf>[0] }): {
  secret: string;
  verify: boolean;
} {
  const context = cluster.transport_socket?.typed_config.common_tls_context;
  return {
    secret: secretOf(cluster.transport_socket),
    verify: context?.combined_validation_context !== undefined,
  };
}

/** Into an internal listener, and on from there to where the endpoint's metadata says. */
function through(config: EnvoyConfig, name: string, endpoint: LbEndpoint): Decision["action"] {
  const listener = config.listeners.get(name)?.resource;
  const proxy = tcpProxyOf(listener?.filter_chains?.[0]);
  const cluster = proxy && config.clusters.get(proxy.cluster)?.resource;
  const tunnel = endpoint.metadata?.filter_metadata?.tunnel;
  const target = parseTarget(tunnel?.address ?? "");
  if (!proxy || !cluster || !tunnel || !target) return { kind: "refuse", flags: "UF" };
  const port = cluster.original_dst_lb_config?.upstream_port_override ?? target.port;
  return {
    kind: "tunnel",
    address: target.address,
    port,
    authority: tunnel.destination,
    ...identityOf(cluster),
    cluster: cluster.name,
    via: { listener: name, label: labelOf(proxy.access_log) },
  };
}

/** Round robin among those that may be used. */
function nextEndpoint(config: EnvoyConfig, cluster: string): LbEndpoint | null {
  const assignment = config.endpoints.get(cluster)?.resource;
  const all = assignment?.endpoints?.flatMap(({ lb_endpoints = [] }) => lb_endpoints) ?? [];
  const usable = all.filter(({ health_status = "HEALTHY" }) => health_status === "HEALTHY");
  if (usable.length === 0) return null;
  const turn = config.turns.get(cluster) ?? 0;
  config.turns.set(cluster, turn + 1);
  return usable[turn % usable.length] ?? null;
}

/** How a tunnel that somebody opens to us is taken; null where the listener has no use for it. */
export interface InboundChain {
  chain: FilterChain;
  secret: string;
  clientCertificate: "none" | "request" | "require";
  /** SPIFFE identities of this trust domain only; "" for any. */
  trustDomain: string;
  manager: HttpConnectionManager;
}

export function inboundChain(listener: Listener, tuple: Tuple): InboundChain | null {
  const chain = findChain(listener, tuple);
  const manager = chain?.filters.map((filter) => filter.typed_config).find(isManager);
  const tls = chain?.transport_socket?.typed_config;
  if (!chain || !manager || !tls) return null;
  const validation = tls.common_tls_context.combined_validation_context;
  const [name] = validation?.default_validation_context?.match_subject_alt_names ?? [];
  const [, trustDomain = ""] = /^spiffe:\/\/([^/]+)\/$/.exec(name?.prefix ?? "") ?? [];
  // Who is to have one of some names must have a certificate (envoy: default_validator.cc).
  const required = tls.require_client_certificate || name !== undefined;
  return {
    chain,
    secret: secretOf(chain.transport_socket),
    clientCertificate: required ? "require" : validation ? "request" : "none",
    trustDomain,
    manager,
  };
}

/** Where a CONNECT goes: the cluster that its route names, and what its header says. */
export function decideInbound(
  config: EnvoyConfig,
  manager: HttpConnectionManager,
  header: string,
  tuple: Tuple,
): Decision {
  const routes = manager.route_config.virtual_hosts.flatMap((host) => host.routes);
  const route = routes.find(({ match }) => match.connect_matcher)?.route;
  const cluster = route && config.clusters.get(route.cluster)?.resource;
  const label = labelOf(manager.access_log);
  const refuse = (flags: string): Decision => ({
    action: { kind: "refuse", flags },
    cluster: cluster?.name ?? "-",
    label,
    denied: "",
  });
  if (!cluster) return refuse(route ? "NC" : "NR");
  const { use_http_header, upstream_port_override } = cluster.original_dst_lb_config ?? {};
  const asked = use_http_header ? parseTarget(header) : null;
  if (use_http_header && header && !asked) return refuse("UH");
  const { address, port } = asked ?? { address: tuple.destination, port: tuple.port };
  return {
    action: { kind: "connect", address, port: upstream_port_override ?? port },
    cluster: cluster.name,
    label,
    denied: "",
  };
}

import type { Policies } from "../push.ts";
import type { IstioWorkload } from "../registry.ts";
import {
  accessLog,
  any,
  anyAddress,
  type Json,
  listenerFilters,
  named,
  socketMark,
  tcpProxy,
  tlsSocket,
} from "./common.ts";
import { type AmbientIndex, ambientType } from "./index-of.ts";
import {
  BLACKHOLE,
  INBOUND_PORT,
  MARK_INBOUND,
  MARK_OUTBOUND,
  OUTBOUND_PORT,
  PASSTHROUGH,
  PASSTHROUGH_CHAIN,
  PASSTHROUGH_TCP,
  PLAINTEXT_PORT,
  podLocalTunnelCluster,
  podTunnelCluster,
  serviceCluster,
  tunnelCluster,
  tunnelListener,
} from "./names.ts";
import { rbacFilters } from "./rbac.ts";

/** LDS for the preview's ztunnel (istio: pilot/pkg/networking/ambientgen, ztunnelgen.go). */
export function buildListeners(
  index: AmbientIndex,
  policies: Policies,
  node: string,
  trustDomain: string,
): Json[] {
  return [
    outboundListener(index, node),
    inboundListener(index, policies, node, trustDomain),
    plaintextListener(index, policies, node),
    ...[...index.byIdentity.keys()].map(outboundTunnelListener),
  ];
}

const INPUTS = "envoy.extensions.matching.common_inputs.network.v3";

/** A matcher by one property of a connection: what follows for each of its values. */
function matcher(input: "port" | "ip" | "source-ip", map: Json, otherwise?: Json): Json {
  const type = {
    port: "DestinationPortInput",
    ip: "DestinationIPInput",
    "source-ip": "SourceIPInput",
  };
  return {
    matcher_tree: { input: named(input, `${INPUTS}.${type[input]}`), exact_match_map: { map } },
    ...(otherwise && { on_no_match: otherwise }),
  };
}

function toChain(name: string): Json {
  return { action: { name, typed_config: any("google.protobuf.StringValue", { value: name }) } };
}

function chain(name: string, filter: Json): Json {
  return { filters: [filter], name };
}

function passthroughChain(): Json {
  return chain(
    PASSTHROUGH_CHAIN,
    tcpProxy({
      stat_prefix: PASSTHROUGH,
      cluster: PASSTHROUGH,
      access_log: accessLog("passthrough"),
    }),
  );
}

function blackholeChain(kind: string): Json {
  const name = `blackhole ${kind}`;
  return chain(
    name,
    tcpProxy({ stat_prefix: BLACKHOLE, cluster: name, access_log: accessLog(name) }),
  );
}

function serviceChain(name: string): Json {
  const access_log = accessLog("capture outbound (no waypoint proxy)");
  return chain(name, tcpProxy({ stat_prefix: name, cluster: name, access_log }));
}

/** To a pod's own address: into its tunnel, past the redirection of the same node, or straight. */
function podChain(source: IstioWorkload, target: IstioWorkload, node: string): Json {
  const tunnelled = ambientType(target) === "workload";
  const local = target.node === node;
  const cluster = !tunnelled
    ? PASSTHROUGH_TCP
    : local
      ? podLocalTunnelCluster(source.identity)
      : podTunnelCluster(source.identity);
  const name = `fc-${cluster}`;
  const key = "x-envoy-original-dst-host";
  const value = "%DOWNSTREAM_LOCAL_ADDRESS%";
  return chain(
    name,
    tcpProxy({
      stat_prefix: name,
      cluster,
      access_log: accessLog("capture outbound pod (no waypoint proxy)"),
      ...(tunnelled && {
        tunneling_config: { hostname: value, headers_to_add: [{ header: { key, value } }] },
      }),
    }),
  );
}

function outboundListener(index: AmbientIndex, node: string): Json {
  const chains = new Map<string, Json>();
  const use = (made: Json): Json => {
    const name = made.name as string;
    if (!chains.has(name)) chains.set(name, made);
    return toChain(name);
  };
  const sources: Json = {};
  for (const source of index.nodeLocal(node)) {
    const destinations: Json = {};
    for (const service of index.snapshot.services) {
      if (!service.vip) continue;
      const ports: Json = {};
      for (const port of service.ports) {
        const name = serviceCluster(source.identity, port.name, service.hostname);
        ports[port.port] = use(serviceChain(name));
      }
      destinations[service.vip] = { matcher: matcher("port", ports) };
    }
    for (const target of index.destinations())
      destinations[target.ip] = use(podChain(source, target, node));
    sources[source.ip] = { matcher: matcher("ip", destinations) };
  }
  const otherwise = toChain(PASSTHROUGH_CHAIN);
  const bySource = Object.keys(sources).length
    ? { matcher: matcher("source-ip", sources, otherwise) }
    : otherwise;
  return {
    name: "ztunnel_outbound",
    address: anyAddress(OUTBOUND_PORT),
    filter_chains: [...chains.values(), passthroughChain(), blackholeChain("outbound")],
    use_original_dst: true,
    listener_filters: [
      ...listenerFilters(),
      {
        name: "envoy.filters.listener.workload_metadata",
        config_discovery: {
          config_source: { ads: {}, initial_fetch_timeout: "30s" },
          type_urls: [
            "type.googleapis.com/istio.telemetry.workloadmetadata.v1.WorkloadMetadataResources",
          ],
        },
      },
    ],
    transparent: true,
    socket_options: socketMark("outbound", MARK_OUTBOUND),
    access_log: accessLog("outbound capture listener"),
    default_filter_chain: passthroughChain(),
    filter_chain_matcher: matcher("port", { [OUTBOUND_PORT]: toChain(BLACKHOLE) }, bySource),
  };
}

function inboundBase(name: string, port: number, log: string, filter_chains: Json[]): Json {
  return {
    name,
    address: anyAddress(port),
    filter_chains,
    use_original_dst: true,
    listener_filters: listenerFilters(),
    transparent: true,
    socket_options: socketMark("inbound", MARK_INBOUND),
    access_log: accessLog(log),
  };
}

function matchIp(ip: string): Json {
  return { prefix_ranges: [{ address_prefix: ip, prefix_len: 32 }] };
}

/** Takes CONNECT, and sends what is in it to where its header says. */
function connectManager(): Json {
  const http = "envoy.extensions.filters";
  return named(
    "envoy.filters.network.http_connection_manager",
    `${http}.network.http_connection_manager.v3.HttpConnectionManager`,
    {
      stat_prefix: "inbound_hcm",
      route_config: {
        name: "local_route",
        virtual_hosts: [
          {
            name: "local_service",
            domains: ["*"],
            routes: [
              {
                match: { connect_matcher: {} },
                route: {
                  cluster: "virtual_inbound",
                  upgrade_configs: [{ upgrade_type: "CONNECT", connect_config: {} }],
                },
              },
            ],
          },
        ],
      },
      http_filters: [named("envoy.filters.http.router", `${http}.http.router.v3.Router`)],
      http2_protocol_options: { allow_connect: true },
      access_log: accessLog("inbound hcm"),
      upgrade_configs: [{ upgrade_type: "CONNECT" }],
    },
  );
}

function authorization(policies: Policies, { namespace, labels }: IstioWorkload): Json[] {
  return rbacFilters(policies.objectsFor(namespace, labels));
}

function inboundListener(
  index: AmbientIndex,
  policies: Policies,
  node: string,
  trustDomain: string,
): Json {
  const chains = index
    .nodeLocal(node)
    .filter((workload) => !workload.hostNetwork)
    .map((workload) => {
      const name = `inbound_${workload.ip}`;
      const filter_chain_match = matchIp(workload.ip);
      // It ends tunnels by itself.
      if (workload.labels["networking.istio.io/tunnel"] === "http") {
        const cluster = "virtual_inbound_hbone";
        const access_log = accessLog("inbound passthrough");
        const filter = tcpProxy({ stat_prefix: cluster, cluster, access_log });
        return { filter_chain_match, ...chain(name, filter) };
      }
      return {
        filter_chain_match,
        filters: [...authorization(policies, workload), connectManager()],
        transport_socket: tlsSocket(workload, trustDomain, true),
        name,
      };
    });
  const all = [...chains, blackholeChain("inbound")];
  return inboundBase("ztunnel_inbound", INBOUND_PORT, "capture inbound listener", all);
}

function plaintextListener(index: AmbientIndex, policies: Policies, node: string): Json {
  const cluster = "virtual_inbound";
  const filter = tcpProxy({ stat_prefix: "virtual_inbound_plaintext", cluster });
  const chains = index
    .nodeLocal(node)
    .filter((workload) => !workload.hostNetwork)
    .map((workload) => ({
      filter_chain_match: matchIp(workload.ip),
      filters: [...authorization(policies, workload), filter],
      name: `inbound_${workload.ip}`,
    }));
  return inboundBase(
    "ztunnel_inbound_plaintext",
    PLAINTEXT_PORT,
    "capture inbound listener plaintext",
    [...chains, blackholeChain("inbound plaintext")],
  );
}

/** One for each identity: it leads to the cluster with that certificate. */
function outboundTunnelListener(identity: string): Json {
  const name = tunnelListener(identity);
  const key = "x-envoy-original-dst-host";
  return {
    name,
    filter_chains: [
      {
        filters: [
          tcpProxy({
            stat_prefix: name,
            cluster: tunnelCluster(identity),
            access_log: accessLog("outbound tunnel"),
            tunneling_config: {
              hostname: "%DYNAMIC_METADATA(tunnel:destination)%",
              headers_to_add: [
                { header: { key, value: '%DYNAMIC_METADATA(["tunnel", "destination"])%' } },
              ],
            },
          }),
        ],
      },
    ],
    use_original_dst: false,
    listener_filters: [
      {
        name: "set_dst_address",
        typed_config: any("xds.type.v3.TypedStruct", {
          type_url: "type.googleapis.com/istio.set_internal_dst_address.v1.Config",
          value: {},
        }),
      },
    ],
    internal_listener: {},
  };
}

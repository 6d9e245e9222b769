import type { IstioWorkload } from "../registry.ts";
import { any, type Json, named, tlsSocket } from "./common.ts";
import type { AmbientIndex } from "./index-of.ts";
import {
  BLACKHOLE,
  INBOUND_PORT,
  NODE_LOCAL_PORT,
  PASSTHROUGH,
  PASSTHROUGH_TCP,
  parseServiceCluster,
  podLocalTunnelCluster,
  podTunnelCluster,
  serviceCluster,
  tunnelCluster,
  tunnelListener,
} from "./names.ts";

/** meshConfig.connectTimeout */
const CONNECT_TIMEOUT = "10s";

/** CDS for the preview's ztunnel (istio: pilot/pkg/networking/ambientgen, ztunnelgen.go). */
export function buildClusters(index: AmbientIndex, node: string, trustDomain: string): Json[] {
  const local = [...index.nodeLocalByIdentity(node)];
  const of = (make: (identity: string) => string, more: Json): Json[] =>
    local.map(([identity, workload]) => tunnel(make(identity), workload, trustDomain, more));
  return [
    ...serviceClusters(index),
    ...of(tunnelCluster, {}),
    ...of(podTunnelCluster, { upstream_port_override: INBOUND_PORT }),
    ...of(podLocalTunnelCluster, {
      use_http_header: true,
      upstream_port_override: NODE_LOCAL_PORT,
    }),
    originalDst("virtual_inbound", { original_dst_lb_config: { use_http_header: true } }),
    originalDst("virtual_inbound_hbone", {
      original_dst_lb_config: { use_http_header: true, upstream_port_override: INBOUND_PORT },
    }),
    originalDst(PASSTHROUGH, {
      connect_timeout: CONNECT_TIMEOUT,
      typed_extension_protocol_options: httpOptions({
        use_downstream_protocol_config: {
          http_protocol_options: {},
          http2_protocol_options: { max_concurrent_streams: 1073741824 },
        },
      }),
    }),
    originalDst(PASSTHROUGH_TCP, { connect_timeout: CONNECT_TIMEOUT }),
    { name: BLACKHOLE, type: "STATIC", connect_timeout: CONNECT_TIMEOUT },
  ];
}

function httpOptions(options: Json): Json {
  const type = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
  return { [type]: any(type, options) };
}

function originalDst(name: string, more: Json): Json {
  return { name, type: "ORIGINAL_DST", lb_policy: "CLUSTER_PROVIDED", ...more };
}

/** One for each identity of the mesh and each port of a service: its endpoints come by EDS. */
function serviceClusters(index: AmbientIndex): Json[] {
  return [...index.byIdentity.keys()].flatMap((identity) =>
    index.snapshot.services.flatMap((service) =>
      service.ports.map((port) => ({
        name: serviceCluster(identity, port.name, service.hostname),
        type: "EDS",
        eds_cluster_config: {
          eds_config: { ads: {}, initial_fetch_timeout: "0s", resource_api_version: "V3" },
        },
        transport_socket_matches: socketMatches(),
      })),
    ),
  );
}

/** Which endpoints are reached through an internal listener, which as they are. */
function socketMatches(): Json[] {
  const sockets = "envoy.extensions.transport_sockets";
  const raw = named("envoy.transport_sockets.raw_buffer", `${sockets}.raw_buffer.v3.RawBuffer`);
  return [
    {
      name: "internal_upstream",
      match: { tunnel: "h2" },
      transport_socket: named(
        "envoy.transport_sockets.internal_upstream",
        `${sockets}.internal_upstream.v3.InternalUpstreamTransport`,
        {
          passthrough_metadata: ["tunnel", "istio"].map((name) => ({ kind: { host: {} }, name })),
          transport_socket: raw,
        },
      ),
    },
    { name: "tlsMode-disabled", match: {}, transport_socket: raw },
  ];
}

/** HBONE in the name of one identity. */
function tunnel(name: string, workload: IstioWorkload, trustDomain: string, lb: Json): Json {
  return originalDst(name, {
    connect_timeout: "2s",
    cleanup_interval: "60s",
    transport_socket: tlsSocket(workload, trustDomain, false),
    original_dst_lb_config: lb,
    typed_extension_protocol_options: httpOptions({
      explicit_http_config: { http2_protocol_options: { allow_connect: true } },
    }),
  });
}

/** EDS for the clusters that are asked for; null where there is no such service. */
export function buildEndpoints(index: AmbientIndex, node: string, cluster: string): Json | null {
  const parsed = parseServiceCluster(cluster);
  const service = index.snapshot.services.find((s) => s.hostname === parsed?.hostname);
  const port = service?.ports.find((p) => p.name === parsed?.port);
  if (!parsed || !service || !port) return null;
  const endpoints = service.endpoints.flatMap(({ ip, node: where, ready, ports }) => {
    const target = ports[port.name];
    if (!ready || target === undefined) return [];
    if (index.byIp(ip) === null) return [plainEndpoint(ip, target)];
    const at = where === node ? NODE_LOCAL_PORT : INBOUND_PORT;
    return [tunnelEndpoint(parsed.identity, ip, target, at)];
  });
  return { cluster_name: cluster, endpoints: [{ lb_endpoints: endpoints }] };
}

function plainEndpoint(address: string, port: number): Json {
  return {
    endpoint: { address: { socket_address: { address, port_value: port } } },
    load_balancing_weight: 1,
  };
}

function tunnelEndpoint(identity: string, ip: string, port: number, tunnelPort: number): Json {
  const destination = `${ip}:${port}`;
  return {
    endpoint: {
      address: {
        envoy_internal_address: {
          server_listener_name: tunnelListener(identity),
          endpoint_id: destination,
        },
      },
    },
    metadata: {
      filter_metadata: {
        "envoy.transport_socket_match": { tunnel: "h2" },
        tunnel: { address: `${ip}:${tunnelPort}`, destination },
      },
    },
    load_balancing_weight: 1,
  };
}

import { toBase64 } from "../../base/base64.ts";
import { utf8 } from "../../base/text.ts";
import type { HttpRequest } from "../../http1/message.ts";
import { type Certificate, certificateToPem, uriNames } from "../../tls/x509/certificate.ts";
import { typeUrl } from "../proto/codec.ts";
import type { Agent } from "./agent.ts";
import type { Dynamic } from "./config.ts";
import type { ClusterLoadAssignment, LbEndpoint } from "./resources.ts";

type Json = Record<string, unknown>;
const DUMP = "type.googleapis.com/envoy.admin.v3.";

/** Of an Any its type comes first (a replacer of JSON.stringify). */
function typeFirst(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("@type" in value)) return value;
  const { "@type": type, ...rest } = value;
  return { "@type": type, ...rest };
}

interface AdminAnswer {
  status: number;
  type: string;
  body: string;
}

/** Envoy's admin interface (envoy: docs, operations/admin): what it has, computed when it is asked. */
export function answerAdmin(agent: Agent, request: HttpRequest): AdminAnswer {
  const [path = "", query = ""] = request.target.split("?");
  const text = (body: string, status = 200): AdminAnswer => ({
    status,
    type: "text/plain; charset=UTF-8",
    body,
  });
  const json = (value: object): AdminAnswer => ({
    status: 200,
    type: "application/json",
    body: `${JSON.stringify(value, typeFirst, 1)}\n`,
  });
  if (request.method !== "GET" && request.method !== "HEAD")
    return text(`Method Not Allowed\n`, 405);
  switch (path) {
    case "/config_dump":
      return json({ configs: configDump(agent, /(^|&)include_eds(=|&|$)/.test(query)) });
    case "/clusters":
      return text(clusters(agent));
    case "/listeners":
      return text(listeners(agent));
    case "/certs":
      return json({ certificates: certificates(agent) });
    case "/ready":
      return agent.isReady ? text("LIVE\n") : text("PRE_INITIALIZING\n", 503);
    case "/server_info":
      return json(serverInfo(agent));
    default:
      return text("invalid path. admin commands are:\n", 404);
  }
}

function when(ms: number): string {
  return new Date(ms).toISOString();
}

function configDump(agent: Agent, endpoints: boolean): Json[] {
  const { config } = agent.ztunnel;
  const dynamic = <T extends object>(
    held: Map<string, Dynamic<T>>,
    key: string,
    message: string,
  ): Json[] =>
    [...held.values()].map(({ version, updated, resource }) => ({
      version_info: version,
      [key]: { "@type": typeUrl(message), ...resource },
      last_updated: when(updated),
    }));
  const clusters = dynamic(config.clusters, "cluster", "envoy.config.cluster.v3.Cluster");
  const listeners = dynamic(config.listeners, "listener", "envoy.config.listener.v3.Listener");
  const newest = <T extends object>(held: Map<string, Dynamic<T>>): string =>
    [...held.values()].reduce((last, one) => (one.version > last ? one.version : last), "");
  return [
    {
      "@type": `${DUMP}ClustersConfigDump`,
      version_info: newest(config.clusters),
      dynamic_active_clusters: clusters,
    },
    ...(endpoints
      ? [
          {
            "@type": `${DUMP}EndpointsConfigDump`,
            dynamic_endpoint_configs: [...config.endpoints.values()].map(({ resource }) => ({
              endpoint_config: {
                "@type": typeUrl("envoy.config.endpoint.v3.ClusterLoadAssignment"),
                ...assignment(resource),
              },
            })),
          },
        ]
      : []),
    {
      "@type": `${DUMP}ListenersConfigDump`,
      version_info: newest(config.listeners),
      dynamic_listeners: listeners.map((state) => ({
        name: (state.listener as { name: string }).name,
        active_state: state,
      })),
    },
    { "@type": `${DUMP}SecretsConfigDump`, dynamic_active_secrets: secrets(agent) },
  ];
}

/** As Envoy writes what it holds: what was left out is filled in. */
function assignment({ cluster_name, endpoints = [] }: ClusterLoadAssignment): Json {
  return {
    cluster_name,
    endpoints: endpoints.map(({ lb_endpoints = [] }) => ({
      locality: {},
      lb_endpoints: lb_endpoints.map(({ endpoint, metadata, ...rest }) => ({
        endpoint: { ...endpoint, health_check_config: {} },
        health_status: rest.health_status ?? "HEALTHY",
        ...(metadata && { metadata }),
        load_balancing_weight: rest.load_balancing_weight ?? 1,
      })),
    })),
    policy: { overprovisioning_factor: 140 },
  };
}

function inline(text: string): Json {
  return { inline_bytes: toBase64(utf8(text)) };
}

function secrets(agent: Agent): Json[] {
  const { sim } = agent.machine;
  const type = typeUrl("envoy.extensions.transport_sockets.tls.v3.Secret");
  const entry = (name: string, at: number, fields: Json): Json => ({
    name,
    version_info: when(sim.epoch + at / 1e6),
    last_updated: when(sim.epoch + at / 1e6),
    secret: { "@type": type, name, ...fields },
  });
  const held = [...agent.secrets.held.values()].filter(({ identity }) => identity);
  const found = held.map(({ id, identity }) =>
    entry(id, agent.fetchedAt.get(id) ?? 0, {
      tls_certificate: {
        certificate_chain: inline((identity?.chain ?? []).map(certificateToPem).join("")),
        private_key: inline("[redacted]"),
      },
    }),
  );
  const roots = agent.secrets.roots();
  if (roots.length) {
    const first = Math.min(...held.map(({ id }) => agent.fetchedAt.get(id) ?? 0));
    const trusted_ca = inline(roots.map(certificateToPem).join(""));
    found.push(entry("ROOTCA", first, { validation_context: { trusted_ca } }));
  }
  return found;
}

function hostOf({ endpoint }: LbEndpoint): string {
  const { socket_address: plain, envoy_internal_address: internal } = endpoint.address;
  if (plain) return `${plain.address}:${plain.port_value}`;
  return `envoy://${internal?.server_listener_name}/${internal?.endpoint_id}`;
}

/** A line for each property of each cluster and host. */
function clusters(agent: Agent): string {
  const { config } = agent.ztunnel;
  const lines: string[] = [];
  for (const name of config.clusters.keys()) {
    lines.push(`${name}::observability_name::${name}`, `${name}::added_via_api::true`);
    const endpoints = config.endpoints.get(name)?.resource.endpoints ?? [];
    for (const one of endpoints.flatMap(({ lb_endpoints = [] }) => lb_endpoints)) {
      const host = `${name}::${hostOf(one)}`;
      lines.push(`${host}::health_flags::healthy`, `${host}::weight::1`, `${host}::priority::0`);
    }
  }
  return lines.map((line) => `${line}\n`).join("");
}

function listeners(agent: Agent): string {
  return [...agent.ztunnel.config.listeners.values()]
    .map(({ resource: { name, address } }) => {
      const at = address?.socket_address;
      return `${name}::${at ? `${at.address}:${at.port_value}` : `envoy://${name}/`}\n`;
    })
    .join("");
}

function certificates(agent: Agent): Json[] {
  const { now } = agent.secrets;
  const roots = agent.secrets.roots();
  const describe = (certificate: Certificate): Json => {
    const { serial, notBefore, notAfter } = certificate;
    const hex = [...serial].map((octet) => octet.toString(16).padStart(2, "0")).join("");
    return {
      path: "<inline>",
      serial_number: hex,
      subject_alt_names: uriNames(certificate).map((uri) => ({ uri })),
      days_until_expiration: String(Math.max(0, Math.floor((notAfter - now) / 86_400_000))),
      valid_from: when(notBefore).replace(".000Z", "Z"),
      expiration_time: when(notAfter).replace(".000Z", "Z"),
    };
  };
  return [...agent.secrets.held.values()]
    .filter(({ identity }) => identity)
    .map(({ identity }) => ({
      ca_cert: roots.map(describe),
      cert_chain: (identity?.chain ?? []).map(describe),
    }));
}

function serverInfo(agent: Agent): Json {
  const { sim } = agent.machine;
  const uptime = `${Math.floor((sim.now - agent.started) / 1e9)}s`;
  return {
    state: agent.isReady ? "LIVE" : "PRE_INITIALIZING",
    hot_restart_version: "disabled",
    command_line_options: {
      concurrency: 2,
      config_path: "etc/istio/proxy/envoy-rev.json",
      local_address_ip_version: "v4",
      service_cluster: "ztunnel",
      service_node: agent.node().id,
    },
    node: agent.node(),
    uptime_current_epoch: uptime,
    uptime_all_epochs: uptime,
  };
}

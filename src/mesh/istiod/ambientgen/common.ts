import type { IstioWorkload } from "../registry.ts";
import { MARK_ORIGINAL_SRC, TEXT_LOG_FORMAT } from "./names.ts";

/*
 * Parts that several resources share, in their JSON form: what Envoy's config_dump shows of them.
 */

const TYPE = "type.googleapis.com/";
export type Json = Record<string, unknown>;

/** A google.protobuf.Any. */
export function any(type: string, fields: Json = {}): Json {
  return { "@type": `${TYPE}${type}`, ...fields };
}

export function named(name: string, type: string, fields: Json = {}): Json {
  return { name, typed_config: any(type, fields) };
}

export function accessLog(suffix: string): Json[] {
  const inline_string = `${TEXT_LOG_FORMAT}${suffix}\n`;
  return [
    named("envoy.access_loggers.file", "envoy.extensions.access_loggers.file.v3.FileAccessLog", {
      path: "/dev/stdout",
      log_format: { text_format_source: { inline_string } },
    }),
  ];
}

export function tcpProxy(fields: Json): Json {
  return named(
    "envoy.filters.network.tcp_proxy",
    "envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy",
    fields,
  );
}

/** Where the first of the listener filters finds out who was meant, the second who it came from. */
export function listenerFilters(): Json[] {
  const filters = "envoy.extensions.filters.listener";
  return [
    named("envoy.filters.listener.original_dst", `${filters}.original_dst.v3.OriginalDst`),
    named("envoy.filters.listener.original_src", `${filters}.original_src.v3.OriginalSrc`, {
      mark: MARK_ORIGINAL_SRC,
    }),
  ];
}

/** SOL_SOCKET, SO_MARK */
export function socketMark(direction: "outbound" | "inbound", mark: number): Json[] {
  return [
    {
      description: `Set socket mark to packets coming back from ${direction} listener`,
      level: "1",
      name: "36",
      int_value: String(mark),
      state: "STATE_PREBIND",
    },
  ];
}

export function anyAddress(port: number): Json {
  return { socket_address: { address: "0.0.0.0", port_value: port } };
}

/** How proxies ask their agent for the secret of a workload. */
export function secretName(workload: IstioWorkload): string {
  return `${workload.identity}~${workload.name}~${workload.uid}`;
}

function sdsConfig(name: string, more: Json = {}): Json {
  return {
    name,
    sds_config: {
      api_config_source: {
        api_type: "GRPC",
        grpc_services: [{ envoy_grpc: { cluster_name: "sds-grpc" } }],
        set_node_on_first_message_only: true,
        transport_api_version: "V3",
      },
      ...more,
      resource_api_version: "V3",
    },
  };
}

/** TLS with the workload's certificate; a server wants one of the trust domain too. */
export function tlsContext(workload: IstioWorkload, trustDomain: string, inbound: boolean): Json {
  const prefix = `spiffe://${trustDomain}/`;
  return {
    tls_params: {
      tls_minimum_protocol_version: "TLSv1_3",
      tls_maximum_protocol_version: "TLSv1_3",
    },
    alpn_protocols: ["h2"],
    tls_certificate_sds_secret_configs: [sdsConfig(secretName(workload))],
    ...(inbound && {
      combined_validation_context: {
        default_validation_context: { match_subject_alt_names: [{ prefix }] },
        validation_context_sds_secret_config: sdsConfig("ROOTCA", { initial_fetch_timeout: "0s" }),
      },
    }),
  };
}

const TLS = "envoy.extensions.transport_sockets.tls.v3";

export function tlsSocket(workload: IstioWorkload, trustDomain: string, inbound: boolean): Json {
  const kind = inbound ? "DownstreamTlsContext" : "UpstreamTlsContext";
  return named("envoy.transport_sockets.tls", `${TLS}.${kind}`, {
    common_tls_context: tlsContext(workload, trustDomain, inbound),
  });
}

/** Labels of the metrics about traffic, in the order in which they are printed. */
export const TRAFFIC_LABELS = [
  "reporter",
  "source_workload",
  "source_canonical_service",
  "source_canonical_revision",
  "source_workload_namespace",
  "source_principal",
  "source_app",
  "source_version",
  "source_cluster",
  "destination_service",
  "destination_service_namespace",
  "destination_service_name",
  "destination_workload",
  "destination_canonical_service",
  "destination_canonical_revision",
  "destination_workload_namespace",
  "destination_principal",
  "destination_app",
  "destination_version",
  "destination_cluster",
  "request_protocol",
  "response_flags",
  "connection_security_policy",
  "source_region",
  "source_zone",
  "destination_region",
  "destination_zone",
] as const;
export type TrafficLabels = Record<(typeof TRAFFIC_LABELS)[number], string>;

interface Family {
  help: string;
  type: "counter" | "gauge";
  /** By the text of the labels. */
  values: Map<string, number>;
}

/** Families in the order in which they are registered (ztunnel: src/proxy/metrics.rs, src/inpod/metrics.rs). */
const FAMILIES: readonly [name: string, type: Family["type"], help: string][] = [
  ["istio_build", "gauge", "Istio component build info"],
  [
    "istio_xds_connection_terminations",
    "counter",
    "The total number of completed connections to xds server (unstable)",
  ],
  ["istio_xds_message", "counter", "Total number of messages received (unstable)"],
  ["istio_xds_message_bytes", "counter", "Total number of bytes received (unstable)"],
  ["istio_tcp_connections_opened", "counter", "The total number of TCP connections opened"],
  ["istio_tcp_connections_closed", "counter", "The total number of TCP connections closed"],
  [
    "istio_tcp_received_bytes",
    "counter",
    "The size of total bytes received during request in case of a TCP connection",
  ],
  [
    "istio_tcp_sent_bytes",
    "counter",
    "The size of total bytes sent during response in case of a TCP connection",
  ],
  [
    "istio_tcp_connections_failed",
    "counter",
    "The total number of TCP connections that failed to establish (unstable)",
  ],
  ["istio_tcp_sockets_open", "gauge", "The current number of open TCP sockets (unstable)"],
  ["istio_dns_requests", "counter", "Total number of DNS requests (unstable)"],
  [
    "istio_dns_upstream_requests",
    "counter",
    "Total number of DNS requests forwarded to upstream (unstable)",
  ],
  [
    "istio_dns_upstream_failures",
    "counter",
    "Total number of DNS requests that failed to forward upstream (unstable)",
  ],
  [
    "istio_active_proxy_count",
    "gauge",
    "The total number current workloads with active proxies (unstable)",
  ],
  [
    "istio_pending_proxy_count",
    "gauge",
    "The total number current workloads with pending proxies (unstable)",
  ],
  ["istio_proxies_started", "counter", "The total number of proxies that were started (unstable)"],
  ["istio_proxies_stopped", "counter", "The total number of proxies that were stopped (unstable)"],
];

export type MetricName = (typeof FAMILIES)[number][0];

/** Counters and gauges, and their text in the exposition format (OpenMetrics 1.0). */
export class Metrics {
  families = new Map<MetricName, Family>();

  constructor() {
    for (const [name, type, help] of FAMILIES)
      this.families.set(name, { help, type, values: new Map() });
  }

  add(name: MetricName, labels: Record<string, string>, by = 1): void {
    const family = this.families.get(name);
    if (!family) throw new Error(`no metric ${name}`);
    const key = labelText(labels);
    family.values.set(key, (family.values.get(key) ?? 0) + by);
  }

  set(name: MetricName, labels: Record<string, string>, value: number): void {
    const family = this.families.get(name);
    if (!family) throw new Error(`no metric ${name}`);
    family.values.set(labelText(labels), value);
  }

  text(): string {
    let out = "";
    for (const [name, { help, type, values }] of this.families) {
      // What was never counted is not mentioned.
      if (values.size === 0) continue;
      out += `# HELP ${name} ${help}.\n# TYPE ${name} ${type}\n`;
      const suffix = type === "counter" ? "_total" : "";
      for (const [labels, value] of values)
        out += `${name}${suffix}${labels && `{${labels}}`} ${value}\n`;
    }
    return `${out}# EOF\n`;
  }
}

function labelText(labels: Record<string, string>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${value.replace(/[\\"\n]/g, escapeLabel)}"`)
    .join(",");
}

function escapeLabel(character: string): string {
  return character === "\n" ? "\\n" : `\\${character}`;
}

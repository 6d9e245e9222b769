import type { Sim } from "../../sim/sim.ts";
import { formatIpv4 } from "../../wire/address.ts";
import type { ProxyError } from "./error.ts";
import type { LogField, ZtunnelLog } from "./log.ts";
import type { Metrics, TrafficLabels } from "./metrics.ts";
import { identityOf, type Service, type Workload } from "./state.ts";

export type Reporter = "source" | "destination";

export interface Endpoint {
  address: number;
  port: number;
}

export function formatEndpoint({ address, port }: Endpoint): string {
  return `${formatIpv4(address)}:${port}`;
}

/** What is known of a connection when it begins (ztunnel: src/proxy/metrics.rs, ConnectionOpen). */
export interface ConnectionOpen {
  reporter: Reporter;
  src: Endpoint;
  /** The next hop of TCP; with a tunnel, the tunnel's. */
  dst: Endpoint;
  /** The tunnel's `:authority`; "" without one. */
  hboneAddress: string;
  source: Workload | null;
  /** Proved by its certificate; null in plain text. */
  sourceIdentity: string | null;
  destination: Workload | null;
  service: Service | null;
  mutualTls: boolean;
}

/** Where a connection's fate is written: a line of the access log, and metrics. */
export interface Telemetry {
  sim: Sim;
  log: ZtunnelLog;
  metrics: Metrics;
}

function labelsOf(open: ConnectionOpen): TrafficLabels {
  const { source: s, destination: d, service } = open;
  const known = (value: string | undefined | null): string => value || "unknown";
  return {
    reporter: open.reporter,
    source_workload: known(s?.workloadName),
    source_canonical_service: known(s?.canonicalName),
    source_canonical_revision: known(s?.canonicalRevision),
    source_workload_namespace: known(s?.namespace),
    source_principal: known(open.sourceIdentity),
    source_app: known(s?.canonicalName),
    source_version: known(s?.canonicalRevision),
    source_cluster: known(s?.clusterId),
    destination_service: known(service?.hostname),
    destination_service_namespace: known(service?.namespace),
    destination_service_name: known(service?.name),
    destination_workload: known(d?.workloadName),
    destination_canonical_service: known(d?.canonicalName),
    destination_canonical_revision: known(d?.canonicalRevision),
    destination_workload_namespace: known(d?.namespace),
    destination_principal: known(d && identityOf(d)),
    destination_app: known(d?.canonicalName),
    destination_version: known(d?.canonicalRevision),
    destination_cluster: known(d?.clusterId),
    request_protocol: "tcp",
    response_flags: "-",
    connection_security_policy: open.mutualTls ? "mutual_tls" : "unknown",
    source_region: "unknown",
    source_zone: "unknown",
    destination_region: "unknown",
    destination_zone: "unknown",
  };
}

/** A connection that was denied before enough was known of it (ztunnel: log_early_deny). */
export function logEarlyDeny(
  log: ZtunnelLog,
  src: Endpoint,
  dst: Endpoint,
  reporter: Reporter,
  error: string,
): void {
  log.write("warn", "access", "connection failed", [
    ["src.addr", formatEndpoint(src), "bare"],
    ["dst.addr", formatEndpoint(dst), "bare"],
    ["direction", reporter === "source" ? "outbound" : "inbound"],
    ["error", error],
  ]);
}

/** One connection through the proxy, from its beginning to its line (ztunnel: ConnectionResult). */
export class ConnectionResult {
  telemetry: Telemetry;
  open: ConnectionOpen;
  labels: TrafficLabels;
  started: number;
  /** Counted so far: from the client on, and back to it. */
  received = 0;
  sent = 0;
  recorded = false;

  constructor(telemetry: Telemetry, open: ConnectionOpen, started: number) {
    this.telemetry = telemetry;
    this.open = open;
    this.labels = labelsOf(open);
    this.started = started;
    telemetry.log.write("debug", "access", "connection opened", this.parties());
    telemetry.metrics.add("istio_tcp_connections_opened", this.labels);
  }

  /** The metrics' names are the server's view: what a client sends is received (istio/istio#32399). */
  count(received: number, sent: number): void {
    const { metrics } = this.telemetry;
    if (received > this.received)
      metrics.add("istio_tcp_received_bytes", this.labels, received - this.received);
    if (sent > this.sent) metrics.add("istio_tcp_sent_bytes", this.labels, sent - this.sent);
    this.received = received;
    this.sent = sent;
  }

  record(error: ProxyError | null): void {
    if (this.recorded) return;
    this.recorded = true;
    const { metrics, log, sim } = this.telemetry;
    const labels = { ...this.labels, response_flags: error?.flag ?? "-" };
    metrics.add("istio_tcp_connections_closed", labels);
    if (error) metrics.add("istio_tcp_connections_failed", labels);
    const isClient = this.open.reporter === "source";
    log.write(error ? "error" : "info", "access", "connection complete", [
      ...this.parties(),
      ["bytes_sent", String(isClient ? this.received : this.sent), "bare"],
      ["bytes_recv", String(isClient ? this.sent : this.received), "bare"],
      ["duration", `${Math.floor((sim.now - this.started) / 1e6)}ms`],
      ["error", error?.text ?? null],
    ]);
  }

  parties(): LogField[] {
    const { src, dst, source, destination, service, hboneAddress, mutualTls } = this.open;
    const { reporter, sourceIdentity } = this.open;
    return [
      ["src.addr", formatEndpoint(src), "bare"],
      ["src.workload", source?.name ?? null],
      ["src.namespace", source?.namespace ?? null],
      ["src.identity", mutualTls ? sourceIdentity : null],
      ["dst.addr", formatEndpoint(dst), "bare"],
      ["dst.hbone_addr", hboneAddress || null, "bare"],
      ["dst.service", service?.hostname ?? null],
      ["dst.workload", destination?.name ?? null],
      ["dst.namespace", destination?.namespace ?? null],
      ["dst.identity", mutualTls && destination ? identityOf(destination) : null],
      ["direction", reporter === "source" ? "outbound" : "inbound"],
    ];
  }
}

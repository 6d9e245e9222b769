import type { GrpcClientEvent } from "../../grpc/client.ts";
import { type Status, statusTitle } from "../../grpc/status.ts";
import { MSEC, SEC, type Timer, type Wakeable } from "../../sim/sim.ts";
import type { ClientConfig } from "../../tls/config.ts";
import { DELTA_AGGREGATED, type DeltaDiscoveryResponse, type Node } from "../istiod/messages.ts";
import { CLUSTER_ID } from "../istiod/workloads.ts";
import { decode, encode, typeUrl } from "../proto/codec.ts";
import { type ChannelOwner, GrpcChannel } from "./channel.ts";
import { istiodTls, istioToken, type Upstream } from "./credentials.ts";
import { type ChannelFailure, rustError } from "./failure.ts";

/** istio: ztunnel src/xds/client.rs */
const INITIAL_BACKOFF = 10 * MSEC;
const MAX_BACKOFF = 15 * SEC;
const CONNECT_TIMEOUT = 5 * SEC;

/** Who is told of what comes. */
export interface XdsOwner {
  /** A resource, new or changed; why it cannot be taken, or null. */
  added(type: string, name: string, message: object): string | null;
  removed(type: string, name: string): void;
  /** All that there was of a type has come, for the first time. */
  synced(type: string): void;
  /** Into the log, under the target "xds::client" within the span of the connection. */
  xdsLog(level: "info" | "warn" | "error", span: string, text: string): void;
}

export interface XdsClientConfig extends Upstream {
  userAgent: string;
  /** Messages to subscribe to, all of each: "istio.workload.Address". */
  messages: readonly string[];
  node: Node;
}

/** Delta discovery of today's ztunnel (istio: ztunnel src/xds/client.rs): connects for ever. */
export class XdsClient implements ChannelOwner, Wakeable {
  config: XdsClientConfig;
  owner: XdsOwner;
  channel: GrpcChannel;
  /** What we have, by type: version by name. It outlives connections. */
  known = new Map<string, Map<string, string>>();
  /** Types that have not come yet. */
  expected: Set<string>;
  call = 0;
  /** HEADERS of the answer have come. */
  established = false;
  backoff = INITIAL_BACKOFF;
  timer: Timer | null = null;
  connections = 0;

  constructor(config: XdsClientConfig, owner: XdsOwner) {
    this.config = config;
    this.owner = owner;
    this.expected = new Set(config.messages.map(typeUrl));
    const { process, host, port, userAgent } = config;
    const connectTimeout = CONNECT_TIMEOUT;
    this.channel = new GrpcChannel({ process, host, port, userAgent, connectTimeout }, this);
  }

  start(): void {
    this.connections++;
    this.channel.connect();
  }

  wake(): void {
    this.timer = null;
    this.start();
  }

  log(level: "info" | "warn" | "error", text: string): void {
    this.owner.xdsLog(level, `xds{id=${this.connections}}`, text);
  }

  tlsConfig(): ClientConfig {
    return istiodTls(this.config);
  }

  connected(): void {
    const { process, messages, node } = this.config;
    this.established = false;
    this.call = this.channel.start(DELTA_AGGREGATED, [
      ["authorization", `Bearer ${istioToken(process)}`],
      ["clusterid", CLUSTER_ID],
    ]);
    for (const message of messages) {
      const type = typeUrl(message);
      const versions = Object.fromEntries(this.known.get(type) ?? []);
      this.request({ node, typeUrl: type, initialResourceVersions: versions });
    }
  }

  request(fields: object): void {
    this.channel.send(
      this.call,
      encode("envoy.service.discovery.v3.DeltaDiscoveryRequest", fields),
    );
  }

  event(event: GrpcClientEvent): void {
    if (event.call !== this.call) return;
    if (event.kind === "metadata") {
      this.established = true;
      this.log("info", "Stream established");
    } else if (event.kind === "message") this.response(event.data);
    else this.ended(event.status);
  }

  response(data: Uint8Array): void {
    const name = "envoy.service.discovery.v3.DeltaDiscoveryResponse";
    const response = decode<DeltaDiscoveryResponse>(name, data);
    if (!response) return;
    const { typeUrl: type, nonce } = response;
    const rejected = this.apply(response);
    const error = rejected.join("; ");
    if (error)
      this.log(
        "error",
        `sending response type_url="${type}" nonce="${nonce}" type=Nack error="${error}"`,
      );
    this.request({
      typeUrl: type,
      responseNonce: nonce,
      ...(error && { errorDetail: { message: error } }),
    });
    if (!error && this.expected.delete(type)) this.owner.synced(type);
  }

  /** What of it cannot be taken, "name: reason" each. */
  apply({ typeUrl: type, resources, removedResources }: DeltaDiscoveryResponse): string[] {
    let known = this.known.get(type);
    if (!known) {
      known = new Map();
      this.known.set(type, known);
    }
    const rejected: string[] = [];
    for (const name of removedResources) {
      known.delete(name);
      this.owner.removed(type, name);
    }
    for (const { name, version, resource } of resources) {
      const message = resource && decode<object>(messageOf(type), resource.value);
      const reason = message
        ? this.owner.added(type, name, message)
        : "failed to decode Protobuf message";
      if (reason) rejected.push(`${name}: ${reason}`);
      else known.set(name, version);
    }
    return rejected;
  }

  /** The stream is over: the connection is not kept for another. */
  ended(status: Status): void {
    this.call = 0;
    if (this.channel.state !== "ready") return;
    this.channel.stop();
    if (status.code === "OK") {
      this.log("warn", "XDS client complete");
      return this.retry(INITIAL_BACKOFF, 0);
    }
    const text = displayStatus(status);
    if (!this.established) return this.refused(text);
    const quiet = ["UNKNOWN", "CANCELLED", "DEADLINE_EXCEEDED"].includes(status.code);
    if (quiet) return this.retry(INITIAL_BACKOFF, this.backoff);
    this.log(
      "warn",
      `XDS client error: gRPC error ${text}, retrying in ${rustDuration(this.backoff)}`,
    );
    const next = Math.min(this.backoff * 2, MAX_BACKOFF);
    this.retry(next, next);
  }

  disconnected(failure: ChannelFailure): void {
    this.call = 0;
    // A stream that was there ends without words.
    if (failure.stage === "open" && this.established)
      return this.retry(INITIAL_BACKOFF, INITIAL_BACKOFF);
    const { message, source } = rustError(failure);
    const hint = source.includes("Temporary failure in name resolution")
      ? " (hint: is the DNS server reachable?)"
      : "";
    this.refused(`status: Unknown, message: ${JSON.stringify(message)}, source: ${source}${hint}`);
  }

  /** No stream could be had. */
  refused(status: string): void {
    const { host, port } = this.config;
    const next = Math.min(this.backoff * 2, MAX_BACKOFF);
    this.log(
      "warn",
      `XDS client connection error: gRPC connection error connecting to https://${host}:${port}: ${status}, retrying in ${rustDuration(next)}`,
    );
    this.retry(next, next);
  }

  retry(backoff: number, delay: number): void {
    this.established = false;
    this.backoff = backoff;
    this.timer?.cancel();
    this.timer = this.config.process.sim.after(delay, this, "connect");
  }

  stop(): void {
    this.timer?.cancel();
    this.channel.stop();
  }
}

function messageOf(type: string): string {
  return type.slice(type.lastIndexOf("/") + 1);
}

/** istio: ztunnel src/xds.rs, DisplayStatus */
function displayStatus({ code, message }: Status): string {
  const hint = message.includes("authentication failure")
    ? " (hint: check the control plane logs for more information)"
    : "";
  return `status: ${statusTitle(code)}, message: ${JSON.stringify(message)}${hint}`;
}

/** As Rust prints a Duration with {:?}: "20ms", "1.28s". */
export function rustDuration(ns: number): string {
  const digits = (value: number): string => String(Number(value.toFixed(9)));
  if (ns >= SEC) return `${digits(ns / SEC)}s`;
  if (ns >= MSEC) return `${digits(ns / MSEC)}ms`;
  return ns >= 1000 ? `${digits(ns / 1000)}µs` : `${ns}ns`;
}

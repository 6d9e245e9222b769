import type { GrpcClientEvent } from "../../grpc/client.ts";
import { STATUS_CODES, type Status } from "../../grpc/status.ts";
import { MSEC, SEC, type Timer, type Wakeable } from "../../sim/sim.ts";
import type { ClientConfig } from "../../tls/config.ts";
import {
  type Any,
  CLUSTER_TYPE,
  type DiscoveryResponse,
  ENDPOINT_TYPE,
  LISTENER_TYPE,
  type Node,
  STREAM_AGGREGATED,
} from "../istiod/messages.ts";
import { CLUSTER_ID } from "../istiod/workloads.ts";
import { decode, encode } from "../proto/codec.ts";
import { type ChannelOwner, GrpcChannel } from "./channel.ts";
import { istiodTls, istioToken, type Upstream } from "./credentials.ts";
import { type ChannelFailure, goError } from "./failure.ts";

/** envoy: source/common/config/subscription_base; grpc_stream.h */
const RETRY_INITIAL = 500 * MSEC;
const RETRY_MAX = 30 * SEC;
/** istio: pkg/istio-agent/xds_proxy.go */
const CONNECT_TIMEOUT = 5 * SEC;

/** The Envoy behind the agent. */
export interface EnvoyOwner {
  /** All resources of a type; why they cannot be taken, or "". */
  update(type: string, version: string, resources: readonly Any[]): string;
  /** The clusters whose endpoints are to be asked for. */
  endpointNames(): string[];
  agentLog(level: string, scope: string, text: string): void;
}

export interface EnvoyAdsConfig extends Upstream {
  node: Node;
}

/** What an Envoy asks for, and has said about what came. */
interface Subscription {
  version: string;
  nonce: string;
  names: string[];
}

/**
 * Aggregated discovery of an Envoy, through its agent to istiod (istio: pkg/istio-agent/xds_proxy.go;
 * envoy: xDS protocol, state of the world): clusters, then their endpoints, then listeners.
 */
export class EnvoyAds implements ChannelOwner, Wakeable {
  config: EnvoyAdsConfig;
  owner: EnvoyOwner;
  channel: GrpcChannel;
  call = 0;
  subscriptions = new Map<string, Subscription>();
  attempts = 0;
  timer: Timer | null = null;
  /** The first of the failures that go on, and its status. */
  failing: { since: number; code: Status["code"] } | null = null;

  constructor(config: EnvoyAdsConfig, owner: EnvoyOwner) {
    this.config = config;
    this.owner = owner;
    const { process, host, port } = config;
    const userAgent = "grpc-go/1.49.0";
    this.channel = new GrpcChannel(
      { process, host, port, userAgent, connectTimeout: CONNECT_TIMEOUT },
      this,
    );
  }

  start(): void {
    this.channel.connect();
  }

  wake(): void {
    this.timer = null;
    this.start();
  }

  tlsConfig(): ClientConfig {
    return istiodTls(this.config);
  }

  connected(): void {
    const { process, host, port } = this.config;
    this.owner.agentLog("info", "xdsproxy", `connected to upstream XDS server: ${host}:${port}`);
    this.call = this.channel.start(STREAM_AGGREGATED, [
      ["authorization", `Bearer ${istioToken(process)}`],
      ["clusterid", CLUSTER_ID],
    ]);
    for (const subscription of this.subscriptions.values()) subscription.nonce = "";
    this.subscribe(CLUSTER_TYPE);
    // What was there before stays subscribed to.
    for (const type of [ENDPOINT_TYPE, LISTENER_TYPE])
      if (this.subscriptions.has(type)) this.subscribe(type);
  }

  subscribe(type: string): void {
    const names = type === ENDPOINT_TYPE ? this.owner.endpointNames() : [];
    const known = this.subscriptions.get(type);
    this.subscriptions.set(type, {
      version: known?.version ?? "",
      nonce: known?.nonce ?? "",
      names,
    });
    this.request(type, "");
  }

  request(type: string, error: string): void {
    const { version = "", nonce = "", names = [] } = this.subscriptions.get(type) ?? {};
    const data = encode("envoy.service.discovery.v3.DiscoveryRequest", {
      versionInfo: version,
      node: this.config.node,
      resourceNames: names,
      typeUrl: type,
      responseNonce: nonce,
      ...(error && { errorDetail: { code: STATUS_CODES.INVALID_ARGUMENT, message: error } }),
    });
    this.channel.send(this.call, data);
  }

  event(event: GrpcClientEvent): void {
    if (event.call !== this.call) return;
    if (event.kind === "message") this.response(event.data);
    else if (event.kind === "status") this.ended(event.status);
  }

  response(data: Uint8Array): void {
    const name = "envoy.service.discovery.v3.DiscoveryResponse";
    const response = decode<DiscoveryResponse>(name, data);
    const subscription = response && this.subscriptions.get(response.typeUrl);
    if (!subscription) return;
    this.failing = null;
    this.attempts = 0;
    const { typeUrl: type, versionInfo, nonce, resources } = response;
    const error = this.owner.update(type, versionInfo, resources);
    subscription.nonce = nonce;
    if (!error) subscription.version = versionInfo;
    this.request(type, error);
    // Each waits for what it refers to.
    if (type === CLUSTER_TYPE) this.endpoints();
    if (type === ENDPOINT_TYPE && !this.subscriptions.has(LISTENER_TYPE))
      this.subscribe(LISTENER_TYPE);
  }

  /** Endpoints of the clusters that there are now. */
  endpoints(): void {
    const known = this.subscriptions.get(ENDPOINT_TYPE)?.names ?? [];
    const names = this.owner.endpointNames();
    const same = known.length === names.length && names.every((name) => known.includes(name));
    if (!same || !this.subscriptions.has(ENDPOINT_TYPE)) this.subscribe(ENDPOINT_TYPE);
  }

  ended(status: Status): void {
    this.call = 0;
    if (this.channel.state === "ready") this.channel.stop();
    this.close(status);
  }

  disconnected(failure: ChannelFailure): void {
    // Its stream, if there was one, has been told of it.
    if (this.timer) return;
    this.close({ code: "UNAVAILABLE", message: goError(failure) });
  }

  /** The stream is over: log it as Envoy does (grpc_stream.h, logClose), and try again. */
  close(status: Status): void {
    const { sim } = this.config.process;
    const { code, message } = status;
    const what = "StreamAggregatedResources gRPC config stream to xds-grpc closed";
    const log = (text: string): void => this.owner.agentLog("warning", "envoy config", text);
    const number = STATUS_CODES[code];
    // Those may be over in a moment: a warning only when they go on.
    const transient = ["UNAVAILABLE", "DEADLINE_EXCEEDED", "INTERNAL"].includes(code);
    if (!transient) {
      log(`${what}: ${number}, ${message}`);
      this.failing = null;
    } else if (this.failing?.code !== code) this.failing = { since: sim.now, code };
    else if (sim.now - this.failing.since > RETRY_MAX) {
      const since = Math.floor((sim.now - this.failing.since) / SEC);
      log(`${what} since ${since}s ago: ${number}, ${message}`);
    }
    this.attempts++;
    const interval = Math.min((2 ** this.attempts - 1) * RETRY_INITIAL, RETRY_MAX);
    const delay = (sim.rng("xds backoff").u32() % Math.floor(interval / MSEC)) * MSEC;
    this.timer?.cancel();
    this.timer = sim.after(delay, this, "connect");
  }

  stop(): void {
    this.timer?.cancel();
    this.channel.stop();
  }
}

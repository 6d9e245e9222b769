import { SysError } from "../../base/errno.ts";
import { GrpcClient, type GrpcClientEvent } from "../../grpc/client.ts";
import type { Metadata } from "../../grpc/metadata.ts";
import type { GrpcMethod } from "../../grpc/method.ts";
import type { Process } from "../../host/process.ts";
import type { ResolveError } from "../../host/resolv.ts";
import { Http2Connection } from "../../http2/connection.ts";
import type { Http2Event } from "../../http2/endpoint.ts";
import { ownerOf } from "../../net/socket/owner.ts";
import { TcpSock } from "../../net/tcp/sock.ts";
import { SEC, type Timer, type Wakeable } from "../../sim/sim.ts";
import { TlsClient } from "../../tls/client.ts";
import type { ClientConfig } from "../../tls/config.ts";
import type { Bytes } from "../../wire/bytes.ts";
import { type Ending, Http2Socket, type Http2SocketOwner } from "../http2-socket.ts";
import { type ChannelFailure, goError } from "./failure.ts";
import { HostLookup, type LookupOwner } from "./lookup.ts";

/** istio: pkg/keepalive, GRPC_KEEPALIVE_INTERVAL and _TIMEOUT; ztunnel's are the same. */
const KEEPALIVE = { interval: 30 * SEC, timeout: 10 * SEC, always: false };

/** Who calls through a channel. */
export interface ChannelOwner {
  /** What TLS shall go by; asked for at each connection, so that it may read files anew. Null: plaintext. */
  tlsConfig(): ClientConfig | null;
  connected(): void;
  event(event: GrpcClientEvent): void;
  /** It is not, or no longer, connected; its calls have ended. */
  disconnected(failure: ChannelFailure): void;
}

export interface ChannelConfig {
  process: Process;
  /** "istiod.istio-system.svc" */
  host: string;
  port: number;
  userAgent: string;
  /** Of one attempt to connect, ns. */
  connectTimeout: number;
}

/**
 * A gRPC channel: the name is looked up, a connection opened, TLS verified. When to try (again) is up
 * to its owner.
 */
export class GrpcChannel implements Wakeable, Http2SocketOwner, LookupOwner {
  config: ChannelConfig;
  owner: ChannelOwner;
  state: "idle" | "connecting" | "ready" = "idle";
  lookup: HostLookup | null = null;
  socket: Http2Socket | null = null;
  grpc: GrpcClient | null = null;
  timer: Timer | null = null;

  constructor(config: ChannelConfig, owner: ChannelOwner) {
    this.config = config;
    this.owner = owner;
  }

  get sim() {
    return this.config.process.sim;
  }

  connect(): void {
    if (this.state !== "idle") return;
    this.state = "connecting";
    const { process, host, connectTimeout } = this.config;
    this.lookup = new HostLookup(process, host, this);
    this.timer = this.sim.after(connectTimeout, this, "timeout");
  }

  wake(): void {
    if (this.state === "connecting") this.fail({ stage: "timeout" });
  }

  resolved(found: readonly number[] | ResolveError): void {
    if (this.state !== "connecting") return;
    this.lookup = null;
    if (typeof found === "string") return this.fail({ stage: "lookup", error: found });
    const { process, host, port, userAgent } = this.config;
    const sock = new TcpSock(process.netns, ownerOf(process));
    try {
      sock.connect(found[0] ?? 0, port);
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      sock.close();
      const failed = { errno: error.code, text: "", goneAway: false, verification: "" };
      return this.fail({ stage: "connect", ...failed });
    }
    const tls = this.owner.tlsConfig();
    const http2 = new Http2Connection("client", { autoConsume: true });
    this.socket = new Http2Socket(sock, tls && new TlsClient(tls), http2, this, KEEPALIVE);
    const scheme = tls ? "https" : "http";
    this.grpc = new GrpcClient(http2, { authority: `${host}:${port}`, userAgent, scheme });
  }

  opened(): void {
    this.state = "ready";
    this.timer?.cancel();
    this.owner.connected();
  }

  event(_socket: Http2Socket, event: Http2Event): void {
    this.grpc?.handle(event);
    this.tell();
  }

  tell(): void {
    for (const event of this.grpc?.takeEvents() ?? []) this.owner.event(event);
  }

  over(socket: Http2Socket, ending: Ending): void {
    if (socket !== this.socket) return;
    const { tls } = socket;
    const verification = tls?.verification?.error ?? "";
    this.fail({ ...ending, verification });
  }

  /** Back to idle; calls end, then the owner is told. */
  fail(failure: ChannelFailure): void {
    const { grpc } = this;
    this.forget();
    grpc?.lost(goError(failure));
    for (const event of grpc?.takeEvents() ?? []) this.owner.event(event);
    this.owner.disconnected(failure);
  }

  forget(): void {
    this.state = "idle";
    this.timer?.cancel();
    this.lookup?.rest();
    this.lookup = null;
    const { socket } = this;
    this.socket = null;
    this.grpc = null;
    socket?.close();
  }

  unary(method: GrpcMethod, data: Bytes, metadata: Metadata, timeout: number | null): number {
    const call = this.grpc?.unary(method, data, metadata, timeout) ?? 0;
    this.socket?.flush();
    return call;
  }

  start(method: GrpcMethod, metadata: Metadata): number {
    const call = this.grpc?.start(method, metadata) ?? 0;
    this.socket?.flush();
    return call;
  }

  send(call: number, data: Bytes): void {
    this.grpc?.send(call, data);
    this.socket?.flush();
  }

  cancel(call: number, code: "CANCELLED" | "DEADLINE_EXCEEDED"): void {
    this.grpc?.cancel(call, code);
    this.socket?.flush();
    this.tell();
  }

  /** Its process is going. */
  stop(): void {
    this.forget();
  }
}

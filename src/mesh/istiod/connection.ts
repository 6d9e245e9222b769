import { GrpcServer, type GrpcServerEvent } from "../../grpc/server.ts";
import type { Status } from "../../grpc/status.ts";
import { Http2Connection } from "../../http2/connection.ts";
import type { Http2Event } from "../../http2/endpoint.ts";
import type { TcpSock } from "../../net/tcp/sock.ts";
import { SEC } from "../../sim/sim.ts";
import { TlsServer } from "../../tls/server.ts";
import { formatIpv4 } from "../../wire/address.ts";
import { Http2Socket, type Http2SocketOwner } from "../http2-socket.ts";
import { decode, encode } from "../proto/codec.ts";
import type { AdsStream, StreamSink } from "./ads.ts";
import { authenticate, type Caller } from "./authenticate.ts";
import { DeltaStream } from "./delta.ts";
import type { Istiod } from "./istiod.ts";
import {
  CREATE_CERTIFICATE,
  DELTA_AGGREGATED,
  type IstioCertificateRequest,
  STREAM_AGGREGATED,
} from "./messages.ts";
import { SotwStream } from "./sotw.ts";

const METHODS = [CREATE_CERTIFICATE, STREAM_AGGREGATED, DELTA_AGGREGATED];
/** istio: pkg/keepalive; a server asks whether or not there are calls. */
const KEEPALIVE = { interval: 30 * SEC, timeout: 10 * SEC, always: true };
/** istio: pilot/pkg/grpc, ServerOptions: http2 streams of one client. */
const MAX_STREAMS = 100_000;

/** One client of istiod's gRPC. */
export class IstiodConnection implements Http2SocketOwner, StreamSink {
  istiod: Istiod;
  socket: Http2Socket;
  grpc: GrpcServer;
  /** Streams of discovery, by their call. */
  streams = new Map<number, AdsStream>();
  /** Callers of CreateCertificate whose request has not come yet; null: nobody is believed. */
  callers = new Map<number, Caller | null>();

  constructor(istiod: Istiod, sock: TcpSock, tls: TlsServer | null) {
    this.istiod = istiod;
    const http2 = new Http2Connection("server", {
      autoConsume: true,
      settings: { maxConcurrentStreams: MAX_STREAMS },
    });
    this.grpc = new GrpcServer(http2, METHODS);
    this.socket = new Http2Socket(sock, tls, http2, this, KEEPALIVE);
  }

  /** "10.4.4.18:41000" */
  get peer(): string {
    const { dst, dstPort } = this.socket.sock;
    return `${formatIpv4(dst)}:${dstPort}`;
  }

  opened(): void {}

  event(_socket: Http2Socket, event: Http2Event): void {
    this.grpc.handle(event);
    for (const one of this.grpc.takeEvents()) this.handle(one);
  }

  handle(event: GrpcServerEvent): void {
    const { call } = event;
    if (event.kind === "call") {
      const caller = this.authenticate(event.metadata);
      if (event.method === CREATE_CERTIFICATE) this.callers.set(call, caller);
      else this.discover(call, caller, event.method === DELTA_AGGREGATED);
    } else if (event.kind === "message") {
      const stream = this.streams.get(call);
      if (stream) stream.message(event.data);
      else this.createCertificate(call, event.data);
    } else {
      this.streams.get(call)?.ended();
      this.streams.delete(call);
      this.callers.delete(call);
      if (event.kind === "half-close") this.finish(call, { code: "OK", message: "" });
    }
  }

  /** Null when there is nobody to believe; over plaintext nobody is asked. */
  authenticate(metadata: Parameters<typeof authenticate>[1]): Caller | null {
    const { tls } = this.socket;
    if (!(tls instanceof TlsServer)) return { identities: [], pod: null };
    const { tokens, authority } = this.istiod;
    const caller = authenticate(tls, metadata, tokens, authority.trustDomain);
    if (typeof caller !== "string") return caller;
    this.istiod.log(
      "error",
      "security",
      `Failed to authenticate client from ${this.peer}: ${caller}`,
    );
    return null;
  }

  discover(call: number, caller: Caller | null, delta: boolean): void {
    const { discovery } = this.istiod;
    if (!discovery.synced)
      return this.finish(call, {
        code: "UNKNOWN",
        message: "server is not ready to serve discovery information",
      });
    if (!caller)
      return this.finish(call, { code: "UNAUTHENTICATED", message: "authentication failure" });
    const Stream = delta ? DeltaStream : SotwStream;
    const identities = this.socket.tls ? caller.identities : null;
    this.streams.set(call, new Stream(discovery, this, call, this.peer, identities));
  }

  createCertificate(call: number, data: Uint8Array): void {
    const caller = this.callers.get(call) ?? null;
    this.callers.delete(call);
    const request = decode<IstioCertificateRequest>("istio.v1.auth.IstioCertificateRequest", data);
    if (!request)
      return this.finish(call, {
        code: "INTERNAL",
        message: "grpc: error unmarshalling request: proto: cannot parse invalid wire-format data",
      });
    const answer = this.istiod.createCertificate(caller, request, this.peer);
    if ("code" in answer) return this.finish(call, answer);
    this.grpc.send(call, encode("istio.v1.auth.IstioCertificateResponse", answer));
    this.finish(call, { code: "OK", message: "" });
  }

  send(call: number, data: Uint8Array): void {
    this.grpc.send(call, data);
    this.socket.flush();
  }

  finish(call: number, status: Status): void {
    this.streams.delete(call);
    this.grpc.finish(call, status);
    this.socket.flush();
  }

  over(): void {
    this.grpc.lost();
    for (const event of this.grpc.takeEvents()) this.handle(event);
    this.istiod.connections.delete(this);
  }
}

import type { Http2Connection } from "../http2/connection.ts";
import type { Http2Event } from "../http2/endpoint.ts";
import { fieldValue } from "../http2/fields.ts";
import type { Field } from "../http2/hpack.ts";
import type { Bytes } from "../wire/bytes.ts";
import { encodeMessage, MAX_MESSAGE, MessageReader } from "./message.ts";
import { encodeTimeout, type Metadata, metadataOf, percentDecode } from "./metadata.ts";
import type { GrpcMethod } from "./method.ts";
import { type Status, statusName, statusOfHttp, statusOfReset } from "./status.ts";

/** What has come of a call; `status` is always the last. */
export type GrpcClientEvent =
  | { kind: "metadata"; call: number; metadata: Metadata }
  | { kind: "message"; call: number; data: Bytes }
  | { kind: "status"; call: number; status: Status; metadata: Metadata };

/** A call that has not ended. */
interface Call {
  method: GrpcMethod;
  reader: MessageReader;
  /** Messages that have come. */
  received: number;
  halfClosed: boolean;
  answered: boolean;
}

export interface GrpcClientConfig {
  authority: string;
  userAgent: string;
  scheme?: "http" | "https";
  /** Bytes of the largest message that is taken; 4 MiB by default. */
  maxMessage?: number;
}

/**
 * The client's side of gRPC over one HTTP/2 connection (grpc: doc/PROTOCOL-HTTP2.md), without I/O:
 * whoever moves the connection's bytes gives its events to `handle` and takes ours. Nothing throws:
 * whatever goes wrong is a call's status.
 */
export class GrpcClient {
  http2: Http2Connection;
  config: GrpcClientConfig;
  calls = new Map<number, Call>();
  events: GrpcClientEvent[] = [];

  constructor(http2: Http2Connection, config: GrpcClientConfig) {
    this.http2 = http2;
    this.config = config;
  }

  /**
   * Begin a call; 0 when the connection takes no more. `timeout` in ns is told to the server; who
   * calls has to keep it, by `cancel(call, "DEADLINE_EXCEEDED")`.
   */
  start(method: GrpcMethod, metadata: Metadata = [], timeout: number | null = null): number {
    const { authority, userAgent, scheme = "https" } = this.config;
    const fields: Field[] = [
      [":method", "POST"],
      [":scheme", scheme],
      [":path", method.path],
      [":authority", authority],
      ["content-type", "application/grpc"],
      ["user-agent", userAgent],
      ["te", "trailers"],
    ];
    if (timeout !== null) fields.push(["grpc-timeout", encodeTimeout(timeout)]);
    const id = this.http2.request([...fields, ...metadata], false);
    if (id === 0) return 0;
    const reader = new MessageReader("client", "", this.config.maxMessage ?? MAX_MESSAGE);
    this.calls.set(id, { method, reader, received: 0, halfClosed: false, answered: false });
    return id;
  }

  /** The one message of a unary request, and its end. */
  unary(
    method: GrpcMethod,
    data: Bytes,
    metadata: Metadata = [],
    timeout: number | null = null,
  ): number {
    const call = this.start(method, metadata, timeout);
    if (call) this.send(call, data, true);
    return call;
  }

  /** A message; `end` when it is the last. False when the call takes none any more. */
  send(call: number, data: Bytes, end = false): boolean {
    const known = this.calls.get(call);
    if (!known || known.halfClosed) return false;
    known.halfClosed = end;
    return this.http2.sendData(call, encodeMessage(data), end);
  }

  /** No more messages from us. */
  halfClose(call: number): void {
    const known = this.calls.get(call);
    if (!known || known.halfClosed) return;
    known.halfClosed = true;
    this.http2.sendData(call, new Uint8Array(0), true);
  }

  /** We want no answer any more, or not any longer. */
  cancel(call: number, code: "CANCELLED" | "DEADLINE_EXCEEDED" = "CANCELLED"): void {
    const message = code === "CANCELLED" ? "context canceled" : "context deadline exceeded";
    this.abort(call, { code, message });
  }

  /** The connection is over: every call that is left ends so. */
  lost(message: string): void {
    for (const call of [...this.calls.keys()]) this.end(call, { code: "UNAVAILABLE", message });
  }

  takeEvents(): GrpcClientEvent[] {
    const { events } = this;
    this.events = [];
    return events;
  }

  handle(event: Http2Event): void {
    if (!("stream" in event)) return;
    const id = event.stream;
    const call = this.calls.get(id);
    if (!call) return;
    if (event.kind === "headers") this.headers(id, call, event.fields, event.end);
    else if (event.kind === "data") this.data(id, call, event.data, event.end);
    else if (event.kind === "trailers") this.trailers(id, call, event.fields);
    else if (event.kind === "reset") {
      const message =
        event.by === "us"
          ? event.reason
          : `stream terminated by RST_STREAM with error code: ${event.code}`;
      this.end(id, { code: statusOfReset(event.code), message });
    }
  }

  headers(id: number, call: Call, fields: readonly Field[], end: boolean): void {
    const http = Number(fieldValue(fields, ":status"));
    const type = fieldValue(fields, "content-type") ?? "";
    if (!/^application\/grpc($|[+;])/.test(type)) {
      const what =
        http === 200
          ? ""
          : `unexpected HTTP status code received from server: ${http}${REASONS[http] ? ` (${REASONS[http]})` : ""}; `;
      const message = type
        ? `${what}transport: received unexpected content-type "${type}"`
        : `${what}malformed header: missing HTTP content-type`;
      return this.abort(id, { code: statusOfHttp(http), message });
    }
    if (end) return this.trailers(id, call, fields);
    call.answered = true;
    call.reader.encoding = fieldValue(fields, "grpc-encoding") ?? "";
    this.events.push({ kind: "metadata", call: id, metadata: metadataOf(fields) });
  }

  data(id: number, call: Call, data: Bytes, end: boolean): void {
    call.reader.push(data);
    for (let next = call.reader.next(); next !== null; next = call.reader.next()) {
      if ("code" in next) return this.abort(id, next);
      call.received++;
      if (!call.method.serverStreams && call.received > 1)
        return this.abort(id, {
          code: "INTERNAL",
          message: "cardinality violation: expected <EOF> for non server-streaming RPCs",
        });
      this.events.push({ kind: "message", call: id, data: next });
    }
    if (end)
      this.abort(id, {
        code: "INTERNAL",
        message: "server closed the stream without sending trailers",
      });
  }

  trailers(id: number, call: Call, fields: readonly Field[]): void {
    const number = fieldValue(fields, "grpc-status") ?? "";
    const metadata = metadataOf(fields);
    if (!/^\d+$/.test(number))
      return this.abort(id, {
        code: "UNKNOWN",
        message: `malformed grpc-status: strconv.ParseInt: parsing "${number}": invalid syntax`,
      });
    const code = statusName(Number(number));
    const message = percentDecode(fieldValue(fields, "grpc-message") ?? "");
    if (code === "OK" && call.reader.isPartial)
      return this.abort(id, { code: "INTERNAL", message: "unexpected EOF" });
    if (code === "OK" && !call.method.serverStreams && call.received === 0)
      return this.abort(id, {
        code: "INTERNAL",
        message:
          "cardinality violation: received no response message from non-server-streaming RPC",
      });
    // The server is done: what we would still say nobody hears.
    if (!call.halfClosed) this.http2.resetStream(id, "NO_ERROR");
    this.end(id, { code, message }, metadata);
  }

  /** It ends with a fault that we found, or because we want no more of it. */
  abort(id: number, status: Status): void {
    if (!this.calls.has(id)) return;
    this.http2.resetStream(id, "CANCEL");
    this.end(id, status);
  }

  end(id: number, status: Status, metadata: Metadata = []): void {
    if (this.calls.delete(id)) this.events.push({ kind: "status", call: id, status, metadata });
  }
}

/** RFC 9110 §15: the phrases that grpc-go adds to a status. */
const REASONS: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  415: "Unsupported Media Type",
  429: "Too Many Requests",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};

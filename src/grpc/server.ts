import type { Http2Connection } from "../http2/connection.ts";
import type { Http2Event } from "../http2/endpoint.ts";
import { fieldValue } from "../http2/fields.ts";
import type { Field } from "../http2/hpack.ts";
import type { Bytes } from "../wire/bytes.ts";
import { encodeMessage, MAX_MESSAGE, MessageReader } from "./message.ts";
import { decodeTimeout, type Metadata, metadataOf, percentEncode } from "./metadata.ts";
import type { GrpcMethod } from "./method.ts";
import { STATUS_CODES, type Status } from "./status.ts";

export type GrpcServerEvent =
  /** Somebody calls; `timeout` in ns, null for none: who serves keeps it, by `finish`. */
  | {
      kind: "call";
      call: number;
      method: GrpcMethod;
      metadata: Metadata;
      timeout: number | null;
    }
  | { kind: "message"; call: number; data: Bytes }
  /** The client sends no more. */
  | { kind: "half-close"; call: number }
  /** The client is gone, or no longer interested: nothing can be answered. */
  | { kind: "cancelled"; call: number };

interface Call {
  method: GrpcMethod;
  reader: MessageReader;
  received: number;
  /** Our HEADERS are out. */
  begun: boolean;
  clientDone: boolean;
}

/** The server's side of gRPC over one HTTP/2 connection, without I/O: see `GrpcClient`. */
export class GrpcServer {
  http2: Http2Connection;
  methods: readonly GrpcMethod[];
  maxMessage: number;
  calls = new Map<number, Call>();
  events: GrpcServerEvent[] = [];

  constructor(http2: Http2Connection, methods: readonly GrpcMethod[], maxMessage = MAX_MESSAGE) {
    this.http2 = http2;
    this.methods = methods;
    this.maxMessage = maxMessage;
  }

  takeEvents(): GrpcServerEvent[] {
    const { events } = this;
    this.events = [];
    return events;
  }

  handle(event: Http2Event): void {
    if (event.kind === "headers") return this.headers(event.stream, event.fields, event.end);
    if (!("stream" in event)) return;
    const call = this.calls.get(event.stream);
    if (!call) return;
    if (event.kind === "data") this.data(event.stream, call, event.data, event.end);
    else if (event.kind === "trailers") this.halfClosed(event.stream, call);
    else if (event.kind === "reset") this.gone(event.stream);
  }

  /** The connection is over. */
  lost(): void {
    for (const call of [...this.calls.keys()]) this.gone(call);
  }

  gone(id: number): void {
    if (this.calls.delete(id)) this.events.push({ kind: "cancelled", call: id });
  }

  headers(id: number, fields: readonly Field[], end: boolean): void {
    const type = fieldValue(fields, "content-type") ?? "";
    if (!/^application\/grpc($|[+;])/.test(type))
      return this.refuse(id, "415", {
        code: "INVALID_ARGUMENT",
        message: `invalid gRPC request content-type "${type}"`,
      });
    if (fieldValue(fields, ":method") !== "POST")
      return this.refuse(id, "405", {
        code: "INTERNAL",
        message: `Received a HEADERS frame with :method "${fieldValue(fields, ":method")}" which should be POST`,
      });
    const path = fieldValue(fields, ":path") ?? "";
    const method = this.methods.find((one) => one.path === path);
    if (!method) return this.refuse(id, "200", this.unknown(path));
    const asked = fieldValue(fields, "grpc-timeout");
    const timeout = asked === null ? null : decodeTimeout(asked);
    if (asked !== null && timeout === null)
      return this.refuse(id, "400", {
        code: "INTERNAL",
        message: `malformed grpc-timeout: transport: timeout unit is not recognized: "${asked}"`,
      });
    const encoding = fieldValue(fields, "grpc-encoding") ?? "";
    const reader = new MessageReader("server", encoding, this.maxMessage);
    const call: Call = { method, reader, received: 0, begun: false, clientDone: false };
    this.calls.set(id, call);
    this.events.push({ kind: "call", call: id, method, metadata: metadataOf(fields), timeout });
    if (end) this.halfClosed(id, call);
  }

  /** grpc-go: server.go, handleStream */
  unknown(path: string): Status {
    const [, service, name] = /^\/?(.*)\/([^/]*)$/.exec(path) ?? [];
    const code = "UNIMPLEMENTED";
    if (service === undefined) return { code, message: `malformed method name: "${path}"` };
    const known = this.methods.some((one) => one.path.startsWith(`/${service}/`));
    if (!known) return { code, message: `unknown service ${service}` };
    return { code, message: `unknown method ${name} for service ${service}` };
  }

  data(id: number, call: Call, data: Bytes, end: boolean): void {
    call.reader.push(data);
    for (let next = call.reader.next(); next !== null; next = call.reader.next()) {
      if ("code" in next) return this.finish(id, next);
      call.received++;
      if (!call.method.clientStreams && call.received > 1)
        return this.finish(id, {
          code: "INTERNAL",
          message:
            "cardinality violation: received multiple request messages for non-client-streaming RPC",
        });
      this.events.push({ kind: "message", call: id, data: next });
    }
    if (end) this.halfClosed(id, call);
  }

  halfClosed(id: number, call: Call): void {
    call.clientDone = true;
    if (call.reader.isPartial)
      return this.finish(id, { code: "INTERNAL", message: "unexpected EOF" });
    if (!call.method.clientStreams && call.received === 0)
      return this.finish(id, {
        code: "INTERNAL",
        message: "cardinality violation: received no request message from non-client-streaming RPC",
      });
    this.events.push({ kind: "half-close", call: id });
  }

  /** Fields before the first message; they go by themselves when nobody asks for them. */
  begin(id: number, metadata: Metadata = []): void {
    const call = this.calls.get(id);
    if (!call || call.begun) return;
    call.begun = true;
    this.http2.respond(
      id,
      [[":status", "200"], ["content-type", "application/grpc"], ...metadata],
      false,
    );
  }

  /** A message of the answer. False when there is nobody to send it to. */
  send(id: number, data: Bytes): boolean {
    if (!this.calls.has(id)) return false;
    this.begin(id);
    return this.http2.sendData(id, encodeMessage(data), false);
  }

  /** The end of a call: trailers, and nothing else when nothing was sent before. */
  finish(id: number, status: Status, metadata: Metadata = []): void {
    const call = this.calls.get(id);
    if (!call) return;
    this.calls.delete(id);
    const fields: Field[] = [...statusFields(status), ...metadata];
    if (call.begun) this.http2.sendTrailers(id, fields);
    else
      this.http2.respond(
        id,
        [[":status", "200"], ["content-type", "application/grpc"], ...fields],
        true,
      );
    // RFC 9113 §8.1: the request's rest is not needed, once all of ours is out.
    if (!call.clientDone && this.http2.queued(id) === 0) this.http2.resetStream(id, "NO_ERROR");
  }

  refuse(id: number, http: string, status: Status): void {
    this.http2.respond(
      id,
      [[":status", http], ["content-type", "application/grpc"], ...statusFields(status)],
      true,
    );
    this.http2.resetStream(id, "NO_ERROR");
  }
}

function statusFields({ code, message }: Status): Field[] {
  const fields: Field[] = [["grpc-status", String(STATUS_CODES[code])]];
  if (message) fields.push(["grpc-message", percentEncode(message)]);
  return fields;
}

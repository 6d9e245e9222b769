import { type AddressInfo, createServer, connect as dial, type Socket } from "node:net";
import {
  type ClientDuplexStream,
  type ClientUnaryCall,
  credentials,
  Metadata,
  makeGenericClientConstructor,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  type ServiceError,
  status,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { afterEach, describe, expect, it } from "vitest";
import { Rng } from "../../src/base/rng.ts";
import { fromUtf8, utf8 } from "../../src/base/text.ts";
import { GrpcClient, type GrpcClientEvent } from "../../src/grpc/client.ts";
import type { GrpcMethod } from "../../src/grpc/method.ts";
import { GrpcServer, type GrpcServerEvent } from "../../src/grpc/server.ts";
import { Http2Connection } from "../../src/http2/connection.ts";
import { TlsClient } from "../../src/tls/client.ts";
import type { TlsConnection } from "../../src/tls/connection.ts";
import { TlsServer } from "../../src/tls/server.ts";
import { certificateToPem } from "../../src/tls/x509/certificate.ts";
import { privateKeyToPem } from "../../src/tls/x509/key.ts";
import { Pki } from "../tls/kit.ts";

/** grpc-js, and our client and server, over the loopback; with and without TLS. */

const endings: (() => void)[] = [];
afterEach(() => {
  for (const end of endings.splice(0)) end();
});

const bytes = (value: Buffer): Buffer => value;
const method = (path: string, stream: boolean) => ({
  path,
  requestStream: stream,
  responseStream: stream,
  requestSerialize: bytes,
  requestDeserialize: bytes,
  responseSerialize: bytes,
  responseDeserialize: bytes,
});
const ECHO = {
  say: method("/test.Echo/Say", false),
  chat: method("/test.Echo/Chat", true),
  absent: method("/test.Echo/Absent", false),
  elsewhere: method("/test.Nowhere/Say", false),
} satisfies ServiceDefinition;
const SAY: GrpcMethod = { path: "/test.Echo/Say", clientStreams: false, serverStreams: false };
const CHAT: GrpcMethod = { path: "/test.Echo/Chat", clientStreams: true, serverStreams: true };

const pki = new Pki();
const identity = () =>
  pki.leaf("spiffe://cluster.local/ns/istio-system/sa/istiod", {
    alternativeNames: [{ kind: "dns", value: "localhost" }],
    // grpc-js goes by the clock of this machine.
    notBefore: Date.now() - 3600_000,
    days: 3650,
    by: authority,
  });
const authority = pki.authority("today", null, {
  ...{ notBefore: Date.now() - 3600_000, notAfter: Date.now() + 3600_000 * 1000 },
} as object);

/** HTTP/2, and TLS below it where that is wanted, on a socket. */
class Wire {
  http2: Http2Connection;
  tls: TlsConnection | null;
  socket: Socket;
  onTurn: () => void = () => {};

  constructor(http2: Http2Connection, socket: Socket, tls: TlsConnection | null) {
    this.http2 = http2;
    this.socket = socket;
    this.tls = tls;
    socket.on("data", (data) => {
      if (tls) {
        tls.receive(data);
        http2.receive(tls.takeReceived());
      } else http2.receive(data);
      this.turn();
    });
    for (const name of ["end", "error", "close"])
      socket.on(name, () => {
        http2.receiveEnd();
        this.turn();
      });
  }

  turn(): void {
    this.onTurn();
    let out = this.http2.takeOutput();
    if (this.tls) {
      if (out.length) this.tls.send(out);
      out = this.tls.takeOutput();
    }
    if (out.length && !this.socket.destroyed) this.socket.write(out);
  }
}

/** Our server: what is said to it comes back; some words have a meaning. */
async function ours(secure: boolean, maxMessage?: number) {
  const seen: GrpcServerEvent[] = [];
  const wires: Wire[] = [];
  const server = createServer((socket) => {
    const tls = secure
      ? new TlsServer({
          random: new Rng(1, "server"),
          now: Date.now(),
          identity: identity(),
          alpn: ["h2"],
        })
      : null;
    const http2 = new Http2Connection("server", { autoConsume: true });
    const wire = new Wire(http2, socket, tls);
    const grpc = new GrpcServer(http2, [SAY, CHAT], maxMessage);
    wires.push(wire);
    wire.onTurn = () => {
      for (const event of http2.takeEvents()) grpc.handle(event);
      for (const event of grpc.takeEvents()) {
        seen.push(event);
        const chat = grpc.calls.get(event.call)?.method === CHAT;
        if (event.kind === "message") {
          const text = fromUtf8(event.data.subarray(0, 64));
          if (text === "refuse")
            grpc.finish(event.call, { code: "UNAUTHENTICATED", message: "who? é 100%\n" });
          else if (text === "break") {
            grpc.send(event.call, utf8("so far"));
            grpc.finish(event.call, { code: "ABORTED", message: "broken" }, [["x-why", "asked"]]);
          } else if (text === "reset") http2.resetStream(event.call, "ENHANCE_YOUR_CALM");
          else if (text !== "silence") grpc.send(event.call, event.data);
        }
        if (event.kind === "half-close" && (chat || grpc.calls.get(event.call)?.begun))
          grpc.finish(event.call, { code: "OK", message: "" }, [["x-done", "yes"]]);
      }
    };
    wire.turn();
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  endings.push(() => {
    for (const { socket } of wires) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, seen, wires };
}

function theirClient(port: number, secure: boolean, options = {}) {
  const Client = makeGenericClientConstructor(ECHO, "Echo");
  const root = Buffer.from(certificateToPem(authority.certificate));
  const client = new Client(
    `localhost:${port}`,
    secure ? credentials.createSsl(root) : credentials.createInsecure(),
    options,
  );
  endings.push(() => client.close());
  type Callback = (error: ServiceError | null, reply?: Buffer) => void;
  return client as unknown as {
    [K in keyof typeof ECHO]: K extends "chat"
      ? (metadata?: Metadata) => ClientDuplexStream<Buffer, Buffer>
      : (data: Buffer, metadata: Metadata, options: object, done: Callback) => ClientUnaryCall;
  };
}

function unary(
  client: ReturnType<typeof theirClient>,
  name: "say" | "absent" | "elsewhere",
  text: string | Buffer,
  options = {},
  metadata = new Metadata(),
): Promise<{ error: ServiceError | null; reply: Buffer }> {
  return new Promise((done) =>
    client[name](Buffer.from(text), metadata, options, (error, reply = Buffer.alloc(0)) =>
      done({ error, reply }),
    ),
  );
}

describe.each([false, true])("grpc-js' client and our server (TLS: %s)", (secure) => {
  it("a unary call, its metadata, and a large message", async () => {
    const { port, seen } = await ours(secure);
    const client = theirClient(port, secure);
    const metadata = new Metadata();
    metadata.add("authorization", "Bearer x");
    expect(String((await unary(client, "say", "hello", {}, metadata)).reply)).toBe("hello");
    const [call] = seen;
    expect(call?.kind === "call" && call.metadata).toContainEqual(["authorization", "Bearer x"]);
    const big = Buffer.from(new Rng(3, "big").bytes(700_000));
    expect((await unary(client, "say", big)).reply.equals(big)).toBe(true);
  });

  it("a stream both ways, as long as both want", async () => {
    const { port } = await ours(secure);
    const chat = theirClient(port, secure).chat();
    const heard: string[] = [];
    const ended = new Promise<{ code: number; metadata: Metadata }>((done) =>
      chat.on("status", done),
    );
    chat.on("data", (data: Buffer) => {
      heard.push(String(data));
      if (heard.length < 4) chat.write(Buffer.from(`turn ${heard.length}`));
      else chat.end();
    });
    chat.write(Buffer.from("turn 0"));
    const { code, metadata } = await ended;
    expect(heard).toEqual(["turn 0", "turn 1", "turn 2", "turn 3"]);
    expect([code, metadata.get("x-done")]).toEqual([status.OK, ["yes"]]);
  });
});

describe("grpc-js' client and our server", () => {
  it.each([
    ["refuse", status.UNAUTHENTICATED, "who? é 100%\n"],
    ["break", status.ABORTED, "broken"],
    ["reset", status.RESOURCE_EXHAUSTED, "ENHANCE_YOUR_CALM"],
  ])("%s ends a call with its status", async (text, code, details) => {
    const { port } = await ours(false);
    const { error } = await unary(theirClient(port, false), "say", text);
    expect(error?.code).toBe(code);
    if (text === "reset") expect(error?.details).toMatch(/stream|bandwidth|exhausted/i);
    else expect(error?.details).toBe(details);
    if (text === "break") expect(error?.metadata.get("x-why")).toEqual(["asked"]);
  });

  it("methods and services that are not there", async () => {
    const { port } = await ours(false);
    const client = theirClient(port, false);
    const absent = await unary(client, "absent", "x");
    const elsewhere = await unary(client, "elsewhere", "x");
    expect([absent.error?.code, absent.error?.details]).toEqual([
      status.UNIMPLEMENTED,
      "unknown method Absent for service test.Echo",
    ]);
    expect([elsewhere.error?.code, elsewhere.error?.details]).toEqual([
      status.UNIMPLEMENTED,
      "unknown service test.Nowhere",
    ]);
  });

  it("a message that is compressed, and one that is too large", async () => {
    const { port } = await ours(false, 1000);
    // 2: gzip.
    const zipped = theirClient(port, false, { "grpc.default_compression_algorithm": 2 });
    const { error } = await unary(zipped, "say", "hello");
    expect([error?.code, error?.details]).toEqual([
      status.UNIMPLEMENTED,
      'grpc: Decompressor is not installed for grpc-encoding "gzip"',
    ]);
    const large = await unary(theirClient(port, false), "say", Buffer.alloc(1001));
    expect([large.error?.code, large.error?.details]).toEqual([
      status.RESOURCE_EXHAUSTED,
      "grpc: received message larger than max (1001 vs. 1000)",
    ]);
  });

  it("a deadline is told, and a call that is given up is cancelled", async () => {
    const { port, seen } = await ours(false);
    const client = theirClient(port, false);
    const { error } = await unary(client, "say", "silence", { deadline: Date.now() + 200 });
    expect(error?.code).toBe(status.DEADLINE_EXCEEDED);
    const [call] = seen;
    expect(call?.kind === "call" && call.timeout).toBeGreaterThan(0);
    expect(call?.kind === "call" && call.timeout).toBeLessThanOrEqual(200e6);
    const again = await unary(client, "say", "still there");
    expect(String(again.reply)).toBe("still there");
    expect(seen.map(({ kind }) => kind)).toContain("cancelled");
  });
});

/** grpc-js' server, and our client of it. */
async function theirs(secure: boolean) {
  const server = new Server();
  const { say, chat } = ECHO;
  server.addService({ say, chat }, {
    say(call: { request: Buffer; metadata: Metadata }, done: (...args: unknown[]) => void) {
      const text = String(call.request);
      if (text === "silence") return;
      if (text === "refuse") return done({ code: status.PERMISSION_DENIED, details: "no: ü %41" });
      const trailer = new Metadata();
      trailer.add("x-saw", String(call.metadata.get("x-mine")));
      done(null, call.request, trailer);
    },
    chat(call: {
      on(n: string, f: (d: Buffer) => void): void;
      write(d: Buffer): void;
      end(): void;
    }) {
      call.on("data", (data) => call.write(data));
      call.on("end", () => call.end());
    },
  } as unknown as UntypedServiceImplementation);
  const { chain, key } = identity();
  const pair = {
    cert_chain: Buffer.from(chain.map((c) => certificateToPem(c)).join("")),
    private_key: Buffer.from(privateKeyToPem(key)),
  };
  const how = secure
    ? ServerCredentials.createSsl(null, [pair])
    : ServerCredentials.createInsecure();
  const port = await new Promise<number>((done, failed) =>
    server.bindAsync("127.0.0.1:0", how, (error, bound) => (error ? failed(error) : done(bound))),
  );
  endings.push(() => server.forceShutdown());
  const socket = dial(port, "127.0.0.1");
  await new Promise((done) => socket.once("connect", done));
  endings.push(() => socket.destroy());
  const tls = secure
    ? new TlsClient({
        random: new Rng(2, "client"),
        now: Date.now(),
        anchors: [authority.certificate],
        serverName: "localhost",
        alpn: ["h2"],
      })
    : null;
  const http2 = new Http2Connection("client", { autoConsume: true });
  const wire = new Wire(http2, socket, tls);
  const grpc = new GrpcClient(http2, {
    authority: "localhost",
    userAgent: "hopscope",
    scheme: secure ? "https" : "http",
  });
  const events: GrpcClientEvent[] = [];
  const waiting: (() => void)[] = [];
  wire.onTurn = () => {
    for (const event of http2.takeEvents()) grpc.handle(event);
    if (http2.state !== "open") grpc.lost("connection closed");
    events.push(...grpc.takeEvents());
    for (const wake of waiting.splice(0)) wake();
  };
  wire.turn();
  const until = async (test: () => boolean) => {
    wire.turn();
    while (!test()) await new Promise<void>((wake) => waiting.push(wake));
  };
  const of = (call: number) => events.filter((event) => event.call === call);
  const end = async (call: number) => {
    await until(() => of(call).some(({ kind }) => kind === "status"));
    const last = of(call).at(-1);
    const text = of(call).flatMap((e) => (e.kind === "message" ? [fromUtf8(e.data)] : []));
    return { text, status: last?.kind === "status" ? last.status : null, last };
  };
  return { grpc, wire, until, of, end, server };
}

describe.each([false, true])("our client and grpc-js' server (TLS: %s)", (secure) => {
  it("a unary call, and its trailers", async () => {
    const { grpc, end } = await theirs(secure);
    const call = grpc.unary(SAY, utf8("hello"), [["x-mine", "here"]]);
    const { text, status: is, last } = await end(call);
    expect([text, is]).toEqual([["hello"], { code: "OK", message: "OK" }]);
    expect(last?.kind === "status" && last.metadata).toContainEqual(["x-saw", "here"]);
  });

  it("a stream both ways, on a connection that others use too", async () => {
    const { grpc, until, of, end } = await theirs(secure);
    const chat = grpc.start(CHAT);
    for (let turn = 0; turn < 3; turn++) {
      grpc.send(chat, utf8(`turn ${turn}`));
      await until(() => of(chat).filter((e) => e.kind === "message").length > turn);
    }
    const refused = await end(grpc.unary(SAY, utf8("refuse")));
    expect(refused.status).toEqual({ code: "PERMISSION_DENIED", message: "no: ü %41" });
    grpc.halfClose(chat);
    const { text, status: is } = await end(chat);
    expect([text, is?.code]).toEqual([["turn 0", "turn 1", "turn 2"], "OK"]);
    expect(grpc.calls.size).toBe(0);
  });
});

describe("our client and grpc-js' server", () => {
  it("says what is not there, and ends what takes too long", async () => {
    const { grpc, wire, end } = await theirs(false);
    const absent = await end(grpc.unary({ ...SAY, path: "/test.Echo/Absent" }, new Uint8Array(0)));
    expect(absent.status?.code).toBe("UNIMPLEMENTED");
    const slow = grpc.unary(SAY, utf8("silence"), [], 50e6);
    wire.turn();
    grpc.cancel(slow, "DEADLINE_EXCEEDED");
    expect((await end(slow)).status).toEqual({
      code: "DEADLINE_EXCEEDED",
      message: "context deadline exceeded",
    });
    expect((await end(grpc.unary(SAY, utf8("on")))).text).toEqual(["on"]);
  });

  it("has all calls end when the connection does", async () => {
    const { grpc, server, wire, end } = await theirs(false);
    const call = grpc.unary(SAY, utf8("silence"));
    wire.turn();
    server.forceShutdown();
    expect((await end(call)).status?.code).toMatch(/UNAVAILABLE|CANCELLED|INTERNAL/);
  });
});

import { execFile, execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type Http2Server,
  connect as http2Connect,
  createServer as http2Server,
} from "node:http2";
import { type AddressInfo, createServer, connect as dial, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { Rng } from "../../src/base/rng.ts";
import { fromUtf8, utf8 } from "../../src/base/text.ts";
import { Http2Connection } from "../../src/http2/connection.ts";
import type { Http2Config, Http2Event } from "../../src/http2/endpoint.ts";
import { fieldValue } from "../../src/http2/fields.ts";
import type { Field } from "../../src/http2/hpack.ts";
import { TlsClient } from "../../src/tls/client.ts";
import { TlsServer } from "../../src/tls/server.ts";
import { certificateToPem } from "../../src/tls/x509/certificate.ts";
import { meshConfigs, PAGE, Pki } from "../tls/kit.ts";
import { conversation } from "./conversation.ts";
import { folder, has, Running } from "./tools.ts";

const BIG = new Rng(5, "http2").bytes(400_000);
const endings: (() => void)[] = [];
afterEach(() => {
  for (const end of endings.splice(0)) end();
});

/** One of our connections on a socket, with TLS between where that is wanted. */
class Peer {
  http: Http2Connection;
  socket: Socket;
  tls: TlsServer | null;
  events: Http2Event[] = [];
  over = false;
  onEvent: (event: Http2Event, peer: Peer) => void;
  #waiting: (() => void)[] = [];

  constructor(
    http: Http2Connection,
    socket: Socket,
    onEvent: Peer["onEvent"],
    tls: TlsServer | null = null,
  ) {
    this.http = http;
    this.socket = socket;
    this.onEvent = onEvent;
    this.tls = tls;
    socket.on("data", (bytes) => {
      if (tls) {
        tls.receive(bytes);
        http.receive(tls.takeReceived());
      } else http.receive(bytes);
      this.flush();
    });
    const end = (): void => {
      this.over = true;
      http.receiveEnd();
      this.flush();
    };
    socket.on("end", end);
    socket.on("error", end);
    socket.on("close", end);
    this.flush();
  }

  flush(): void {
    for (const event of this.http.takeEvents()) {
      this.events.push(event);
      this.onEvent(event, this);
    }
    let bytes = this.http.takeOutput();
    if (this.tls) {
      this.tls.send(bytes);
      bytes = this.tls.takeOutput();
    }
    if (bytes.length && !this.socket.destroyed) this.socket.write(bytes);
    for (const wake of this.#waiting.splice(0)) wake();
  }

  async until(test: (events: Http2Event[]) => boolean): Promise<void> {
    while (!test(this.events)) {
      if (this.over) throw new Error(`over: ${this.http.state} ${this.http.failure}`);
      await new Promise<void>((wake) => this.#waiting.push(wake));
    }
  }

  /** What one stream has received. */
  content(stream: number): Buffer {
    return Buffer.concat(
      this.events.flatMap((e) => (e.kind === "data" && e.stream === stream ? [e.data] : [])),
    );
  }
}

/** Echoes bodies, sends large ones, and tunnels for CONNECT. */
function serve(event: Http2Event, { http }: Peer): void {
  if (event.kind === "headers") {
    const path = fieldValue(event.fields, ":path");
    const method = fieldValue(event.fields, ":method");
    if (path === "/missing") http.respond(event.stream, [[":status", "404"]], true);
    else if (path === "/reset") http.resetStream(event.stream, "ENHANCE_YOUR_CALM");
    else if (path === "/big") {
      http.respond(
        event.stream,
        [
          [":status", "200"],
          ["content-length", String(BIG.length)],
        ],
        false,
      );
      http.sendData(event.stream, BIG, true);
    } else if (path === "/trailers") {
      http.respond(event.stream, [[":status", "200"]], false);
      http.sendData(event.stream, utf8("body"), false);
      http.sendTrailers(event.stream, [["grpc-status", "0"]]);
    } else {
      const fields: Field[] = [
        [":status", "200"],
        ["x-method", method ?? ""],
      ];
      http.respond(event.stream, fields, event.end);
    }
  }
  if (event.kind === "data") {
    http.consume(event.stream, event.data.length);
    http.sendData(event.stream, event.data, event.end);
  }
}

async function listen(
  config: Http2Config = {},
  tls: (() => TlsServer) | null = null,
): Promise<{ port: number; peers: Peer[] }> {
  const peers: Peer[] = [];
  const server = createServer((socket) => {
    peers.push(new Peer(new Http2Connection("server", config), socket, serve, tls?.() ?? null));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  endings.push(() => {
    for (const { socket } of peers) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, peers };
}

function session(port: number, options = {}): ClientHttp2Session {
  const client = http2Connect(`http://127.0.0.1:${port}`, options);
  endings.push(() => client.destroy());
  return client;
}

async function answer(
  stream: ClientHttp2Stream,
): Promise<{ headers: Record<string, unknown>; body: Buffer; trailers: Record<string, unknown> }> {
  const chunks: Buffer[] = [];
  let headers = {};
  let trailers = {};
  stream.on("response", (h) => {
    headers = h;
  });
  stream.on("trailers", (t) => {
    trailers = t;
  });
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  await new Promise<void>((done, failed) => {
    stream.on("end", done);
    stream.on("error", failed);
  });
  return { headers, body: Buffer.concat(chunks), trailers };
}

describe("Node's http2 client and our server", () => {
  it("exchange requests, bodies and trailers", async () => {
    const { port } = await listen();
    const client = session(port);
    const echo = client.request({
      ":path": "/echo",
      ":method": "POST",
      "x-long": "v".repeat(9000),
    });
    echo.end("hello");
    const said = await answer(echo);
    expect([said.headers[":status"], said.headers["x-method"], said.body.toString()]).toEqual([
      200,
      "POST",
      "hello",
    ]);
    const trailed = await answer(client.request({ ":path": "/trailers" }).end());
    expect([trailed.body.toString(), trailed.trailers["grpc-status"]]).toEqual(["body", "0"]);
    const missing = await answer(client.request({ ":path": "/missing" }).end());
    expect(missing.headers[":status"]).toBe(404);
  });

  it("exchange much more than their windows, on many streams at once", async () => {
    const { port } = await listen({
      settings: { initialWindowSize: 10_000, maxConcurrentStreams: 100 },
    });
    const client = session(port, { settings: { initialWindowSize: 3000 } });
    const answers = Array.from({ length: 8 }, (_, i) => {
      const stream = client.request({ ":path": i % 2 ? "/big" : "/echo", ":method": "POST" });
      stream.end(i % 2 ? "" : BIG);
      return answer(stream);
    });
    for (const { body } of await Promise.all(answers)) expect(body.equals(BIG)).toBe(true);
  });

  it("tunnel with CONNECT, both ways until both ends", async () => {
    const { port, peers } = await listen();
    const client = session(port);
    const tunnel = client.request({ ":method": "CONNECT", ":authority": "10.4.3.20:9080" });
    const chunks: string[] = [];
    tunnel.setEncoding("utf8");
    tunnel.on("data", (chunk: string) => chunks.push(chunk));
    tunnel.write("GET / HTTP/1.1\r\n");
    await new Promise((done) => tunnel.once("data", done));
    tunnel.end("\r\n");
    await new Promise((done) => tunnel.on("end", done));
    expect(chunks.join("")).toBe("GET / HTTP/1.1\r\n\r\n");
    const [head] = peers[0]!.events.filter((e) => e.kind === "headers");
    expect(head?.kind === "headers" && fieldValue(head.fields, ":authority")).toBe(
      "10.4.3.20:9080",
    );
  });

  it("ping, refuse, reset and go away", async () => {
    const { port, peers } = await listen({ settings: { maxConcurrentStreams: 1 } });
    const client = session(port);
    await new Promise((done) => client.once("remoteSettings", done));
    const payload = await new Promise((done, failed) =>
      client.ping(Buffer.from("8 octets"), (error, _, data) =>
        error ? failed(error) : done(String(data)),
      ),
    );
    expect(payload).toBe("8 octets");
    await expect(answer(client.request({ ":path": "/reset" }).end())).rejects.toThrow(
      "NGHTTP2_ENHANCE_YOUR_CALM",
    );
    peers[0]!.http.goAway("NO_ERROR", "bye");
    peers[0]!.flush();
    const [code] = await new Promise<unknown[]>((done) =>
      client.on("goaway", (...args) => done(args)),
    );
    expect(code).toBe(0);
  });
});

async function client(port: number, config: Http2Config = {}): Promise<Peer> {
  const socket = dial(port, "127.0.0.1");
  await new Promise((done) => socket.once("connect", done));
  endings.push(() => socket.destroy());
  return new Peer(new Http2Connection("client", config), socket, (event, { http }) => {
    if (event.kind === "data" && !config.autoConsume) http.consume(event.stream, event.data.length);
  });
}

const get = (path: string): Field[] => [
  [":method", "GET"],
  [":scheme", "http"],
  [":authority", "a"],
  [":path", path],
];
const ended = (id: number) => (events: Http2Event[]) =>
  events.some(
    (e) =>
      "stream" in e && e.stream === id && (e.kind === "trailers" || (e.kind === "data" && e.end)),
  );

describe("Node's http2 server and our client", () => {
  async function node(settings = {}): Promise<{ port: number; server: Http2Server }> {
    const server = http2Server({ settings });
    server.on("stream", (stream, headers) => {
      if (headers[":path"] === "/big") {
        stream.additionalHeaders({ ":status": 103, link: "</a>" });
        stream.respond({ ":status": 200, "x-a": "ü" }, { waitForTrailers: true });
        stream.on("wantTrailers", () => stream.sendTrailers({ "x-done": "yes" }));
        stream.end(BIG);
        return;
      }
      stream.respond({ ":status": 200 });
      stream.pipe(stream);
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    endings.push(() => server.close());
    return { port: (server.address() as AddressInfo).port, server };
  }

  it("exchange early hints, a large body and trailers", async () => {
    const { port } = await node();
    const peer = await client(port, { autoConsume: true, connectionWindow: 1 << 20 });
    const id = peer.http.request(get("/big"), true);
    peer.flush();
    await peer.until(ended(id));
    expect(peer.events.map((e) => e.kind).filter((kind, i, all) => kind !== all[i - 1])).toEqual([
      "settings",
      "informational",
      "headers",
      "data",
      "trailers",
    ]);
    expect(peer.content(id).equals(BIG)).toBe(true);
  });

  it("exchange much more than their windows, on many streams at once", async () => {
    const { port } = await node({ initialWindowSize: 5000, maxFrameSize: 20_000 });
    const peer = await client(port, {
      settings: { initialWindowSize: 7000, maxFrameSize: 1 << 20 },
    });
    const ids = Array.from({ length: 5 }, () =>
      peer.http.request(
        get("/echo").map(([n, v]): Field => [n, n === ":method" ? "POST" : v]),
        false,
      ),
    );
    for (const id of ids) peer.http.sendData(id, BIG, true);
    expect(peer.http.queued(ids[0]!)).toBeGreaterThan(0);
    peer.flush();
    for (const id of ids) {
      await peer.until(ended(id));
      expect(peer.content(id).equals(BIG)).toBe(true);
    }
    expect([peer.http.streams.size, peer.http.failure]).toEqual([0, ""]);
  });
});

describe.skipIf(!has("curl"))("curl and our server", () => {
  const curl = (...args: string[]): Promise<string> =>
    new Promise((done) => {
      execFile(
        "curl",
        ["-sS", "--max-time", "10", ...args],
        { encoding: "latin1", maxBuffer: 1 << 24 },
        (_, out, err) => done(out + err),
      );
    });

  it("speak HTTP/2 at once", async () => {
    const { port } = await listen();
    const base = `http://127.0.0.1:${port}`;
    const prior = "--http2-prior-knowledge";
    expect(
      await curl(prior, "-d", "hello", "-w", " %{http_version} %{http_code}", `${base}/echo`),
    ).toBe("hello 2 200");
    expect(await curl(prior, "-o", "/dev/null", "-w", "%{size_download}", `${base}/big`)).toBe(
      String(BIG.length),
    );
    expect(await curl(prior, "-I", `${base}/missing`)).toMatch(/^HTTP\/2 404/);
    expect(await curl(prior, `${base}/reset`)).toContain("HTTP/2 stream");
  });

  it("speak it over our TLS, as ALPN agreed", async () => {
    const pki = new Pki("p256", 5, Date.now());
    const identity = pki.leaf(PAGE, { alternativeNames: [{ kind: "dns", value: "localhost" }] });
    const random = new Rng(1, "curl");
    const tls = () => new TlsServer({ identity, random, now: pki.now, alpn: ["h2"] });
    const { port, peers } = await listen({}, tls);
    const { ca = "" } = folder({ ca: certificateToPem(pki.root.certificate) });
    const at = ["--cacert", ca, "--resolve", `localhost:${port}:127.0.0.1`];
    const body = await curl(...at, "-w", "%{http_version}", `https://localhost:${port}/big`);
    expect(body.length).toBe(BIG.length + 1);
    expect(peers[0]!.tls?.alpn).toBe("h2");
    expect(fromUtf8(utf8(body.slice(-1)))).toBe("2");
  });
});

describe.skipIf(!has("nghttp"))("nghttp and our server", () => {
  const run = (command: string, ...args: string[]): Promise<string> =>
    new Promise((done) => {
      const options = { encoding: "latin1", maxBuffer: 1 << 24, timeout: 15_000 } as const;
      execFile(command, args, options, (_, out) => done(out));
    });

  it("exchange bodies", async () => {
    const { port } = await listen();
    const { body = "" } = folder({ body: "hello" });
    expect(await run("nghttp", "-d", body, `http://127.0.0.1:${port}/echo`)).toBe("hello");
    const big = await run("nghttp", `http://127.0.0.1:${port}/big`);
    expect(Buffer.from(big, "latin1").equals(BIG)).toBe(true);
  });

  it.skipIf(!has("h2load"))("bear the load of h2load", async () => {
    const { port } = await listen({ settings: { maxConcurrentStreams: 100 } });
    const target = `http://127.0.0.1:${port}/echo`;
    const said = await run("h2load", "-n", "200", "-c", "4", "-m", "20", target);
    expect(said).toMatch(/200 succeeded, 0 failed, 0 errored/);
  });
});

describe.skipIf(!has("nghttpd"))("nghttpd and our client", () => {
  it("exchange a file", async () => {
    const { dir = "" } = folder({ file: "from nghttpd" });
    const { port, peers } = await listen();
    // A port that was free a moment ago.
    endings.splice(0).forEach((end) => {
      end();
    });
    expect(peers).toEqual([]);
    const server = new Running("nghttpd", ["--no-tls", "-a", "127.0.0.1", "-d", dir, String(port)]);
    endings.push(() => server.end());
    // It says that it listens only when its buffer is full.
    await server.listening(port);
    const peer = await client(port, { autoConsume: true });
    const id = peer.http.request(get("/file"), true);
    peer.flush();
    await peer.until(ended(id));
    expect(peer.content(id).toString()).toBe("from nghttpd");
  });
});

describe.skipIf(!has("tshark"))("tshark with our key log", () => {
  it("reads a CONNECT between two identities, and the request inside", () => {
    const { client: clientConfig, server: serverConfig } = meshConfigs(new Pki());
    const tls = { client: new TlsClient(clientConfig), server: new TlsServer(serverConfig) };
    const http = { client: new Http2Connection("client"), server: new Http2Connection("server") };
    const request = "GET /reviews/0 HTTP/1.1\r\nHost: reviews:9080\r\n\r\n";
    const capture = conversation(tls.client, tls.server, (settle) => {
      const carry = (from: "client" | "server", to: "client" | "server"): void => {
        tls[from].send(http[from].takeOutput());
        settle();
        http[to].receive(tls[to].takeReceived());
      };
      const fields: Field[] = [
        [":method", "CONNECT"],
        [":authority", "10.4.3.20:9080"],
        ["baggage", "k8s.namespace.name=default"],
      ];
      const id = http.client.request(fields, false);
      carry("client", "server");
      http.server.respond(id, [[":status", "200"]], false);
      carry("server", "client");
      http.client.sendData(id, utf8(request), false);
      carry("client", "server");
    });
    const { dir, keys = "" } = folder({ keys: `${serverConfig.keyLog.join("\n")}\n` });
    writeFileSync(`${dir}/a.pcapng`, capture);
    const told = ["-o", `tls.keylog_file:${keys}`, "-d", "tcp.port==443,tls"];
    const fields = [
      "http2.headers.method",
      "http2.headers.authority",
      "http2.headers.status",
      "http2.data.data",
    ];
    const said = execFileSync(
      "tshark",
      [
        "-r",
        `${dir}/a.pcapng`,
        ...told,
        "-Y",
        "http2",
        "-T",
        "fields",
        ...fields.flatMap((f) => ["-e", f]),
      ],
      { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
    );
    expect(said).toContain("CONNECT\t10.4.3.20:9080");
    expect(said).toContain("\t200\t");
    expect(said).toContain(Buffer.from(request).toString("hex"));
  });
});

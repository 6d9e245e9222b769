import { describe, expect, it } from "vitest";
import { concatBytes, fromUtf8, utf8 } from "../base/text.ts";
import type { Bytes } from "../wire/bytes.ts";
import { Http2Connection } from "./connection.ts";
import type { Http2Config, Http2Event } from "./endpoint.ts";
import type { ErrorName } from "./error.ts";
import {
  ACK,
  CONTINUATION,
  DATA,
  END_HEADERS,
  END_STREAM,
  encodeFrame,
  encodeSettings,
  type Frame,
  FrameReader,
  GOAWAY,
  HEADERS,
  n32,
  PADDED,
  PING,
  PREFACE,
  PRIORITY,
  PUSH_PROMISE,
  RST_STREAM,
  SETTINGS,
  WINDOW_UPDATE,
  WITH_PRIORITY,
} from "./frame.ts";
import { type Field, HpackEncoder } from "./hpack.ts";

const NOTHING = new Uint8Array(0);
const GET: Field[] = [
  [":method", "GET"],
  [":scheme", "http"],
  [":authority", "a"],
  [":path", "/"],
];
const POST: Field[] = [[":method", "POST"], ...GET.slice(1)];
const CONNECT: Field[] = [
  [":method", "CONNECT"],
  [":authority", "10.4.3.20:9080"],
];
const OK: Field[] = [[":status", "200"]];
const END = END_STREAM | END_HEADERS;

/** A field block that needs no table of the encoder's. */
function block(fields: readonly Field[]): Bytes {
  return new HpackEncoder().encode(fields);
}

function carry(from: Http2Connection, to: Http2Connection, cut = 1 << 20): boolean {
  const bytes = from.takeOutput();
  for (let at = 0; at < bytes.length; at += cut) to.receive(bytes.subarray(at, at + cut));
  return bytes.length > 0;
}

/** Both ends, introduced to each other. */
function pair(client: Http2Config = {}, server: Http2Config = {}, cut?: number) {
  const ends = {
    client: new Http2Connection("client", client),
    server: new Http2Connection("server", server),
  };
  settle(ends, cut);
  ends.client.takeEvents();
  ends.server.takeEvents();
  return ends;
}

function settle(ends: { client: Http2Connection; server: Http2Connection }, cut?: number): void {
  for (let moved = true; moved; ) {
    moved = carry(ends.client, ends.server, cut);
    moved = carry(ends.server, ends.client, cut) || moved;
  }
}

function frames(bytes: Bytes): Frame[] {
  const reader = new FrameReader();
  reader.push(bytes);
  const all: Frame[] = [];
  for (let frame = reader.next(); frame; frame = reader.next()) all.push(frame);
  return all;
}

function content(events: Http2Event[]): string {
  return events.map((e) => (e.kind === "data" ? fromUtf8(e.data) : "")).join("");
}

describe("an HTTP/2 connection", () => {
  it("carries a request and its response, byte by byte if need be", () => {
    for (const cut of [1, 7, 1 << 20]) {
      const ends = pair({}, {}, cut);
      const { client, server } = ends;
      const id = client.request(POST, false);
      client.sendData(id, utf8("question"), true);
      settle(ends, cut);
      const [head, ...rest] = server.takeEvents();
      expect(head).toEqual({ kind: "headers", stream: 1, fields: POST, end: false });
      expect(content(rest)).toBe("question");
      server.respond(id, OK, false);
      server.sendData(id, utf8("answer"), false);
      server.sendTrailers(id, [["x", "y"]]);
      settle(ends, cut);
      const events = client.takeEvents();
      expect(events.map((e) => e.kind)).toEqual(["drained", "headers", "data", "trailers"]);
      expect([client.streams.size, server.streams.size]).toEqual([0, 0]);
    }
  });

  it("numbers its streams 1, 3, 5, and takes no more than the peer allows", () => {
    const ends = pair({}, { settings: { maxConcurrentStreams: 2 } });
    const { client } = ends;
    expect([1, 2, 3].map(() => client.request(GET, true))).toEqual([1, 3, 0]);
    settle(ends);
    ends.server.respond(1, OK, true);
    settle(ends);
    expect([client.canRequest, client.request(GET, true)]).toEqual([true, 5]);
  });

  it("tunnels: CONNECT stays open until both sides end it", () => {
    const ends = pair();
    const { client, server } = ends;
    const id = client.request(CONNECT, false);
    settle(ends);
    server.respond(id, OK, false);
    client.sendData(id, utf8("in"), true);
    settle(ends);
    expect(content(server.takeEvents())).toBe("in");
    server.sendData(id, utf8("out"), false);
    settle(ends);
    expect(content(client.takeEvents())).toBe("out");
    server.sendData(id, NOTHING, true);
    settle(ends);
    expect(client.takeEvents()).toEqual([{ kind: "data", stream: id, data: NOTHING, end: true }]);
    expect(client.streams.size).toBe(0);
  });

  it("sends no more than the windows allow, and goes on when they open", () => {
    const ends = pair({}, { settings: { initialWindowSize: 100 } });
    const { client, server } = ends;
    const id = client.request(POST, false);
    client.sendData(id, new Uint8Array(250), true);
    settle(ends);
    const received = () =>
      server.takeEvents().reduce((sum, e) => sum + (e.kind === "data" ? e.data.length : 0), 0);
    expect([received(), client.queued(id)]).toEqual([100, 150]);
    server.consume(id, 49);
    settle(ends);
    expect(received()).toBe(0);
    server.consume(id, 1);
    settle(ends);
    expect([received(), client.queued(id)]).toEqual([50, 100]);
    server.consume(id, 100);
    settle(ends);
    expect([received(), client.queued(id)]).toEqual([100, 0]);
    expect(client.takeEvents()).toEqual([{ kind: "drained", stream: id }]);
  });

  it("shares the connection's window among streams, a frame of each in turn", () => {
    const ends = pair({}, { settings: { initialWindowSize: 1 << 20 } });
    const { client } = ends;
    const ids = [1, 2, 3].map(() => client.request(POST, false));
    for (const id of ids) client.sendData(id, new Uint8Array(60_000), true);
    client.takeOutput();
    const left = ids.map((id) => client.queued(id));
    expect(left.reduce((a, b) => a + b)).toBe(180_000 - 65_535);
    const blocked = pair({}, { settings: { initialWindowSize: 0 } });
    for (let i = 0; i < 2; i++) {
      const id = blocked.client.request(POST, false);
      blocked.client.sendData(id, new Uint8Array(40_000), true);
    }
    settle(blocked);
    blocked.client.receive(
      encodeFrame(SETTINGS, 0, 0, encodeSettings({ initialWindowSize: 1 << 20 })),
    );
    const order = frames(blocked.client.takeOutput()).flatMap((f) =>
      f.type === DATA ? [f.stream] : [],
    );
    expect(order).toEqual([1, 3, 1, 3]);
  });

  it("takes a smaller initial window back from streams that are there (RFC 9113 §6.9.2)", () => {
    const { client } = pair();
    const id = client.request(POST, false);
    client.sendData(id, new Uint8Array(60_000), false);
    client.receive(encodeFrame(SETTINGS, 0, 0, encodeSettings({ initialWindowSize: 16_384 })));
    expect(client.streams.get(id)?.sendWindow).toBe(16_384 - 60_000);
    client.takeOutput();
    client.sendData(id, utf8("x"), true);
    expect(client.takeOutput().length).toBe(0);
    client.receive(encodeFrame(WINDOW_UPDATE, 0, id, n32(60_000)));
    expect(frames(client.takeOutput()).map((f) => [f.type, f.flags])).toEqual([[DATA, END_STREAM]]);
  });

  it("gives back what was consumed, as much as its own window demands, once that is in force", () => {
    const config = { autoConsume: true, settings: { initialWindowSize: 1000 } };
    const server = new Http2Connection("server", config);
    const client = new Http2Connection("client");
    const id = client.request(POST, false);
    client.sendData(id, new Uint8Array(20_000), false);
    server.receive(client.takeOutput());
    // Little of 65,535: no update yet. Then the client hears of 1000, and may send nothing.
    client.receive(server.takeOutput());
    expect(client.streams.get(id)?.sendWindow).toBe(1000 - 20_000);
    server.receive(client.takeOutput());
    client.receive(server.takeOutput());
    expect(client.streams.get(id)?.sendWindow).toBe(1000);
  });

  it("splits what is too long for a frame", () => {
    const ends = pair();
    const long: Field[] = [...GET, ["x-long", "\u0001".repeat(20_000)]];
    ends.client.request(long, true);
    const output = ends.client.takeOutput();
    expect(frames(output).map((f) => [f.type, f.flags])).toEqual([
      [HEADERS, END_STREAM],
      [CONTINUATION, END_HEADERS],
    ]);
    ends.server.receive(output);
    expect(ends.server.takeEvents()).toEqual([
      { kind: "headers", stream: 1, fields: long, end: true },
    ]);
  });

  it("answers a ping, and hears its own", () => {
    const ends = pair();
    ends.client.ping(utf8("12345678"));
    settle(ends);
    expect(ends.client.takeEvents()).toEqual([{ kind: "pong", data: utf8("12345678") }]);
  });

  it("goes away gently: what was begun ends, what comes later was never there", () => {
    const ends = pair();
    const { client, server } = ends;
    client.request(GET, true);
    settle(ends);
    client.request(GET, true);
    server.goAway();
    settle(ends);
    expect(client.takeEvents()).toEqual([
      { kind: "goaway", last: 1, code: "NO_ERROR", debug: NOTHING },
      { kind: "reset", stream: 3, code: "REFUSED_STREAM", by: "peer", reason: "after GOAWAY" },
    ]);
    expect(client.canRequest).toBe(false);
    server.respond(1, OK, true);
    settle(ends);
    expect([client.takeEvents().length, client.state, server.state]).toEqual([1, "open", "open"]);
    expect(server.takeEvents().map((e) => "stream" in e && e.stream)).toEqual([1]);
  });

  it("ends every stream when the transport ends", () => {
    const { client } = pair();
    client.request(GET, true);
    client.receiveEnd();
    const reason = "connection closed";
    expect([client.state, client.takeEvents()]).toEqual([
      "closed",
      [{ kind: "reset", stream: 1, code: "CANCEL", by: "peer", reason }],
    ]);
  });

  it("minds nothing that is late for a stream which it has reset", () => {
    const ends = pair();
    const { client, server } = ends;
    const id = client.request(POST, false);
    settle(ends);
    client.sendData(id, new Uint8Array(40_000), false);
    server.resetStream(id, "CANCEL");
    client.sendTrailers(id, [["a", "b"]]);
    settle(ends);
    expect([server.state, client.state]).toEqual(["open", "open"]);
    // The connection's window was given back all the same, but for what is less than half of it.
    expect(client.sendWindow).toBe(65_535 - (40_000 - 2 * 16_384));
    expect(client.takeEvents()).toContainEqual({
      kind: "reset",
      stream: id,
      code: "CANCEL",
      by: "peer",
      reason: "",
    });
  });
});

/** What a server says to frames of a client that has introduced itself and asked once (stream 1). */
function serverSays(...sent: Bytes[]): { code: ErrorName | null; resets: string[]; why: string } {
  const server = new Http2Connection("server", { settings: { maxConcurrentStreams: 2 } });
  server.receive(concatBytes([PREFACE, encodeFrame(SETTINGS, 0, 0, NOTHING)]));
  server.receive(encodeFrame(HEADERS, END_HEADERS, 1, block(POST)));
  server.takeEvents();
  server.takeOutput();
  server.receive(concatBytes(sent));
  const said = frames(server.takeOutput());
  const events = server.takeEvents();
  const resets = events.flatMap((e) =>
    e.kind === "reset" && e.by === "us" && server.error === null ? [`${e.stream} ${e.code}`] : [],
  );
  // What is said is what was decided.
  expect(said.some((f) => f.type === GOAWAY)).toBe(server.error !== null);
  expect(said.filter((f) => f.type === RST_STREAM).length).toBe(resets.length);
  return { code: server.error, resets, why: server.failure };
}

describe("errors of the connection, as RFC 9113 names them", () => {
  const cases: [string, ErrorName, Bytes[]][] = [
    [
      "a frame that is too large",
      "FRAME_SIZE_ERROR",
      [encodeFrame(DATA, 0, 1, new Uint8Array(16_385))],
    ],
    ["DATA on stream 0", "PROTOCOL_ERROR", [encodeFrame(DATA, 0, 0, NOTHING)]],
    ["DATA on an idle stream", "PROTOCOL_ERROR", [encodeFrame(DATA, 0, 3, NOTHING)]],
    [
      "padding that fills its frame",
      "PROTOCOL_ERROR",
      [encodeFrame(DATA, PADDED, 1, Uint8Array.of(3, 0, 0))],
    ],
    ["padding without a length", "FRAME_SIZE_ERROR", [encodeFrame(DATA, PADDED, 1, NOTHING)]],
    ["HEADERS on stream 0", "PROTOCOL_ERROR", [encodeFrame(HEADERS, END, 0, block(GET))]],
    [
      "HEADERS on a stream of the server's",
      "PROTOCOL_ERROR",
      [encodeFrame(HEADERS, END, 2, block(GET))],
    ],
    [
      "HEADERS with half a priority",
      "FRAME_SIZE_ERROR",
      [encodeFrame(HEADERS, END | WITH_PRIORITY, 3, new Uint8Array(4))],
    ],
    [
      "HEADERS on a lower stream",
      "STREAM_CLOSED",
      [encodeFrame(HEADERS, END, 5, block(GET)), encodeFrame(HEADERS, END, 3, block(GET))],
    ],
    [
      "HEADERS that are no HPACK",
      "COMPRESSION_ERROR",
      [encodeFrame(HEADERS, END, 3, Uint8Array.of(0x80))],
    ],
    ["CONTINUATION of nothing", "PROTOCOL_ERROR", [encodeFrame(CONTINUATION, 0, 1, NOTHING)]],
    [
      "another frame inside of a block",
      "PROTOCOL_ERROR",
      [encodeFrame(HEADERS, 0, 3, NOTHING), encodeFrame(PING, 0, 0, new Uint8Array(8))],
    ],
    [
      "an unknown frame inside of a block",
      "PROTOCOL_ERROR",
      [encodeFrame(HEADERS, 0, 3, NOTHING), encodeFrame(99, 0, 0, NOTHING)],
    ],
    [
      "CONTINUATION of another stream",
      "PROTOCOL_ERROR",
      [encodeFrame(HEADERS, 0, 3, NOTHING), encodeFrame(CONTINUATION, END_HEADERS, 5, NOTHING)],
    ],
    [
      "CONTINUATION without end",
      "ENHANCE_YOUR_CALM",
      [
        encodeFrame(HEADERS, 0, 3, NOTHING),
        ...Array<Bytes>(600).fill(encodeFrame(CONTINUATION, 0, 3, NOTHING)),
      ],
    ],
    ["PRIORITY on stream 0", "PROTOCOL_ERROR", [encodeFrame(PRIORITY, 0, 0, new Uint8Array(5))]],
    ["RST_STREAM of another length", "FRAME_SIZE_ERROR", [encodeFrame(RST_STREAM, 0, 1, NOTHING)]],
    ["RST_STREAM on an idle stream", "PROTOCOL_ERROR", [encodeFrame(RST_STREAM, 0, 3, n32(8))]],
    ["SETTINGS on a stream", "PROTOCOL_ERROR", [encodeFrame(SETTINGS, 0, 1, NOTHING)]],
    [
      "SETTINGS of another length",
      "FRAME_SIZE_ERROR",
      [encodeFrame(SETTINGS, 0, 0, new Uint8Array(5))],
    ],
    [
      "SETTINGS with ACK and more",
      "FRAME_SIZE_ERROR",
      [encodeFrame(SETTINGS, ACK, 0, new Uint8Array(6))],
    ],
    [
      "ENABLE_PUSH of 2",
      "PROTOCOL_ERROR",
      [encodeFrame(SETTINGS, 0, 0, encodeSettings({ enablePush: 2 }))],
    ],
    [
      "INITIAL_WINDOW_SIZE of 2^31",
      "FLOW_CONTROL_ERROR",
      [encodeFrame(SETTINGS, 0, 0, encodeSettings({ initialWindowSize: 2 ** 31 }))],
    ],
    [
      "MAX_FRAME_SIZE of 16383",
      "PROTOCOL_ERROR",
      [encodeFrame(SETTINGS, 0, 0, encodeSettings({ maxFrameSize: 16_383 }))],
    ],
    [
      "MAX_FRAME_SIZE of 2^24",
      "PROTOCOL_ERROR",
      [encodeFrame(SETTINGS, 0, 0, encodeSettings({ maxFrameSize: 2 ** 24 }))],
    ],
    ["PUSH_PROMISE", "PROTOCOL_ERROR", [encodeFrame(PUSH_PROMISE, END_HEADERS, 1, n32(2))]],
    ["PING on a stream", "PROTOCOL_ERROR", [encodeFrame(PING, 0, 1, new Uint8Array(8))]],
    ["PING of 7 bytes", "FRAME_SIZE_ERROR", [encodeFrame(PING, 0, 0, new Uint8Array(7))]],
    ["GOAWAY on a stream", "PROTOCOL_ERROR", [encodeFrame(GOAWAY, 0, 1, new Uint8Array(8))]],
    ["GOAWAY of 7 bytes", "FRAME_SIZE_ERROR", [encodeFrame(GOAWAY, 0, 0, new Uint8Array(7))]],
    [
      "WINDOW_UPDATE of 3 bytes",
      "FRAME_SIZE_ERROR",
      [encodeFrame(WINDOW_UPDATE, 0, 0, new Uint8Array(3))],
    ],
    ["WINDOW_UPDATE of 0", "PROTOCOL_ERROR", [encodeFrame(WINDOW_UPDATE, 0, 0, n32(0))]],
    [
      "WINDOW_UPDATE on an idle stream",
      "PROTOCOL_ERROR",
      [encodeFrame(WINDOW_UPDATE, 0, 3, n32(1))],
    ],
    [
      "a window over 2^31-1",
      "FLOW_CONTROL_ERROR",
      [encodeFrame(WINDOW_UPDATE, 0, 0, n32(0x7fffffff))],
    ],
    [
      "more than the connection's window",
      "FLOW_CONTROL_ERROR",
      [
        encodeFrame(HEADERS, END_HEADERS, 3, block(POST)),
        ...[1, 1, 1, 3, 3].map((id) => encodeFrame(DATA, 0, id, new Uint8Array(16_000))),
      ],
    ],
  ];
  for (const [what, code, sent] of cases)
    it(`${what}: ${code}`, () => {
      const said = serverSays(...sent);
      expect([said.code, said.resets]).toEqual([code, []]);
      expect(said.why).not.toBe("");
    });

  it("no preface, or no SETTINGS after it: PROTOCOL_ERROR", () => {
    for (const bytes of [
      utf8("GET / HTTP/1.1\r\n"),
      concatBytes([PREFACE, encodeFrame(PING, 0, 0, new Uint8Array(8))]),
      concatBytes([PREFACE, encodeFrame(SETTINGS, ACK, 0, NOTHING)]),
    ]) {
      const server = new Http2Connection("server");
      server.receive(bytes);
      expect(server.error).toBe("PROTOCOL_ERROR");
    }
  });

  it("a server that pushes, or answers what nobody asked: PROTOCOL_ERROR", () => {
    for (const frame of [
      encodeFrame(PUSH_PROMISE, END_HEADERS, 1, n32(2)),
      encodeFrame(HEADERS, END, 2, block(OK)),
      encodeFrame(HEADERS, END, 3, block(OK)),
      encodeFrame(SETTINGS, 0, 0, encodeSettings({ enablePush: 1 })),
    ]) {
      const { client } = pair();
      client.request(GET, true);
      client.receive(frame);
      expect(client.error).toBe("PROTOCOL_ERROR");
    }
  });
});

describe("errors of a stream, as RFC 9113 names them", () => {
  const headers = (fields: Field[], flags = END) => encodeFrame(HEADERS, flags, 3, block(fields));
  const cases: [string, string, Bytes[]][] = [
    [
      "a stream too many",
      "5 REFUSED_STREAM",
      [headers(POST, END_HEADERS), encodeFrame(HEADERS, END, 5, block(GET))],
    ],
    [
      "DATA after the end",
      "1 STREAM_CLOSED",
      [encodeFrame(DATA, END_STREAM, 1, NOTHING), encodeFrame(DATA, 0, 1, NOTHING)],
    ],
    ["HEADERS after the end", "3 STREAM_CLOSED", [headers(GET), headers(GET)]],
    ["WINDOW_UPDATE of 0", "1 PROTOCOL_ERROR", [encodeFrame(WINDOW_UPDATE, 0, 1, n32(0))]],
    [
      "a window over 2^31-1",
      "1 FLOW_CONTROL_ERROR",
      [encodeFrame(WINDOW_UPDATE, 0, 1, n32(0x7fffffff))],
    ],
    ["PRIORITY of 4 bytes", "1 FRAME_SIZE_ERROR", [encodeFrame(PRIORITY, 0, 1, new Uint8Array(4))]],
    [
      "HEADERS in the middle",
      "1 PROTOCOL_ERROR",
      [encodeFrame(HEADERS, END_HEADERS, 1, block([["a", "b"]]))],
    ],
    [
      "a pseudo-header in trailers",
      "1 PROTOCOL_ERROR",
      [encodeFrame(HEADERS, END, 1, block([[":path", "/"]]))],
    ],
    [
      "HEADERS in a tunnel",
      "3 PROTOCOL_ERROR",
      [headers(CONNECT, END_HEADERS), headers([["a", "b"]])],
    ],
    [
      "less content than promised",
      "3 PROTOCOL_ERROR",
      [
        headers([...POST, ["content-length", "2"]], END_HEADERS),
        encodeFrame(DATA, END_STREAM, 3, utf8("a")),
      ],
    ],
    [
      "no content, though promised",
      "3 PROTOCOL_ERROR",
      [headers([...POST, ["content-length", "2"]])],
    ],
    [
      "two content-lengths",
      "3 PROTOCOL_ERROR",
      [headers([...POST, ["content-length", "2"], ["content-length", "3"]])],
    ],
    ["a name in capitals", "3 PROTOCOL_ERROR", [headers([...GET, ["X-A", "b"]])]],
    ["a value with a line end", "3 PROTOCOL_ERROR", [headers([...GET, ["x-a", "b\nc"]])]],
    ["a value that ends in a space", "3 PROTOCOL_ERROR", [headers([...GET, ["x-a", "b "]])]],
    ["a field of HTTP/1.1", "3 PROTOCOL_ERROR", [headers([...GET, ["connection", "close"]])]],
    ["te of gzip", "3 PROTOCOL_ERROR", [headers([...GET, ["te", "gzip"]])]],
    ["no :path", "3 PROTOCOL_ERROR", [headers(GET.slice(0, 3))]],
    ["no :method", "3 PROTOCOL_ERROR", [headers(GET.slice(1))]],
    ["an empty :path", "3 PROTOCOL_ERROR", [headers([...GET.slice(0, 3), [":path", ""]])]],
    [":status in a request", "3 PROTOCOL_ERROR", [headers([...GET, [":status", "200"]])]],
    [":path twice", "3 PROTOCOL_ERROR", [headers([...GET, [":path", "/"]])]],
    [
      ":path after the others",
      "3 PROTOCOL_ERROR",
      [headers([...GET.slice(0, 3), ["a", "b"], [":path", "/"]])],
    ],
    ["CONNECT with a :path", "3 PROTOCOL_ERROR", [headers([...CONNECT, [":path", "/"]])]],
    ["CONNECT to nobody", "3 PROTOCOL_ERROR", [headers(CONNECT.slice(0, 1))]],
  ];
  for (const [what, reset, sent] of cases)
    it(`${what}: ${reset}`, () => {
      const said = serverSays(...sent);
      expect([said.resets, said.code]).toEqual([[reset], null]);
    });

  it("more than the stream's window: FLOW_CONTROL_ERROR", () => {
    const server = new Http2Connection("server", { settings: { initialWindowSize: 10 } });
    server.receive(
      concatBytes([
        PREFACE,
        encodeFrame(SETTINGS, 0, 0, NOTHING),
        encodeFrame(SETTINGS, ACK, 0, NOTHING),
      ]),
    );
    server.receive(encodeFrame(HEADERS, END_HEADERS, 1, block(POST)));
    server.receive(encodeFrame(DATA, 0, 1, new Uint8Array(11)));
    expect(server.takeEvents().at(-1)).toMatchObject({ kind: "reset", code: "FLOW_CONTROL_ERROR" });
    expect(server.state).toBe("open");
  });

  it("a response without a status, or data before it: PROTOCOL_ERROR", () => {
    for (const frame of [
      encodeFrame(HEADERS, END, 1, block([["a", "b"]])),
      encodeFrame(HEADERS, END, 1, block([[":status", "103"]])),
      encodeFrame(DATA, 0, 1, utf8("x")),
    ]) {
      const { client } = pair();
      client.request(GET, true);
      client.receive(frame);
      expect(client.takeEvents().at(-1)).toMatchObject({ kind: "reset", code: "PROTOCOL_ERROR" });
      expect(client.state).toBe("open");
    }
  });

  it("none: a response to HEAD, or of 304, promises content that does not come", () => {
    for (const [method, status] of [
      ["HEAD", "200"],
      ["GET", "304"],
    ] as const) {
      const { client } = pair();
      client.request([[":method", method], ...GET.slice(1)], true);
      const fields: Field[] = [
        [":status", status],
        ["content-length", "10"],
      ];
      client.receive(encodeFrame(HEADERS, END, 1, block(fields)));
      expect(client.takeEvents()).toEqual([{ kind: "headers", stream: 1, fields, end: true }]);
    }
  });

  it("none: unknown frames and settings, and priorities, are read over", () => {
    const said = serverSays(
      encodeFrame(99, 255, 7, new Uint8Array(3)),
      encodeFrame(SETTINGS, 0, 0, Uint8Array.of(0, 99, 0, 0, 0, 1)),
      encodeFrame(PRIORITY, 0, 9, new Uint8Array(5)),
      encodeFrame(
        HEADERS,
        END | WITH_PRIORITY | PADDED,
        3,
        concatBytes([Uint8Array.of(2), new Uint8Array(5), block(GET), new Uint8Array(2)]),
      ),
    );
    expect(said).toEqual({ code: null, resets: [], why: "" });
  });
});

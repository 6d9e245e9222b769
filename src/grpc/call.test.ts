import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromUtf8, utf8 } from "../base/text.ts";
import { Http2Connection } from "../http2/connection.ts";
import { ERROR_CODES, type ErrorName } from "../http2/error.ts";
import type { Field } from "../http2/hpack.ts";
import { GrpcClient } from "./client.ts";
import { encodeMessage, MessageReader } from "./message.ts";
import { decodeTimeout, encodeTimeout, percentDecode, percentEncode } from "./metadata.ts";
import type { GrpcMethod } from "./method.ts";
import { GrpcServer } from "./server.ts";
import { STATUS_CODES, statusOfHttp, statusOfReset, statusTitle } from "./status.ts";

const UNARY: GrpcMethod = { path: "/a.B/Say", clientStreams: false, serverStreams: false };
const CHAT: GrpcMethod = { path: "/a.B/Chat", clientStreams: true, serverStreams: true };

/** A client and a server, and what carries their bytes. */
function pair(limit?: number) {
  const [c, s] = [
    new Http2Connection("client", { autoConsume: true }),
    new Http2Connection("server", { autoConsume: true }),
  ];
  const client = new GrpcClient(c, { authority: "a", userAgent: "test" });
  const server = new GrpcServer(s, [UNARY, CHAT], limit);
  const settle = (): void => {
    for (;;) {
      const [up, down] = [c.takeOutput(), s.takeOutput()];
      if (up.length + down.length === 0) return;
      s.receive(up);
      c.receive(down);
      for (const event of s.takeEvents()) server.handle(event);
      for (const event of c.takeEvents()) client.handle(event);
    }
  };
  return { c, s, client, server, settle };
}

describe("messages", () => {
  it("are whole whatever pieces they come in", () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 40 })),
        fc.integer({ min: 1, max: 9 }),
        (messages, cut) => {
          const reader = new MessageReader("server", "");
          const found: Uint8Array[] = [];
          for (const message of messages) {
            const data = encodeMessage(message);
            for (let at = 0; at < data.length; at += cut) {
              reader.push(data.subarray(at, at + cut));
              for (let next = reader.next(); next instanceof Uint8Array; next = reader.next())
                found.push(next);
            }
          }
          expect(found.map((m) => [...m])).toEqual(messages.map((m) => [...m]));
          expect(reader.isPartial).toBe(false);
        },
      ),
    );
  });

  it.each([
    [[2, 0, 0, 0, 0], "", "INTERNAL", "grpc: received unexpected payload format 2"],
    [
      [1, 0, 0, 0, 0],
      "identity",
      "INTERNAL",
      "grpc: compressed flag set with identity or empty encoding",
    ],
    [[0, 0, 0, 0, 9], "", "RESOURCE_EXHAUSTED", "grpc: received message larger than max (9 vs. 8)"],
  ])("%j of %j is %s", (bytes, encoding, code, message) => {
    const reader = new MessageReader("server", encoding, 8);
    reader.push(Uint8Array.from(bytes));
    expect(reader.next()).toEqual({ code, message });
  });
});

describe("fields", () => {
  it.each([
    [1, "1n"],
    [99_999_999, "99999999n"],
    [100_000_000, "100000u"],
    [10_000_000_000, "10000000u"],
    [43_200e9, "43200000m"],
    [1e20, "27777778H"],
    [-5, "0n"],
  ])("a timeout of %d ns is %s", (ns, text) => {
    expect(encodeTimeout(ns)).toBe(text);
    expect(decodeTimeout(text)).toBeGreaterThanOrEqual(ns);
  });

  it.each(["", "5", "S", "123456789S", "5s", "-1S", "1.5S"])("%j is no timeout", (text) => {
    expect(decodeTimeout(text)).toBeNull();
  });

  it("a message is percent-encoded, and back", () => {
    expect(percentEncode("50% é\n")).toBe("50%25 %C3%A9%0A");
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(percentDecode(percentEncode(text))).toBe(text);
        expect(percentEncode(text)).toMatch(/^[ -~]*$/);
      }),
    );
    expect(percentDecode("100% %zz %")).toBe("100% %zz %");
  });
});

describe("status", () => {
  it("names every code as Go does", () => {
    expect((Object.keys(STATUS_CODES) as (keyof typeof STATUS_CODES)[]).map(statusTitle)).toEqual(
      "OK Cancelled Unknown InvalidArgument DeadlineExceeded NotFound AlreadyExists PermissionDenied ResourceExhausted FailedPrecondition Aborted OutOfRange Unimplemented Internal Unavailable DataLoss Unauthenticated".split(
        " ",
      ),
    );
  });

  it.each(Object.keys(ERROR_CODES) as ErrorName[])(
    "a stream reset with %s ends its call",
    (code) => {
      const { s, client, server, settle } = pair();
      const call = client.start(CHAT);
      client.send(call, utf8("hello"));
      settle();
      s.resetStream(call, code);
      settle();
      const [last] = client.takeEvents();
      expect(last).toMatchObject({ kind: "status", status: { code: statusOfReset(code) } });
      expect(server.calls.size).toBe(1);
    },
  );

  it.each([
    [
      "403",
      "text/html",
      'unexpected HTTP status code received from server: 403 (Forbidden); transport: received unexpected content-type "text/html"',
    ],
    ["200", "", "malformed header: missing HTTP content-type"],
  ])("an answer of %s and %j is no answer", (status, type, message) => {
    const { s, client, settle } = pair();
    const call = client.unary(UNARY, utf8("hello"));
    settle();
    const fields: Field[] = [[":status", status]];
    if (type) fields.push(["content-type", type]);
    s.respond(call, fields, true);
    settle();
    expect(client.takeEvents()).toMatchObject([
      { kind: "status", status: { code: statusOfHttp(Number(status)), message } },
    ]);
  });
});

describe("a call", () => {
  it("that is refused has trailers only", () => {
    const { client, server, settle } = pair();
    const call = client.unary(UNARY, utf8("hello"));
    settle();
    server.finish(call, { code: "UNAUTHENTICATED", message: "request authenticate failure" });
    settle();
    expect(client.takeEvents()).toEqual([
      {
        kind: "status",
        call,
        status: { code: "UNAUTHENTICATED", message: "request authenticate failure" },
        metadata: [],
      },
    ]);
  });

  it("without the one message that it should have is no call", () => {
    const { client, server, settle } = pair();
    const call = client.start(UNARY);
    client.halfClose(call);
    settle();
    expect(client.takeEvents()).toMatchObject([{ status: { code: "INTERNAL" } }]);
    expect(server.takeEvents().map(({ kind }) => kind)).toEqual(["call"]);
    const other = client.unary(UNARY, utf8("x"));
    settle();
    server.finish(other, { code: "OK", message: "" });
    settle();
    expect(client.takeEvents()).toMatchObject([{ status: { code: "INTERNAL" } }]);
  });

  it("ends with its connection, once", () => {
    const { client, server, settle } = pair();
    client.start(CHAT);
    settle();
    server.takeEvents();
    client.lost("connection refused");
    client.lost("again");
    server.lost();
    expect(client.takeEvents()).toMatchObject([
      { status: { code: "UNAVAILABLE", message: "connection refused" } },
    ]);
    expect(server.takeEvents()).toEqual([{ kind: "cancelled", call: 1 }]);
  });

  it("sends all that it has before its end, however small the window", () => {
    const { client, server, settle } = pair();
    const call = client.start(CHAT);
    settle();
    const data = utf8("x".repeat(300_000));
    server.send(call, data);
    server.finish(call, { code: "OK", message: "" });
    settle();
    const events = client.takeEvents();
    expect(events.map(({ kind }) => kind)).toEqual(["metadata", "message", "status"]);
    expect(events[1]?.kind === "message" && fromUtf8(events[1].data).length).toBe(300_000);
  });

  it("survives whatever a server's stream may hold", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 12 })), fc.boolean(), (pieces, end) => {
        const { s, client, settle } = pair();
        const call = client.unary(UNARY, utf8("hello"));
        settle();
        s.respond(
          call,
          [
            [":status", "200"],
            ["content-type", "application/grpc"],
          ],
          false,
        );
        for (const piece of pieces) s.sendData(call, piece, false);
        if (end) s.sendData(call, new Uint8Array(0), true);
        else s.sendTrailers(call, [["grpc-status", "0"]]);
        settle();
        expect(client.takeEvents().at(-1)?.kind).toBe("status");
        expect(client.calls.size).toBe(0);
      }),
    );
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes, utf8 } from "../../src/base/text.ts";
import { Http2Connection } from "../../src/http2/connection.ts";
import { ERROR_CODES } from "../../src/http2/error.ts";
import { encodeFrame, encodeSettings, PREFACE } from "../../src/http2/frame.ts";
import { type Field, HpackDecoder, HpackEncoder } from "../../src/http2/hpack.ts";
import { remember } from "../../src/sim/memento.ts";

/** 100 by default; FC_RUNS=10000 npm test -- http2/fuzz for a longer look. A failure prints its seed. */
const numRuns = Number(process.env.FC_RUNS ?? 100);
const TIMEOUT = 20_000 + numRuns * 100;

const NOTHING = new Uint8Array(0);
const FIELDS: Field[] = [
  [":method", "POST"],
  [":scheme", "http"],
  [":authority", "a"],
  [":path", "/"],
];

/** A client and a server in the middle of two exchanges. */
function pair(): { client: Http2Connection; server: Http2Connection } {
  const client = new Http2Connection("client");
  const server = new Http2Connection("server");
  for (let i = 0; i < 2; i++) client.sendData(client.request(FIELDS, false), utf8("data"), i > 0);
  server.receive(client.takeOutput());
  server.respond(1, [[":status", "200"]], false);
  server.sendData(1, utf8("answer"), false);
  client.receive(server.takeOutput());
  server.receive(client.takeOutput());
  client.takeEvents();
  server.takeEvents();
  return { client, server };
}

/** It goes on, or has failed with a code that has a name, and says why; its streams are data. */
function sane(side: Http2Connection): void {
  if (side.state === "failed") {
    expect(Object.keys(ERROR_CODES)).toContain(side.error);
    expect(side.failure).not.toBe("");
    expect(side.streams.size).toBe(0);
  }
  for (const event of side.takeEvents())
    if (event.kind === "reset") expect(Object.keys(ERROR_CODES)).toContain(event.code);
  expect(side.receiveWindow).toBeGreaterThanOrEqual(0);
  expect(side.sendWindow).toBeLessThanOrEqual(0x7fffffff);
  side.takeOutput();
}

const stream = fc.constantFrom(0, 1, 2, 3, 4, 5, 7, 0x7fffffff);
const payload = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.constant(new HpackEncoder().encode(FIELDS)),
  fc.constant(new HpackEncoder().encode([[":status", "200"]])),
  fc.constant(encodeSettings({ initialWindowSize: 0, headerTableSize: 0 })),
  fc.constant(Uint8Array.of(0, 0, 0, 1)),
);
const frame = fc
  .tuple(fc.nat(10), fc.integer({ min: 0, max: 255 }), stream, payload)
  .map(([type, flags, id, data]) => encodeFrame(type, flags, id, data));

describe("whatever comes, it ends in an error with a name, or goes on", () => {
  it(
    "frames of any kind, on any stream, with any flags, in pieces of any size",
    () => {
      const ends = pair();
      const before = remember(ends);
      fc.assert(
        fc.property(
          fc.array(frame, { maxLength: 12 }),
          fc.integer({ min: 1, max: 50 }),
          (all, cut) => {
            const bytes = concatBytes(all);
            for (const side of [ends.client, ends.server]) {
              for (let at = 0; at < bytes.length; at += cut)
                side.receive(bytes.subarray(at, at + cut));
              side.sendData(1, utf8("more"), true);
              sane(side);
              side.receiveEnd();
              sane(side);
            }
            before.restore();
          },
        ),
        { numRuns: numRuns * 5 },
      );
    },
    TIMEOUT,
  );

  it(
    "random bytes, from the first on or after the preface",
    () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, introduced) => {
          for (const role of ["client", "server"] as const) {
            const side = new Http2Connection(role);
            if (introduced) {
              if (role === "server") side.receive(PREFACE);
              side.receive(encodeFrame(4, 0, 0, NOTHING));
            }
            side.receive(bytes);
            sane(side);
          }
        }),
        { numRuns },
      );
    },
    TIMEOUT,
  );

  it("field blocks of random bytes", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 })), (blocks) => {
        const side = pair().server;
        const decoder = new HpackDecoder();
        let id = 5;
        for (const block of blocks) {
          side.receive(encodeFrame(1, 5, id, block));
          id += 2;
          expect(decoder.table.size).toBeLessThanOrEqual(decoder.table.max);
        }
        sane(side);
      }),
      { numRuns },
    );
  });

  it("a conversation of honest sides arrives whole, whatever the windows and the pieces", () => {
    const bodies = fc.array(fc.array(fc.nat(3000), { maxLength: 4 }), {
      minLength: 1,
      maxLength: 4,
    });
    const windows = fc.record({
      stream: fc.integer({ min: 1, max: 5000 }),
      cut: fc.integer({ min: 1, max: 4000 }),
    });
    fc.assert(
      fc.property(bodies, windows, (requests, { stream: initialWindowSize, cut }) => {
        const client = new Http2Connection("client", { autoConsume: true });
        const server = new Http2Connection("server", {
          autoConsume: true,
          settings: { initialWindowSize },
        });
        const sent = new Map<number, number>();
        for (const parts of requests) {
          const id = client.request(FIELDS, false);
          for (const length of parts) client.sendData(id, new Uint8Array(length), false);
          client.sendData(id, NOTHING, true);
          sent.set(
            id,
            parts.reduce((sum, length) => sum + length, 0),
          );
        }
        const received = new Map<number, number>();
        for (let moved = true; moved; ) {
          moved = false;
          for (const [from, to] of [
            [client, server],
            [server, client],
          ] as const) {
            const bytes = from.takeOutput();
            for (let at = 0; at < bytes.length; at += cut) to.receive(bytes.subarray(at, at + cut));
            moved ||= bytes.length > 0;
          }
          for (const event of server.takeEvents())
            if (event.kind === "data")
              received.set(event.stream, (received.get(event.stream) ?? 0) + event.data.length);
        }
        expect(received).toEqual(sent);
      }),
      { numRuns },
    );
  });
});

describe("a connection", () => {
  it("is data: it can be remembered at any time and put back", () => {
    const ends = pair();
    const before = remember(ends);
    const say = (text: string): string => {
      ends.client.sendData(1, utf8(text), true);
      ends.server.receive(ends.client.takeOutput());
      const data = ends.server.takeEvents().flatMap((e) => (e.kind === "data" ? [...e.data] : []));
      return String.fromCharCode(...data);
    };
    expect(say("once")).toBe("once");
    before.restore();
    expect(say("twice")).toBe("twice");
  });
});

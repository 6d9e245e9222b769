import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromUtf8, utf8 } from "../../src/base/text.ts";
import { remember } from "../../src/sim/memento.ts";
import { ALERTS } from "../../src/tls/alert.ts";
import { TlsClient } from "../../src/tls/client.ts";
import type { TlsConnection } from "../../src/tls/connection.ts";
import { TlsServer } from "../../src/tls/server.ts";
import { readCertificate } from "../../src/tls/x509/certificate.ts";
import { fromPem } from "../../src/tls/x509/pem.ts";
import { makeRequest, readRequest } from "../../src/tls/x509/request.ts";
import { certificateText } from "../../src/tls/x509/text.ts";
import { verifyChain } from "../../src/tls/x509/verify.ts";
import { crookedClient, crookedServer, meshConfigs, NOW, Pki, pump, SLEEP } from "./kit.ts";

/** 100 by default; FC_RUNS=10000 npm test -- tls/fuzz for a longer look. A failure prints its seed. */
const numRuns = Number(process.env.FC_RUNS ?? 100);
const TIMEOUT = 20_000 + numRuns * 400;

const pki = new Pki("ed25519");

function pair(): { client: TlsClient; server: TlsServer } {
  const configs = meshConfigs(pki);
  return { client: new TlsClient(configs.client), server: new TlsServer(configs.server) };
}

describe("a connection", () => {
  it("is data: it can be remembered at any time and put back", () => {
    const { client, server } = pair();
    server.receive(client.takeOutput());
    const world = { client, server };
    const during = remember(world);
    pump(client, server);
    const keys = client.writeKeys?.secret;
    const after = remember(world);
    client.send(utf8("once"));
    pump(client, server);
    after.restore();
    client.send(utf8("twice"));
    pump(client, server);
    expect(fromUtf8(server.takeReceived())).toBe("twice");
    during.restore();
    expect(client.state).toBe("handshake");
    pump(client, server);
    expect([client.state, client.writeKeys?.secret]).toEqual(["open", keys]);
  });
});

/** It waits for more, goes on, or has ended with an alert that has a name, and says why. */
function sane(side: TlsConnection): void {
  if (side.state !== "failed") {
    expect(["handshake", "open", "closed"]).toContain(side.state);
    return;
  }
  expect(side.failure).not.toBe("");
  if (side.alertSent !== null) expect(Object.keys(ALERTS)).toContain(side.alertSent);
  else expect(side.alertReceived ?? "eof").toMatch(/^(alert \d+|[a-z_]+)$/);
  expect([side.readKeys, side.writeKeys, side.secrets]).toEqual([null, null, null]);
}

/** The records of some bytes. */
function split(bytes: Uint8Array): Uint8Array[] {
  const records: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 5 + ((bytes[at + 3]! << 8) | bytes[at + 4]!);
    records.push(bytes.slice(at, end));
    at = end;
  }
  return records;
}

/** What may become of records on their way. */
type Accident =
  | { kind: "flip"; record: number; at: number; bit: number }
  | { kind: "cut"; record: number; at: number }
  | { kind: "lose" | "twice" | "swap"; record: number }
  | { kind: "insert"; record: number; bytes: Uint8Array };

const accident: fc.Arbitrary<Accident> = fc.oneof(
  fc.record({
    kind: fc.constant("flip" as const),
    record: fc.nat(9),
    at: fc.nat(700),
    bit: fc.nat(7),
  }),
  fc.record({ kind: fc.constant("cut" as const), record: fc.nat(9), at: fc.nat(700) }),
  fc.record({ kind: fc.constantFrom("lose", "twice", "swap"), record: fc.nat(9) }),
  fc.record({
    kind: fc.constant("insert" as const),
    record: fc.nat(9),
    bytes: fc.uint8Array({ maxLength: 40 }),
  }),
);

function suffer(records: Uint8Array[], what: Accident): Uint8Array {
  const at = what.record % Math.max(1, records.length);
  const record = records[at];
  if (!record) return new Uint8Array(0);
  if (what.kind === "flip") record[what.at % record.length]! ^= 1 << what.bit;
  if (what.kind === "cut") records[at] = record.subarray(0, what.at % record.length);
  if (what.kind === "lose") records.splice(at, 1);
  if (what.kind === "twice") records.splice(at, 0, record);
  if (what.kind === "swap") records.push(...records.splice(at, 1));
  if (what.kind === "insert") records.splice(at, 0, what.bytes);
  return Buffer.concat(records);
}

describe("whatever comes, it ends in an alert with a name, or waits for more", () => {
  it(
    "random bytes, into both sides, before and after the handshake",
    () => {
      const fresh = pair();
      fresh.client.takeOutput();
      const old = pair();
      pump(old.client, old.server);
      const before = remember({ fresh, old });
      const bytes = fc.oneof(
        fc.uint8Array({ maxLength: 200 }),
        // Headers of records that could be.
        fc
          .tuple(fc.constantFrom(20, 21, 22, 23), fc.uint8Array({ maxLength: 100 }))
          .map(([type, body]) => Uint8Array.of(type, 3, 3, 0, body.length, ...body)),
      );
      fc.assert(
        fc.property(fc.array(bytes, { maxLength: 4 }), (pieces) => {
          for (const side of [fresh.client, fresh.server, old.client, old.server]) {
            for (const piece of pieces) side.receive(piece);
            sane(side);
          }
          before.restore();
        }),
        { numRuns },
      );
    },
    TIMEOUT,
  );

  it(
    "random handshake messages, in records of any size",
    () => {
      const types = fc.constantFrom(0, 1, 2, 4, 5, 8, 11, 13, 15, 20, 24, 99);
      fc.assert(
        fc.property(types, fc.uint8Array({ maxLength: 300 }), fc.nat(60), (type, body, cut) => {
          const { client, server } = pair();
          const message = [type, 0, body.length >> 8, body.length & 255, ...body];
          for (const side of [client, server]) {
            for (let at = 0; at < message.length; at += cut + 1) {
              const piece = message.slice(at, at + cut + 1);
              side.receive(Uint8Array.of(22, 3, 3, 0, piece.length, ...piece));
            }
            sane(side);
          }
        }),
        { numRuns },
      );
    },
    TIMEOUT,
  );

  it(
    "records that were changed, cut, lost, doubled or put into another order",
    () => {
      // Three moments: the server's flight is under way, the client's is, data is.
      const moments = [0, 1, 2].map((turns) => {
        const sides = pair();
        sides.server.receive(sides.client.takeOutput());
        if (turns > 0) sides.client.receive(sides.server.takeOutput());
        if (turns > 1) {
          pump(sides.client, sides.server);
          for (const side of [sides.client, sides.server]) {
            side.send(utf8("one"));
            side.updateKeys(true);
            side.send(utf8("two"));
            side.close();
          }
        }
        return sides;
      });
      const before = remember(moments);
      fc.assert(
        fc.property(fc.nat(2), fc.array(accident, { minLength: 1, maxLength: 3 }), (at, what) => {
          const { client, server } = moments[at]!;
          for (const [from, to] of [
            [server, client],
            [client, server],
          ] as const) {
            let bytes = from.takeOutput();
            for (const one of what) bytes = suffer(split(bytes), one);
            to.receive(bytes);
            to.receiveEnd();
            sane(to);
            // Nothing that was not sent, and in the order in which it was.
            expect("onetwo".startsWith(fromUtf8(to.takeReceived()))).toBe(true);
          }
          before.restore();
        }),
        { numRuns: numRuns * 2 },
      );
    },
    TIMEOUT,
  );

  it(
    "messages whose bytes were changed by a peer that has the keys",
    () => {
      const types = fc.constantFrom(1, 2, 8, 11, 13, 15, 20);
      const edits = fc.array(fc.record({ at: fc.nat(400), to: fc.nat(255) }), { maxLength: 3 });
      fc.assert(
        fc.property(types, edits, fc.boolean(), fc.nat(400), (wanted, changes, cuts, length) => {
          const tamper = (type: number, whole: Uint8Array): Uint8Array => {
            if (type !== wanted) return whole;
            const copy = Uint8Array.from(whole);
            for (const { at, to } of changes) copy[4 + (at % (copy.length - 4))] = to;
            if (!cuts) return copy;
            const cut = copy.slice(0, 4 + (length % (copy.length - 4)));
            cut[2] = (cut.length - 4) >> 8;
            cut[3] = (cut.length - 4) & 255;
            return cut;
          };
          const configs = meshConfigs(pki);
          const good = pair();
          const client = crookedClient(configs.client, tamper);
          pump(client, good.server);
          const server = crookedServer(configs.server, tamper);
          pump(good.client, server);
          for (const side of [client, good.server, server, good.client]) sane(side);
        }),
        { numRuns: Math.ceil(numRuns / 2) },
      );
    },
    TIMEOUT,
  );

  it("DER that was changed or cut is a certificate, or none", () => {
    const identity = pki.leaf(SLEEP);
    const request = makeRequest({ subject: pki.root.certificate.subject }, identity.key);
    const sources = [pki.root.certificate.der, identity.chain[0]!.der, request.der];
    const edits = fc.array(fc.record({ at: fc.nat(1000), to: fc.nat(255) }), { maxLength: 4 });
    fc.assert(
      fc.property(fc.nat(2), edits, fc.nat(1000), (which, changes, keep) => {
        const source = sources[which]!;
        const bytes = Uint8Array.from(source.subarray(0, Math.max(1, source.length - (keep % 3))));
        for (const { at, to } of changes) bytes[at % bytes.length] = to;
        readRequest(bytes);
        const certificate = readCertificate(bytes);
        if (!certificate) return;
        expect(certificateText(certificate)).toMatch(/^Certificate:/);
        const options = { anchors: pki.anchors, now: NOW, purpose: "client" as const };
        verifyChain([certificate, pki.ca.certificate], options);
      }),
      { numRuns: numRuns * 5 },
    );
  });

  it("text that is hardly PEM gives blocks, or none", () => {
    const pieces = fc.constantFrom(
      "-----",
      "BEGIN ",
      "END ",
      "CERTIFICATE",
      "\n",
      "AAAA",
      "=",
      "A",
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (text) => {
        for (const block of fromPem(text.join(""))) expect(block.label).not.toBe("");
      }),
      { numRuns },
    );
  });
});

import { describe, expect, it } from "vitest";
import { connect, crookedClient, meshConfigs, PAGE, Pki, pump, SLEEP } from "../../test/tls/kit.ts";
import { Rng } from "../base/rng.ts";
import { concatBytes, fromUtf8, utf8 } from "../base/text.ts";
import { set16, set24 } from "../wire/bytes.ts";
import { TlsClient } from "./client.ts";
import type { GroupName } from "./group.ts";
import { CLIENT_HELLO, Ext, TLS12 } from "./message.ts";
import { APPLICATION_DATA, plainRecord } from "./record.ts";
import { TlsServer } from "./server.ts";
import { SUITES, type SuiteName } from "./suite.ts";
import { uriNames } from "./x509/certificate.ts";

const pki = new Pki();
const big = new Rng(3, "data").bytes(100_000);

describe("a connection of TLS 1.3", () => {
  for (const suite of Object.keys(SUITES) as SuiteName[])
    for (const group of ["x25519", "secp256r1"] as GroupName[])
      it(`is made with ${suite} and ${group}, mutually, and carries data both ways`, () => {
        const configs = meshConfigs(pki);
        configs.client.suites = [suite];
        configs.server.groups = [group];
        configs.client.groups = [group];
        const { client, server } = connect(configs.client, configs.server);
        expect([client.state, server.state, client.failure]).toEqual(["open", "open", ""]);
        expect([client.cipherSuite, server.group, client.alpn]).toEqual([suite, group, "h2"]);
        expect(uriNames(server.peerCertificates[0]!)).toEqual([SLEEP]);
        expect(uriNames(client.peerCertificates[0]!)).toEqual([PAGE]);
        client.send(utf8("ping"));
        server.send(big);
        pump(client, server);
        expect(fromUtf8(server.takeReceived())).toBe("ping");
        expect(client.takeReceived()).toEqual(big);
      });

  it("says what a client may want to know of the server", () => {
    const configs = meshConfigs(pki);
    const { client, server } = connect(configs.client, configs.server);
    expect(client.requested).toEqual([0x0403, 0x0807]);
    expect(client.authorities).toEqual([pki.root.certificate.subject.der]);
    expect([client.peerScheme, server.peerScheme]).toEqual([0x0403, 0x0403]);
    expect([client.bytesRead, client.bytesWritten]).toEqual([
      server.bytesWritten,
      server.bytesRead,
    ]);
    expect(client.bytesRead).toBeGreaterThan(1000);
  });

  it("is made byte by byte, too", () => {
    const configs = meshConfigs(pki);
    const { client, server } = connect(configs.client, configs.server, 1);
    expect([client.state, server.state]).toEqual(["open", "open"]);
  });
});

describe("a handshake", () => {
  it("is taken up again when the server wants another group, with or without a cookie", () => {
    for (const retryCookie of [false, true]) {
      const configs = meshConfigs(pki);
      const { client, server } = connect(configs.client, {
        ...configs.server,
        groups: ["secp256r1"],
        retryCookie,
      });
      expect([client.state, server.state, client.retried]).toEqual(["open", "open", true]);
      expect([server.group, client.cookie !== null]).toEqual(["secp256r1", retryCookie]);
    }
  });

  it("asks for the cookie alone when the key was already there", () => {
    const configs = meshConfigs(pki);
    const { client, server } = connect(configs.client, { ...configs.server, retryCookie: true });
    expect([client.state, server.group]).toEqual(["open", "x25519"]);
  });

  it("costs no round trip when both keys were sent", () => {
    const configs = meshConfigs(pki);
    configs.client.keyShares = ["x25519", "secp256r1"];
    const { client } = connect(configs.client, { ...configs.server, groups: ["secp256r1"] });
    expect([client.state, client.retried, client.group]).toEqual(["open", false, "secp256r1"]);
  });

  it("prefers what the server prefers", () => {
    const configs = meshConfigs(pki);
    configs.client.alpn = ["http/1.1", "h2"];
    configs.server.alpn = ["h2", "http/1.1"];
    configs.server.suites = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"];
    const { client } = connect(configs.client, configs.server);
    expect([client.alpn, client.cipherSuite]).toEqual(["h2", "TLS_AES_128_GCM_SHA256"]);
  });

  it("goes on without a protocol when only one side speaks of one", () => {
    const configs = meshConfigs(pki);
    const { client, server } = connect({ ...configs.client, alpn: [] }, configs.server);
    expect([client.state, client.alpn, server.alpn]).toEqual(["open", "", ""]);
  });

  it("names the server, and is made with the one that has that name, or that address", () => {
    const names = { dns: "page.example", ip: "10.4.3.20" } as const;
    for (const kind of ["dns", "ip"] as const)
      for (const wrong of [false, true]) {
        const configs = meshConfigs(pki);
        const alternativeNames = [{ kind, value: names[kind] }];
        configs.server.identity = pki.leaf(PAGE, { alternativeNames });
        const { expected: _, ...client } = configs.client;
        const serverName = wrong ? names[kind].replace(/^./, "2") : names[kind];
        const ends = connect({ ...client, serverName }, configs.server);
        expect(ends.client.alertSent).toBe(wrong ? "bad_certificate" : null);
        expect(ends.server.serverName).toBe(kind === "dns" ? serverName : "");
      }
  });

  it("survives the smallest records, with padding, in pieces", () => {
    const configs = meshConfigs(pki);
    const { client, server } = connect(
      { ...configs.client, maxFragment: 1, padding: 8 },
      { ...configs.server, maxFragment: 17, padding: 64 },
      3,
    );
    server.send(big.subarray(0, 1000));
    pump(client, server, 7);
    expect(client.takeReceived()).toEqual(big.subarray(0, 1000));
  });

  it("is the same, bytes and all, from the same random numbers", () => {
    const transcript = (): string => {
      const configs = meshConfigs(new Pki("p256", 4));
      const client = new TlsClient(configs.client);
      const server = new TlsServer(configs.server);
      const hello = client.takeOutput();
      server.receive(hello);
      const flight = server.takeOutput();
      client.receive(flight);
      return [hello, flight, client.takeOutput()].map((bytes) => bytes.join()).join("\n");
    };
    expect(transcript()).toBe(transcript());
  });

  it("refuses early data and reads over it", () => {
    const configs = meshConfigs(pki);
    const client = crookedClient(configs.client, (type, whole) => {
      if (type !== CLIENT_HELLO) return whole;
      const copy = concatBytes([whole, Uint8Array.of(0, Ext.earlyData, 0, 0)]);
      // The lengths of the message and of its extensions, which follow suites and methods.
      const extensions = 4 + 2 + 32 + 33 + 2 + 6 + 2;
      set24(copy, 1, copy.length - 4);
      set16(copy, extensions, copy.length - extensions - 2);
      return copy;
    });
    const server = new TlsServer(configs.server);
    const early = plainRecord(APPLICATION_DATA, big.subarray(0, 3000), TLS12);
    server.receive(concatBytes([client.takeOutput(), early, early]));
    pump(client, server);
    expect([client.state, server.state, server.failure]).toEqual(["open", "open", ""]);
  });
});

describe("an open connection", () => {
  const open = () => {
    const configs = meshConfigs(pki);
    return connect(configs.client, configs.server);
  };

  it("changes its keys in either direction, any number of times", () => {
    const { client, server } = open();
    for (const [from, to] of [
      [client, server],
      [server, client],
      [client, server],
    ] as const) {
      const before = to.writeKeys?.secret;
      from.updateKeys(true);
      from.send(utf8("new"));
      pump(client, server);
      expect(fromUtf8(to.takeReceived())).toBe("new");
      expect(to.writeKeys?.secret).not.toEqual(before);
      to.send(utf8("keys"));
      pump(client, server);
      expect(fromUtf8(from.takeReceived())).toBe("keys");
    }
  });

  it("changes its keys by itself when they have protected enough", () => {
    const { client, server } = open();
    client.writeKeys!.sequence = server.readKeys!.sequence = 2 ** 24 - 1;
    client.send(big.subarray(0, 40_000));
    pump(client, server);
    expect(server.takeReceived()).toEqual(big.subarray(0, 40_000));
    expect(client.writeKeys?.sequence).toBe(2);
  });

  it("sends nothing when there is nothing, and takes records of nothing", () => {
    const { client, server } = open();
    expect([client.send(new Uint8Array(0)), client.takeOutput().length]).toEqual([true, 0]);
    client.writeRecord(APPLICATION_DATA, new Uint8Array(0));
    client.send(utf8("x"));
    pump(client, server);
    expect(fromUtf8(server.takeReceived())).toBe("x");
  });

  it("receives after it has said close_notify, and is closed when both have", () => {
    const { client, server } = open();
    client.close();
    expect(client.send(utf8("too late"))).toBe(false);
    pump(client, server);
    expect([server.peerClosed, server.state]).toEqual([true, "open"]);
    server.send(utf8("last words"));
    server.close();
    pump(client, server);
    expect(fromUtf8(client.takeReceived())).toBe("last words");
    expect([client.state, server.state, client.failure]).toEqual(["closed", "closed", ""]);
  });

  it("is not closed by an end of the transport, which anybody can cause", () => {
    const { client } = open();
    client.receiveEnd();
    expect([client.state, client.failure]).toEqual(["failed", "unexpected eof while reading"]);
  });

  it("holds back what is sent before it is open", () => {
    const configs = meshConfigs(pki);
    const client = new TlsClient(configs.client);
    const server = new TlsServer(configs.server);
    client.send(utf8("ear"));
    client.send(utf8("ly"));
    server.send(utf8("eager"));
    pump(client, server);
    expect([fromUtf8(server.takeReceived()), fromUtf8(client.takeReceived())]).toEqual([
      "early",
      "eager",
    ]);
  });

  it("keeps nothing of the handshake", () => {
    const { client, server } = open();
    for (const side of [client, server]) {
      expect([side.transcript, side.secrets, side.flight, side.pending]).toEqual([
        [],
        null,
        [],
        [],
      ]);
      expect([side.records.length, side.partial.length]).toEqual([0, 0]);
    }
  });
});

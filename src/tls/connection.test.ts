import { describe, expect, it } from "vitest";
import { connect, meshConfigs, PAGE, Pki, pump, SLEEP } from "../../test/tls/kit.ts";
import { Rng } from "../base/rng.ts";
import { fromUtf8, utf8 } from "../base/text.ts";
import type { GroupName } from "./group.ts";
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

  it("is made byte by byte, too", () => {
    const configs = meshConfigs(pki);
    const { client, server } = connect(configs.client, configs.server, 1);
    expect([client.state, server.state]).toEqual(["open", "open"]);
  });
});

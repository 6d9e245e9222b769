import { Rng } from "../../src/base/rng.ts";
import { TlsClient } from "../../src/tls/client.ts";
import type { ClientConfig, Identity, ServerConfig } from "../../src/tls/config.ts";
import type { TlsConnection } from "../../src/tls/connection.ts";
import { TlsServer } from "../../src/tls/server.ts";
import type { Certificate } from "../../src/tls/x509/certificate.ts";
import type { ExtensionFields } from "../../src/tls/x509/extension.ts";
import { type Issuer, issue, issueSelfSigned, randomSerial } from "../../src/tls/x509/issue.ts";
import { generateKey, type KeyType } from "../../src/tls/x509/key.ts";
import { makeName } from "../../src/tls/x509/name.ts";

/** Saturday, 21 November 2026, noon: when the tests take place. */
export const NOW = Date.UTC(2026, 10, 21, 12);
const DAY = 86_400_000;

/** A root, a CA below it, and who they vouch for. */
export class Pki {
  random: Rng;
  type: KeyType;
  now: number;
  root: Issuer;
  ca: Issuer;

  constructor(type: KeyType = "p256", seed = 1, now = NOW) {
    this.random = new Rng(seed, "pki");
    this.type = type;
    this.now = now;
    this.root = this.authority("root", null);
    this.ca = this.authority("intermediate", this.root, { pathLength: 0 });
  }

  get anchors(): Certificate[] {
    return [this.root.certificate];
  }

  authority(name: string, by: Issuer | null, extra: ExtensionFields = {}): Issuer {
    const key = generateKey(this.type, this.random);
    const fields = {
      subject: makeName([
        ["O", "cluster.local"],
        ["CN", name],
      ]),
      publicKey: key.public,
      notBefore: this.now - 10 * DAY,
      notAfter: this.now + 3650 * DAY,
      serial: randomSerial(this.random),
      ca: true,
      keyUsage: ["Certificate Sign", "CRL Sign"] as const,
      ...extra,
    };
    return { certificate: by ? issue(fields, by) : issueSelfSigned(fields, key), key };
  }

  /** A leaf as Istio's CA issues them: no subject, a URI in a critical alternative name. */
  leaf(
    uri: string,
    more: Partial<{ days: number; by: Issuer; type: KeyType; notBefore: number }> &
      ExtensionFields = {},
  ): Identity {
    const key = generateKey(more.type ?? this.type, this.random);
    const by = more.by ?? this.ca;
    const certificate = issue(
      {
        subject: makeName([]),
        publicKey: key.public,
        notBefore: this.now - 120_000,
        notAfter: this.now + (more.days ?? 1) * DAY,
        serial: randomSerial(this.random),
        ca: false,
        keyUsage: ["Digital Signature", "Key Encipherment"],
        extendedKeyUsage: ["serverAuth", "clientAuth"],
        alternativeNames: [{ kind: "uri", value: uri }],
        ...more,
      },
      by,
    );
    const chain = by === this.ca ? [certificate, this.ca.certificate] : [certificate];
    return { chain, key };
  }
}

export const SLEEP = "spiffe://cluster.local/ns/default/sa/sleep";
export const PAGE = "spiffe://cluster.local/ns/default/sa/productpage";

/** What both sides of a mutual connection of two workloads are configured with. */
export function meshConfigs(
  pki: Pki,
  seed = 7,
): { client: ClientConfig; server: ServerConfig & { keyLog: string[] } } {
  const shared = { now: pki.now, anchors: pki.anchors, alpn: ["h2"] };
  return {
    client: {
      ...shared,
      random: new Rng(seed, "client"),
      identity: pki.leaf(SLEEP),
      expected: { spiffeIds: [PAGE] },
    },
    server: {
      ...shared,
      random: new Rng(seed, "server"),
      identity: pki.leaf(PAGE),
      expected: { trustDomain: "cluster.local" },
      clientCertificate: "require",
      keyLog: [],
    },
  };
}

/** Carry bytes to and fro until nobody has any; `cut` says how long a piece may be. */
export function pump(a: TlsConnection, b: TlsConnection, cut = Number.POSITIVE_INFINITY): number {
  let turns = 0;
  const carry = (from: TlsConnection, to: TlsConnection): boolean => {
    const bytes = from.takeOutput();
    for (let at = 0; at < bytes.length; at += cut) to.receive(bytes.subarray(at, at + cut));
    return bytes.length > 0;
  };
  for (; turns < 50; turns++) {
    const moved = carry(a, b);
    if (!carry(b, a) && !moved) break;
  }
  return turns;
}

export function connect(
  client: ClientConfig,
  server: ServerConfig,
  cut?: number,
): { client: TlsClient; server: TlsServer } {
  const pair = { client: new TlsClient(client), server: new TlsServer(server) };
  pump(pair.client, pair.server, cut);
  return pair;
}

/** A change to a handshake message of a peer that does not keep the rules. */
export type Tamper = (type: number, message: Uint8Array) => Uint8Array;

/** Our client, whose messages are changed before they are sent, and before it hashes them. */
export function crookedClient(config: ClientConfig, tamper: Tamper): TlsClient {
  class Crooked extends TlsClient {
    override sendMessage(whole: Uint8Array): void {
      super.sendMessage(tamper(whole[0] ?? 0, whole));
    }
  }
  return new Crooked(config);
}

export function crookedServer(config: ServerConfig, tamper: Tamper): TlsServer {
  class Crooked extends TlsServer {
    override sendMessage(whole: Uint8Array): void {
      super.sendMessage(tamper(whole[0] ?? 0, whole));
    }
  }
  return new Crooked(config);
}

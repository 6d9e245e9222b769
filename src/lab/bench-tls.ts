import { performance } from "node:perf_hooks";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { extract } from "@noble/hashes/hkdf.js";
import { Rng } from "../base/rng.ts";
import { TlsClient } from "../tls/client.ts";
import type { ClientConfig, ServerConfig } from "../tls/config.ts";
import { agree, makeKeyShare } from "../tls/group.ts";
import { expandLabel, hashOf } from "../tls/key-schedule.ts";
import { TlsServer } from "../tls/server.ts";
import { SUITES, type SuiteName, seal, suiteHash, unseal } from "../tls/suite.ts";
import { issue, issueSelfSigned, randomSerial } from "../tls/x509/issue.ts";
import { generateKey, sign, signatureOid, verify } from "../tls/x509/key.ts";
import { makeName } from "../tls/x509/name.ts";
import { SignatureCache } from "../tls/x509/verify.ts";

const NOW = 1_800_000_000_000;
const random = new Rng(1, "bench-tls");

/** A root and two workloads as Istio has them; what was verified is remembered. */
export function configs(): { client: ClientConfig; server: ServerConfig } {
  const rootKey = generateKey("p256", random);
  const fields = {
    subject: makeName([["O", "cluster.local"]]),
    notBefore: NOW - 1000,
    notAfter: NOW + 86_400_000,
  };
  const root = issueSelfSigned({ ...fields, serial: randomSerial(random), ca: true }, rootKey);
  const workload = (name: string) => {
    const key = generateKey("p256", random);
    const value = `spiffe://cluster.local/ns/default/sa/${name}`;
    const leaf = {
      ...fields,
      subject: makeName([]),
      publicKey: key.public,
      serial: randomSerial(random),
      alternativeNames: [{ kind: "uri", value }] as const,
    };
    return { chain: [issue(leaf, { certificate: root, key: rootKey })], key };
  };
  const shared = {
    random,
    now: NOW,
    anchors: [root],
    expected: { trustDomain: "cluster.local" },
    alpn: ["h2"],
    signatures: new SignatureCache(),
  };
  return {
    client: { ...shared, identity: workload("client") },
    server: { ...shared, identity: workload("server"), clientCertificate: "require" },
  };
}

function connect(client: ClientConfig, server: ServerConfig): [TlsClient, TlsServer] {
  const ends: [TlsClient, TlsServer] = [new TlsClient(client), new TlsServer(server)];
  for (let turn = 0; turn < 2; turn++) {
    ends[1].receive(ends[0].takeOutput());
    ends[0].receive(ends[1].takeOutput());
  }
  if (ends[0].state !== "open" || ends[1].state !== "open")
    throw new Error(`bench: no connection: ${ends[0].failure} ${ends[1].failure}`);
  return ends;
}

/** The least ms of `times` runs, after some that do not count. */
function least(times: number, run: () => void): number {
  for (let i = 0; i < 5; i++) run();
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < times; i++) {
    const start = performance.now();
    run();
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

/**
 * What @noble alone needs for it. Each side makes a key, agrees, signs and verifies; derives fifteen
 * secrets, keys and nonces; hashes six transcripts of a kilobyte or so; seals or opens both flights.
 */
function primitives(): { curves: number; all: number } {
  const suite = "TLS_AES_256_GCM_SHA384";
  const share = makeKeyShare("x25519", random);
  const key = generateKey("p256", random);
  const text = random.bytes(130);
  const signature = sign(key, text);
  const secret = random.bytes(48);
  const transcript = [random.bytes(1100)];
  const nonce = random.bytes(12);
  const header = random.bytes(5);
  const record = random.bytes(800);
  const curves =
    least(40, () => void makeKeyShare("x25519", random)) +
    least(40, () => void agree(share, share.public)) +
    least(40, () => void sign(key, text)) +
    least(40, () => void verify(key.public, signatureOid("p256"), text, signature));
  const others =
    15 * least(40, () => void expandLabel(suite, secret, "c hs traffic", secret, 48)) +
    2 * least(40, () => void extract(suiteHash(suite), secret, secret)) +
    6 * least(40, () => void hashOf(suite, transcript)) +
    2 * least(40, () => void seal(suite, secret.subarray(16), nonce, header, record));
  return { curves: 2 * curves, all: 2 * (curves + others) };
}

/** MB/s through both ends, and through @noble's cipher alone. */
function bulk(suite: SuiteName): { ours: number; cipher: number } {
  const { client, server } = configs();
  const [from, to] = connect({ ...client, suites: [suite] }, server);
  const data = random.bytes(1 << 20);
  const ours = least(6, () => {
    from.send(data);
    to.receive(from.takeOutput());
    if (to.takeReceived().length !== data.length) throw new Error("bench: data was lost");
  });
  const key = random.bytes(suite === "TLS_AES_128_GCM_SHA256" ? 16 : 32);
  const nonce = random.bytes(12);
  const header = random.bytes(5);
  const record = random.bytes(1 << 14);
  const cipher = least(6, () => {
    for (let i = 0; i < 64; i++)
      unseal(suite, key, nonce, header, seal(suite, key, nonce, header, record));
  });
  return { ours: data.length / ours / 1000, cipher: data.length / cipher / 1000 };
}

/** Bytes that are in use, after what is not has been collected. */
export function memoryUsed(): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  // Buffers that died are counted until the collection after the one that found them.
  for (let i = 0; i < 3; i++) collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** kB that an open connection keeps, both ends. */
function footprint(count: number): number {
  const { client, server } = configs();
  connect(client, server);
  const before = memoryUsed();
  const alive = Array.from({ length: count }, () => connect(client, server));
  return (memoryUsed() - before) / alive.length / 1000;
}

/** TLS: a handshake against its primitives, bulk against its cipher, memory. */
export function benchTls(): { what: string; value: string; aim: string }[] {
  const { client, server } = configs();
  const floor = primitives();
  const handshake = least(30, () => void connect(client, server));
  const ratio = (ms: number): string => (handshake / ms).toFixed(2);
  const rows = [
    {
      what: "tls: mutual handshake, both sides, chains remembered",
      value: `${handshake.toFixed(1)} ms; ${ratio(floor.all)} of its @noble primitives, ${ratio(floor.curves)} of the curves alone`,
      aim: "1.3",
    },
  ];
  for (const suite of Object.keys(SUITES) as SuiteName[]) {
    const { ours, cipher } = bulk(suite);
    rows.push({
      what: `tls: ${suite}, sealed and opened`,
      value: `${ours.toFixed(1)} MB/s; @noble alone ${cipher.toFixed(1)}`,
      aim: "",
    });
  }
  rows.push({
    what: "tls: an open connection keeps, both ends",
    value: `${footprint(100).toFixed(1)} kB`,
    aim: "",
  });
  return rows;
}

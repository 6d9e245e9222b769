import { utf8 } from "../../base/text.ts";
import type { GrpcClientEvent } from "../../grpc/client.ts";
import type { Status } from "../../grpc/status.ts";
import type { Machine } from "../../host/machine.ts";
import type { Process } from "../../host/process.ts";
import { readText } from "../../host/resolv.ts";
import type { Pod } from "../../kube/api/pod.ts";
import { SEC, type Timer, type Wakeable } from "../../sim/sim.ts";
import type { ClientConfig, Identity, KeyLog } from "../../tls/config.ts";
import {
  type Certificate,
  certificatesFromPem,
  readCertificate,
} from "../../tls/x509/certificate.ts";
import { generateKey, type PrivateKey, type RandomSource } from "../../tls/x509/key.ts";
import { makeName } from "../../tls/x509/name.ts";
import { makeRequest } from "../../tls/x509/request.ts";
import { SignatureCache } from "../../tls/x509/verify.ts";
import type { Output } from "../log.ts";
import { decode, encode } from "../proto/codec.ts";
import { type ChannelOwner, GrpcChannel } from "../xds/channel.ts";
import { GO_SUITES } from "../xds/credentials.ts";
import { type ChannelFailure, goError } from "../xds/failure.ts";
import { SvidCache } from "./cache.ts";
import { SpireLog } from "./log.ts";
import {
  ATTEST_AGENT,
  type AttestAgentResponse,
  BATCH_NEW_X509_SVID,
  type BatchNewX509SvidResponse,
  type Bundle,
  type Entry,
  GET_AUTHORIZED_ENTRIES,
  GET_BUNDLE,
  spiffeIdText,
} from "./messages.ts";
import { type ContainerRuntime, selectorsOf } from "./workload-attestor.ts";

/** spire: pkg/agent/manager: how often it asks the server what is new. */
const SYNC_INTERVAL = 5 * SEC;
/** pkg/agent/attestor/node: between tries to prove itself. */
const RETRY = 5 * SEC;

export interface SpireAgentConfig {
  machine: Machine;
  process: Process;
  node: Machine;
  runtime: ContainerRuntime;
  output: Output;
  keyLog: KeyLog;
  trustDomain: string;
  serverAddress: string;
  serverPort: number;
  cluster: string;
  tokenPath: string;
  /** trust_bundle_path */
  bundlePath: string;
  /** admin_socket_path */
  adminSocket: string;
  /** SPIFFE IDs of those who may ask in the name of others. */
  authorizedDelegates: readonly string[];
}

/** What a delegate hears of a workload's certificates: none, where nobody registered it. */
export type DelegatedSvids = { identity: Identity; bundle: Certificate[] } | null;

/**
 * A SPIRE agent (spire: cmd/spire-agent): it proves to the server on which node it runs, keeps the
 * certificates of all who are registered there, and gives them to whom it believes to be them. Keys
 * are made here and do not leave the node.
 */
export class SpireAgent implements ChannelOwner, Wakeable {
  config: SpireAgentConfig;
  machine: Machine;
  log: SpireLog;
  random: RandomSource;
  channel: GrpcChannel;
  signatures = new SignatureCache();
  identity: Identity | null = null;
  id = "";
  bundle: Certificate[] = [];
  cache = new SvidCache();
  /** What a call is about, by its number; keys of what was asked for. */
  calls = new Map<number, string>();
  answers = new Map<number, Uint8Array>();
  attesting: PrivateKey | null = null;
  asked: { entry: Entry; key: PrivateKey }[] = [];
  timer: Timer | null;
  stopped = false;

  constructor(config: SpireAgentConfig) {
    const { machine, process, node, serverAddress, serverPort } = config;
    this.config = config;
    this.machine = machine;
    this.log = new SpireLog(machine.sim, config.output);
    this.random = machine.sim.rng(`spire agent ${node.name}`);
    this.channel = new GrpcChannel(
      {
        process,
        host: serverAddress,
        port: serverPort,
        userAgent: "grpc-go/1.79.1",
        connectTimeout: 30 * SEC,
      },
      this,
    );
    this.timer = machine.sim.after(0, this, "attest");
  }

  get now(): number {
    const { sim } = this.machine;
    return sim.epoch + Math.floor(sim.now / 1e6);
  }

  /** Others may have certificates through it. */
  get isReady(): boolean {
    return this.identity !== null;
  }

  wake(reason: string): void {
    this.timer = null;
    if (this.stopped) return;
    if (reason === "sync" && this.channel.state === "ready") this.sync();
    // A kubelet starts nobody before what is mounted is there.
    else if (this.believed()) this.channel.connect();
    else this.later(RETRY, "attest");
  }

  later(delay: number, reason: "attest" | "sync"): void {
    this.timer?.cancel();
    this.timer = this.machine.sim.after(delay, this, reason);
  }

  /** Does it know whom to believe? At first what is mounted says so. */
  believed(): boolean {
    if (this.bundle.length) return true;
    this.bundle = certificatesFromPem(readText(this.machine, this.config.bundlePath));
    if (this.bundle.length === 0) return false;
    this.log.write("info", "Bundle loaded", [
      ["subsystem_name", "attestor"],
      ["trust_domain_id", `spiffe://${this.config.trustDomain}`],
    ]);
    return true;
  }

  tlsConfig(): ClientConfig {
    const { trustDomain, keyLog, serverAddress } = this.config;
    return {
      suites: GO_SUITES,
      signatures: this.signatures,
      random: this.machine.sim.rng("tls"),
      now: this.now,
      anchors: this.bundle,
      expected: { spiffeIds: [`spiffe://${trustDomain}/spire/server`] },
      serverName: serverAddress,
      identity: this.identity,
      alpn: ["h2"],
      keyLog,
    };
  }

  connected(): void {
    if (this.identity) this.sync();
    else this.attest();
  }

  /** A key of its own, and its pod's token as the proof of where it runs (k8s_psat). */
  attest(): void {
    const { trustDomain, cluster, tokenPath } = this.config;
    if (!this.identity)
      this.log.write("info", "SVID is not found. Starting node attestation", [
        ["subsystem_name", "attestor"],
        ["trust_domain_id", `spiffe://${trustDomain}`],
      ]);
    this.attesting = generateKey("p256", this.random);
    const token = readText(this.machine, tokenPath).trim();
    const payload = utf8(JSON.stringify({ cluster, token }));
    const call = this.channel.start(ATTEST_AGENT, []);
    this.calls.set(call, "attest");
    this.channel.send(
      call,
      encode("spire.api.server.agent.v1.AttestAgentRequest", {
        step: {
          case: "params",
          value: { data: { type: "k8s_psat", payload }, params: { csr: this.csr(this.attesting) } },
        },
      }),
    );
  }

  csr(key: PrivateKey): Uint8Array {
    return makeRequest({ subject: makeName([]) }, key).der;
  }

  /** What is registered, whom to believe, and certificates for who has none that will do. */
  sync(): void {
    const [own] = this.identity?.chain ?? [];
    if (own && this.isDue(own)) this.attest();
    this.unary(GET_BUNDLE, "bundle", "spire.api.server.bundle.v1.GetBundleRequest", {});
    const entries = "spire.api.server.entry.v1.GetAuthorizedEntriesRequest";
    this.unary(GET_AUTHORIZED_ENTRIES, "entries", entries, {});
    this.later(SYNC_INTERVAL, "sync");
  }

  unary(method: typeof GET_BUNDLE, what: string, name: string, fields: object): void {
    this.calls.set(this.channel.unary(method, encode(name, fields), [], null), what);
  }

  /** Is half of its life over (spire: pkg/common/rotationutil)? */
  isDue({ notBefore, notAfter }: Certificate): boolean {
    return notAfter - this.now <= (notAfter - notBefore) / 2;
  }

  event(event: GrpcClientEvent): void {
    if (event.kind === "message") this.answers.set(event.call, event.data);
    if (event.kind !== "status") return;
    const what = this.calls.get(event.call);
    const data = this.answers.get(event.call);
    this.calls.delete(event.call);
    this.answers.delete(event.call);
    if (event.status.code !== "OK" || !data) return this.refused(what, event.status);
    if (what === "attest") this.attested(data);
    else if (what === "bundle") this.trust(data);
    else if (what === "entries") this.registered(data);
    else if (what === "svids") this.signed(data);
  }

  refused(what: string | undefined, { code, message }: Status): void {
    if (this.stopped || code === "UNAVAILABLE") return;
    const error = `rpc error: code = ${CODES[code] ?? code} desc = ${message}`;
    if (what !== "attest") {
      this.log.write("error", "Synchronize failed", [
        ["error", error],
        ["subsystem_name", "manager"],
      ]);
      return;
    }
    this.log.write("error", "Agent crashed", [["error", `failed to attest: ${error}`]]);
    this.channel.forget();
    this.later(RETRY, "attest");
  }

  attested(data: Uint8Array): void {
    const name = "spire.api.server.agent.v1.AttestAgentResponse";
    const answer = decode<AttestAgentResponse>(name, data);
    const result = answer?.step.case === "result" ? answer.step.value : null;
    const leaf = readCertificate(result?.svid?.certChain[0] ?? new Uint8Array(0));
    if (!leaf || !this.attesting || !result?.svid?.id) return;
    const again = this.identity !== null;
    this.identity = { chain: [leaf], key: this.attesting };
    this.attesting = null;
    this.id = spiffeIdText(result.svid.id);
    if (!again) {
      this.log.write("info", "Node attestation was successful", [
        ["reattestable", result.reattestable],
        ["spiffe_id", this.id],
        ["subsystem_name", "attestor"],
        ["trust_domain_id", `spiffe://${this.config.trustDomain}`],
      ]);
      this.listen();
    }
    // From here on it is known by its certificate.
    this.channel.forget();
    this.later(0, "sync");
  }

  listen(): void {
    const { node, adminSocket } = this.config;
    node.unixSockets.set(adminSocket, this);
    for (const [message, address] of [
      ["Starting Workload and SDS APIs", "/run/spire/sockets/agent.sock"],
      ["Starting Admin APIs", adminSocket],
    ] as const)
      this.log.write("info", message, [
        ["address", address],
        ["network", "unix"],
        ["subsystem_name", "endpoints"],
      ]);
  }

  trust(data: Uint8Array): void {
    const bundle = decode<Bundle>("spire.api.types.Bundle", data);
    const roots = (bundle?.x509Authorities ?? []).flatMap(
      ({ asn1 }) => readCertificate(asn1) ?? [],
    );
    if (roots.length) this.bundle = roots;
  }

  registered(data: Uint8Array): void {
    const name = "spire.api.server.entry.v1.GetAuthorizedEntriesResponse";
    this.cache.update(decode<{ entries: Entry[] }>(name, data)?.entries ?? []);
    const wanted = this.cache.lacking((svid) => this.isDue(svid));
    if (wanted.length === 0 || this.asked.length) return;
    this.asked = wanted.map((entry) => ({ entry, key: generateKey("p256", this.random) }));
    for (const { entry } of this.asked)
      this.log.write(
        "info",
        this.cache.svids.has(entry.id) ? "Renewing X509-SVID" : "Creating X509-SVID",
        [
          ["entry_id", entry.id],
          ["spiffe_id", spiffeIdText(entry.spiffeId)],
          ["subsystem_name", "manager"],
        ],
      );
    this.unary(BATCH_NEW_X509_SVID, "svids", "spire.api.server.svid.v1.BatchNewX509SVIDRequest", {
      params: this.asked.map(({ entry, key }) => ({ entryId: entry.id, csr: this.csr(key) })),
    });
  }

  signed(data: Uint8Array): void {
    const name = "spire.api.server.svid.v1.BatchNewX509SVIDResponse";
    const results = decode<BatchNewX509SvidResponse>(name, data)?.results ?? [];
    const asked = this.asked.splice(0);
    asked.forEach(({ entry, key }, i) => {
      const chain = (results[i]?.svid?.certChain ?? []).flatMap(
        (der) => readCertificate(der) ?? [],
      );
      if (chain.length) this.cache.svids.set(entry.id, { chain, key });
    });
  }

  /**
   * The Delegated Identity API, SubscribeToX509SVIDsByPID: the certificates of a process, for
   * `caller`, who must be registered itself and be one of those who may (spire:
   * pkg/agent/api/delegatedidentity/v1/service.go). A status where it is refused.
   */
  delegated(caller: Pod, pid: number): DelegatedSvids | Status {
    const refused = (message: string): Status => ({ code: "PERMISSION_DENIED", message });
    const own = this.cache.matching(selectorsOf(caller)).map((e) => spiffeIdText(e.spiffeId));
    if (own.length === 0) {
      this.log.write("error", "no identity issued", [["subsystem_name", "endpoints"]]);
      return refused("no identity issued");
    }
    if (!own.some((id) => this.config.authorizedDelegates.includes(id))) {
      this.log.write(
        "error",
        "Permission denied; caller not configured as an authorized delegate.",
        [
          ["default_id", own[0] ?? ""],
          ["num_registered_entries", own.length],
          ["subsystem_name", "endpoints"],
        ],
      );
      return refused("caller not configured as an authorized delegate");
    }
    const pod = this.config.runtime.podOf(pid);
    const entries = pod ? this.cache.matching(selectorsOf(pod)) : [];
    for (const entry of entries) {
      const identity = this.cache.svids.get(entry.id);
      if (identity) return { identity, bundle: this.bundle };
    }
    return null;
  }

  disconnected(failure: ChannelFailure): void {
    this.calls.clear();
    this.answers.clear();
    this.asked = [];
    if (this.stopped) return;
    if (!this.identity) {
      const error = `create attestation client: failed to dial dns:///${this.config.serverAddress}:${this.config.serverPort}: ${goError(failure)}`;
      this.log.write("error", "Agent crashed", [["error", error]]);
      // What was read from the file may be of a server that is no more.
      this.bundle = [];
      this.later(RETRY, "attest");
    } else {
      this.log.write("error", "Synchronize failed", [
        ["error", `rpc error: code = Unavailable desc = ${goError(failure)}`],
        ["subsystem_name", "manager"],
      ]);
      this.later(SYNC_INTERVAL, "sync");
    }
  }

  stop(): void {
    this.stopped = true;
    this.timer?.cancel();
    this.channel.stop();
    const { node, adminSocket } = this.config;
    if (node.unixSockets.get(adminSocket) === this) node.unixSockets.delete(adminSocket);
  }
}

/** google.golang.org/grpc/codes, String */
const CODES: Partial<Record<Status["code"], string>> = {
  PERMISSION_DENIED: "PermissionDenied",
  UNAUTHENTICATED: "Unauthenticated",
  INTERNAL: "Internal",
  UNKNOWN: "Unknown",
};

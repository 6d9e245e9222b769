import type { Status } from "../../grpc/status.ts";
import { STATUS_SENTENCES } from "../../grpc/status.ts";
import type { Process } from "../../host/process.ts";
import type { KeyLog } from "../../tls/config.ts";
import type { SuiteName } from "../../tls/suite.ts";
import { SignatureCache } from "../../tls/x509/verify.ts";
import type { Issuer } from "../identity/issuer.ts";
import { type Secret, type SecretsOwner, spiffeOf, WorkloadSecrets } from "../identity/secrets.ts";
import { ISTIOD_HOST, SECURE_PORT } from "../istiod/istiod.ts";
import { CertificateClient, MountedToken } from "../xds/certificates.ts";
import { rustDuration } from "../xds/client.ts";
import type { CertificateSource, CertificateState, CertificateWaiter } from "./certificates.ts";
import { USER_AGENT } from "./control-plane.ts";
import type { Ztunnel } from "./ztunnel.ts";

/** rustls's order with the crypto of aws-lc; TLS 1.3 alone (ztunnel: src/tls/lib.rs). */
const SUITES: readonly SuiteName[] = [
  "TLS_AES_256_GCM_SHA384",
  "TLS_AES_128_GCM_SHA256",
  "TLS_CHACHA20_POLY1305_SHA256",
];

/** Tells a connection of a secret that it waits for. */
class Waiting {
  source: NodeCertificates;
  waiter: CertificateWaiter;

  constructor(source: NodeCertificates, waiter: CertificateWaiter) {
    this.source = source;
    this.waiter = waiter;
  }

  secretReady(id: string): void {
    const identity = this.source.secrets.identity(id);
    if (identity) this.waiter.certified(identity);
  }

  secretFailed(id: string, message: string): void {
    const error = this.source.secrets.held.get(id)?.error;
    this.waiter.uncertified(error ? this.source.words(error) : message);
  }
}

/** The certificates of a node's workloads, from whoever issues them (ztunnel: src/identity/manager.rs). */
export abstract class NodeCertificates implements CertificateSource, SecretsOwner {
  process: Process;
  trustDomain = "cluster.local";
  secrets: WorkloadSecrets;
  /** Set by who makes both. */
  ztunnel: Ztunnel | null = null;

  constructor(process: Process, node: string, issuer: Issuer) {
    this.process = process;
    this.secrets = new WorkloadSecrets(process.sim, node, issuer, this);
  }

  /** Why there is none. */
  abstract words(error: Status): string;

  /** What a certificate is kept under: an identity, and whose it is where each pod has its own. */
  key(id: string, _workload: string): string {
    return id;
  }

  request(id: string, waiter: CertificateWaiter, workload: string): void {
    const key = this.key(id, workload);
    const identity = this.secrets.identity(key);
    if (identity) waiter.certified(identity);
    else this.secrets.wait(key, new Waiting(this, waiter));
  }

  prefetch(id: string): void {
    this.secrets.ask(id);
  }

  forget(id: string): void {
    this.secrets.forget(id);
  }

  workloadGone(_workload: string): void {}

  states(): CertificateState[] {
    return [...this.secrets.held.values()].map(({ id, state, error, identity, roots }) => ({
      identity: spiffeOf(id),
      state:
        state === "unavailable"
          ? `Unavailable: ${error ? this.words(error) : ""}`
          : state === "available"
            ? "Available"
            : "Initializing",
      chain: identity?.chain ?? [],
      roots,
    }));
  }

  tlsConfig() {
    const { sim } = this.process;
    return {
      suites: SUITES,
      random: sim.rng("tls"),
      now: sim.epoch + Math.floor(sim.now / 1e6),
      anchors: this.secrets.roots(),
      signatures: this.secrets.signatures,
      alpn: ["h2"],
    };
  }

  fetched(id: string, _secret: Secret, _again: boolean): void {
    this.ztunnel?.log.write("debug", "identity::manager", "certificate fetch succeeded", [
      ["id", spiffeOf(id), "bare"],
    ]);
  }

  failed(id: string, error: Status, retry: number, retained: boolean): void {
    const why = this.words(error);
    const [level, text] = retained
      ? ([
          "info",
          `certificate renewal failed (${why}); retaining existing valid certificate`,
        ] as const)
      : ([
          "warn",
          `certificate fetch failed (${why}) and no valid existing certificate; will retry in ${rustDuration(retry)} (backoff capped at 150s)`,
        ] as const);
    this.ztunnel?.log.write(level, "identity::manager", text, [["id", spiffeOf(id), "bare"]]);
  }

  stop(): void {
    this.secrets.stop();
  }
}

/** From istiod, in each workload's own name. */
export class IstiodCertificates extends NodeCertificates {
  constructor(process: Process, node: string, keyLog: KeyLog) {
    const issuer = new CertificateClient({
      process,
      host: ISTIOD_HOST,
      port: SECURE_PORT,
      keyLog,
      signatures: new SignatureCache(),
      userAgent: USER_AGENT,
      tokens: new MountedToken(process),
      impersonate: true,
      words: "rust",
    });
    super(process, node, issuer);
  }

  /** tonic's word for what a call ended with. */
  words({ code, message }: Status): string {
    return `signing gRPC error (${STATUS_SENTENCES[code]}): ${message}`;
  }
}

import type { Status } from "../../grpc/status.ts";
import { STATUS_SENTENCES } from "../../grpc/status.ts";
import type { Process } from "../../host/process.ts";
import type { KeyLog } from "../../tls/config.ts";
import type { SuiteName } from "../../tls/suite.ts";
import { SignatureCache } from "../../tls/x509/verify.ts";
import { type Secret, type SecretsOwner, WorkloadSecrets } from "../identity/secrets.ts";
import { ISTIOD_HOST, SECURE_PORT } from "../istiod/istiod.ts";
import { ADDRESS, ADDRESS_TYPE, AUTHORIZATION, type Node } from "../istiod/messages.ts";
import type { Address, Authorization } from "../istiod/workload-messages.ts";
import { CertificateClient, MountedToken } from "../xds/certificates.ts";
import { rustDuration, XdsClient, type XdsOwner } from "../xds/client.ts";
import type { CertificateSource, CertificateState, CertificateWaiter } from "./certificates.ts";
import { authorizationOf, BadMessage, serviceOf, workloadOf } from "./messages.ts";
import type { Ztunnel } from "./ztunnel.ts";

const USER_AGENT = "ztunnel";

/** rustls's order with the crypto of aws-lc; TLS 1.3 alone (ztunnel: src/tls/lib.rs). */
const SUITES: readonly SuiteName[] = [
  "TLS_AES_256_GCM_SHA384",
  "TLS_AES_128_GCM_SHA256",
  "TLS_CHACHA20_POLY1305_SHA256",
];

/** tonic's word for what a call ended with. */
function signingError({ code, message }: Status): string {
  return `signing gRPC error (${STATUS_SENTENCES[code]}): ${message}`;
}

/** Tells a connection of a secret that it waits for. */
class Waiting {
  secrets: WorkloadSecrets;
  waiter: CertificateWaiter;

  constructor(secrets: WorkloadSecrets, waiter: CertificateWaiter) {
    this.secrets = secrets;
    this.waiter = waiter;
  }

  secretReady(id: string): void {
    const identity = this.secrets.identity(id);
    if (identity) this.waiter.certified(identity);
  }

  secretFailed(id: string, message: string): void {
    const error = this.secrets.held.get(id)?.error;
    this.waiter.uncertified(error ? signingError(error) : message);
  }
}

/** The certificates of a node's workloads, from istiod, in each workload's own name. */
export class IstiodCertificates implements CertificateSource, SecretsOwner {
  process: Process;
  trustDomain = "cluster.local";
  secrets: WorkloadSecrets;
  /** Set by who makes both. */
  ztunnel: Ztunnel | null = null;

  constructor(process: Process, node: string, keyLog: KeyLog) {
    this.process = process;
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
    this.secrets = new WorkloadSecrets(process.sim, node, issuer, this);
  }

  request(id: string, waiter: CertificateWaiter): void {
    const identity = this.secrets.identity(id);
    if (identity) waiter.certified(identity);
    else this.secrets.wait(id, new Waiting(this.secrets, waiter));
  }

  prefetch(id: string): void {
    this.secrets.ask(id);
  }

  forget(id: string): void {
    this.secrets.forget(id);
  }

  states(): CertificateState[] {
    return [...this.secrets.held.values()].map(({ id, state, error, identity, roots }) => ({
      identity: id,
      state:
        state === "unavailable"
          ? `Unavailable: ${error ? signingError(error) : ""}`
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
      ["id", id, "bare"],
    ]);
  }

  failed(id: string, error: Status, retry: number, retained: boolean): void {
    const why = signingError(error);
    const [level, text] = retained
      ? ([
          "info",
          `certificate renewal failed (${why}); retaining existing valid certificate`,
        ] as const)
      : ([
          "warn",
          `certificate fetch failed (${why}) and no valid existing certificate; will retry in ${rustDuration(retry)} (backoff capped at 150s)`,
        ] as const);
    this.ztunnel?.log.write(level, "identity::manager", text, [["id", id, "bare"]]);
  }

  stop(): void {
    this.secrets.stop();
  }
}

/** What istiod tells a ztunnel: who is in the mesh, and who may call whom. */
export class Discovery implements XdsOwner {
  ztunnel: Ztunnel;
  client: XdsClient;
  waiting: Set<string>;

  constructor(ztunnel: Ztunnel, process: Process, node: Node, keyLog: KeyLog) {
    this.ztunnel = ztunnel;
    const messages = [ADDRESS, AUTHORIZATION];
    this.client = new XdsClient(
      {
        process,
        host: ISTIOD_HOST,
        port: SECURE_PORT,
        keyLog,
        signatures: new SignatureCache(),
        userAgent: USER_AGENT,
        messages,
        node,
      },
      this,
    );
    this.waiting = new Set(this.client.expected);
    this.client.start();
  }

  added(type: string, _name: string, message: object): string | null {
    try {
      if (type === ADDRESS_TYPE) this.address(message as Address);
      else this.ztunnel.policyChanged(authorizationOf(message as Authorization));
      return null;
    } catch (error) {
      if (!(error instanceof BadMessage)) throw error;
      return error.message;
    }
  }

  address({ type }: Address): void {
    if (type.case === "workload") this.ztunnel.workloadChanged(workloadOf(type.value));
    else if (type.case === "service") this.ztunnel.serviceChanged(serviceOf(type.value));
    else throw new BadMessage("unknown address type");
  }

  removed(type: string, name: string): void {
    if (type === ADDRESS_TYPE) this.ztunnel.addressRemoved(name);
    else this.ztunnel.policyRemoved(name);
  }

  synced(type: string): void {
    this.waiting.delete(type);
    if (this.waiting.size === 0) this.ztunnel.complete("state manager");
  }

  xdsLog(level: "info" | "warn" | "error", span: string, text: string): void {
    this.ztunnel.log.write(level, `xds::client:${span}`, text);
  }

  stop(): void {
    this.client.stop();
  }
}

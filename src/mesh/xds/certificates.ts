import type { GrpcClientEvent } from "../../grpc/client.ts";
import type { Metadata } from "../../grpc/metadata.ts";
import type { Status } from "../../grpc/status.ts";
import type { Process } from "../../host/process.ts";
import { SEC } from "../../sim/sim.ts";
import type { ClientConfig } from "../../tls/config.ts";
import { certificatesFromPem } from "../../tls/x509/certificate.ts";
import type { Issued, Issuer, IssuerOwner } from "../identity/issuer.ts";
import { spiffeOf } from "../identity/secrets.ts";
import { CREATE_CERTIFICATE, type IstioCertificateResponse } from "../istiod/messages.ts";
import { CLUSTER_ID } from "../istiod/workloads.ts";
import { decode, encode } from "../proto/codec.ts";
import { type ChannelOwner, GrpcChannel } from "./channel.ts";
import { istiodTls, istioToken, type Upstream } from "./credentials.ts";
import { type ChannelFailure, goError, rustError } from "./failure.ts";

/** SECRET_TTL */
const TTL_SECONDS = 86_400;

/** Tokens that a client sends along: its own, or one for each workload (see `TokenSource`). */
export interface TokenSource {
  /** For the certificate of this secret; "" when there is none. */
  token(id: string): string;
}

/** The pod's own token, as it is mounted. */
export class MountedToken implements TokenSource {
  process: Process;

  constructor(process: Process) {
    this.process = process;
  }

  token(): string {
    return istioToken(this.process);
  }
}

export interface CertificateClientConfig extends Upstream {
  userAgent: string;
  tokens: TokenSource;
  /** Ask in the name of the workload (istio: ImpersonatedIdentity), not as whom the token says. */
  impersonate: boolean;
  /** Whose words say what is wrong with the connection. */
  words: "go" | "rust";
}

interface Pending {
  id: string;
  csr: string;
  owner: IssuerOwner;
}

/** Asks istiod for certificates (istio: ztunnel src/identity/caclient.rs; citadel/client.go). */
export class CertificateClient implements Issuer, ChannelOwner {
  config: CertificateClientConfig;
  channel: GrpcChannel;
  /** Until there is a connection. */
  waiting: Pending[] = [];
  calls = new Map<number, Pending>();
  answers = new Map<number, Uint8Array>();

  constructor(config: CertificateClientConfig) {
    this.config = config;
    const { process, host, port, userAgent } = config;
    this.channel = new GrpcChannel(
      { process, host, port, userAgent, connectTimeout: 5 * SEC },
      this,
    );
  }

  request(id: string, csr: string, owner: IssuerOwner): void {
    this.waiting.push({ id, csr, owner });
    if (this.channel.state === "ready") this.flush();
    else this.channel.connect();
  }

  flush(): void {
    for (const pending of this.waiting.splice(0)) {
      const { id, csr } = pending;
      const { impersonate, tokens } = this.config;
      const data = encode("istio.v1.auth.IstioCertificateRequest", {
        csr,
        validityDuration: BigInt(TTL_SECONDS),
        ...(impersonate && { metadata: { ImpersonatedIdentity: spiffeOf(id) } }),
      });
      const metadata: Metadata = [
        ["authorization", `Bearer ${tokens.token(id)}`],
        ["clusterid", CLUSTER_ID],
      ];
      const call = this.channel.unary(CREATE_CERTIFICATE, data, metadata, null);
      if (call) this.calls.set(call, pending);
      else this.answer(pending, { code: "UNAVAILABLE", message: "connection is closing" });
    }
  }

  tlsConfig(): ClientConfig {
    return istiodTls(this.config);
  }

  connected(): void {
    this.flush();
  }

  event(event: GrpcClientEvent): void {
    if (event.kind === "message") this.answers.set(event.call, event.data);
    if (event.kind !== "status") return;
    const pending = this.calls.get(event.call);
    const data = this.answers.get(event.call);
    this.calls.delete(event.call);
    this.answers.delete(event.call);
    if (!pending) return;
    if (event.status.code !== "OK") return this.answer(pending, event.status);
    const name = "istio.v1.auth.IstioCertificateResponse";
    const answer = data && decode<IstioCertificateResponse>(name, data);
    this.answer(pending, this.read(answer?.certChain ?? []));
  }

  /** The leaf first, the root last. */
  read(chain: readonly string[]): Issued | Status {
    const certificates = chain.flatMap((pem) => certificatesFromPem(pem));
    const root = certificates.pop();
    if (!root || certificates.length === 0)
      return { code: "INTERNAL", message: "invalid empty CertChain" };
    return { chain: certificates, roots: [root] };
  }

  answer(pending: Pending, answer: Issued | Status): void {
    pending.owner.issued(pending.id, answer);
  }

  disconnected(failure: ChannelFailure): void {
    // tonic knows no code for what its connector says.
    const status: Status =
      this.config.words === "rust"
        ? { code: "UNKNOWN", message: rustError(failure).message }
        : { code: "UNAVAILABLE", message: goError(failure) };
    for (const pending of this.waiting.splice(0)) this.answer(pending, status);
  }

  stop(): void {
    this.channel.stop();
    this.waiting = [];
    this.calls.clear();
  }
}

import type { Status } from "../../grpc/status.ts";
import type { Machine } from "../../host/machine.ts";
import type { Process } from "../../host/process.ts";
import type { Store } from "../../kube/store.ts";
import type { ServiceAccountTokens } from "../../kube/tokens.ts";
import { ownerOf } from "../../net/socket/owner.ts";
import { TcpSock } from "../../net/tcp/sock.ts";
import type { Wakeable } from "../../sim/sim.ts";
import type { Identity } from "../../tls/config.ts";
import { TlsServer } from "../../tls/server.ts";
import { certificateToPem } from "../../tls/x509/certificate.ts";
import { HttpServer } from "../http-server.ts";
import type { CertificateAuthority } from "../identity/authority.ts";
import { logLine, type Output } from "../log.ts";
import { GO_SUITES } from "../xds/credentials.ts";
import { authorizeNode, type Caller } from "./authenticate.ts";
import type { BuildInfo } from "./build.ts";
import { IstiodConnection } from "./connection.ts";
import { Discovery } from "./discovery.ts";
import type { IstioCertificateRequest, IstioCertificateResponse } from "./messages.ts";
import { HTTP_PORT, MONITORING_PORT, Monitoring } from "./monitoring.ts";
import { RootCertificates } from "./root-certs.ts";

/** The names that it serves by. */
export const ISTIOD_HOST = "istiod.istio-system.svc";
const DNS_NAMES = ["istio-pilot.istio-system.svc", "istiod-remote.istio-system.svc", ISTIOD_HOST];
export const SECURE_PORT = 15012;
export const PLAINTEXT_PORT = 15010;

/** A listening socket of istiod's. */
class Listener implements Wakeable {
  istiod: Istiod;
  sock: TcpSock;
  secure: boolean;

  constructor(istiod: Istiod, port: number, secure: boolean) {
    this.istiod = istiod;
    this.secure = secure;
    this.sock = new TcpSock(istiod.machine.netns, ownerOf(istiod.process));
    this.sock.reuseAddr = true;
    this.sock.bind(0, port);
    this.sock.listen(4096);
    this.sock.readable.add(this);
  }

  wake(): void {
    // Closing it wakes who waits for it.
    if (this.sock.closed) return;
    for (let sock = this.sock.accept(); sock; sock = this.sock.accept())
      this.istiod.accept(sock, this.secure);
    this.sock.readable.add(this);
  }
}

export interface IstiodConfig {
  machine: Machine;
  process: Process;
  store: Store;
  tokens: ServiceAccountTokens;
  authority: CertificateAuthority;
  output: Output;
  /** Of 2022, or of today: whether policies' statuses are written. */
  release: "2022" | "today";
  build: BuildInfo;
}

/** The control plane: certificates and configuration, as gRPC (istio: pilot/cmd/pilot-discovery). */
export class Istiod {
  machine: Machine;
  process: Process;
  store: Store;
  tokens: ServiceAccountTokens;
  authority: CertificateAuthority;
  output: Output;
  release: IstiodConfig["release"];
  build: BuildInfo;
  identity: Identity;
  discovery: Discovery;
  roots: RootCertificates;
  listeners: Listener[];
  servers: HttpServer[];
  connections = new Set<IstiodConnection>();

  constructor(config: IstiodConfig) {
    this.machine = config.machine;
    this.process = config.process;
    this.store = config.store;
    this.tokens = config.tokens;
    this.authority = config.authority;
    this.output = config.output;
    this.release = config.release;
    this.build = config.build;
    this.identity = this.authority.serverIdentity(DNS_NAMES, this.now);
    const { version, revision, golangVersion, status } = this.build;
    const identifier = JSON.stringify({
      Component: "istiod",
      ID: this.machine.hostname,
      Info: { version, revision, golang_version: golangVersion, status, tag: version },
    });
    const { trustDomain } = this.authority;
    const statuses = config.release === "today";
    this.discovery = new Discovery(this.store, trustDomain, this.output, identifier, statuses);
    this.roots = new RootCertificates(this.store, this.authority.rootPem);
    this.listeners = [
      new Listener(this, PLAINTEXT_PORT, false),
      new Listener(this, SECURE_PORT, true),
    ];
    const pages = new Monitoring(this);
    this.servers = [HTTP_PORT, MONITORING_PORT].map(
      (port) => new HttpServer(this.machine, this.process, 0, port, pages),
    );
    this.log("info", "", `Discover server subject alt names: [${DNS_NAMES.join(" ")}]`);
    this.log("info", "", `starting secure gRPC discovery service at [::]:${SECURE_PORT}`);
    this.log("info", "", `starting gRPC discovery service at [::]:${PLAINTEXT_PORT}`);
  }

  /** ms since 1970, by the virtual clock. */
  get now(): number {
    const { sim } = this.machine;
    return sim.epoch + Math.floor(sim.now / 1e6);
  }

  /** Everybody who is connected has, and has confirmed, what there is. */
  get idle(): boolean {
    const { synced, debounce, streams } = this.discovery;
    return synced && debounce === null && [...streams].every((stream) => stream.idle);
  }

  log(level: string, scope: string, text: string): void {
    this.output.write(logLine(this.machine.sim, level, scope, text));
  }

  accept(sock: TcpSock, secure: boolean): void {
    const tls = secure
      ? new TlsServer({
          random: this.machine.sim.rng("tls"),
          now: this.now,
          identity: this.identity,
          suites: GO_SUITES,
          clientCertificate: "request",
          anchors: [this.authority.root],
          alpn: ["h2"],
        })
      : null;
    this.connections.add(new IstiodConnection(this, sock, tls));
  }

  /** istio: security/pkg/server/ca/server.go, CreateCertificate */
  createCertificate(
    caller: Caller | null,
    request: IstioCertificateRequest,
    peer: string,
  ): IstioCertificateResponse | Status {
    const refused = (message: string): Status => ({ code: "UNAUTHENTICATED", message });
    if (!caller?.identities.length) return refused("request authenticate failure");
    let [identity = ""] = caller.identities;
    const impersonated = String(request.metadata?.ImpersonatedIdentity ?? "");
    if (impersonated) {
      const why = authorizeNode(this.store, caller, impersonated);
      if (why) {
        const text = `impersonation failed for identity ${impersonated}, error: ${why}`;
        this.log("warn", "serverca", `${text}\tclient=${peer}`);
        return refused("request impersonation authentication failure");
      }
      identity = impersonated;
    }
    const ttl = Number(request.validityDuration) * 1000;
    const signed = this.authority.sign(request.csr, identity, ttl, this.now);
    if ("code" in signed) {
      this.log("error", "serverca", `${signed.message}\tclient=${peer}`);
      return signed;
    }
    return { certChain: [signed, this.authority.root].map(certificateToPem) };
  }

  /** Its pod is going: whoever is connected is told to go elsewhere. */
  stop(): void {
    for (const { sock } of this.listeners) sock.close();
    for (const server of this.servers) server.stop();
    for (const { socket } of [...this.connections]) socket.close();
    this.discovery.stop();
    this.roots.stop();
  }
}

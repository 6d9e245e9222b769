import { type Status, statusTitle } from "../../grpc/status.ts";
import type { Machine } from "../../host/machine.ts";
import type { Process } from "../../host/process.ts";
import type { HttpRequest } from "../../http1/message.ts";
import type { ServiceAccountTokens } from "../../kube/tokens.ts";
import type { TcpSock } from "../../net/tcp/sock.ts";
import type { KeyLog } from "../../tls/config.ts";
import { SignatureCache } from "../../tls/x509/verify.ts";
import { type HttpAnswer, type HttpHandler, HttpServer, httpDate } from "../http-server.ts";
import { type Secret, type SecretsOwner, WorkloadSecrets } from "../identity/secrets.ts";
import { TOKEN_AUDIENCE } from "../istiod/authenticate.ts";
import { ISTIOD_HOST, SECURE_PORT } from "../istiod/istiod.ts";
import { type Any, LISTENER_TYPE } from "../istiod/messages.ts";
import { CLUSTER_ID } from "../istiod/workloads.ts";
import { goDuration, logLine, type Output } from "../log.ts";
import { CertificateClient, type TokenSource } from "../xds/certificates.ts";
import { EnvoyAds, type EnvoyOwner } from "../xds/envoy.ts";
import { answerAdmin } from "./admin.ts";
import { Ztunnel } from "./ztunnel.ts";

const LOOPBACK = 0x7f000001;
const ADMIN_PORT = 15000;
const HEALTH_PORT = 15021;
/** Of tokens, in s. */
const TOKEN_TTL = 43_200;

/** Told when the program is, or is no longer, ready to serve. */
export interface Readiness {
  readinessChanged(): void;
}

/** The pod that an agent runs in. */
export interface AgentPod {
  name: string;
  namespace: string;
  ip: string;
  node: string;
  serviceAccount: string;
  /** ISTIO_META_ISTIO_VERSION, which the image sets. */
  istioVersion: string;
}

export interface AgentConfig {
  machine: Machine;
  /** pilot-agent, and the Envoy that it has started. */
  process: Process;
  envoy: Process;
  pod: AgentPod;
  tokens: ServiceAccountTokens;
  /** Its own token, mounted: kept fresh while it runs. */
  token: { stop(): void };
  readiness: Readiness;
  output: Output;
  keyLog: KeyLog;
}

/**
 * Tokens of the workloads on the node, one for each certificate: the preview's agent asks the API
 * server for them with the kubelet's credentials (istio: CREDENTIAL_FETCHER_TYPE=TokenRequest).
 */
class WorkloadTokens implements TokenSource {
  tokens: ServiceAccountTokens;
  node: string;

  constructor(tokens: ServiceAccountTokens, node: string) {
    this.tokens = tokens;
    this.node = node;
  }

  token(id: string): string {
    const found = /^spiffe:\/\/[^/]+\/ns\/([^/]+)\/sa\/([^/~]+)~([^~]+)~([^~]+)$/.exec(id);
    const [, namespace = "", account = "", name = "", uid = ""] = found ?? [];
    const pod = { name, uid };
    const { tokens, node } = this;
    return tokens.request(node, namespace, account, pod, TOKEN_AUDIENCE, TOKEN_TTL) ?? "";
  }
}

/**
 * pilot-agent of the 2022 preview: it connects its Envoy with istiod, and gives it the secrets that
 * its configuration names (istio: pkg/istio-agent; security/pkg/nodeagent).
 */
export class Agent implements EnvoyOwner, SecretsOwner, HttpHandler {
  machine: Machine;
  pod: AgentPod;
  token: { stop(): void };
  readiness: Readiness;
  output: Output;
  secrets: WorkloadSecrets;
  ztunnel: Ztunnel;
  ads: EnvoyAds;
  servers: HttpServer[];
  /** Listeners have come, and wait for what they refer to. */
  warming = false;
  isReady = false;
  started: number;
  /** When each secret was last asked for, and what it is called in config_dump: when it came. */
  fetchedAt = new Map<string, number>();

  constructor(config: AgentConfig) {
    const { machine, process, envoy, pod, tokens, output, keyLog } = config;
    this.machine = machine;
    this.pod = pod;
    this.token = config.token;
    this.readiness = config.readiness;
    this.output = output;
    this.started = machine.sim.now;
    const signatures = new SignatureCache();
    const upstream = { process, host: ISTIOD_HOST, port: SECURE_PORT, keyLog, signatures };
    const issuer = new CertificateClient({
      ...upstream,
      userAgent: "grpc-go/1.49.0",
      tokens: new WorkloadTokens(tokens, pod.node),
      impersonate: false,
      words: "go",
    });
    this.secrets = new WorkloadSecrets(machine.sim, pod.node, issuer, this);
    const { secrets } = this;
    this.ztunnel = new Ztunnel({ machine, process: envoy, secrets, output, keyLog });
    this.agentLog(
      "info",
      "xdsproxy",
      `Initializing with upstream address "${ISTIOD_HOST}:${SECURE_PORT}" and cluster "${CLUSTER_ID}"`,
    );
    this.ads = new EnvoyAds({ ...upstream, node: this.node() }, this);
    this.servers = [
      new HttpServer(machine, envoy, LOOPBACK, ADMIN_PORT, this),
      new HttpServer(machine, envoy, 0, HEALTH_PORT, this),
    ];
    this.ads.start();
  }

  /** Who it says that it is (istio: pkg/bootstrap/config.go). */
  node(): { id: string; metadata: Record<string, unknown> } {
    const { name, namespace, ip, node, serviceAccount, istioVersion } = this.pod;
    return {
      id: `ztunnel~${ip}~${name}.${namespace}~${namespace}.svc.cluster.local`,
      metadata: {
        NAME: name,
        NAMESPACE: namespace,
        NODE_NAME: node,
        SERVICE_ACCOUNT: serviceAccount,
        INSTANCE_IPS: ip,
        CLUSTER_ID,
        GENERATOR: "ztunnel-envoy",
        ISTIO_VERSION: istioVersion,
      },
    };
  }

  agentLog(level: string, scope: string, text: string): void {
    this.output.write(logLine(this.machine.sim, level, scope, text));
  }

  endpointNames(): string[] {
    return this.ztunnel.config.endpointNames();
  }

  update(type: string, version: string, resources: readonly Any[]): string {
    const { ztunnel, secrets } = this;
    const error = ztunnel.config.update(type, version, resources, secrets.now);
    if (error) return error;
    const names = ztunnel.config.secretNames();
    for (const id of names)
      if (!secrets.held.has(id)) {
        this.fetchedAt.set(id, this.machine.sim.now);
        secrets.ask(id);
      }
    // Before the listeners have come nobody knows yet what is in use.
    if (type === LISTENER_TYPE) {
      for (const id of [...secrets.held.keys()]) if (!names.has(id)) secrets.forget(id);
      this.warming = true;
    }
    this.warm();
    return "";
  }

  /** Listeners are there once their secrets are (envoy: init manager). */
  warm(): void {
    const waits = [...this.secrets.held.values()].some(({ state }) => state === "initializing");
    if (!this.warming || waits) return;
    this.warming = false;
    this.ztunnel.bind();
    if (this.isReady) return;
    this.isReady = true;
    const took = goDuration(this.machine.sim.now - this.started);
    this.agentLog("info", "", `Readiness succeeded in ${took}`);
    this.agentLog("info", "", "Envoy proxy is ready");
    this.readiness.readinessChanged();
  }

  fetched(id: string, secret: Secret): void {
    const { now } = this.machine.sim;
    const latency = goDuration(now - (this.fetchedAt.get(id) ?? now));
    const left = ((secret.leaf?.notAfter ?? 0) - this.secrets.now) * 1e6;
    this.fetchedAt.set(id, now);
    this.agentLog(
      "info",
      "cache",
      `generated new workload certificate\tlatency=${latency} ttl=${goDuration(left)}`,
    );
    this.agentLog("info", "sds", `SDS: PUSH\tresource=${id}`);
    this.warm();
  }

  failed(id: string, { code, message }: Status): void {
    this.agentLog(
      "error",
      "cache",
      `resource:${id} failed to sign: create certificate: rpc error: code = ${statusTitle(code)} desc = ${message}`,
    );
    this.warm();
  }

  answer(request: HttpRequest, peer: TcpSock): HttpAnswer {
    const admin = peer.srcPort === ADMIN_PORT;
    const { status, type, body } = admin
      ? answerAdmin(this, request)
      : { status: this.health(request.target), type: "text/plain", body: "" };
    return {
      status,
      fields: [
        ["content-type", type],
        ["date", httpDate(this.machine.sim)],
        ["server", "envoy"],
      ],
      body,
    };
  }

  health(target: string): number {
    if (target.split("?")[0] !== "/healthz/ready") return 404;
    return this.isReady ? 200 : 503;
  }

  /** The pod is going. */
  stop(): void {
    for (const server of this.servers) server.stop();
    this.token.stop();
    this.ads.stop();
    this.ztunnel.stop();
    this.secrets.stop();
  }
}

import { fromUtf8 } from "../../base/text.ts";
import { GrpcServer, type GrpcServerEvent } from "../../grpc/server.ts";
import type { Status } from "../../grpc/status.ts";
import { Http2Connection } from "../../http2/connection.ts";
import type { Http2Event } from "../../http2/endpoint.ts";
import type { TcpSock } from "../../net/tcp/sock.ts";
import { SEC } from "../../sim/sim.ts";
import type { TlsServer } from "../../tls/server.ts";
import { type Certificate, uriNames } from "../../tls/x509/certificate.ts";
import { formatIpv4 } from "../../wire/address.ts";
import { Http2Socket, type Http2SocketOwner } from "../http2-socket.ts";
import { decode, encode } from "../proto/codec.ts";
import {
  ATTEST_AGENT,
  type AttestAgentRequest,
  BATCH_NEW_X509_SVID,
  type BatchNewX509SvidRequest,
  GET_AUTHORIZED_ENTRIES,
  GET_BUNDLE,
  parseSpiffeId,
  type SpiffeId,
  spiffeIdText,
} from "./messages.ts";
import { PSAT_AUDIENCE, type SpireServer } from "./server.ts";

const METHODS = [ATTEST_AGENT, GET_AUTHORIZED_ENTRIES, BATCH_NEW_X509_SVID, GET_BUNDLE];
/** grpc-go's own: a server asks after two hours of silence. */
const KEEPALIVE = { interval: 7200 * SEC, timeout: 20 * SEC, always: true };
/** google.golang.org/grpc/codes */
const NOT_FOUND = 5;

const OK: Status = { code: "OK", message: "" };

/** One agent's connection. */
export class SpireConnection implements Http2SocketOwner {
  server: SpireServer;
  tls: TlsServer;
  socket: Http2Socket;
  grpc: GrpcServer;
  methods = new Map<number, string>();

  constructor(server: SpireServer, sock: TcpSock, tls: TlsServer) {
    this.server = server;
    this.tls = tls;
    const http2 = new Http2Connection("server", { autoConsume: true });
    this.grpc = new GrpcServer(http2, METHODS);
    this.socket = new Http2Socket(sock, tls, http2, this, KEEPALIVE);
  }

  opened(): void {}

  event(_socket: Http2Socket, event: Http2Event): void {
    this.grpc.handle(event);
    for (const one of this.grpc.takeEvents()) this.handle(one);
  }

  handle(event: GrpcServerEvent): void {
    const { call } = event;
    if (event.kind === "call") this.methods.set(call, event.method.path);
    else if (event.kind === "message") this.answer(call, event.data);
    else {
      this.methods.delete(call);
      if (event.kind === "half-close") this.finish(call, OK);
    }
  }

  /** The agent that the connection's certificate names, when it has proved itself here. */
  get agent(): SpiffeId | null {
    const [leaf] = this.tls.peerCertificates;
    if (!leaf || this.tls.verification?.error !== null) return null;
    const [id = ""] = uriNames(leaf);
    return this.server.attested.has(id) ? parseSpiffeId(id) : null;
  }

  answer(call: number, data: Uint8Array): void {
    const method = this.methods.get(call);
    if (method === ATTEST_AGENT.path) return this.attest(call, data);
    if (method === GET_BUNDLE.path) return this.bundle(call);
    const { agent } = this;
    if (!agent)
      return this.finish(call, { code: "PERMISSION_DENIED", message: "agent is not attested" });
    if (method === GET_AUTHORIZED_ENTRIES.path) this.entries(call, agent);
    else this.svids(call, agent, data);
  }

  /** spire: pkg/server/plugin/nodeattestor/k8spsat: the token says on which node the agent's pod runs. */
  attest(call: number, data: Uint8Array): void {
    const name = "spire.api.server.agent.v1.AttestAgentRequest";
    const request = decode<AttestAgentRequest>(name, data);
    const step = request?.step.case === "params" ? request.step.value : null;
    const { server } = this;
    const refuse = (message: string): void => {
      server.log.write("error", "Agent attestation request failed", [
        ["address", this.peer],
        ["error", message],
        ["node_attestor_type", "k8s_psat"],
        ["subsystem_name", "api"],
      ]);
      this.finish(call, { code: "PERMISSION_DENIED", message });
    };
    if (step?.data?.type !== "k8s_psat")
      return refuse("nodeattestor(k8s_psat): missing attestation payload");
    const proof = jsonObject(fromUtf8(step.data.payload));
    if (!proof) return refuse("nodeattestor(k8s_psat): failed to decode data payload");
    const { cluster = "", token = "" } = proof;
    const { config } = server;
    if (cluster !== config.cluster)
      return refuse(`nodeattestor(k8s_psat): not configured for cluster "${cluster}"`);
    const { user, error } = config.tokens.review(token, [PSAT_AUDIENCE]);
    if (!user)
      return refuse(
        `nodeattestor(k8s_psat): unable to validate token with TokenReview API: ${error}`,
      );
    const account = `${user.namespace}:${user.serviceAccount}`;
    if (!config.agents.includes(account))
      return refuse(`nodeattestor(k8s_psat): "${account}" is not an allowed service account`);
    const pod = config.store.get("Pod", user.pod.name, user.namespace);
    const node = config.store.get("Node", pod?.spec.nodeName ?? "");
    if (!node) return refuse("nodeattestor(k8s_psat): fail to get node from k8s API server");
    const id = {
      trustDomain: config.trustDomain,
      path: `/spire/agent/k8s_psat/${cluster}/${node.metadata.uid}`,
    };
    const text = spiffeIdText(id);
    const svid = server.authority.sign(step.params?.csr ?? new Uint8Array(0), text, 0, server.now);
    if (!svid) return refuse("failed to parse CSR");
    server.attested.add(text);
    server.log.write("info", "Agent attestation request completed", [
      ["address", this.peer],
      ["agent_id", text],
      ["node_attestor_type", "k8s_psat"],
      ["subsystem_name", "api"],
    ]);
    this.send(call, "spire.api.server.agent.v1.AttestAgentResponse", {
      step: { case: "result", value: { svid: svidOf(id, svid), reattestable: true } },
    });
  }

  entries(call: number, agent: SpiffeId): void {
    this.send(call, "spire.api.server.entry.v1.GetAuthorizedEntriesResponse", {
      entries: this.server.authorized(agent),
    });
  }

  svids(call: number, agent: SpiffeId, data: Uint8Array): void {
    const name = "spire.api.server.svid.v1.BatchNewX509SVIDRequest";
    const request = decode<BatchNewX509SvidRequest>(name, data);
    const { server } = this;
    const entries = server.authorized(agent);
    const results = (request?.params ?? []).map(({ entryId, csr }) => {
      const entry = entries.find((one) => one.id === entryId);
      const id = entry && spiffeIdText(entry.spiffeId);
      const svid = id && server.authority.sign(csr, id, entry.x509SvidTtl, server.now);
      return svid
        ? { status: { code: 0, message: "OK" }, svid: svidOf(entry.spiffeId, svid) }
        : { status: { code: NOT_FOUND, message: "entry not found or not authorized" } };
    });
    this.send(call, "spire.api.server.svid.v1.BatchNewX509SVIDResponse", { results });
  }

  bundle(call: number): void {
    const { authority, config } = this.server;
    this.send(call, "spire.api.types.Bundle", {
      trustDomain: config.trustDomain,
      x509Authorities: authority.bundle.map(({ der }) => ({ asn1: der })),
    });
  }

  get peer(): string {
    const { dst, dstPort } = this.socket.sock;
    return `${formatIpv4(dst)}:${dstPort}`;
  }

  send(call: number, name: string, fields: object): void {
    this.grpc.send(call, encode(name, fields));
    this.finish(call, OK);
  }

  finish(call: number, status: Status): void {
    this.methods.delete(call);
    this.grpc.finish(call, status);
    this.socket.flush();
  }

  over(): void {
    this.grpc.lost();
    this.grpc.takeEvents();
    this.methods.clear();
    this.server.connections.delete(this);
  }
}

function jsonObject(text: string): { cluster?: string; token?: string } | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : null;
  } catch {
    // The language's only way to say that a text is no JSON.
    return null;
  }
}

function svidOf(id: SpiffeId, certificate: Certificate): object {
  return {
    id,
    certChain: [certificate.der],
    expiresAt: BigInt(Math.floor(certificate.notAfter / 1000)),
  };
}

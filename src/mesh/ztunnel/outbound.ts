import { hex } from "../../base/text.ts";
import type { Field } from "../../http2/hpack.ts";
import { originalDst } from "../../net/nat/original-dst.ts";
import type { TcpSock } from "../../net/tcp/sock.ts";
import { SEC, type Timer, type Wakeable } from "../../sim/sim.ts";
import type { Duplex } from "../duplex.ts";
import type { HboneStream } from "../hbone/stream.ts";
import { join, Relay } from "../relay.ts";
import { Dial, type DialOwner } from "./dial.ts";
import { type ProxyError, SELF_CALL } from "./error.ts";
import type { StreamWaiter } from "./pool.ts";
import { HBONE_PORT, ILLEGAL_PORTS, type PodProxy } from "./proxy.ts";
import { buildRequest, type OutboundRequest } from "./request.ts";
import { ConnectionResult, type Endpoint, formatEndpoint, logEarlyDeny } from "./result.ts";
import { identityOf, type Workload } from "./state.ts";

/** How long the control plane may take to tell us about our own workload. */
const WORKLOAD_PATIENCE = 5 * SEC;

/** The `baggage` field of a CONNECT: who the source is (ztunnel: src/baggage.rs). */
function baggage(w: Workload): string {
  const parts: [string, string][] = [
    ["k8s.cluster.name", w.clusterId],
    ["k8s.namespace.name", w.namespace],
    [`k8s.${w.workloadType}.name`, w.workloadName],
    ["service.name", w.canonicalName],
    ["service.version", w.canonicalRevision],
  ];
  return parts
    .filter(([, value]) => value)
    .map(([name, value]) => `${name}=${value}`)
    .join(",");
}

/** What a status code of HTTP is called (RFC 9110 §15). */
const STATUS: Readonly<Record<string, string>> = {
  "400": "400 Bad Request",
  "401": "401 Unauthorized",
  "503": "503 Service Unavailable",
};

/** A connection that an application opened (ztunnel: src/proxy/outbound.rs, OutboundConnection). */
export class OutboundConnection implements Wakeable, StreamWaiter, DialOwner {
  proxy: PodProxy;
  accepted: TcpSock;
  started: number;
  src: Endpoint;
  /** Where the application wanted to go. */
  dst: Endpoint;
  state: "workload" | "connect" | "answer" | "relay" | "done" = "workload";
  patience: Timer | null = null;
  request: OutboundRequest | null = null;
  result: ConnectionResult | null = null;
  dial: Dial | null = null;
  upstream: Duplex | null = null;
  relay: Relay | null = null;

  constructor(proxy: PodProxy, accepted: TcpSock) {
    this.proxy = proxy;
    this.accepted = accepted;
    this.started = proxy.sim.now;
    this.src = { address: accepted.dst, port: accepted.dstPort };
    this.dst = originalDst(accepted.ns, accepted) ?? {
      address: accepted.src,
      port: accepted.srcPort,
    };
  }

  start(): void {
    const isLoopback = this.dst.address >>> 24 === 127;
    if (isLoopback && ILLEGAL_PORTS.includes(this.dst.port)) return this.deny(SELF_CALL.text);
    this.findWorkload();
  }

  findWorkload(): void {
    const { proxy } = this;
    const source = proxy.workload;
    if (source) return this.decide(source);
    this.patience ??= proxy.sim.after(WORKLOAD_PATIENCE, this, "unknown");
    proxy.ztunnel.changed.add(this);
  }

  decide(source: Workload): void {
    const { proxy, src, dst } = this;
    this.patience?.cancel();
    const { state, chance } = proxy.ztunnel;
    const request = buildRequest(state, source, src.address, dst, HBONE_PORT, chance);
    if ("error" in request) return this.deny(request.error);
    this.request = request;
    const isTunnel = request.protocol === "HBONE";
    const open = {
      reporter: "source" as const,
      src,
      dst: { address: request.address, port: request.port },
      hboneAddress: request.authority,
      source,
      // We are going to prove it.
      sourceIdentity: isTunnel ? identityOf(source) : null,
      destination: request.workload,
      service: request.service,
      mutualTls: isTunnel,
    };
    this.result = new ConnectionResult(proxy.ztunnel, open, this.started);
    this.state = "connect";
    if (isTunnel) this.tunnel(request);
    else this.dial = new Dial(proxy.ns, proxy.owner, null, open.dst, this);
  }

  tunnel(request: OutboundRequest): void {
    const { proxy, src } = this;
    const forwarded = `for="${formatEndpoint(src)}"`;
    const host = request.service ? `;host=${request.service.hostname}` : "";
    const { chance } = proxy.ztunnel;
    const random = (digits: number): string => {
      let text = "";
      while (text.length < digits) text += hex(chance.u32(), 8);
      return text;
    };
    const fields: Field[] = [
      [":method", "CONNECT"],
      [":authority", request.authority],
      ["baggage", baggage(request.source)],
      ["forwarded", forwarded + host],
      ["traceparent", `00-${random(32)}-${random(16)}-00`],
    ];
    const key = {
      source: identityOf(request.source),
      from: src.address,
      sans: request.sans,
      to: { address: request.address, port: request.port },
    };
    proxy.pool.request(key, fields, this);
  }

  /** Our CONNECT is on its way. */
  opened(stream: HboneStream): void {
    if (this.state === "done") return stream.close();
    this.upstream = stream;
    this.state = "answer";
    join(this.accepted, stream.tunnel.sock, stream.id);
    stream.readable.add(this);
  }

  failed(error: ProxyError): void {
    this.end(error);
  }

  connected(sock: TcpSock): void {
    this.upstream = sock;
    join(this.accepted, sock);
    this.relayTo(sock);
  }

  dialFailed(error: string): void {
    this.end({ text: `io error: ${error}`, flag: "CONNECT" });
  }

  wake(reason: string): void {
    if (reason === "relay ended") return this.end(null);
    if (this.state === "workload") {
      if (reason !== "unknown") return this.findWorkload();
      const { name, namespace, serviceAccount } = this.proxy.info;
      const what = `${serviceAccount}.${namespace} (${name})`;
      return this.deny(`failed to fetch information about local workload: ${what}`);
    }
    if (this.state === "answer") this.answered();
  }

  answered(): void {
    const stream = this.upstream as HboneStream;
    if (stream.answer === null) {
      if (stream.isBroken)
        return this.end({
          text: "h2 failed: stream closed because of a broken pipe",
          flag: "H2_HANDSHAKE_FAILURE",
        });
      stream.readable.add(this);
      return;
    }
    const status = stream.answer.find(([name]) => name === ":status")?.[1] ?? "";
    if (status === "200") return this.relayTo(stream);
    this.end({ text: `http status: ${STATUS[status] ?? status}`, flag: "CONNECT" });
  }

  relayTo(upstream: Duplex): void {
    this.state = "relay";
    this.relay = new Relay(this.proxy.sim, this.accepted, upstream, this);
    this.relay.wake();
  }

  /** Bytes so far, for who asks the metrics. */
  count(): void {
    if (this.relay) this.result?.count(this.relay.up.bytes, this.relay.down.bytes);
  }

  /** It is not even known whose it would be. */
  deny(error: string): void {
    logEarlyDeny(this.proxy.ztunnel.log, this.src, this.dst, "source", error);
    this.end(null);
  }

  end(error: ProxyError | null): void {
    if (this.state === "done") return;
    this.state = "done";
    this.patience?.cancel();
    this.dial?.cancel();
    this.accepted.close();
    this.upstream?.close();
    this.count();
    this.result?.record(error);
    this.proxy.outbound.delete(this);
    this.proxy.closed("source");
  }

  /** The proxy goes: what is under way is cut. */
  cut(): void {
    this.end({ text: "connection closed due to connection drain", flag: "CONNECT" });
  }
}

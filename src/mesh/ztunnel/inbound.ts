import type { Field } from "../../http2/hpack.ts";
import type { TcpSock } from "../../net/tcp/sock.ts";
import type { Wakeable } from "../../sim/sim.ts";
import { uriNames } from "../../tls/x509/certificate.ts";
import { formatIpv4, parseIpv4 } from "../../wire/address.ts";
import type { Duplex } from "../duplex.ts";
import { HboneStream } from "../hbone/stream.ts";
import { join, Relay } from "../relay.ts";
import { Dial, type DialOwner } from "./dial.ts";
import { POLICY_CHANGE, type ProxyError, policyRejection, SELF_CALL } from "./error.ts";
import { ILLEGAL_PORTS, type PodProxy } from "./proxy.ts";
import { assertRbac, type RbacConnection } from "./rbac.ts";
import { ConnectionResult, type Endpoint, formatEndpoint, logEarlyDeny } from "./result.ts";
import type { Service, Workload } from "./state.ts";

/** The service that a connection was meant for, as far as that can be known (ztunnel: guess_inbound_service). */
function guessService(
  services: readonly Service[],
  forHost: string | null,
  port: number,
  workload: Workload,
): Service | null {
  const named = services.find((service) => service.hostname === forHost);
  if (named) return named;
  const serves = (service: Service): boolean =>
    [...service.ports].some(
      ([from, to]) => to === port || service.endpoints.get(workload.uid)?.port.get(from) === port,
    );
  return services.find(serves) ?? null;
}

/** `host=` of the `forwarded` field. */
function forwardedHost(fields: readonly Field[]): string | null {
  const value = fields.find(([name]) => name === "forwarded")?.[1] ?? "";
  return /(?:^|;)host=([^;]+)/.exec(value)?.[1] ?? null;
}

/**
 * A connection for the application of our pod: a stream of a tunnel (ztunnel: src/proxy/inbound.rs), or
 * plain text (src/proxy/inbound_passthrough.rs). Policies are asked before it is let in, and again
 * whenever they change.
 */
export class InboundConnection implements Wakeable, DialOwner {
  proxy: PodProxy;
  /** The tunnel's connection, or the client's own. */
  accepted: TcpSock;
  downstream: Duplex;
  fields: readonly Field[];
  started: number;
  src: Endpoint;
  /** As it came: with the tunnel's port, or the one that was meant. */
  dst: Endpoint;
  rbac: RbacConnection;
  /** What the client said it calls; null in plain text. */
  forHost: string | null = null;
  state: "start" | "connect" | "relay" | "done" = "start";
  result: ConnectionResult | null = null;
  dial: Dial | null = null;
  upstream: TcpSock | null = null;
  relay: Relay | null = null;

  constructor(
    proxy: PodProxy,
    accepted: TcpSock,
    downstream: Duplex,
    dst: Endpoint,
    fields: readonly Field[] = [],
  ) {
    this.proxy = proxy;
    this.accepted = accepted;
    this.downstream = downstream;
    this.fields = fields;
    this.started = proxy.sim.now;
    this.src = { address: accepted.dst, port: accepted.dstPort };
    this.dst = dst;
    const { address, port } = this.src;
    const identity = this.stream ? peerIdentity(this.stream) : null;
    this.rbac = { src: address, srcPort: port, dst: dst.address, dstPort: dst.port, identity };
  }

  get stream(): HboneStream | null {
    return this.downstream instanceof HboneStream ? this.downstream : null;
  }

  start(): void {
    const workload = this.proxy.workload;
    if (!workload) {
      const { name, namespace, serviceAccount } = this.proxy.info;
      const what = `${serviceAccount}.${namespace} (${name})`;
      return this.deny("503", `failed to fetch information about local workload: ${what}`);
    }
    if (!this.stream) {
      if (ILLEGAL_PORTS.includes(this.dst.port)) return this.deny("", SELF_CALL.text);
      return this.admit(workload, "");
    }
    const of = (name: string): string => this.fields.find(([n]) => n === name)?.[1] ?? "";
    const method = of(":method");
    if (method !== "CONNECT") return this.deny("400", `expected method CONNECT, got ${method}`);
    const authority = of(":authority");
    this.forHost = forwardedHost(this.fields);
    const target = this.resolve(authority, workload);
    if ("error" in target) return this.deny(target.status, target.error);
    this.rbac.dstPort = target.port;
    this.admit(workload, authority);
  }

  /** The port of the application that an `:authority` means, or why it means none. */
  resolve(authority: string, workload: Workload): { port: number } | Refusal {
    const [, host = "", text = ""] = /^(.+):(\d{1,5})$/.exec(authority) ?? [];
    let port = Number(text);
    if (!host || port === 0 || port > 65535)
      return { status: "400", error: `invalid CONNECT address ${authority}` };
    const address = parseIpv4(host);
    if (address === null) {
      const service = this.proxy.ztunnel.state.serviceByHostname(host, workload.namespace);
      if (!service) return { status: "503", error: `no service or workload for hostname: ${host}` };
      const target = service.endpoints.get(workload.uid)?.port.get(port) || service.ports.get(port);
      if (!target)
        return {
          status: "503",
          error: `requested service ${host}:${port} found, but cannot resolve port`,
        };
      port = target;
    } else if (address !== this.dst.address) {
      const here = formatIpv4(this.dst.address);
      return { status: "400", error: `ip mismatch: ${here} != ${host}` };
    }
    if (ILLEGAL_PORTS.includes(port)) return { status: "503", error: SELF_CALL.text };
    return { port };
  }

  /** Enough is known to write about it; now the policies. */
  admit(workload: Workload, authority: string): void {
    const { proxy, src, dst, rbac } = this;
    const { state } = proxy.ztunnel;
    const services = state.servicesOf(workload);
    const open = {
      reporter: "destination" as const,
      src,
      dst,
      hboneAddress: authority,
      source: state.byAddress.get(src.address) ?? null,
      sourceIdentity: rbac.identity,
      destination: workload,
      service: guessService(services, this.forHost, rbac.dstPort, workload),
      mutualTls: this.stream !== null,
    };
    this.result = new ConnectionResult(proxy.ztunnel, open, this.started);
    this.state = "connect";
    const why = assertRbac(state, rbac, workload);
    if (why !== null) return this.refuse("401", policyRejection(why));
    const to = { address: dst.address, port: rbac.dstPort };
    this.dial = new Dial(proxy.ns, proxy.owner, src.address, to, this);
  }

  dialFailed(error: string): void {
    this.refuse("503", { text: `connection failed: ${error}`, flag: "CONNECT" });
  }

  connected(sock: TcpSock): void {
    this.upstream = sock;
    const { stream } = this;
    join(this.accepted, sock, stream?.id ?? 0);
    stream?.respond([[":status", "200"]], false);
    this.state = "relay";
    this.relay = new Relay(this.proxy.sim, this.downstream, sock, this);
    this.relay.wake();
  }

  wake(reason: string): void {
    if (reason === "relay ended") this.end(null);
  }

  /** Asked again, because policies have changed. */
  recheck(): void {
    const workload = this.proxy.workload;
    if (this.state === "done" || this.state === "start" || !workload) return;
    if (assertRbac(this.proxy.ztunnel.state, this.rbac, workload) === null) return;
    const who = `${formatEndpoint(this.src)}(${this.rbac.identity ?? "None"})`;
    const what = `${who}->${formatEndpoint({ address: this.rbac.dst, port: this.rbac.dstPort })} (${workload.uid})`;
    this.end(POLICY_CHANGE);
    this.proxy.log(
      "info",
      "proxy::connection_manager",
      `connection ${what} closed because it's no longer allowed after a policy update`,
    );
  }

  deny(status: string, error: string): void {
    logEarlyDeny(this.proxy.ztunnel.log, this.src, this.dst, "destination", error);
    if (status) this.stream?.respond([[":status", status]], true);
    this.end(null);
  }

  refuse(status: string, error: ProxyError): void {
    this.stream?.respond([[":status", status]], true);
    this.end(error);
  }

  count(): void {
    if (this.relay) this.result?.count(this.relay.up.bytes, this.relay.down.bytes);
  }

  end(error: ProxyError | null): void {
    if (this.state === "done") return;
    this.state = "done";
    this.dial?.cancel();
    this.downstream.close();
    this.upstream?.close();
    this.count();
    this.result?.record(error);
    this.proxy.inbound.delete(this);
    if (!this.stream) this.proxy.closed("destination");
  }

  cut(): void {
    this.end({ text: "connection closed due to connection drain", flag: "CONNECT" });
  }
}

interface Refusal {
  status: string;
  error: string;
}

/** The SPIFFE identity of the certificate at the other end of the tunnel. */
function peerIdentity(stream: HboneStream): string | null {
  const [leaf] = stream.tunnel.tls.peerCertificates;
  return leaf ? (uriNames(leaf)[0] ?? null) : null;
}

import type { Machine } from "../../host/machine.ts";
import type { Process } from "../../host/process.ts";
import type { Field } from "../../http2/hpack.ts";
import { ownerOf } from "../../net/socket/owner.ts";
import { TcpSock } from "../../net/tcp/sock.ts";
import type { Wakeable } from "../../sim/sim.ts";
import type { KeyLog, TlsConfig } from "../../tls/config.ts";
import { TlsServer } from "../../tls/server.ts";
import type { SuiteName } from "../../tls/suite.ts";
import { parseIpv4 } from "../../wire/address.ts";
import type { HboneStream } from "../hbone/stream.ts";
import { HboneTunnel, type TunnelOwner } from "../hbone/tunnel.ts";
import type { SecretWaiter, WorkloadSecrets } from "../identity/secrets.ts";
import type { Output } from "../log.ts";
import { EnvoyConfig } from "./config.ts";
import { decide, decideInbound, type InboundChain, inboundChain } from "./decide.ts";
import { InboundTunnel, tupleOf } from "./inbound.ts";
import { ENVOY, TunnelPool } from "./pool.ts";
import type { Listener as ListenerResource } from "./resources.ts";
import { Session } from "./session.ts";

/** Envoy's order, where the processor has AES (BoringSSL). */
const SUITES: readonly SuiteName[] = [
  "TLS_AES_128_GCM_SHA256",
  "TLS_AES_256_GCM_SHA384",
  "TLS_CHACHA20_POLY1305_SHA256",
];

/** linux: include/uapi/asm-generic/socket.h: SOL_SOCKET, SO_MARK */
const SOL_SOCKET = "1";
const SO_MARK = "36";

/** A listener that is configured: transparent ones accept what TPROXY gives them. */
class Listener implements Wakeable {
  proxy: Ztunnel;
  name: string;
  sock: TcpSock;

  constructor(proxy: Ztunnel, name: string, resource: ListenerResource) {
    this.proxy = proxy;
    this.name = name;
    const { address = "", port_value = 0 } = resource.address?.socket_address ?? {};
    const sock = new TcpSock(proxy.machine.netns, ownerOf(proxy.process));
    sock.reuseAddr = true;
    sock.transparent = resource.transparent ?? false;
    const mark = resource.socket_options?.find(
      (option) => option.level === SOL_SOCKET && option.name === SO_MARK,
    );
    if (mark) sock.mark = Number(mark.int_value ?? 0);
    sock.bind(parseIpv4(address) ?? 0, port_value);
    sock.listen(4096);
    this.sock = sock;
    sock.readable.add(this);
  }

  wake(): void {
    // Closing it wakes who waits for it.
    if (this.sock.closed) return;
    for (let sock = this.sock.accept(); sock; sock = this.sock.accept())
      this.proxy.accept(this.name, sock);
    this.sock.readable.add(this);
  }
}

/** A connection to the tunnels' port, while its certificate is not there yet. */
class Incoming implements SecretWaiter {
  proxy: Ztunnel;
  listener: string;
  sock: TcpSock;
  chain: InboundChain;

  constructor(proxy: Ztunnel, listener: string, sock: TcpSock, chain: InboundChain) {
    this.proxy = proxy;
    this.listener = listener;
    this.sock = sock;
    this.chain = chain;
  }

  secretReady(): void {
    this.proxy.openTunnel(this.listener, this.sock, this.chain);
  }

  secretFailed(): void {
    this.sock.close();
  }
}

export interface ZtunnelConfig {
  machine: Machine;
  process: Process;
  secrets: WorkloadSecrets;
  output: Output;
  keyLog: KeyLog;
}

/** The ztunnel of the 2022 preview: an Envoy, one pod a node, that does what it is configured to. */
export class Ztunnel implements TunnelOwner {
  machine: Machine;
  process: Process;
  secrets: WorkloadSecrets;
  output: Output;
  keyLog: KeyLog;
  config = new EnvoyConfig();
  listeners = new Map<string, Listener>();
  pool: TunnelPool;
  /** Those that others have opened to us. */
  tunnels = new Map<HboneTunnel, InboundTunnel>();
  sessions = new Set<Session>();

  constructor(config: ZtunnelConfig) {
    this.machine = config.machine;
    this.process = config.process;
    this.secrets = config.secrets;
    this.output = config.output;
    this.keyLog = config.keyLog;
    this.pool = new TunnelPool(this);
  }

  /** Sockets as the listeners' configuration wants them; connections that there are go on. */
  bind(): void {
    for (const [name, listener] of this.listeners)
      if (!this.config.listeners.has(name)) {
        listener.sock.close();
        this.listeners.delete(name);
      }
    for (const [name, { resource }] of this.config.listeners)
      if (resource.address && !this.listeners.has(name))
        this.listeners.set(name, new Listener(this, name, resource));
    for (const inbound of this.tunnels.values()) inbound.review();
  }

  /** What both sides of every tunnel go by: TLS 1.3, HTTP/2, the mesh's root. */
  tlsConfig(): TlsConfig {
    const { secrets } = this;
    return {
      random: this.machine.sim.rng("tls"),
      now: secrets.now,
      anchors: secrets.roots(),
      alpn: ["h2"],
      suites: SUITES,
      signatures: secrets.signatures,
    };
  }

  begin(session: Session): void {
    this.sessions.add(session);
    session.start();
  }

  accept(name: string, sock: TcpSock): void {
    const resource = this.config.listeners.get(name)?.resource;
    if (!resource) return sock.close();
    const tuple = tupleOf(sock);
    const chain = inboundChain(resource, tuple);
    if (chain) return this.secrets.wait(chain.secret, new Incoming(this, name, sock, chain));
    const role = /inbound/.test(name) ? "plaintext" : "outbound";
    this.begin(new Session(this, role, sock, sock, decide(this.config, resource, tuple)));
  }

  openTunnel(listener: string, sock: TcpSock, chain: InboundChain): void {
    const identity = this.secrets.identity(chain.secret);
    if (!identity) return sock.close();
    const tls = new TlsServer({
      ...this.tlsConfig(),
      identity,
      clientCertificate: chain.clientCertificate,
      ...(chain.trustDomain && { expected: { trustDomain: chain.trustDomain } }),
    });
    const tunnel = new HboneTunnel(sock, tls, this, ENVOY);
    this.tunnels.set(tunnel, new InboundTunnel(this, tunnel, chain, listener));
  }

  ready(): void {}

  /** A stream of a tunnel: only CONNECT has a route here. */
  requested(stream: HboneStream, fields: readonly Field[]): void {
    const of = (name: string): string => fields.find(([n]) => n === name)?.[1] ?? "";
    const inbound = this.tunnels.get(stream.tunnel);
    if (!inbound?.admit()) return;
    if (of(":method") !== "CONNECT")
      return stream.respond([[":status", "404"], ...this.responseFields()], true);
    inbound.taken();
    const { sock } = stream.tunnel;
    const header = of("x-envoy-original-dst-host");
    const decision = decideInbound(this.config, inbound.chain.manager, header, tupleOf(sock));
    this.begin(new Session(this, "inbound", sock, stream, decision, of(":authority")));
  }

  over(tunnel: HboneTunnel): void {
    this.tunnels.delete(tunnel);
  }

  /** What Envoy adds to every answer. */
  responseFields(): Field[] {
    return [
      ["date", new Date(this.secrets.now).toUTCString()],
      ["server", "envoy"],
    ];
  }

  log(text: string): void {
    this.output.write(text);
  }

  /** The pod is going: everything is closed. */
  stop(): void {
    for (const { sock } of this.listeners.values()) sock.close();
    for (const session of [...this.sessions]) session.end();
    this.pool.stop();
    for (const tunnel of [...this.tunnels.keys()]) tunnel.close();
  }
}

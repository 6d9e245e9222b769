import type { Machine } from "../../host/machine.ts";
import type { Process } from "../../host/process.ts";
import type { Field } from "../../http2/hpack.ts";
import type { ContainerLog } from "../../kube/log.ts";
import { originalDst } from "../../net/nat/original-dst.ts";
import { ownerOf } from "../../net/socket/owner.ts";
import { TcpSock } from "../../net/tcp/sock.ts";
import type { Wakeable } from "../../sim/sim.ts";
import type { KeyLog, TlsConfig } from "../../tls/config.ts";
import { TlsServer } from "../../tls/server.ts";
import type { SuiteName } from "../../tls/suite.ts";
import type { HboneStream } from "../hbone/stream.ts";
import { HboneTunnel, type TunnelOwner } from "../hbone/tunnel.ts";
import type { WorkloadSecrets } from "../identity/secrets.ts";
import { INBOUND_PORT, OUTBOUND_PORT, PLAINTEXT_PORT } from "./decide.ts";
import type { Directory } from "./directory.ts";
import { ENVOY, TunnelPool } from "./pool.ts";
import { type Role, Session } from "./session.ts";

/** SO_MARK of listeners: replies to who was captured go back through the tunnel that they came by. */
const MARK_OUTBOUND = 0x401;
const MARK_INBOUND = 0x402;

/** Envoy's order, where the processor has AES (BoringSSL). */
const SUITES: readonly SuiteName[] = [
  "TLS_AES_128_GCM_SHA256",
  "TLS_AES_256_GCM_SHA384",
  "TLS_CHACHA20_POLY1305_SHA256",
];

/** A listener: transparent, so it accepts what TPROXY gives it. */
class Listener implements Wakeable {
  proxy: Ztunnel;
  role: Role;
  sock: TcpSock;

  constructor(proxy: Ztunnel, role: Role, port: number, mark: number) {
    this.proxy = proxy;
    this.role = role;
    const sock = new TcpSock(proxy.machine.netns, ownerOf(proxy.process));
    sock.reuseAddr = true;
    sock.transparent = true;
    sock.mark = mark;
    sock.bind(0, port);
    sock.listen(4096);
    this.sock = sock;
    sock.readable.add(this);
  }

  wake(): void {
    // Closing it wakes who waits for it.
    if (this.sock.closed) return;
    for (let sock = this.sock.accept(); sock; sock = this.sock.accept())
      if (this.role === "inbound") this.proxy.acceptTunnel(sock);
      else this.proxy.begin(new Session(this.proxy, this.role, sock, sock));
    this.sock.readable.add(this);
  }
}

export interface ZtunnelConfig {
  machine: Machine;
  process: Process;
  node: string;
  directory: Directory;
  secrets: WorkloadSecrets;
  output: ContainerLog;
  keyLog: KeyLog;
}

/** The ztunnel of the 2022 preview: an Envoy with three listeners, one pod a node. */
export class Ztunnel implements TunnelOwner {
  machine: Machine;
  process: Process;
  node: string;
  directory: Directory;
  secrets: WorkloadSecrets;
  output: ContainerLog;
  keyLog: KeyLog;
  listeners: Listener[] = [];
  pool: TunnelPool;
  /** Tunnels that others have opened to us. */
  tunnels = new Set<HboneTunnel>();
  sessions = new Set<Session>();

  constructor(config: ZtunnelConfig) {
    this.machine = config.machine;
    this.process = config.process;
    this.node = config.node;
    this.directory = config.directory;
    this.secrets = config.secrets;
    this.output = config.output;
    this.keyLog = config.keyLog;
    this.pool = new TunnelPool(this);
    this.listeners = [
      new Listener(this, "outbound", OUTBOUND_PORT, MARK_OUTBOUND),
      new Listener(this, "inbound", INBOUND_PORT, MARK_INBOUND),
      new Listener(this, "plaintext", PLAINTEXT_PORT, MARK_INBOUND),
    ];
  }

  /** What both sides of every tunnel go by: TLS 1.3, HTTP/2, the mesh's root. */
  tlsConfig(): TlsConfig {
    const { secrets } = this;
    return {
      random: this.machine.sim.rng("tls"),
      now: secrets.now,
      anchors: [secrets.authority.root],
      alpn: ["h2"],
      suites: SUITES,
      signatures: secrets.signatures,
    };
  }

  begin(session: Session): void {
    this.sessions.add(session);
    session.start();
  }

  /** One filter chain for each pod of the node, found by the address: it has the pod's certificate. */
  acceptTunnel(sock: TcpSock): void {
    const { address } = originalDst(sock.ns, sock) ?? { address: sock.src };
    const pod = this.directory.workload(address);
    const identity = pod && this.secrets.identity(this.directory.identity(pod));
    if (!identity || "code" in identity) return sock.close();
    const tls = new TlsServer({
      ...this.tlsConfig(),
      identity,
      clientCertificate: "require",
      expected: { trustDomain: this.secrets.authority.trustDomain },
    });
    this.tunnels.add(new HboneTunnel(sock, tls, this, ENVOY));
  }

  ready(): void {}

  /** A stream of a tunnel: only CONNECT has a route here. */
  requested(stream: HboneStream, fields: readonly Field[]): void {
    const of = (name: string): string => fields.find(([n]) => n === name)?.[1] ?? "";
    if (of(":method") !== "CONNECT")
      return stream.respond([[":status", "404"], ...this.responseFields()], true);
    const { sock } = stream.tunnel;
    this.begin(new Session(this, "inbound", sock, stream, of(":authority")));
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
    for (const listener of this.listeners) listener.sock.close();
    for (const session of [...this.sessions]) session.end();
    this.pool.stop();
    for (const tunnel of [...this.tunnels]) tunnel.close();
    this.secrets.stop();
  }
}

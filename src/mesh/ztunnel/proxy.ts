import type { Field } from "../../http2/hpack.ts";
import { originalDst } from "../../net/nat/original-dst.ts";
import type { NetNs } from "../../net/netns.ts";
import type { SockOwner } from "../../net/socket/sock.ts";
import { TcpSock } from "../../net/tcp/sock.ts";
import type { Sim, Wakeable } from "../../sim/sim.ts";
import type { Identity, KeyLog } from "../../tls/config.ts";
import { TlsServer } from "../../tls/server.ts";
import type { HboneStream } from "../hbone/stream.ts";
import { HboneTunnel, type TunnelConfig, type TunnelOwner } from "../hbone/tunnel.ts";
import { type CertificateSource, type CertificateWaiter, handshakeError } from "./certificates.ts";
import { PACKET_MARK } from "./dial.ts";
import { DnsProxy } from "./dns.ts";
import { InboundConnection } from "./inbound.ts";
import type { Level } from "./log.ts";
import { OutboundConnection } from "./outbound.ts";
import { TUNNEL, TunnelPool } from "./pool.ts";
import { type Endpoint, logEarlyDeny, type Reporter } from "./result.ts";
import type { Workload } from "./state.ts";
import type { Ztunnel } from "./ztunnel.ts";

export const OUTBOUND_PORT = 15001;
export const PLAINTEXT_PORT = 15006;
export const HBONE_PORT = 15008;
/** Ports of ours that nobody may be sent to through us. */
export const ILLEGAL_PORTS: readonly number[] = [HBONE_PORT, PLAINTEXT_PORT, OUTBOUND_PORT];

/** A server allows 200 streams (ztunnel: src/proxy/h2/server.rs). */
const SERVER_TUNNEL: TunnelConfig = {
  ...TUNNEL,
  http2: {
    ...TUNNEL.http2,
    settings: {
      ...TUNNEL.http2.settings,
      maxConcurrentStreams: 200,
      maxHeaderListSize: 65536,
    },
  },
};

/** What the CNI agent tells of a pod (istio: ZDS, WorkloadInfo). */
export interface WorkloadInfo {
  name: string;
  namespace: string;
  serviceAccount: string;
}

type Component = "inbound" | "inbound plaintext" | "outbound";

class Listener implements Wakeable {
  proxy: PodProxy;
  component: Component;
  sock: TcpSock;

  constructor(proxy: PodProxy, component: Component, port: number) {
    this.proxy = proxy;
    this.component = component;
    const sock = new TcpSock(proxy.ns, proxy.owner);
    sock.reuseAddr = true;
    // A ztunnel that takes over listens beside the one that goes (INPOD_PORT_REUSE).
    sock.reusePort = true;
    sock.transparent = true;
    sock.mark = PACKET_MARK;
    sock.bind(0, port);
    sock.listen(1024);
    this.sock = sock;
    sock.readable.add(this);
    proxy.ztunnel.log.write("info", target(component), "listener established", [
      ["address", `0.0.0.0:${port}`, "bare"],
      ["component", component],
      ["transparent", "true", "bare"],
    ]);
  }

  wake(): void {
    // Closing it wakes who waits for it.
    if (this.sock.closed) return;
    for (let sock = this.sock.accept(); sock; sock = this.sock.accept())
      this.proxy.accepted(this.component, sock);
    this.sock.readable.add(this);
  }
}

function target(component: Component): string {
  return component === "inbound plaintext" ? "proxy::inbound_passthrough" : `proxy::${component}`;
}

/** A tunnel that somebody has opened to our pod: first our certificate, then the handshake. */
class ServerTunnel implements TunnelOwner, CertificateWaiter {
  proxy: PodProxy;
  sock: TcpSock;
  src: Endpoint;
  dst: Endpoint;
  tunnel: HboneTunnel | null = null;

  constructor(proxy: PodProxy, sock: TcpSock) {
    this.proxy = proxy;
    this.sock = sock;
    this.src = { address: sock.dst, port: sock.dstPort };
    this.dst = { address: sock.src, port: sock.srcPort };
  }

  certified(identity: Identity): void {
    const { certificates } = this.proxy;
    const tls = new TlsServer({
      ...certificates.tlsConfig(),
      identity,
      clientCertificate: "require",
      expected: { trustDomain: certificates.trustDomain },
    });
    this.tunnel = new HboneTunnel(this.sock, tls, this, SERVER_TUNNEL);
  }

  uncertified(why: string): void {
    this.deny(`signing error: ${why}`);
    this.sock.close();
    this.proxy.gone(this);
  }

  deny(error: string): void {
    logEarlyDeny(this.proxy.ztunnel.log, this.src, this.dst, "destination", error);
  }

  ready(): void {}

  requested(stream: HboneStream, fields: readonly Field[]): void {
    const { proxy } = this;
    proxy.admit(new InboundConnection(proxy, this.sock, stream, this.dst, fields));
  }

  over(tunnel: HboneTunnel): void {
    if (!tunnel.isReady) {
      const expected = { trustDomain: this.proxy.certificates.trustDomain };
      this.deny(`tls handshake error: ${handshakeError(tunnel.tls, expected).debug}`);
    }
    this.proxy.gone(this);
  }

  close(): void {
    if (this.tunnel) this.tunnel.close();
    else this.sock.close();
  }
}

/**
 * The proxy of one pod: its listeners and connections live in the pod's network namespace, the code
 * that serves them in the node's ztunnel (ztunnel: src/proxy.rs, src/inpod).
 */
export class PodProxy {
  ztunnel: Ztunnel;
  uid: string;
  info: WorkloadInfo;
  ns: NetNs;
  owner: SockOwner;
  certificates: CertificateSource;
  keyLog: KeyLog;
  pool: TunnelPool;
  listeners: Listener[];
  dns: DnsProxy | null;
  inbound = new Set<InboundConnection>();
  outbound = new Set<OutboundConnection>();
  /** Tunnels that others have opened to us. */
  tunnels = new Set<ServerTunnel>();

  /** Throws SysError when a listener cannot be had. */
  constructor(ztunnel: Ztunnel, uid: string, info: WorkloadInfo, ns: NetNs) {
    this.ztunnel = ztunnel;
    this.uid = uid;
    this.info = info;
    this.ns = ns;
    this.owner = ztunnel.owner;
    this.certificates = ztunnel.certificates;
    this.keyLog = ztunnel.keyLog;
    this.pool = new TunnelPool(this);
    this.listeners = [
      new Listener(this, "inbound", HBONE_PORT),
      new Listener(this, "inbound plaintext", PLAINTEXT_PORT),
      new Listener(this, "outbound", OUTBOUND_PORT),
    ];
    this.dns = ztunnel.dnsCapture ? new DnsProxy(this) : null;
  }

  get sim(): Sim {
    return this.ztunnel.sim;
  }

  /** What the control plane says of our pod; null until it has. */
  get workload(): Workload | null {
    const { name, namespace, serviceAccount } = this.info;
    const found = this.ztunnel.state.workloads.get(
      `${this.ztunnel.clusterId}//Pod/${namespace}/${name}`,
    );
    return found?.serviceAccount === serviceAccount ? found : null;
  }

  log(level: Exclude<Level, "off">, where: string, message: string): void {
    const { namespace, name } = this.info;
    this.ztunnel.log.write(level, `${where}:proxy{wl=${namespace}/${name}}`, message);
  }

  accepted(component: Component, sock: TcpSock): void {
    sock.setNoDelay(true);
    const { metrics } = this.ztunnel;
    const reporter = component === "outbound" ? "source" : "destination";
    metrics.add("istio_tcp_sockets_open", { reporter });
    if (component === "inbound") {
      const tunnel = new ServerTunnel(this, sock);
      this.tunnels.add(tunnel);
      const { workload } = this;
      const account = workload?.serviceAccount ?? this.info.serviceAccount;
      const id = `spiffe://${this.certificates.trustDomain}/ns/${this.info.namespace}/sa/${account}`;
      this.certificates.request(id, tunnel, this.uid);
    } else if (component === "outbound") {
      const connection = new OutboundConnection(this, sock);
      this.outbound.add(connection);
      connection.start();
    } else {
      const dst = originalDst(sock.ns, sock) ?? { address: sock.src, port: sock.srcPort };
      this.admit(new InboundConnection(this, sock, sock, dst));
    }
  }

  admit(connection: InboundConnection): void {
    this.inbound.add(connection);
    connection.start();
  }

  gone(tunnel: ServerTunnel): void {
    if (this.tunnels.delete(tunnel)) this.closed("destination");
  }

  /** A socket that was accepted is there no more. */
  closed(reporter: Reporter): void {
    this.ztunnel.metrics.add("istio_tcp_sockets_open", { reporter }, -1);
  }

  recheck(): void {
    for (const connection of [...this.inbound]) connection.recheck();
  }

  stop(): void {
    for (const { sock } of this.listeners) sock.close();
    this.dns?.stop();
    for (const connection of [...this.outbound, ...this.inbound]) connection.cut();
    this.pool.stop();
    for (const tunnel of [...this.tunnels]) tunnel.close();
  }
}

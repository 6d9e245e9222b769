import type { TcpSock } from "../../net/tcp/sock.ts";
import { SEC, type Wakeable } from "../../sim/sim.ts";
import type { TlsServer } from "../../tls/server.ts";
import { uriNames } from "../../tls/x509/certificate.ts";
import type { HboneTunnel } from "../hbone/tunnel.ts";
import { deniedLine } from "./access-log.ts";
import { type InboundChain, inboundChain, labelOf, type Tuple } from "./decide.ts";
import { denied } from "./rbac.ts";
import { originalOf } from "./session.ts";
import type { Ztunnel } from "./ztunnel.ts";

/** drainDuration of a mesh's ProxyConfig: in that time connections leave a chain that has changed. */
const DRAIN_TIME = 45 * SEC;

export function tupleOf(sock: TcpSock): Tuple {
  const { address, port } = originalOf(sock);
  return { source: sock.dst, destination: address, port };
}

/** A tunnel that somebody has opened to us, and the filter chain that took it. */
export class InboundTunnel implements Wakeable {
  proxy: Ztunnel;
  tunnel: HboneTunnel;
  chain: InboundChain;
  /** Of the listener that it came by. */
  listener: string;
  started: number;
  /** Its filters have seen it. */
  isAdmitted = false;
  /** Since when its chain is another; null while it is the same. */
  outdated: number | null = null;

  constructor(proxy: Ztunnel, tunnel: HboneTunnel, chain: InboundChain, listener: string) {
    this.proxy = proxy;
    this.tunnel = tunnel;
    this.chain = chain;
    this.listener = listener;
    this.started = proxy.machine.sim.now;
  }

  /** What its first bytes ask its filters: false when that was the end of it. */
  admit(): boolean {
    if (this.isAdmitted) return true;
    const { tunnel, proxy } = this;
    const { sock } = tunnel;
    const tls = tunnel.tls as TlsServer;
    const { source: remote, destination: local, port } = tupleOf(sock);
    const [leaf] = tls.peerCertificates;
    const why = denied(this.chain.chain.filters, {
      uris: leaf ? uriNames(leaf) : [],
      serverName: tls.serverName,
      ...{ remote, local, port },
    });
    this.isAdmitted = why === "";
    if (why) {
      const label = labelOf(proxy.config.listeners.get(this.listener)?.resource.access_log);
      const { started } = this;
      const original = originalOf(sock);
      proxy.log(deniedLine(proxy.machine.sim, { accepted: sock, started, original }, why, label));
      tunnel.refuse();
    }
    return this.isAdmitted;
  }

  /** The listeners may have changed. */
  review(): void {
    const { sim } = this.proxy.machine;
    const resource = this.proxy.config.listeners.get(this.listener)?.resource;
    const next = resource && inboundChain(resource, tupleOf(this.tunnel.sock));
    if (this.outdated !== null || next?.chain === this.chain.chain) return;
    if (next && JSON.stringify(next.chain) === JSON.stringify(this.chain.chain)) {
      this.chain = next;
      return;
    }
    this.outdated = sim.now;
    sim.after(DRAIN_TIME, this, "drained");
  }

  /** A request was taken: the longer the chain is out of date, the likelier it was the last. */
  taken(): void {
    if (this.outdated === null) return;
    const { sim } = this.proxy.machine;
    const elapsed = (sim.now - this.outdated) / DRAIN_TIME;
    if (sim.rng("drain").below(1000) < elapsed * 1000) this.tunnel.drain();
  }

  wake(): void {
    if (!this.tunnel.isOver) this.tunnel.close();
  }
}

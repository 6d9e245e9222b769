import type { Field } from "../../http2/hpack.ts";
import type { TcpSock } from "../../net/tcp/sock.ts";
import { SEC, type Timer, type Wakeable } from "../../sim/sim.ts";
import { TlsClient } from "../../tls/client.ts";
import type { Identity } from "../../tls/config.ts";
import type { HboneStream } from "../hbone/stream.ts";
import { HboneTunnel, type TunnelConfig, type TunnelOwner } from "../hbone/tunnel.ts";
import { type CertificateWaiter, handshakeError } from "./certificates.ts";
import { Dial, type DialOwner } from "./dial.ts";
import type { ProxyError } from "./error.ts";
import type { PodProxy } from "./proxy.ts";

/** ztunnel: src/config.rs, POOL_MAX_STREAMS_PER_CONNECTION and POOL_UNUSED_RELEASE_TIMEOUT. */
const MAX_STREAMS = 100;
const UNUSED_RELEASE = 300 * SEC;

/** ztunnel: src/config.rs (windows, frames), src/proxy/h2.rs (PINGs). */
export const TUNNEL: TunnelConfig = {
  http2: {
    settings: {
      initialWindowSize: 4 << 20,
      maxFrameSize: 1 << 20,
      maxHeaderListSize: 16 << 10,
    },
    connectionWindow: 16 << 20,
  },
  keepalive: { interval: 10 * SEC, timeout: 20 * SEC },
};

/** Whom a tunnel joins: nobody else's connections go through it (ztunnel: WorkloadKey). */
export interface WorkloadKey {
  /** Our workload's identity and address. */
  source: string;
  from: number;
  /** Identities of which the other end must have one. */
  sans: readonly string[];
  to: { address: number; port: number };
}

export interface StreamWaiter {
  /** Its CONNECT is on the way. */
  opened(stream: HboneStream): void;
  failed(error: ProxyError): void;
}

interface Waiting {
  fields: readonly Field[];
  waiter: StreamWaiter;
}

/** One tunnel: asked for by the first who needs it, shared by the others. */
class PooledTunnel implements TunnelOwner, CertificateWaiter, DialOwner, Wakeable {
  pool: TunnelPool;
  key: WorkloadKey;
  text: string;
  identity: Identity | null = null;
  dial: Dial | null = null;
  tunnel: HboneTunnel | null = null;
  waiting: Waiting[] = [];
  /** Streams that it was ever given and that are not over. */
  release: Timer | null = null;

  constructor(pool: TunnelPool, key: WorkloadKey, text: string) {
    this.pool = pool;
    this.key = key;
    this.text = text;
    pool.proxy.certificates.request(key.source, this, pool.proxy.uid);
  }

  certified(identity: Identity): void {
    const { proxy } = this.pool;
    this.identity = identity;
    this.dial = new Dial(proxy.ns, proxy.owner, null, this.key.to, this);
  }

  uncertified(why: string): void {
    this.fail({ text: `identity error: ${why}`, flag: "IDENTITY_ERROR" });
  }

  dialFailed(error: string, timedOut: boolean): void {
    if (!timedOut) return this.fail({ text: `io error: ${error}`, flag: "CONNECT" });
    const hint = "connection timed out, maybe a NetworkPolicy is blocking HBONE port 15008";
    this.fail({ text: `${hint}: ${error}`, flag: "NETWORK_POLICY" });
  }

  connected(sock: TcpSock): void {
    const { proxy } = this.pool;
    const tls = new TlsClient({
      ...proxy.certificates.tlsConfig(),
      identity: this.identity,
      // One side is enough: both have the same secrets.
      keyLog: proxy.keyLog,
      expected: { spiffeIds: this.key.sans },
    });
    this.tunnel = new HboneTunnel(sock, tls, this, TUNNEL);
  }

  get isFull(): boolean {
    const used = (this.tunnel?.streams.size ?? 0) + this.waiting.length;
    return used >= MAX_STREAMS || this.tunnel?.http2.canRequest === false;
  }

  ask(one: Waiting): void {
    this.release?.cancel();
    this.release = this.pool.proxy.sim.after(UNUSED_RELEASE, this, "unused");
    if (this.tunnel?.isReady) this.open(one);
    else this.waiting.push(one);
  }

  open({ fields, waiter }: Waiting): void {
    const stream = this.tunnel?.request(fields);
    if (!stream) return waiter.failed({ text: "pool draining", flag: "CONNECT" });
    waiter.opened(stream);
    this.tunnel?.flushSoon();
  }

  /** Nobody asked for it for so long: who still uses it may finish. */
  wake(): void {
    this.pool.forget(this);
    if (this.tunnel?.streams.size === 0) this.tunnel.close();
  }

  requested(): void {}

  ready(): void {
    for (const one of this.waiting.splice(0)) this.open(one);
  }

  idle(tunnel: HboneTunnel): void {
    if (!this.pool.tunnels.has(this) && !tunnel.isOver) tunnel.close();
  }

  over(tunnel: HboneTunnel, why: string): void {
    if (why.startsWith("HBONE ping")) this.pool.proxy.log("warn", "proxy::h2::client", why);
    if (!tunnel.isReady) {
      const { display } = handshakeError(tunnel.tls, { spiffeIds: this.key.sans });
      return this.fail({ text: `io error: ${display}`, flag: "CONNECT" });
    }
    this.fail({ text: `h2 failed: ${why || "connection closed"}`, flag: "H2_HANDSHAKE_FAILURE" });
  }

  fail(error: ProxyError): void {
    this.pool.forget(this);
    for (const { waiter } of this.waiting.splice(0)) waiter.failed(error);
  }

  stop(): void {
    this.dial?.cancel();
    this.release?.cancel();
    this.tunnel?.close();
    this.fail({ text: "pool draining", flag: "CONNECT" });
  }
}

/** The outbound tunnels of one workload (ztunnel: src/proxy/pool.rs, WorkloadHBONEPool). */
export class TunnelPool {
  proxy: PodProxy;
  tunnels = new Set<PooledTunnel>();

  constructor(proxy: PodProxy) {
    this.proxy = proxy;
  }

  /** CONNECT with `fields` through a tunnel for `key`; `waiter` is told. */
  request(key: WorkloadKey, fields: readonly Field[], waiter: StreamWaiter): void {
    const text = JSON.stringify(key);
    let tunnel = [...this.tunnels].find((one) => one.text === text && !one.isFull);
    if (!tunnel) {
      tunnel = new PooledTunnel(this, key, text);
      this.tunnels.add(tunnel);
    }
    tunnel.ask({ fields, waiter });
  }

  forget(tunnel: PooledTunnel): void {
    tunnel.release?.cancel();
    this.tunnels.delete(tunnel);
  }

  stop(): void {
    for (const tunnel of [...this.tunnels]) tunnel.stop();
  }
}

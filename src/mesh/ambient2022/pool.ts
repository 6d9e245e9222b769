import { SysError } from "../../base/errno.ts";
import type { Field } from "../../http2/hpack.ts";
import { ownerOf } from "../../net/socket/owner.ts";
import { TcpSock } from "../../net/tcp/sock.ts";
import { TlsClient } from "../../tls/client.ts";
import type { HboneStream } from "../hbone/stream.ts";
import { HboneTunnel, type TunnelConfig, type TunnelOwner } from "../hbone/tunnel.ts";
import type { SecretWaiter } from "../identity/secrets.ts";
import type { Ztunnel } from "./ztunnel.ts";

/** Envoy's defaults of 2022: 256 MiB a stream and a connection. */
const WINDOW = 1 << 28;
export const ENVOY: TunnelConfig = {
  http2: {
    settings: { initialWindowSize: WINDOW, maxConcurrentStreams: 0x7fffffff },
    connectionWindow: WINDOW,
  },
};

/** Who waits for a stream of a tunnel. */
export interface StreamWaiter {
  /** The tunnel's connection is being opened. */
  dialing(carrier: TcpSock): void;
  /** Its CONNECT is on the way. */
  opened(stream: HboneStream): void;
  /** There is no tunnel, and why. */
  failed(why: string): void;
}

interface Waiting {
  fields: readonly Field[];
  waiter: StreamWaiter;
}

/** The tunnel of a cluster to one address: with whose certificate, and whether the other's counts. */
export interface TunnelTarget {
  cluster: string;
  secret: string;
  verify: boolean;
  address: number;
  port: number;
}

/** A tunnel: opened by the first who needs it, once there is a certificate, shared by the others. */
class Entry implements TunnelOwner, SecretWaiter {
  pool: TunnelPool;
  key: string;
  target: TunnelTarget;
  tunnel: HboneTunnel | null = null;
  waiting: Waiting[] = [];

  constructor(pool: TunnelPool, key: string, target: TunnelTarget) {
    this.pool = pool;
    this.key = key;
    this.target = target;
  }

  ask(one: Waiting): void {
    if (this.tunnel) one.waiter.dialing(this.tunnel.sock);
    if (this.tunnel?.isReady) this.open(this.tunnel, one);
    else this.waiting.push(one);
  }

  secretReady(): void {
    const { proxy } = this.pool;
    const { address, port, verify, secret } = this.target;
    const sock = new TcpSock(proxy.machine.netns, ownerOf(proxy.process));
    try {
      sock.connect(address, port);
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      return this.fail(error.code);
    }
    const tls = new TlsClient({
      ...proxy.tlsConfig(),
      identity: proxy.secrets.identity(secret),
      verifyPeer: verify,
      // The client's side is enough: both sides have the same secrets.
      keyLog: proxy.keyLog,
    });
    this.tunnel = new HboneTunnel(sock, tls, this, ENVOY);
    for (const { waiter } of this.waiting) waiter.dialing(sock);
  }

  secretFailed(_id: string, error: string): void {
    this.fail(error);
  }

  open(tunnel: HboneTunnel, { fields, waiter }: Waiting): void {
    const stream = tunnel.request(fields);
    if (!stream) return waiter.failed("no stream");
    waiter.opened(stream);
    tunnel.flushSoon();
  }

  requested(): void {}

  ready(tunnel: HboneTunnel): void {
    for (const one of this.waiting.splice(0)) this.open(tunnel, one);
  }

  /** Who comes next opens another. */
  draining(): void {
    if (this.pool.entries.get(this.key) === this) this.pool.entries.delete(this.key);
    this.pool.leaving.add(this);
  }

  over(_tunnel: HboneTunnel, why: string): void {
    this.fail(why || "closed");
  }

  fail(why: string): void {
    this.pool.leaving.delete(this);
    if (this.pool.entries.get(this.key) === this) this.pool.entries.delete(this.key);
    for (const { waiter } of this.waiting.splice(0)) waiter.failed(why);
  }
}

/**
 * The outbound tunnels of a ztunnel: the connections of clusters with a certificate of their own
 * (`outbound_tunnel_clus_IDENTITY` and the like), one to each address.
 */
export class TunnelPool {
  proxy: Ztunnel;
  entries = new Map<string, Entry>();
  /** Those that take no more requests. */
  leaving = new Set<Entry>();

  constructor(proxy: Ztunnel) {
    this.proxy = proxy;
  }

  /** CONNECT with `fields` through the tunnel to a target; `waiter` is told. */
  request(target: TunnelTarget, fields: readonly Field[], waiter: StreamWaiter): void {
    const key = `${target.cluster} ${target.address}:${target.port}`;
    let entry = this.entries.get(key);
    if (!entry) {
      entry = new Entry(this, key, target);
      this.entries.set(key, entry);
      this.proxy.secrets.wait(target.secret, entry);
    }
    entry.ask({ fields, waiter });
  }

  stop(): void {
    for (const entry of [...this.entries.values(), ...this.leaving]) {
      entry.tunnel?.close();
      entry.fail("closed");
    }
  }
}

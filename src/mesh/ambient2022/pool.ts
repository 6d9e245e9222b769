import { SysError } from "../../base/errno.ts";
import type { Field } from "../../http2/hpack.ts";
import { ownerOf } from "../../net/socket/owner.ts";
import { TcpSock } from "../../net/tcp/sock.ts";
import { TlsClient } from "../../tls/client.ts";
import type { HboneStream } from "../hbone/stream.ts";
import { HboneTunnel, type TunnelConfig, type TunnelOwner } from "../hbone/tunnel.ts";
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
  /** Its CONNECT is on the way. */
  opened(stream: HboneStream): void;
  /** There is no tunnel, and why. */
  failed(why: string): void;
}

interface Waiting {
  fields: readonly Field[];
  waiter: StreamWaiter;
}

/** The tunnel from one identity to one address: opened by the first who needs it, shared by the others. */
class Entry implements TunnelOwner {
  pool: TunnelPool;
  key: string;
  tunnel: HboneTunnel;
  waiting: Waiting[] = [];

  constructor(pool: TunnelPool, key: string, sock: TcpSock, tls: TlsClient) {
    this.pool = pool;
    this.key = key;
    this.tunnel = new HboneTunnel(sock, tls, this, ENVOY);
  }

  ask(one: Waiting): void {
    if (this.tunnel.isReady) this.open(one);
    else this.waiting.push(one);
  }

  open({ fields, waiter }: Waiting): void {
    const stream = this.tunnel.request(fields);
    if (!stream) return waiter.failed("no stream");
    waiter.opened(stream);
    this.tunnel.flushSoon();
  }

  requested(): void {}

  ready(): void {
    for (const one of this.waiting.splice(0)) this.open(one);
  }

  over(_tunnel: HboneTunnel, why: string): void {
    if (this.pool.entries.get(this.key) === this) this.pool.entries.delete(this.key);
    for (const { waiter } of this.waiting.splice(0)) waiter.failed(why || "closed");
  }
}

/**
 * The outbound tunnels of a ztunnel: the clusters `outbound_tunnel_clus_IDENTITY` of its
 * configuration, each with a certificate of its own and a connection to each address.
 */
export class TunnelPool {
  proxy: Ztunnel;
  entries = new Map<string, Entry>();

  constructor(proxy: Ztunnel) {
    this.proxy = proxy;
  }

  /** CONNECT with `fields` through the tunnel of `identity` to an address; `waiter` is told. */
  request(
    identity: string,
    address: number,
    port: number,
    fields: readonly Field[],
    waiter: StreamWaiter,
  ): TcpSock | null {
    const key = `${identity} ${address}:${port}`;
    let entry = this.entries.get(key);
    if (!entry) {
      const made = this.make(key, identity, address, port);
      if (typeof made === "string") {
        waiter.failed(made);
        return null;
      }
      entry = made;
      this.entries.set(key, entry);
    }
    entry.ask({ fields, waiter });
    return entry.tunnel.sock;
  }

  make(key: string, id: string, address: number, port: number): Entry | string {
    const { proxy } = this;
    const { secrets } = proxy;
    const identity = secrets.identity(id);
    if ("code" in identity) return identity.message;
    const sock = new TcpSock(proxy.machine.netns, ownerOf(proxy.process));
    try {
      sock.connect(address, port);
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      return error.code;
    }
    const tls = new TlsClient({
      ...proxy.tlsConfig(),
      identity,
      // The client's side is enough: both sides have the same secrets.
      keyLog: proxy.keyLog,
      expected: { trustDomain: secrets.authority.trustDomain },
    });
    return new Entry(this, key, sock, tls);
  }

  stop(): void {
    for (const { tunnel } of [...this.entries.values()]) tunnel.close();
  }
}

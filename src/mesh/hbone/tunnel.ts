import { SysError } from "../../base/errno.ts";
import { concatBytes } from "../../base/text.ts";
import { Http2Connection } from "../../http2/connection.ts";
import type { Http2Config, Http2Event } from "../../http2/endpoint.ts";
import type { Field } from "../../http2/hpack.ts";
import type { TcpSock } from "../../net/tcp/sock.ts";
import type { Timer, Wakeable } from "../../sim/sim.ts";
import type { TlsConnection } from "../../tls/connection.ts";
import { HboneStream } from "./stream.ts";

/** What of a tunnel is a choice of the proxy at its end. */
export interface TunnelConfig {
  http2: Http2Config;
  /** PINGs, in ns: from one to the next, and how long an answer may take. */
  keepalive?: { interval: number; timeout: number };
}

/** Bytes held for a socket that takes no more; streams wait then. */
const BUFFER = 1 << 18;
/** The h2 library's opaque bytes of a PING. */
const PING = Uint8Array.of(0x3b, 0x7c, 0xdb, 0x7a, 0x0b, 0x87, 0x16, 0xb4);

/** Who is told of what comes on a tunnel. */
export interface TunnelOwner {
  /** On a server: somebody wants to be connected. */
  requested(stream: HboneStream, fields: readonly Field[]): void;
  /** It is open: requests may be made. */
  ready(tunnel: HboneTunnel): void;
  /** On a client: the other side takes no more requests on it. */
  draining?(tunnel: HboneTunnel): void;
  /** It is over, of its own accord ("") or because something broke. */
  over(tunnel: HboneTunnel, why: string): void;
  /** The last stream has gone. */
  idle?(tunnel: HboneTunnel): void;
}

/**
 * HBONE: HTTP/2 CONNECT streams within mutual TLS 1.3 within one TCP connection (istio: "HTTP-Based
 * Overlay Network Environment"). Both of its ends; TLS and HTTP/2 know nothing of sockets.
 */
export class HboneTunnel implements Wakeable {
  sock: TcpSock;
  tls: TlsConnection;
  http2: Http2Connection;
  owner: TunnelOwner;
  config: TunnelConfig;
  streams = new Map<number, HboneStream>();
  /** Records that the socket has not taken. */
  output: Uint8Array = new Uint8Array(0);
  isReady = false;
  isOver = false;
  /** One side has said GOAWAY: it goes on until its streams are over. */
  isDraining = false;
  /** The next PING, or the end of the patience with the last one. */
  pinger: Timer | null = null;

  constructor(sock: TcpSock, tls: TlsConnection, owner: TunnelOwner, config: TunnelConfig) {
    this.sock = sock;
    this.tls = tls;
    this.owner = owner;
    this.config = config;
    this.http2 = new Http2Connection(tls.role, config.http2);
    sock.setNoDelay(true);
    sock.ns.sim.after(0, this, "ready");
  }

  wake(reason: string): void {
    if (this.isOver) return;
    try {
      if (reason === "ping") this.ping();
      else if (reason === "no pong") this.end("HBONE ping timeout/error");
      else this.step();
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      this.end(error.code);
    }
  }

  step(): void {
    const error = this.sock.takeError();
    if (error) return this.end(error);
    if (this.sock.isConnecting) return this.wait();
    for (;;) {
      const data = this.sock.recv(65536);
      if (data === "EAGAIN") break;
      if (data === "EOF") {
        this.tls.receiveEnd();
        this.flush();
        return this.end(this.streams.size ? "ECONNRESET" : "");
      }
      this.tls.receive(data);
      const plain = this.tls.takeReceived();
      if (plain.length) this.http2.receive(plain);
      for (const event of this.http2.takeEvents()) this.event(event);
      if (this.isOver) return;
    }
    this.flush();
    if (this.isOver) return;
    if (this.tls.state === "failed" || this.tls.state === "closed")
      return this.end(this.tls.failure);
    if (this.http2.state !== "open") return this.end(this.http2.failure);
    if (this.isDraining && this.tls.role === "client" && this.streams.size === 0)
      return this.close();
    if (!this.isReady && this.tls.state === "open") {
      this.isReady = true;
      this.pingLater();
      this.owner.ready(this);
    }
    this.wait();
  }

  wait(): void {
    this.sock.readable.add(this);
    if (this.output.length || this.sock.isConnecting) this.sock.writable.add(this);
  }

  /** What HTTP/2 has to say becomes records, and as many bytes as the socket takes. */
  flush(): void {
    if (this.isOver || this.sock.isConnecting) return;
    const frames = this.http2.takeOutput();
    if (frames.length) this.tls.send(frames);
    const records = this.tls.takeOutput();
    if (records.length) this.output = concatBytes([this.output, records]);
    const full = this.output.length >= BUFFER;
    while (this.output.length) {
      const taken = this.sock.send(this.output);
      this.output = this.output.subarray(taken);
      if (taken === 0) break;
    }
    if (this.output.length) this.sock.writable.add(this);
    else if (full) for (const stream of this.streams.values()) stream.drained();
  }

  /** The same, for whoever is in the middle of something: what breaks is told later. */
  flushSoon(): void {
    try {
      this.flush();
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      this.sock.ns.sim.after(0, this, "ready");
    }
  }

  get isFull(): boolean {
    return this.output.length >= BUFFER;
  }

  pingLater(): void {
    const { keepalive } = this.config;
    if (keepalive) this.pinger = this.sock.ns.sim.after(keepalive.interval, this, "ping");
  }

  ping(): void {
    const { keepalive } = this.config;
    if (!keepalive) return;
    this.http2.ping(PING);
    this.pinger = this.sock.ns.sim.after(keepalive.timeout, this, "no pong");
    this.flush();
  }

  event(event: Http2Event): void {
    if (event.kind === "pong") {
      this.pinger?.cancel();
      return this.pingLater();
    }
    if (event.kind === "headers" && this.tls.role === "server") {
      const stream = new HboneStream(this, event.stream);
      this.streams.set(event.stream, stream);
      if (event.end) stream.ended();
      this.owner.requested(stream, event.fields);
      return;
    }
    if (event.kind === "goaway") {
      this.isDraining = true;
      this.owner.draining?.(this);
    }
    if (!("stream" in event)) return;
    const stream = this.streams.get(event.stream);
    if (!stream) return;
    if (event.kind === "headers") stream.answered(event.fields);
    if (event.kind === "data" && event.data.length) stream.arrived(event.data);
    if ((event.kind === "headers" || event.kind === "data") && event.end) stream.ended();
    if (event.kind === "trailers") stream.ended();
    if (event.kind === "reset") stream.broke();
    if (event.kind === "drained") stream.drained();
  }

  /** Ask for a connection, with the next `flush`; null when no more streams can be had here. */
  request(fields: readonly Field[]): HboneStream | null {
    const id = this.http2.request(fields, false);
    if (id === 0) return null;
    const stream = new HboneStream(this, id);
    this.streams.set(id, stream);
    return stream;
  }

  /** A stream needs nothing more of us. */
  drop(stream: HboneStream): void {
    if (!this.streams.delete(stream.id) || this.streams.size > 0) return;
    if (this.isDraining) this.sock.ns.sim.after(0, this, "ready");
    this.owner.idle?.(this);
  }

  /** Let nobody begin anything on it. */
  drain(): void {
    if (this.isDraining) return;
    this.isDraining = true;
    this.http2.goAway();
    this.flushSoon();
  }

  /** End it without a word about why: somebody may not be here. */
  refuse(): void {
    this.tls.close();
    this.flushSoon();
    this.end("");
  }

  /** We are done with it. */
  close(): void {
    this.drain();
    this.refuse();
  }

  end(why: string): void {
    if (this.isOver) return;
    this.isOver = true;
    this.pinger?.cancel();
    for (const stream of [...this.streams.values()]) stream.broke();
    this.streams.clear();
    this.sock.close();
    this.owner.over(this, why);
  }
}

import { SysError } from "../../base/errno.ts";
import { concatBytes } from "../../base/text.ts";
import { Http2Connection } from "../../http2/connection.ts";
import type { Http2Event } from "../../http2/endpoint.ts";
import type { Field } from "../../http2/hpack.ts";
import type { TcpSock } from "../../net/tcp/sock.ts";
import type { Wakeable } from "../../sim/sim.ts";
import type { TlsConnection } from "../../tls/connection.ts";
import { HboneStream } from "./stream.ts";

/** Envoy's defaults of 2022: 256 MiB a stream and a connection. */
const WINDOW = 1 << 28;
/** Bytes held for a socket that takes no more; streams wait then. */
const BUFFER = 1 << 18;

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
  streams = new Map<number, HboneStream>();
  /** Records that the socket has not taken. */
  output: Uint8Array = new Uint8Array(0);
  isReady = false;
  isOver = false;
  /** One side has said GOAWAY: it goes on until its streams are over. */
  isDraining = false;

  constructor(sock: TcpSock, tls: TlsConnection, owner: TunnelOwner) {
    this.sock = sock;
    this.tls = tls;
    this.owner = owner;
    this.http2 = new Http2Connection(tls.role, {
      settings: {
        initialWindowSize: WINDOW,
        maxConcurrentStreams: 0x7fffffff,
      },
      connectionWindow: WINDOW,
    });
    sock.setNoDelay(true);
    sock.ns.sim.after(0, this, "ready");
  }

  wake(): void {
    if (this.isOver) return;
    try {
      this.step();
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

  event(event: Http2Event): void {
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

  /** Let nobody begin anything on it. */
  drain(): void {
    if (this.isDraining) return;
    this.isDraining = true;
    this.http2.goAway();
    this.flushSoon();
  }

  /** A stream is over. */
  release(id: number): void {
    this.streams.delete(id);
    if (this.isDraining && this.streams.size === 0) this.sock.ns.sim.after(0, this, "ready");
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
    for (const stream of [...this.streams.values()]) stream.broke();
    this.streams.clear();
    this.sock.close();
    this.owner.over(this, why);
  }
}

import { type Errno, SysError } from "../base/errno.ts";
import { concatBytes } from "../base/text.ts";
import type { Http2Connection } from "../http2/connection.ts";
import type { Http2Event } from "../http2/endpoint.ts";
import type { TcpSock } from "../net/tcp/sock.ts";
import type { Timer, Wakeable } from "../sim/sim.ts";
import type { TlsConnection } from "../tls/connection.ts";

/** Why a connection is over. */
export interface Ending {
  /** How far it had come. */
  stage: "connect" | "handshake" | "open";
  /** What the socket says; null when it was not the socket. */
  errno: Errno | null;
  /** What TLS or HTTP/2 says; "" when the other side just ended it. */
  text: string;
  /** The other side had said that it would. */
  goneAway: boolean;
}

/** Who is told of what happens on a connection. */
export interface Http2SocketOwner {
  /** TLS has shaken hands, or there is none: requests may be made. */
  opened(socket: Http2Socket): void;
  event(socket: Http2Socket, event: Http2Event): void;
  over(socket: Http2Socket, ending: Ending): void;
}

/** gRPC's keepalive (grpc: doc/keepalive.md), in ns; none when `interval` is 0. */
export interface Keepalive {
  interval: number;
  timeout: number;
  /** Also while no call is under way. */
  always: boolean;
}

/**
 * HTTP/2 on a TCP socket, with or without TLS between: moves the bytes, either role. What its owner
 * has to say goes out with `flush`.
 */
export class Http2Socket implements Wakeable {
  sock: TcpSock;
  tls: TlsConnection | null;
  http2: Http2Connection;
  owner: Http2SocketOwner;
  keepalive: Keepalive;
  /** What the socket has not taken. */
  output: Uint8Array = new Uint8Array(0);
  isOpen = false;
  isOver = false;
  /** When something last came, and whether a PING of ours is out. */
  heard: number;
  pinged = false;
  timer: Timer | null = null;

  constructor(
    sock: TcpSock,
    tls: TlsConnection | null,
    http2: Http2Connection,
    owner: Http2SocketOwner,
    keepalive: Keepalive,
  ) {
    this.sock = sock;
    this.tls = tls;
    this.http2 = http2;
    this.owner = owner;
    this.keepalive = keepalive;
    this.heard = this.sim.now;
    sock.setNoDelay(true);
    this.sim.after(0, this, "ready");
  }

  get sim() {
    return this.sock.ns.sim;
  }

  wake(reason: string): void {
    if (this.isOver) return;
    if (reason === "keepalive") return this.keepAlive();
    this.guarded(() => this.step());
  }

  /** What the socket throws is the end of the connection. */
  guarded(act: () => void): void {
    try {
      act();
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      this.end(error.code, "");
    }
  }

  step(): void {
    const error = this.sock.takeError();
    if (error) return this.end(error, "");
    if (this.sock.isConnecting) return this.wait();
    for (;;) {
      const data = this.sock.recv(65536);
      if (data === "EAGAIN") break;
      if (data === "EOF") {
        this.tls?.receiveEnd();
        return this.end(null, "");
      }
      this.heard = this.sim.now;
      this.pinged = false;
      this.receive(data);
      if (this.isOver) return;
    }
    this.push();
    if (this.isOver) return;
    const { tls, http2 } = this;
    if (tls?.state === "failed") return this.end(null, tls.failure);
    if (tls?.state === "closed") return this.end(null, "");
    if (http2.state !== "open") return this.end(null, http2.failure);
    this.wait();
  }

  receive(data: Uint8Array): void {
    const { tls, http2 } = this;
    tls?.receive(data);
    this.begin();
    const plain = tls ? tls.takeReceived() : data;
    if (plain.length) http2.receive(plain);
    for (const event of http2.takeEvents()) if (!this.isOver) this.owner.event(this, event);
  }

  /** Once, when requests may be made. */
  begin(): void {
    if (this.isOpen || (this.tls && this.tls.state !== "open")) return;
    this.isOpen = true;
    if (this.keepalive.interval) this.arm(this.keepalive.interval);
    this.owner.opened(this);
  }

  wait(): void {
    this.sock.readable.add(this);
    if (this.output.length || this.sock.isConnecting) this.sock.writable.add(this);
  }

  /** What HTTP/2 has to say becomes records, and as many bytes as the socket takes. */
  push(): void {
    if (this.isOver || this.sock.isConnecting) return;
    // Without TLS there is nothing to wait for.
    if (!this.tls) this.begin();
    let out = this.http2.takeOutput();
    if (this.tls) {
      if (out.length) this.tls.send(out);
      out = this.tls.takeOutput();
    }
    if (out.length) this.output = this.output.length ? concatBytes([this.output, out]) : out;
    while (this.output.length) {
      const taken = this.sock.send(this.output);
      this.output = this.output.subarray(taken);
      if (taken === 0) break;
    }
    if (this.output.length) this.sock.writable.add(this);
  }

  /** The same, for whoever is in the middle of something: what breaks is told later. */
  flush(): void {
    try {
      this.push();
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      this.sim.after(0, this, "ready");
    }
  }

  arm(delay: number): void {
    this.timer?.cancel();
    this.timer = this.sim.after(delay, this, "keepalive");
  }

  /** Nothing has come for long: is anybody there? (grpc-go: http2_client.go, keepalive) */
  keepAlive(): void {
    const { interval, timeout, always } = this.keepalive;
    const quiet = this.sim.now - this.heard;
    if (this.pinged) return this.end(null, "keepalive ping failed to receive ACK within timeout");
    if (quiet < interval) return this.arm(interval - quiet);
    if (!always && this.http2.streams.size === 0) return this.arm(interval);
    this.pinged = true;
    this.http2.ping(new Uint8Array(8));
    this.flush();
    this.arm(timeout);
  }

  /** We are done with it: calls that are under way end with it. */
  close(): void {
    if (this.isOver) return;
    this.http2.goAway();
    this.flush();
    this.tls?.close();
    this.flush();
    this.end(null, "");
  }

  end(errno: Errno | null, text: string): void {
    if (this.isOver) return;
    this.isOver = true;
    this.timer?.cancel();
    const connecting = this.sock.isConnecting || (errno !== null && !this.tls?.bytesRead);
    const stage = this.isOpen ? "open" : connecting ? "connect" : "handshake";
    this.sock.close();
    this.owner.over(this, { stage, errno, text, goneAway: this.http2.goAwayReceived });
  }
}

import { SysError } from "../base/errno.ts";
import type { TcpSock } from "../net/tcp/sock.ts";
import type { Wakeable } from "../sim/sim.ts";
import { Ev } from "../sim/trace.ts";

/** Bytes held for a slow reader before we stop reading from the other side. */
const BUFFER = 65536;

/** One direction of a relay. */
class Pump {
  from: TcpSock;
  to: TcpSock;
  /** Read, not yet taken by `to`. */
  held: Uint8Array[] = [];
  size = 0;
  ended = false;
  shut = false;
  bytes = 0;

  constructor(from: TcpSock, to: TcpSock) {
    this.from = from;
    this.to = to;
  }

  offer(data: Uint8Array): void {
    if (data.length === 0) return;
    this.held.push(data);
    this.size += data.length;
  }

  /** Move what can be moved. Throws SysError when either side broke. */
  run(): void {
    for (;;) {
      this.flush();
      if (this.ended || this.size >= BUFFER) return;
      const data = this.from.recv(BUFFER - this.size);
      if (data === "EAGAIN") return;
      if (data === "EOF") {
        this.ended = true;
        continue;
      }
      this.offer(data);
    }
  }

  flush(): void {
    while (this.held.length) {
      const head = this.held[0] as Uint8Array;
      const taken = this.to.send(head);
      this.bytes += taken;
      this.size -= taken;
      if (taken < head.length) {
        this.held[0] = head.subarray(taken);
        return;
      }
      this.held.shift();
    }
    if (this.ended && !this.shut) {
      this.shut = true;
      this.to.shutdown("write");
    }
  }
}

/**
 * Joins an accepted connection and the one opened for it: bytes both ways, each side's end passed
 * on. The trace is told that they are one conversation; journeys follow that.
 */
export class Relay implements Wakeable {
  up: Pump;
  down: Pump;
  downstream: TcpSock;
  upstream: TcpSock;
  done = false;
  /** Told once when both directions have ended or one broke. */
  owner: Wakeable | null;
  broken: string | null = null;

  constructor(downstream: TcpSock, upstream: TcpSock, owner: Wakeable | null) {
    this.downstream = downstream;
    this.upstream = upstream;
    this.up = new Pump(downstream, upstream);
    this.down = new Pump(upstream, downstream);
    this.owner = owner;
    join(downstream, upstream);
  }

  wake(): void {
    if (this.done) return;
    try {
      this.up.run();
      this.down.run();
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      this.broken = error.code;
      return this.finish();
    }
    if (this.up.shut && this.down.shut) return this.finish();
    for (const sock of [this.downstream, this.upstream]) {
      sock.readable.add(this);
      sock.writable.add(this);
    }
  }

  finish(): void {
    this.done = true;
    this.downstream.close();
    this.upstream.close();
    const sim = this.downstream.ns.sim;
    if (this.owner) sim.after(0, this.owner, "relay ended", this);
  }
}

/** "This accepted socket feeds that stream" (design: proxies say what they join). */
export function join(downstream: TcpSock, upstream: TcpSock, stream = 0): void {
  const ns = downstream.ns;
  ns.trace.emit(Ev.JOIN, ns.id, 0, downstream.id, upstream.id, stream);
}

import { SysError } from "../base/errno.ts";
import type { TcpSock } from "../net/tcp/sock.ts";
import type { Sim, Wakeable } from "../sim/sim.ts";
import { Ev } from "../sim/trace.ts";
import type { Duplex } from "./duplex.ts";

/** Bytes held for a slow reader before we stop reading from the other side. */
const BUFFER = 65536;

/** One direction of a relay. */
class Pump {
  from: Duplex;
  to: Duplex;
  /** Read, not yet taken by `to`. */
  held: Uint8Array[] = [];
  size = 0;
  ended = false;
  shut = false;
  bytes = 0;

  constructor(from: Duplex, to: Duplex) {
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
 * on. Whoever makes it says what it joins (`join`).
 */
export class Relay implements Wakeable {
  sim: Sim;
  up: Pump;
  down: Pump;
  downstream: Duplex;
  upstream: Duplex;
  done = false;
  /** Told once when both directions have ended or one broke. */
  owner: Wakeable | null;
  broken: string | null = null;

  constructor(sim: Sim, downstream: Duplex, upstream: Duplex, owner: Wakeable | null) {
    this.sim = sim;
    this.downstream = downstream;
    this.upstream = upstream;
    this.up = new Pump(downstream, upstream);
    this.down = new Pump(upstream, downstream);
    this.owner = owner;
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
    for (const side of [this.downstream, this.upstream]) {
      side.readable.add(this);
      side.writable.add(this);
    }
  }

  finish(): void {
    this.done = true;
    this.downstream.close();
    this.upstream.close();
    if (this.owner) this.sim.after(0, this.owner, "relay ended", this);
  }
}

/**
 * "This accepted socket feeds that one, or that stream of it" (design: proxies say what they join);
 * journeys follow that.
 */
export function join(downstream: TcpSock, upstream: TcpSock, stream = 0): void {
  const ns = downstream.ns;
  ns.trace.emit(Ev.JOIN, ns.id, 0, downstream.id, upstream.id, stream);
}

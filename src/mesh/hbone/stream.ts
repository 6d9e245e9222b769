import { SysError } from "../../base/errno.ts";
import { concatBytes } from "../../base/text.ts";
import type { Field } from "../../http2/hpack.ts";
import { WaitQueue } from "../../sim/wait.ts";
import type { Duplex } from "../duplex.ts";
import type { HboneTunnel } from "./tunnel.ts";

/** Bytes that may wait for a window of the peer's. */
const BUFFER = 65536;

/** One connection within a tunnel: the bytes after CONNECT was answered with 200 (RFC 9113 §8.5). */
export class HboneStream implements Duplex {
  tunnel: HboneTunnel;
  id: number;
  readable = new WaitQueue();
  writable = new WaitQueue();
  /** The answer to our CONNECT. */
  answer: readonly Field[] | null = null;
  inbox: Uint8Array = new Uint8Array(0);
  sawEnd = false;
  saidEnd = false;
  isBroken = false;

  constructor(tunnel: HboneTunnel, id: number) {
    this.tunnel = tunnel;
    this.id = id;
  }

  answered(fields: readonly Field[]): void {
    this.answer = fields;
    this.readable.wakeAll(this.sim);
  }

  arrived(data: Uint8Array): void {
    this.inbox = this.inbox.length ? concatBytes([this.inbox, data]) : data;
    this.readable.wakeAll(this.sim);
  }

  ended(): void {
    this.sawEnd = true;
    this.readable.wakeAll(this.sim);
    this.forget();
  }

  broke(): void {
    this.isBroken = true;
    this.readable.wakeAll(this.sim);
    this.writable.wakeAll(this.sim);
    this.tunnel.drop(this);
  }

  drained(): void {
    this.writable.wakeAll(this.sim);
  }

  get sim() {
    return this.tunnel.sock.ns.sim;
  }

  recv(max: number): Uint8Array | "EAGAIN" | "EOF" {
    if (this.inbox.length) {
      const part = this.inbox.subarray(0, max);
      this.inbox = this.inbox.subarray(part.length);
      this.tunnel.http2.consume(this.id, part.length);
      this.tunnel.flushSoon();
      return part;
    }
    if (this.isBroken) throw new SysError("ECONNRESET");
    return this.sawEnd ? "EOF" : "EAGAIN";
  }

  send(data: Uint8Array): number {
    if (this.isBroken) throw new SysError("EPIPE");
    const { http2 } = this.tunnel;
    const room = this.tunnel.isFull ? 0 : BUFFER - http2.queued(this.id);
    if (room <= 0) return 0;
    const part = data.subarray(0, room);
    if (!http2.sendData(this.id, part, false)) throw new SysError("EPIPE");
    this.tunnel.flushSoon();
    return part.length;
  }

  /** Answer the CONNECT that opened it; `end` when nothing follows. */
  respond(fields: readonly Field[], end: boolean): void {
    this.saidEnd ||= end;
    this.tunnel.http2.respond(this.id, fields, end);
    this.tunnel.flushSoon();
    this.forget();
  }

  shutdown(_how: "write"): void {
    if (this.saidEnd || this.isBroken) return;
    this.saidEnd = true;
    this.tunnel.http2.sendData(this.id, new Uint8Array(0), true);
    this.tunnel.flushSoon();
    this.forget();
  }

  close(): void {
    if (this.isBroken) return;
    if (!this.sawEnd || !this.saidEnd) this.tunnel.http2.resetStream(this.id, "CANCEL");
    this.tunnel.drop(this);
    this.isBroken = true;
    this.tunnel.flushSoon();
  }

  /** Both sides have ended: the tunnel needs it no more. */
  forget(): void {
    if (this.sawEnd && this.saidEnd) this.tunnel.drop(this);
  }
}

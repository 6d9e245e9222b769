import { SysError } from "../base/errno.ts";
import { concatBytes } from "../base/text.ts";
import type { Machine } from "../host/machine.ts";
import type { Process } from "../host/process.ts";
import { type HttpField, type HttpRequest, keepsAlive } from "../http1/message.ts";
import { HttpParser } from "../http1/parse.ts";
import { writeResponse } from "../http1/write.ts";
import { ownerOf } from "../net/socket/owner.ts";
import { TcpSock } from "../net/tcp/sock.ts";
import type { Sim, Wakeable } from "../sim/sim.ts";

export interface HttpAnswer {
  status: number;
  fields: readonly HttpField[];
  body: string;
}

/** What a server says to a request; HEAD's body is left out by the server itself. */
export interface HttpHandler {
  answer(request: HttpRequest, peer: TcpSock): HttpAnswer;
}

/** IMF-fixdate (RFC 9110 §5.6.7) of the virtual clock. */
export function httpDate(sim: Sim): string {
  return new Date(sim.epoch + sim.now / 1e6).toUTCString();
}

/** One client of the server. */
class Connection implements Wakeable {
  server: HttpServer;
  sock: TcpSock;
  parser = new HttpParser("request");
  out: Uint8Array = new Uint8Array(0);
  closing = false;

  constructor(server: HttpServer, sock: TcpSock) {
    this.server = server;
    this.sock = sock;
    server.machine.sim.after(0, this, "ready");
  }

  wake(): void {
    try {
      this.step();
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      this.close();
    }
  }

  step(): void {
    for (;;) {
      if (this.out.length) this.out = this.out.subarray(this.sock.send(this.out));
      if (this.out.length) {
        this.sock.writable.add(this);
        return;
      }
      if (this.closing) return this.close();
      const data = this.sock.recv(65536);
      if (data === "EAGAIN") {
        this.sock.readable.add(this);
        return;
      }
      if (data === "EOF") return this.close();
      for (const event of this.parser.push(data)) {
        if (event.kind === "request") this.answer(event.request);
        else if (event.kind === "error") {
          this.write(writeResponse(400, [["connection", "close"]]));
          this.closing = true;
        }
      }
    }
  }

  write(data: Uint8Array): void {
    this.out = this.out.length ? concatBytes([this.out, data]) : data;
  }

  answer(request: HttpRequest): void {
    const { status, fields, body } = this.server.handler.answer(request, this.sock);
    const keep = keepsAlive(request);
    const close: HttpField[] = keep ? [] : [["connection", "close"]];
    const response = writeResponse(status, [...fields, ...close], body);
    const head = request.method === "HEAD";
    this.write(head ? response.subarray(0, endOfHead(response)) : response);
    this.closing ||= !keep;
  }

  close(): void {
    this.sock.close();
    this.server.connections.delete(this);
  }
}

/** Behind the empty line. */
function endOfHead(response: Uint8Array): number {
  for (let i = 3; i < response.length; i++)
    if (response[i] === 10 && response[i - 1] === 13 && response[i - 2] === 10) return i + 1;
  return response.length;
}

/** A web server of a process: it listens, reads requests, and asks its handler what to say. */
export class HttpServer implements Wakeable {
  machine: Machine;
  handler: HttpHandler;
  sock: TcpSock;
  connections = new Set<Connection>();

  /** Throws EADDRINUSE … as bind(2) and listen(2) do. */
  constructor(
    machine: Machine,
    process: Process,
    address: number,
    port: number,
    handler: HttpHandler,
  ) {
    this.machine = machine;
    this.handler = handler;
    this.sock = new TcpSock(machine.netns, ownerOf(process));
    this.sock.reuseAddr = true;
    this.sock.bind(address, port);
    this.sock.listen(2048);
    this.sock.readable.add(this);
  }

  wake(): void {
    // Closing it wakes who waits for it.
    if (this.sock.closed) return;
    for (let sock = this.sock.accept(); sock; sock = this.sock.accept())
      this.connections.add(new Connection(this, sock));
    this.sock.readable.add(this);
  }

  /** The process ends: nobody is listened to any more, and what is open is closed. */
  stop(): void {
    this.sock.close();
    for (const connection of [...this.connections]) connection.close();
  }
}

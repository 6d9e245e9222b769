import { SysError } from "../base/errno.ts";
import { concatBytes } from "../base/text.ts";
import type { Process } from "../host/process.ts";
import { type HttpField, type HttpRequest, keepsAlive } from "../http1/message.ts";
import { HttpParser } from "../http1/parse.ts";
import { writeResponse } from "../http1/write.ts";
import { ownerOf } from "../net/socket/owner.ts";
import { TcpSock } from "../net/tcp/sock.ts";
import type { Wakeable } from "../sim/sim.ts";

/** What is answered to a request. */
export interface AdminAnswer {
  status: number;
  type: string;
  body: string;
}

/** Who knows the answers. */
export interface AdminOwner {
  /** `port`: of the listener that it came by. */
  answer(request: HttpRequest, port: number): AdminAnswer;
  /** The field "server" of every answer; "" for none. */
  serverName: string;
}

/** One client of an admin port. */
class Connection implements Wakeable {
  server: AdminServer;
  sock: TcpSock;
  parser = new HttpParser("request");
  output: Uint8Array = new Uint8Array(0);
  closing = false;

  constructor(server: AdminServer, sock: TcpSock) {
    this.server = server;
    this.sock = sock;
    sock.ns.sim.after(0, this, "ready");
  }

  wake(): void {
    try {
      this.step();
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      this.sock.close();
    }
  }

  step(): void {
    for (;;) {
      if (this.output.length) this.output = this.output.subarray(this.sock.send(this.output));
      if (this.output.length) {
        this.sock.writable.add(this);
        return;
      }
      if (this.closing) return this.sock.close();
      const data = this.sock.recv(65536);
      if (data === "EAGAIN") {
        this.sock.readable.add(this);
        return;
      }
      if (data === "EOF") return this.sock.close();
      for (const event of this.parser.push(data)) {
        if (event.kind === "request") this.answer(event.request);
        if (event.kind === "error") this.refuse();
      }
    }
  }

  answer(request: HttpRequest): void {
    const { owner, port, date } = this.server;
    const { status, type, body } = owner.answer(request, port);
    const keep = keepsAlive(request);
    const fields: HttpField[] = [
      ["content-type", type],
      ["date", date],
    ];
    if (owner.serverName) fields.push(["server", owner.serverName]);
    if (!keep) fields.push(["connection", "close"]);
    const response = writeResponse(status, fields, request.method === "HEAD" ? "" : body);
    this.output = concatBytes([this.output, response]);
    this.closing ||= !keep;
  }

  refuse(): void {
    const response = writeResponse(400, [["connection", "close"]]);
    this.output = concatBytes([this.output, response]);
    this.closing = true;
  }
}

/** The HTTP/1.1 of a proxy's own ports: its admin interface, its metrics, whether it is ready. */
export class AdminServer implements Wakeable {
  owner: AdminOwner;
  port: number;
  sock: TcpSock;

  /** Listens on `address` (0: on all) and `port` of the process's network namespace. */
  constructor(process: Process, address: number, port: number, owner: AdminOwner) {
    this.owner = owner;
    this.port = port;
    this.sock = new TcpSock(process.netns, ownerOf(process));
    this.sock.reuseAddr = true;
    this.sock.bind(address, port);
    this.sock.listen(4096);
    this.sock.readable.add(this);
  }

  /** IMF-fixdate (RFC 9110 §5.6.7) of the virtual clock. */
  get date(): string {
    const { sim } = this.sock.ns;
    return new Date(sim.epoch + sim.now / 1e6).toUTCString();
  }

  wake(): void {
    // Closing it wakes who waits for it.
    if (this.sock.closed) return;
    for (let sock = this.sock.accept(); sock; sock = this.sock.accept()) new Connection(this, sock);
    this.sock.readable.add(this);
  }

  stop(): void {
    this.sock.close();
  }
}

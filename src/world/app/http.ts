import { SysError } from "../../base/errno.ts";
import { concatBytes, utf8 } from "../../base/text.ts";
import type { Machine } from "../../host/machine.ts";
import type { Process } from "../../host/process.ts";
import { type HttpField, type HttpRequest, keepsAlive } from "../../http1/message.ts";
import { HttpParser } from "../../http1/parse.ts";
import { writeResponse } from "../../http1/write.ts";
import type { ContainerLog } from "../../kube/log.ts";
import { ownerOf } from "../../net/socket/owner.ts";
import { TcpSock } from "../../net/tcp/sock.ts";
import type { Wakeable } from "../../sim/sim.ts";
import { formatIpv4 } from "../../wire/address.ts";

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
      this.sock.close();
    }
  }

  step(): void {
    for (;;) {
      if (this.out.length) this.out = this.out.subarray(this.sock.send(this.out));
      if (this.out.length) {
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
    const { server } = this;
    const known = request.method === "GET" || request.method === "HEAD";
    const status = known ? 200 : 405;
    const keep = keepsAlive(request);
    const response = writeResponse(
      status,
      [
        ["content-type", server.type],
        ["server", server.name],
        ["date", server.date],
        ...(keep ? [] : ([["connection", "close"]] as HttpField[])),
      ],
      known ? server.body : "",
    );
    this.write(
      request.method === "HEAD"
        ? response.subarray(0, response.length - utf8(server.body).length)
        : response,
    );
    this.closing ||= !keep;
    server.log.write(
      `${formatIpv4(this.sock.dst)} - - [${server.date}] "${request.method} ${request.target} HTTP/${request.version}" ${status} -`,
    );
  }
}

/** A small web server: what the demo's applications are. */
export class HttpServer implements Wakeable {
  machine: Machine;
  sock: TcpSock;
  body: string;
  type: string;
  log: ContainerLog;
  name = "gunicorn";

  constructor(
    machine: Machine,
    process: Process,
    port: number,
    body: string,
    type: string,
    log: ContainerLog,
  ) {
    this.machine = machine;
    this.body = body;
    this.type = type;
    this.log = log;
    this.sock = new TcpSock(machine.netns, ownerOf(process));
    this.sock.reuseAddr = true;
    this.sock.bind(0, port);
    this.sock.listen(2048);
    this.sock.readable.add(this);
  }

  /** IMF-fixdate (RFC 9110 §5.6.7) of the virtual clock. */
  get date(): string {
    const { sim } = this.machine;
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

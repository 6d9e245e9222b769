import { SysError } from "../../base/errno.ts";
import { fromUtf8, utf8 } from "../../base/text.ts";
import type { Machine } from "../../host/machine.ts";
import type { Process } from "../../host/process.ts";
import type { ContainerStatus } from "../../kube/objects.ts";
import { ownerOf } from "../../net/socket/owner.ts";
import { TcpSock } from "../../net/tcp/sock.ts";
import type { Wakeable } from "../../sim/sim.ts";
import { formatIpv4 } from "../../wire/address.ts";

/** One client of the server. */
class Connection implements Wakeable {
  server: HttpServer;
  sock: TcpSock;
  received = "";
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
      const end = this.received.indexOf("\r\n\r\n");
      if (end >= 0) {
        const head = this.received.slice(0, end).split("\r\n");
        this.received = this.received.slice(end + 4);
        this.answer(head);
        continue;
      }
      const data = this.sock.recv(65536);
      if (data === "EAGAIN") {
        this.sock.readable.add(this);
        return;
      }
      if (data === "EOF") return this.sock.close();
      this.received += fromUtf8(data);
    }
  }

  answer(head: string[]): void {
    const { server } = this;
    const [method = "", target = ""] = (head[0] ?? "").split(" ");
    const header = (name: string): string =>
      head
        .slice(1)
        .find((line) => line.toLowerCase().startsWith(`${name}:`))
        ?.replace(/^[^:]*:\s*/, "") ?? "";
    const known = method === "GET" || method === "HEAD";
    const status = known ? "200 OK" : "405 Method Not Allowed";
    const body = utf8(known ? server.body : "");
    const close =
      header("connection").toLowerCase() === "close" || (head[0] ?? "").endsWith("HTTP/1.0");
    const lines = [
      `HTTP/1.1 ${status}`,
      `content-type: ${server.type}`,
      `content-length: ${body.length}`,
      `server: ${server.name}`,
      `date: ${server.date}`,
      ...(close ? ["connection: close"] : []),
    ];
    const text = utf8(`${lines.join("\r\n")}\r\n\r\n`);
    const out = new Uint8Array(text.length + (method === "HEAD" ? 0 : body.length));
    out.set(text);
    if (method !== "HEAD") out.set(body, text.length);
    this.out = out;
    this.closing = close;
    server.status.log.push({
      at: server.machine.sim.now,
      text: `${formatIpv4(this.sock.dst)} - - [${server.date}] "${method} ${target} HTTP/1.1" ${status.slice(0, 3)} -`,
    });
  }
}

/** A small web server: what the demo's applications are. */
export class HttpServer implements Wakeable {
  machine: Machine;
  sock: TcpSock;
  body: string;
  type: string;
  status: ContainerStatus;
  name = "gunicorn";

  constructor(
    machine: Machine,
    process: Process,
    port: number,
    body: string,
    type: string,
    status: ContainerStatus,
  ) {
    this.machine = machine;
    this.body = body;
    this.type = type;
    this.status = status;
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
    for (let sock = this.sock.accept(); sock; sock = this.sock.accept()) new Connection(this, sock);
    if (!this.sock.closed) this.sock.readable.add(this);
  }

  stop(): void {
    this.sock.close();
  }
}

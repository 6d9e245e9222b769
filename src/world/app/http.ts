import type { Machine } from "../../host/machine.ts";
import type { Process } from "../../host/process.ts";
import type { HttpRequest } from "../../http1/message.ts";
import type { ContainerLog } from "../../kube/log.ts";
import { type HttpAnswer, type HttpHandler, HttpServer, httpDate } from "../../mesh/http-server.ts";
import type { TcpSock } from "../../net/tcp/sock.ts";
import { formatIpv4 } from "../../wire/address.ts";

/** A site of one page, with a line in the container's log for each request. */
class Site implements HttpHandler {
  machine: Machine;
  body: string;
  type: string;
  log: ContainerLog;
  name: string;

  constructor(machine: Machine, body: string, type: string, log: ContainerLog, name: string) {
    this.machine = machine;
    this.body = body;
    this.type = type;
    this.log = log;
    this.name = name;
  }

  answer(request: HttpRequest, peer: TcpSock): HttpAnswer {
    const known = request.method === "GET" || request.method === "HEAD";
    const status = known ? 200 : 405;
    this.log.write(
      `${formatIpv4(peer.dst)} - - [${httpDate(this.machine.sim)}] "${request.method} ${request.target} HTTP/${request.version}" ${status} -`,
    );
    return {
      status,
      fields: [
        ["content-type", this.type],
        ["server", this.name],
        ["date", httpDate(this.machine.sim)],
      ],
      body: known ? this.body : "",
    };
  }
}

/** A small web server: what the demo's applications are. */
export function serveSite(
  machine: Machine,
  process: Process,
  port: number,
  body: string,
  type: string,
  log: ContainerLog,
  name = "gunicorn",
): HttpServer {
  return new HttpServer(machine, process, 0, port, new Site(machine, body, type, log, name));
}

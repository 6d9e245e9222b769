import type { Process } from "../../host/process.ts";
import type { HttpRequest } from "../../http1/message.ts";
import { type HttpAnswer, type HttpHandler, HttpServer } from "../http-server.ts";
import { configDump } from "./config-dump.ts";
import type { Ztunnel } from "./ztunnel.ts";

export const ADMIN_PORT = 15000;
export const STATS_PORT = 15020;
export const READINESS_PORT = 15021;
const LOOPBACK = 0x7f000001;

const LOGGING_HELP = `
usage: POST /logging\t\t\t\t\t\t(To list current level)
usage: POST /logging?level=<level>\t\t\t\t(To change global levels)
usage: POST /logging?level={mod1}:{level1},{mod2}:{level2}\t(To change specific mods' logging level)

hint: loglevel:\terror|warn|info|debug|trace|off
hint: mod_name:\tthe module name, i.e. ztunnel::proxy
`;

function plain(status: number, body: string): HttpAnswer {
  return { status, fields: [["content-type", "text/plain; charset=utf-8"]], body };
}

function empty(status: number): HttpAnswer {
  return { status, fields: [], body: "" };
}

/** Path and parameters of a request's target. */
function parseTarget(target: string): { path: string; query: Map<string, string> } {
  const [path = "", text = ""] = target.split("?");
  const pairs = text
    .split("&")
    .filter(Boolean)
    .map((pair): [string, string] => {
      const [name = "", value = ""] =
        pair.split("=").length > 2 ? splitFirst(pair) : pair.split("=");
      return [decode(name), decode(value)];
    });
  return { path, query: new Map(pairs) };
}

function splitFirst(pair: string): [string, string] {
  const at = pair.indexOf("=");
  return [pair.slice(0, at), pair.slice(at + 1)];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}

/** 15021: ready or not, and what is awaited (ztunnel: src/readiness/server.rs). */
class Readiness implements HttpHandler {
  ztunnel: Ztunnel;

  constructor(ztunnel: Ztunnel) {
    this.ztunnel = ztunnel;
  }

  answer({ method, target }: HttpRequest): HttpAnswer {
    if (parseTarget(target).path !== "/healthz/ready") return empty(404);
    if (method !== "GET") return empty(405);
    const pending = [...this.ztunnel.pending].sort();
    return pending.length
      ? plain(500, `not ready, pending: ${pending.join(", ")}\n`)
      : plain(200, "ready\n");
  }
}

/** 15020: metrics (ztunnel: src/metrics/server.rs). */
class Stats implements HttpHandler {
  ztunnel: Ztunnel;

  constructor(ztunnel: Ztunnel) {
    this.ztunnel = ztunnel;
  }

  answer({ target, fields }: HttpRequest): HttpAnswer {
    const { path } = parseTarget(target);
    if (path !== "/metrics" && path !== "/stats/prometheus") return empty(404);
    this.ztunnel.countAll();
    const wantsOpen = fields.some(
      ([name, value]) =>
        name.toLowerCase() === "accept" && value.includes("application/openmetrics-text"),
    );
    const type = wantsOpen
      ? "application/openmetrics-text;charset=utf-8;version=1.0.0"
      : "text/plain; charset=utf-8";
    return { status: 200, fields: [["content-type", type]], body: this.ztunnel.metrics.text() };
  }
}

/** 15000: what it knows, and how much it says (ztunnel: src/admin.rs). */
class AdminPages implements HttpHandler {
  ztunnel: Ztunnel;

  constructor(ztunnel: Ztunnel) {
    this.ztunnel = ztunnel;
  }

  answer({ method, target }: HttpRequest): HttpAnswer {
    const { path, query } = parseTarget(target);
    switch (path) {
      case "/config_dump":
        return {
          status: 200,
          fields: [["content-type", "application/json"]],
          body: configDump(this.ztunnel),
        };
      case "/logging":
        return this.logging(method, query);
      default:
        return empty(404);
    }
  }

  logging(method: string, query: Map<string, string>): HttpAnswer {
    if (method !== "POST") return plain(405, `Invalid HTTP method\n ${LOGGING_HELP}`);
    const { log } = this.ztunnel;
    const level = query.get("level") ?? "";
    const reset = query.has("reset");
    if ((level || reset) && !log.change(level, reset))
      return plain(400, `Invalid level provided: ${level}\n${LOGGING_HELP}`);
    return plain(200, `current log level is ${log.filter}\n`);
  }
}

/** The pages of a ztunnel, in its own pod's network. */
export class Admin {
  servers: HttpServer[];

  constructor(ztunnel: Ztunnel, process: Process) {
    const { machine } = ztunnel;
    this.servers = [
      new HttpServer(machine, process, LOOPBACK, ADMIN_PORT, new AdminPages(ztunnel)),
      new HttpServer(machine, process, 0, STATS_PORT, new Stats(ztunnel)),
      new HttpServer(machine, process, 0, READINESS_PORT, new Readiness(ztunnel)),
    ];
    const { log } = ztunnel;
    const at = (component: string, address: string): void =>
      log.write("info", "hyper_util", "listener established", [
        ["address", address, "bare"],
        ["component", component],
      ]);
    at("readiness", `0.0.0.0:${READINESS_PORT}`);
    at("admin", `127.0.0.1:${ADMIN_PORT}`);
    at("stats", `0.0.0.0:${STATS_PORT}`);
  }

  stop(): void {
    for (const server of this.servers) server.stop();
  }
}

import type { HttpField, HttpRequest } from "../../http1/message.ts";
import type { TcpSock } from "../../net/tcp/sock.ts";
import { type HttpAnswer, type HttpHandler, httpDate } from "../http-server.ts";
import type { AdsStream } from "./ads.ts";
import { buildText } from "./build.ts";
import type { Istiod } from "./istiod.ts";
import {
  CLUSTER_TYPE,
  ENDPOINT_TYPE,
  EXTENSION_TYPE,
  LISTENER_TYPE,
  ROUTE_TYPE,
} from "./messages.ts";

/** Where istiod says how it is: debug pages (and, on a real one, metrics); readiness. */
export const MONITORING_PORT = 15014;
export const HTTP_PORT = 8080;
const LOOPBACK = 0x7f;

/** Types that have fields of their own in syncz, whether or not a proxy asks for them. */
const NAMED = [
  ["cluster", CLUSTER_TYPE],
  ["listener", LISTENER_TYPE],
  ["route", ROUTE_TYPE],
  ["endpoint", ENDPOINT_TYPE],
  ["extensionconfig", EXTENSION_TYPE],
] as const;

/** What is "" is left out. */
function filled(fields: readonly (readonly [string, string])[]): Record<string, string> {
  return Object.fromEntries(fields.filter(([, value]) => value !== ""));
}

export class Monitoring implements HttpHandler {
  istiod: Istiod;

  constructor(istiod: Istiod) {
    this.istiod = istiod;
  }

  answer(request: HttpRequest, peer: TcpSock): HttpAnswer {
    const [path = "", query = ""] = request.target.split("?");
    const { sim } = this.istiod.machine;
    const say = (status: number, body: string, type = "text/plain; charset=utf-8"): HttpAnswer => {
      const date: HttpField = ["Date", httpDate(sim)];
      return { status, fields: body ? [["Content-Type", type], date] : [date], body };
    };
    if (path === "/ready" && peer.srcPort === HTTP_PORT)
      return say(this.istiod.discovery.synced ? 200 : 503, "");
    if (path === "/version" && peer.srcPort === MONITORING_PORT)
      return say(200, buildText(this.istiod.build));
    if (path === "/debug/syncz") {
      // Others would have to show a token (istio: pilot/pkg/xds/debug.go, allowAuthenticatedOrLocalhost).
      if (peer.dst >>> 24 !== LOOPBACK) return say(401, "");
      const indent = /(^|&)pretty(=|&|$)/.test(query) ? 4 : 0;
      return say(200, JSON.stringify(this.syncz(), null, indent), "application/json");
    }
    return say(404, "404 page not found\n");
  }

  /** istio: pilot/pkg/xds/debug.go, Syncz; the preview's has neither the proxies' types nor resources. */
  syncz(): object[] {
    const { discovery, release } = this.istiod;
    return [...discovery.streams].map((stream) => ({
      ...filled([
        ["cluster_id", stream.clusterId],
        ["proxy", stream.proxy],
        ["proxy_type", release === "today" ? stream.kind : ""],
        ["istio_version", stream.istioVersion],
        ...NAMED.flatMap(([name, type]) => {
          const { nonceSent = "", nonceAcked = "" } = stream.watched.get(type) ?? {};
          return [[`${name}_sent`, nonceSent] as const, [`${name}_acked`, nonceAcked] as const];
        }),
      ]),
      ...(release === "today" && stream.watched.size ? { resources: this.resources(stream) } : {}),
    }));
  }

  /** By type; Go writes the keys of a map in order, and no time as the year 1. */
  resources(stream: AdsStream): Record<string, object> {
    const { sim } = this.istiod.machine;
    return Object.fromEntries(
      [...stream.watched]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([type, { nonceSent, nonceAcked, sentAt, lastError }]) => [
          type,
          {
            ...filled([
              ["sent", nonceSent],
              ["acked", nonceAcked],
            ]),
            sentTime:
              sentAt === null
                ? "0001-01-01T00:00:00Z"
                : new Date(sim.epoch + Math.floor(sentAt / 1e6)).toISOString(),
            ...filled([["lastError", lastError]]),
          },
        ]),
    );
  }
}

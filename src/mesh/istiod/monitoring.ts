import type { HttpField, HttpRequest } from "../../http1/message.ts";
import type { TcpSock } from "../../net/tcp/sock.ts";
import { type HttpAnswer, type HttpHandler, httpDate } from "../http-server.ts";
import type { Istiod } from "./istiod.ts";
import { CLUSTER_TYPE, ENDPOINT_TYPE, LISTENER_TYPE } from "./messages.ts";

/** Where istiod says how it is: debug pages (and, on a real one, metrics); readiness. */
export const MONITORING_PORT = 15014;
export const HTTP_PORT = 8080;
const LOOPBACK = 0x7f;

/** What was sent to a proxy and what it has confirmed, as syncz has it. */
const SYNCED = [
  ["cluster", CLUSTER_TYPE],
  ["listener", LISTENER_TYPE],
  ["endpoint", ENDPOINT_TYPE],
] as const;

export class Monitoring implements HttpHandler {
  istiod: Istiod;

  constructor(istiod: Istiod) {
    this.istiod = istiod;
  }

  answer(request: HttpRequest, peer: TcpSock): HttpAnswer {
    const [path = ""] = request.target.split("?");
    const { sim } = this.istiod.machine;
    const say = (status: number, body: string, type = "text/plain; charset=utf-8"): HttpAnswer => {
      const date: HttpField = ["Date", httpDate(sim)];
      return { status, fields: body ? [["Content-Type", type], date] : [date], body };
    };
    if (path === "/ready" && peer.srcPort === HTTP_PORT)
      return say(this.istiod.discovery.synced ? 200 : 503, "");
    if (path === "/debug/syncz") {
      // Others would have to show a token (istio: pilot/pkg/xds/debug.go, allowAuthenticatedOrLocalhost).
      if (peer.dst >>> 24 !== LOOPBACK) return say(401, "");
      return say(200, JSON.stringify(this.syncz(), null, 2), "application/json");
    }
    return say(404, "404 page not found\n");
  }

  syncz(): object[] {
    const { streams } = this.istiod.discovery;
    return [...streams].map((stream) => {
      const nonces = SYNCED.flatMap(([name, type]) => {
        const watched = stream.watched.get(type);
        if (!watched?.nonceSent) return [];
        const { nonceSent, nonceAcked } = watched;
        return [
          [`${name}_sent`, nonceSent],
          ...(nonceAcked ? [[`${name}_acked`, nonceAcked]] : []),
        ];
      });
      return {
        cluster_id: stream.clusterId,
        proxy: stream.proxy,
        proxy_type: stream.kind,
        ...Object.fromEntries(nonces),
      };
    });
  }
}

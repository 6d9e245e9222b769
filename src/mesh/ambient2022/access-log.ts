import type { Sim } from "../../sim/sim.ts";
import { formatIpv4 } from "../../wire/address.ts";
import type { Session } from "./session.ts";

/** Where connections within Envoy come from (envoy: internal listeners). */
const INTERNAL = "envoy://internal_client_address/";

interface Line {
  request: string;
  details: string;
  /** Why the connection ended. */
  termination: string;
  authority: string;
  upstream: string;
  cluster: string;
  upstreamLocal: string;
  downstreamLocal: string;
  downstreamRemote: string;
  label: string;
}

/**
 * Envoy's access log as the preview formatted it (istio: pilot/pkg/networking/ambientgen, ztunnelgen.go).
 * What goes into a tunnel passes two listeners, each with a line: the tunnel's, then the capture's.
 */
export function accessLines(session: Session): string[] {
  const { accepted: d, carrier: u, original, role, decision } = session;
  const { action, cluster, label, denied } = decision;
  const at = (ip: number, port: number): string => `${formatIpv4(ip)}:${port}`;
  const plain: Line = {
    request: '"- - -" 0',
    details: "-",
    termination: denied || "-",
    authority: "-",
    upstream: u ? at(u.dst, u.dstPort) : "-",
    cluster,
    upstreamLocal: u ? at(u.src, u.srcPort) : "-",
    // The address that the client meant, also where REDIRECT brought it here (SO_ORIGINAL_DST).
    downstreamLocal: at(original.address, original.port),
    downstreamRemote: at(d.dst, d.dstPort),
    label,
  };
  const connection = connectionOf(session);
  if (role === "inbound") {
    const answered = session.flags === "-";
    const line = {
      ...plain,
      request: `"CONNECT - HTTP/2" ${answered ? 200 : 503}`,
      details: answered ? "via_upstream" : "-",
      authority: session.authority,
    };
    return [format(connection, line)];
  }
  if (action.kind !== "tunnel" || !action.via) return [format(connection, plain)];
  const tunnel = {
    ...plain,
    cluster: action.cluster,
    downstreamLocal: session.authority,
    downstreamRemote: INTERNAL,
    label: action.via.label,
  };
  const capture = {
    ...plain,
    upstream: `envoy://${action.via.listener}/${session.authority}`,
    upstreamLocal: INTERNAL,
  };
  return [format(connection, tunnel), format(connection, capture)];
}

/** The line of a connection that its filters have ended. */
export function deniedLine(
  sim: Sim,
  { accepted, started, original }: Pick<Session, "accepted" | "started" | "original">,
  termination: string,
  label: string,
): string {
  const at = (ip: number, port: number): string => `${formatIpv4(ip)}:${port}`;
  const line: Line = {
    request: '"- - -" 0',
    ...{ details: "-", termination, authority: "-", upstream: "-", cluster: "-" },
    upstreamLocal: "-",
    downstreamLocal: at(original.address, original.port),
    downstreamRemote: at(accepted.dst, accepted.dstPort),
    label,
  };
  return format({ sim, started, flags: "-", up: 0, down: 0 }, line);
}

/** What does not depend on the listener that has the line. */
interface Connection {
  sim: Sim;
  started: number;
  flags: string;
  /** Bytes received and sent. */
  up: number;
  down: number;
}

function connectionOf({ proxy, started, flags, relay }: Session): Connection {
  const { sim } = proxy.machine;
  return { sim, started, flags, up: relay?.up.bytes ?? 0, down: relay?.down.bytes ?? 0 };
}

function format({ sim, started, flags, up, down }: Connection, line: Line): string {
  const time = new Date(sim.epoch + started / 1e6).toISOString();
  const took = Math.round((sim.now - started) / 1e6);
  return `[${time}] ${line.request} ${flags} ${line.details} ${line.termination} "-" ${up} ${down} ${took} - "-" "-" "-" "${line.authority}" "${line.upstream}" ${line.cluster} ${line.upstreamLocal} ${line.downstreamLocal} ${line.downstreamRemote} - - ${line.label}`;
}

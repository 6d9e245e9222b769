import { formatIpv4 } from "../../wire/address.ts";
import type { Session } from "./session.ts";

/** Where connections within Envoy come from (envoy: internal listeners). */
const INTERNAL = "envoy://internal_client_address/";

interface Line {
  request: string;
  details: string;
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
  const { action, cluster, label } = decision;
  const at = (ip: number, port: number): string => `${formatIpv4(ip)}:${port}`;
  const plain: Line = {
    request: '"- - -" 0',
    details: "-",
    authority: "-",
    upstream: u ? at(u.dst, u.dstPort) : "-",
    cluster,
    upstreamLocal: u ? at(u.src, u.srcPort) : "-",
    // The address that the client meant, also where REDIRECT brought it here (SO_ORIGINAL_DST).
    downstreamLocal: at(original.address, original.port),
    downstreamRemote: at(d.dst, d.dstPort),
    label,
  };
  if (role === "inbound") {
    const answered = session.flags === "-";
    const line = {
      ...plain,
      request: `"CONNECT - HTTP/2" ${answered ? 200 : 503}`,
      details: answered ? "via_upstream" : "-",
      authority: session.authority,
    };
    return [format(session, line)];
  }
  if (action.kind !== "tunnel" || !action.via) return [format(session, plain)];
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
  return [format(session, tunnel), format(session, capture)];
}

function format(session: Session, line: Line): string {
  const { sim } = session.proxy.machine;
  const time = new Date(sim.epoch + session.started / 1e6).toISOString();
  const up = session.relay?.up.bytes ?? 0;
  const down = session.relay?.down.bytes ?? 0;
  const took = Math.round((sim.now - session.started) / 1e6);
  return `[${time}] ${line.request} ${session.flags} ${line.details} - "-" ${up} ${down} ${took} - "-" "-" "-" "${line.authority}" "${line.upstream}" ${line.cluster} ${line.upstreamLocal} ${line.downstreamLocal} ${line.downstreamRemote} - - ${line.label}`;
}

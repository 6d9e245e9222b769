import type { Rng } from "../../base/rng.ts";
import { formatIpv4 } from "../../wire/address.ts";
import {
  type GatewayAddress,
  identityOf,
  type ProxyState,
  type Service,
  type Workload,
} from "./state.ts";

/** Where an application's connection goes (ztunnel: src/proxy/outbound.rs, Request). */
export interface OutboundRequest {
  protocol: "HBONE" | "TCP";
  source: Workload;
  /** The next hop of TCP: a pod, a waypoint, or where the client wanted to go. */
  address: number;
  port: number;
  /** The `:authority` within the tunnel; "" without one. */
  authority: string;
  /** The next hop, when it is known. */
  workload: Workload | null;
  /** The service that was meant. */
  service: Service | null;
  /** Identities of which the next hop must have one. */
  sans: string[];
}

interface Upstream {
  workload: Workload;
  port: number;
  service: Service | null;
  sans: string[];
}

function sansOf(workload: Workload, service: Service | null): string[] {
  return [...(service?.subjectAltNames ?? []), identityOf(workload)];
}

/** One of a service's healthy endpoints that serve the port (ztunnel: state.rs, load_balance). */
function choose(
  state: ProxyState,
  service: Service,
  port: number,
  chance: Rng,
  literal = 0,
): Upstream | null {
  const target = service.ports.get(port);
  const candidates: Upstream[] = [];
  for (const endpoint of service.endpoints.values()) {
    const workload = state.workloads.get(endpoint.workloadUid);
    if (!workload || workload.workloadIps.length === 0 || endpoint.status !== "Healthy") continue;
    const actual = endpoint.port.get(port) || target || literal;
    if (!actual) continue;
    candidates.push({ workload, port: actual, service, sans: sansOf(workload, service) });
  }
  return candidates.length ? (candidates[chance.below(candidates.length)] ?? null) : null;
}

/** A waypoint of the object's, resolved; the error where it is named and not known. */
function waypointOf(
  state: ProxyState,
  gateway: GatewayAddress | null,
  chance: Rng,
): Upstream | { error: string } | null {
  if (!gateway) return null;
  const { destination, hboneMtlsPort } = gateway;
  if ("address" in destination) {
    const workload = state.byAddress.get(destination.address);
    if (workload)
      return { workload, port: hboneMtlsPort, service: null, sans: sansOf(workload, null) };
    const service = state.serviceAt(destination.address, "");
    const found = service && choose(state, service, hboneMtlsPort, chance, hboneMtlsPort);
    return found ?? { error: `unknown waypoint: ${formatIpv4(destination.address)}` };
  }
  const service = state.services.get(`${destination.namespace}/${destination.hostname}`);
  const found = service && choose(state, service, hboneMtlsPort, chance, hboneMtlsPort);
  return found ?? { error: `unknown waypoint: ${destination.hostname}` };
}

function through(
  waypoint: Upstream,
  source: Workload,
  target: { address: number; port: number },
  service: Service | null,
): OutboundRequest {
  return {
    protocol: "HBONE",
    source,
    address: waypoint.workload.workloadIps[0] ?? 0,
    port: waypoint.port,
    authority: `${formatIpv4(target.address)}:${target.port}`,
    workload: waypoint.workload,
    service,
    sans: waypoint.sans,
  };
}

/**
 * The decision about a captured connection, in the real order (ztunnel: src/proxy/outbound.rs,
 * build_request): the service's waypoint, one of its endpoints, a workload's waypoint, the workload
 * itself, else on as it came. `from` is the client's address.
 */
export function buildRequest(
  state: ProxyState,
  source: Workload,
  from: number,
  target: { address: number; port: number },
  hbonePort: number,
  chance: Rng,
): OutboundRequest | { error: string } {
  const service = state.byAddress.has(target.address)
    ? null
    : state.serviceAt(target.address, source.namespace);
  if (service) {
    const waypoint = waypointOf(state, service.waypoint, chance);
    if (waypoint && "error" in waypoint) return waypoint;
    if (waypoint) return through(waypoint, source, target, service);
  }
  const direct = state.byAddress.get(target.address);
  const upstream: Upstream | null = service
    ? service.ports.has(target.port)
      ? choose(state, service, target.port, chance)
      : null
    : direct
      ? { workload: direct, port: target.port, service: null, sans: sansOf(direct, null) }
      : null;
  if (!upstream) {
    if (service)
      return { error: `no healthy upstream: ${formatIpv4(target.address)}:${target.port}` };
    return {
      protocol: "TCP",
      source,
      address: target.address,
      port: target.port,
      authority: "",
      workload: null,
      service: null,
      sans: [],
    };
  }
  const { workload } = upstream;
  if (!service && !isFromWaypoint(state, workload, source, from)) {
    const waypoint = waypointOf(state, workload.waypoint, chance);
    if (waypoint && "error" in waypoint) return waypoint;
    if (waypoint) return through(waypoint, source, target, null);
  }
  const address = workload.workloadIps[0] ?? 0;
  const isTunnel = workload.protocol === "HBONE";
  return {
    protocol: workload.protocol,
    source,
    address,
    // Only a tunnel has a port of its own.
    port: isTunnel ? hbonePort : upstream.port,
    authority: isTunnel ? `${formatIpv4(address)}:${upstream.port}` : "",
    workload,
    service: upstream.service,
    sans: upstream.sans,
  };
}

/** Does the workload's own waypoint send this? It is not sent through itself again. */
function isFromWaypoint(
  state: ProxyState,
  upstream: Workload,
  source: Workload,
  from: number,
): boolean {
  const gateway = upstream.waypoint?.destination;
  if (!gateway || !source.workloadIps.includes(from)) return false;
  if ("address" in gateway) {
    const workload = state.byAddress.get(gateway.address);
    if (workload) return workload.uid === source.uid;
  }
  const service =
    "address" in gateway
      ? state.serviceAt(gateway.address, "")
      : state.services.get(`${gateway.namespace}/${gateway.hostname}`);
  return service?.endpoints.has(source.uid) ?? false;
}

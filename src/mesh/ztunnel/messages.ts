import { u32 } from "../../wire/bytes.ts";
import * as wire from "../istiod/workload-messages.ts";
import type {
  Authorization,
  GatewayAddress,
  IpBlock,
  RbacMatch,
  Service,
  StringMatch,
  Workload,
  WorkloadUpdate,
} from "./state.ts";

/*
 * Messages of the control plane as what a ztunnel keeps of them (ztunnel: src/state/workload.rs,
 * src/state/service.rs, src/rbac.rs, the TryFrom implementations).
 */

/** A message that cannot be taken; istiod is told why. */
export class BadMessage extends Error {}

const WORKLOAD_TYPES = ["deployment", "cronjob", "pod", "job"] as const;

/** Only IPv4 addresses count here; null for another family. */
function ipv4(bytes: Uint8Array): number | null {
  if (bytes.length === 4) return u32(bytes, 0);
  if (bytes.length === 16) return null;
  throw new BadMessage(`failed to parse address: ${bytes.length} bytes`);
}

function ipv4s(list: readonly Uint8Array[]): number[] {
  return list.map(ipv4).filter((address): address is number => address !== null);
}

function gateway(message: wire.GatewayAddress | undefined): GatewayAddress | null {
  if (!message) return null;
  const { destination, hboneMtlsPort } = message;
  switch (destination.case) {
    case "address": {
      const address = ipv4(destination.value.address);
      return address === null ? null : { destination: { address }, hboneMtlsPort };
    }
    case "hostname": {
      const { namespace, hostname } = destination.value;
      return { destination: { namespace, hostname }, hboneMtlsPort };
    }
    default:
      throw new BadMessage("invalid waypoint address");
  }
}

/** Service port to target port. */
function ports(list: readonly wire.Port[]): Map<number, number> {
  return new Map(list.map(({ servicePort, targetPort }) => [servicePort, targetPort]));
}

export function workloadOf(message: wire.Workload): WorkloadUpdate {
  const workload: Workload = {
    uid: message.uid,
    workloadIps: ipv4s(message.addresses),
    waypoint: gateway(message.waypoint),
    protocol: message.tunnelProtocol === wire.TunnelProtocol.HBONE ? "HBONE" : "TCP",
    networkMode: message.networkMode === wire.NetworkMode.HOST_NETWORK ? "HostNetwork" : "Standard",
    name: message.name,
    namespace: message.namespace,
    trustDomain: message.trustDomain || "cluster.local",
    serviceAccount: message.serviceAccount || "default",
    network: message.network,
    workloadName: message.workloadName,
    workloadType: WORKLOAD_TYPES[message.workloadType] ?? "deployment",
    canonicalName: message.canonicalName,
    canonicalRevision: message.canonicalRevision,
    hostname: message.hostname,
    node: message.node,
    nativeTunnel: message.nativeTunnel,
    authorizationPolicies: message.authorizationPolicies,
    status: message.status === wire.WorkloadStatus.HEALTHY ? "Healthy" : "Unhealthy",
    clusterId: message.clusterId,
    capacity: message.capacity ?? 1,
  };
  const services = new Map(
    Object.entries(message.services).map(([name, list]) => [name, ports(list.ports)]),
  );
  return { ...workload, services };
}

/** Its endpoints come with the workloads. */
export function serviceOf(message: wire.Service): Service {
  const { name, namespace, hostname, subjectAltNames } = message;
  return {
    name,
    namespace,
    hostname,
    vips: ipv4s(message.addresses.map(({ address }) => address)),
    ports: ports(message.ports),
    endpoints: new Map(),
    waypoint: gateway(message.waypoint),
    subjectAltNames,
  };
}

function stringMatch({ matchType }: wire.StringMatch): StringMatch {
  if (matchType.case === undefined) throw new BadMessage("string match without a kind");
  if (matchType.case === "presence") return { kind: "presence" };
  return { kind: matchType.case, value: matchType.value };
}

function block({ address, length }: wire.AddressBlock): IpBlock[] {
  const found = ipv4(address);
  return found === null ? [] : [{ address: found, length }];
}

function match(message: wire.Match): RbacMatch {
  return {
    namespaces: message.namespaces.map(stringMatch),
    notNamespaces: message.notNamespaces.map(stringMatch),
    serviceAccounts: message.serviceAccounts,
    notServiceAccounts: message.notServiceAccounts,
    principals: message.principals.map(stringMatch),
    notPrincipals: message.notPrincipals.map(stringMatch),
    sourceIps: message.sourceIps.flatMap(block),
    notSourceIps: message.notSourceIps.flatMap(block),
    destinationIps: message.destinationIps.flatMap(block),
    notDestinationIps: message.notDestinationIps.flatMap(block),
    destinationPorts: message.destinationPorts,
    notDestinationPorts: message.notDestinationPorts,
  };
}

const SCOPES = ["Global", "Namespace", "WorkloadSelector"] as const;

export function authorizationOf(message: wire.Authorization): Authorization {
  return {
    name: message.name,
    namespace: message.namespace,
    scope: SCOPES[message.scope] ?? "Global",
    action: message.action === wire.Action.DENY ? "Deny" : "Allow",
    rules: message.rules.map(({ clauses }) => clauses.map(({ matches }) => matches.map(match))),
    dryRun: message.dryRun,
  };
}

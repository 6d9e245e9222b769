import type { Pod } from "../../kube/api/pod.ts";
import { formatIpv4, parseIpv4 } from "../../wire/address.ts";
import type { Directory } from "./directory.ts";

export const OUTBOUND_PORT = 15001;
export const INBOUND_PORT = 15008;
export const PLAINTEXT_PORT = 15006;
/** The tunnel to a pod on the same node stays inside the ztunnel: nat OUTPUT redirects it to 15008. */
export const NODE_LOCAL_PORT = 15088;

/** What to do with a captured connection. */
export type Outbound =
  | {
      kind: "tunnel";
      address: number;
      port: number;
      authority: string;
      /** Of the client: the tunnel is opened with its certificate. */
      identity: string;
      cluster: string;
    }
  | { kind: "passthrough"; address: number; port: number; cluster: string }
  | { kind: "refuse"; cluster: string };

/**
 * The outbound listener's matcher tree (config_dump of the 2022 ztunnel): port 15001 itself is a
 * black hole; then source workload, then destination, then port; everything else passes through.
 */
export function decideOutbound(
  directory: Directory,
  source: number,
  destination: number,
  port: number,
  node: string,
): Outbound {
  if (port === OUTBOUND_PORT) return { kind: "refuse", cluster: "BlackHoleCluster" };
  const client = directory.workload(source);
  if (!client)
    return { kind: "passthrough", address: destination, port, cluster: "PassthroughCluster" };
  const identity = directory.identity(client);
  const service = directory.service(destination, port);
  if (service) {
    const { name, namespace } = service.service.metadata;
    const portName = service.port.name || "tcp";
    const cluster = `${identity}_to_${portName}_${name}.${namespace}.svc.cluster.local_outbound_internal`;
    const endpoint = directory.endpoint(service.service, service.port);
    const address = endpoint === null ? null : parseIpv4(endpoint.ip);
    if (endpoint === null || address === null) return { kind: "refuse", cluster };
    return towards(directory, address, endpoint.port, node, identity, cluster);
  }
  const target = directory.workload(destination);
  if (target && directory.inMesh(target))
    return towards(
      directory,
      destination,
      port,
      node,
      identity,
      `outbound_tunnel_clus_${identity}`,
    );
  return { kind: "passthrough", address: destination, port, cluster: "PassthroughCluster" };
}

function towards(
  directory: Directory,
  address: number,
  port: number,
  node: string,
  identity: string,
  cluster: string,
): Outbound {
  const pod: Pod | null = directory.workload(address);
  if (!pod || !directory.inMesh(pod)) return { kind: "passthrough", address, port, cluster };
  return {
    kind: "tunnel",
    address,
    port: pod.spec.nodeName === node ? NODE_LOCAL_PORT : INBOUND_PORT,
    authority: `${formatIpv4(address)}:${port}`,
    identity,
    cluster,
  };
}

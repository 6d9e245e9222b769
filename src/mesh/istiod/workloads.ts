import { selects } from "../../kube/objects.ts";
import { parseIpv4 } from "../../wire/address.ts";
import { set32 } from "../../wire/bytes.ts";
import type { IstioPort, IstioService, IstioWorkload, Snapshot } from "./registry.ts";
import {
  AppProtocol,
  IPFamilies,
  NetworkMode,
  type PortList,
  type Service,
  TunnelProtocol,
  type Workload,
  WorkloadStatus,
  WorkloadType,
} from "./workload-messages.ts";

/** The cluster's id, as istiod and its clients are configured with it. */
export const CLUSTER_ID = "Kubernetes";

/** Four octets, in network order. */
export function addressBytes(ip: string): Uint8Array {
  const bytes = new Uint8Array(4);
  set32(bytes, 0, parseIpv4(ip) ?? 0);
  return bytes;
}

export function workloadUid(namespace: string, name: string): string {
  return `${CLUSTER_ID}//Pod/${namespace}/${name}`;
}

/** By the port's name (istio: pkg/config/kube/conversion.go, ConvertProtocol). */
function appProtocol({ name, protocol }: IstioPort): number {
  if (protocol !== "TCP") return AppProtocol.UNKNOWN;
  switch (name.split("-")[0]?.toLowerCase()) {
    case "http":
      return AppProtocol.HTTP11;
    case "http2":
      return AppProtocol.HTTP2;
    case "grpc":
      return name.startsWith("grpc-web") ? AppProtocol.UNKNOWN : AppProtocol.GRPC;
    case "https":
    case "tls":
      return AppProtocol.TLS;
    case "tcp":
      return AppProtocol.TCP;
    default:
      return AppProtocol.UNKNOWN;
  }
}

/** istio: pilot/pkg/serviceregistry/ambient/services.go, constructService */
export function serviceMessage(service: IstioService): Service {
  const { name, namespace, hostname, vip, ports } = service;
  return {
    name,
    namespace,
    hostname,
    addresses: vip ? [{ network: "", address: addressBytes(vip) }] : [],
    ports: ports.map((port) => ({
      servicePort: port.port,
      // A named one is each workload's own.
      targetPort: typeof port.targetPort === "number" ? port.targetPort : 0,
      appProtocol: appProtocol(port),
    })),
    subjectAltNames: [],
    ipFamilies: IPFamilies.IPV4_ONLY,
    canonical: true,
  };
}

function servicesOf(workload: IstioWorkload, { services }: Snapshot): Record<string, PortList> {
  const found: Record<string, PortList> = {};
  for (const { namespace, hostname, selector, ports } of services)
    if (namespace === workload.namespace && selects(selector, workload.labels))
      found[`${namespace}/${hostname}`] = {
        ports: ports.flatMap(({ port, targetPort: named }) => {
          const targetPort = typeof named === "number" ? named : workload.ports[named];
          if (targetPort === undefined) return [];
          return [{ servicePort: port, targetPort, appProtocol: AppProtocol.UNKNOWN }];
        }),
      };
  return found;
}

/** istio: pilot/pkg/serviceregistry/ambient/workloads.go, podWorkloadBuilder */
export function workloadMessage(
  workload: IstioWorkload,
  snapshot: Snapshot,
  policies: string[],
  trustDomain: string,
): Workload {
  const { name, namespace, labels, annotations, workloadName } = workload;
  const native = labels["networking.istio.io/tunnel"] === "http";
  const captured = annotations["ambient.istio.io/redirection"] === "enabled";
  return {
    uid: workloadUid(namespace, name),
    name,
    namespace,
    addresses: [addressBytes(workload.ip)],
    hostname: "",
    network: "",
    tunnelProtocol: native || captured ? TunnelProtocol.HBONE : TunnelProtocol.NONE,
    trustDomain: trustDomain === "cluster.local" ? "" : trustDomain,
    serviceAccount: workload.serviceAccount,
    node: workload.node,
    canonicalName:
      labels["service.istio.io/canonical-name"] ??
      labels["app.kubernetes.io/name"] ??
      labels.app ??
      workloadName,
    canonicalRevision:
      labels["service.istio.io/canonical-revision"] ??
      labels["app.kubernetes.io/version"] ??
      labels.version ??
      "latest",
    workloadType: WorkloadType.POD,
    workloadName,
    nativeTunnel: native,
    services: servicesOf(workload, snapshot),
    authorizationPolicies: policies,
    status: workload.ready ? WorkloadStatus.HEALTHY : WorkloadStatus.UNHEALTHY,
    clusterId: CLUSTER_ID,
    networkMode: workload.hostNetwork ? NetworkMode.HOST_NETWORK : NetworkMode.STANDARD,
  };
}

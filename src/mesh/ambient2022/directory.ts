import type { Cluster } from "../../kube/cluster.ts";
import { type Pod, podReady, type Service } from "../../kube/objects.ts";
import { formatIpv4 } from "../../wire/address.ts";

/** What a ztunnel is told about the cluster: istiod's push, here read from the store. */
export class Directory {
  cluster: Cluster;
  /** Round-robin position of each service. */
  turns = new Map<string, number>();

  constructor(cluster: Cluster) {
    this.cluster = cluster;
  }

  workload(ip: number): Pod | null {
    const text = formatIpv4(ip);
    return (
      this.cluster.store.list("Pod").find((pod) => pod.ip === text && !pod.hostNetwork) ?? null
    );
  }

  /** Is the pod captured, so that it can be reached by a tunnel? */
  inMesh(pod: Pod): boolean {
    const { store } = this.cluster;
    const namespace = store.get("Namespace", pod.meta.namespace);
    return (
      namespace?.meta.labels["istio.io/dataplane-mode"] === "ambient" &&
      pod.meta.annotations["ambient.istio.io/redirection"] !== "disabled" &&
      !pod.meta.labels["ambient-type"]
    );
  }

  service(ip: number, port: number): { service: Service; targetPort: number } | null {
    const text = formatIpv4(ip);
    for (const service of this.cluster.store.list("Service")) {
      if (service.clusterIp !== text) continue;
      const found = service.ports.find((p) => p.port === port && p.protocol === "TCP");
      if (found) return { service, targetPort: found.targetPort };
    }
    return null;
  }

  /** One of the service's ready endpoints, in turn; null when there is none. */
  endpoint(service: Service): string | null {
    const slices = this.cluster.store
      .list("EndpointSlice", service.meta.namespace)
      .filter((slice) => slice.service === service.meta.name);
    const ready = slices.flatMap((slice) => slice.endpoints).filter((e) => e.ready);
    if (ready.length === 0) return null;
    const key = `${service.meta.namespace}/${service.meta.name}`;
    const turn = this.turns.get(key) ?? 0;
    this.turns.set(key, turn + 1);
    return ready[turn % ready.length]?.ip ?? null;
  }

  identity(pod: Pod): string {
    return `spiffe://cluster.local/ns/${pod.meta.namespace}/sa/${pod.serviceAccount}`;
  }

  ready(pod: Pod): boolean {
    return podReady(pod);
  }
}

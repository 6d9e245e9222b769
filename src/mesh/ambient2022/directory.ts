import type { Service, ServicePort } from "../../kube/api/core.ts";
import type { Pod } from "../../kube/api/pod.ts";
import type { Cluster } from "../../kube/cluster.ts";
import { podReady } from "../../kube/objects.ts";
import { readyEndpoints } from "../../kube/proxy.ts";
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
    return this.cluster.store.podAt(formatIpv4(ip));
  }

  /** Is the pod captured, so that it can be reached by a tunnel? */
  inMesh(pod: Pod): boolean {
    const { namespace = "", labels, annotations } = pod.metadata;
    const space = this.cluster.store.get("Namespace", namespace);
    return (
      space?.metadata.labels?.["istio.io/dataplane-mode"] === "ambient" &&
      annotations?.["ambient.istio.io/redirection"] !== "disabled" &&
      !labels?.["ambient-type"]
    );
  }

  service(ip: number, port: number): { service: Service; port: ServicePort } | null {
    const service = this.cluster.store.serviceAt(formatIpv4(ip));
    const found = service?.spec.ports?.find((p) => p.port === port && p.protocol === "TCP");
    return service && found ? { service, port: found } : null;
  }

  /** One of the ready endpoints of a Service's port, in turn; null when there is none. */
  endpoint(service: Service, port: ServicePort): { ip: string; port: number } | null {
    const { name, namespace } = service.metadata;
    const ready = readyEndpoints(
      this.cluster.store.list("EndpointSlice", namespace),
      service,
      port,
    );
    if (ready.length === 0) return null;
    const key = `${namespace}/${name}`;
    const turn = this.turns.get(key) ?? 0;
    this.turns.set(key, turn + 1);
    return ready[turn % ready.length] ?? null;
  }

  identity(pod: Pod): string {
    return `spiffe://cluster.local/ns/${pod.metadata.namespace}/sa/${pod.spec.serviceAccountName}`;
  }

  ready(pod: Pod): boolean {
    return podReady(pod);
  }
}

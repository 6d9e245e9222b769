import { type Pod, podReady, type Service } from "../../kube/objects.ts";
import type { Store } from "../../kube/store.ts";

/*
 * What istiod makes of the Kubernetes objects that it watches (istio: pilot/pkg/serviceregistry/kube).
 * Its generators go by these, and never look at the objects themselves.
 */

export interface IstioWorkload {
  name: string;
  namespace: string;
  uid: string;
  ip: string;
  node: string;
  hostNetwork: boolean;
  serviceAccount: string;
  /** "spiffe://cluster.local/ns/default/sa/sleep" */
  identity: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  ready: boolean;
  /** "sleep" of Deployment/sleep; the pod's own name where nobody owns it. */
  workloadName: string;
  /** Is its namespace part of the ambient mesh? */
  ambient: boolean;
}

export interface IstioPort {
  name: string;
  port: number;
  targetPort: number;
  protocol: "TCP" | "UDP";
}

export interface IstioEndpoint {
  ip: string;
  node: string;
  ready: boolean;
}

export interface IstioService {
  name: string;
  namespace: string;
  /** "productpage.default.svc.cluster.local" */
  hostname: string;
  /** "" for a headless one. */
  vip: string;
  selector: Record<string, string>;
  ports: readonly IstioPort[];
  endpoints: readonly IstioEndpoint[];
}

/** The cluster at one moment, in the order of its objects. */
export interface Snapshot {
  workloads: readonly IstioWorkload[];
  services: readonly IstioService[];
}

/** The kinds that a snapshot is made from. */
export const WATCHED = ["Pod", "Service", "EndpointSlice", "Namespace"] as const;

export function spiffeId(trustDomain: string, namespace: string, serviceAccount: string): string {
  return `spiffe://${trustDomain}/ns/${namespace}/sa/${serviceAccount}`;
}

export function takeSnapshot(store: Store, trustDomain: string): Snapshot {
  const ambient = new Set(
    store
      .list("Namespace")
      .filter(({ meta }) => meta.labels["istio.io/dataplane-mode"] === "ambient")
      .map(({ meta }) => meta.name),
  );
  const workloads = store
    .list("Pod")
    .filter((pod) => pod.ip !== "" && pod.phase !== "Succeeded" && pod.phase !== "Failed")
    .map((pod) => workloadOf(pod, trustDomain, ambient.has(pod.meta.namespace)));
  const services = store.list("Service").map((service) => serviceOf(store, service));
  return { workloads, services };
}

function workloadOf(pod: Pod, trustDomain: string, ambient: boolean): IstioWorkload {
  const { name, namespace, uid, labels, annotations, owner } = pod.meta;
  const [kind = "", ownerName = ""] = owner.split("/");
  return {
    name,
    namespace,
    uid,
    ip: pod.ip,
    node: pod.node,
    hostNetwork: pod.hostNetwork,
    serviceAccount: pod.serviceAccount || "default",
    identity: spiffeId(trustDomain, namespace, pod.serviceAccount || "default"),
    labels,
    annotations,
    ready: podReady(pod),
    workloadName: kind === "Node" || !ownerName ? name : ownerName,
    ambient,
  };
}

function serviceOf(store: Store, service: Service): IstioService {
  const { name, namespace } = service.meta;
  return {
    name,
    namespace,
    hostname: `${name}.${namespace}.svc.cluster.local`,
    vip: service.clusterIp === "None" ? "" : service.clusterIp,
    selector: service.selector,
    ports: service.ports,
    endpoints: store
      .list("EndpointSlice", namespace)
      .filter((slice) => slice.service === name)
      .flatMap((slice) => slice.endpoints)
      .map(({ ip, node, ready }) => ({ ip, node, ready })),
  };
}

/** The pod of a name, as the node authoriser wants to know it; null when it is gone. */
export function podOf(store: Store, namespace: string, name: string): IstioWorkload | null {
  const pod = store.get("Pod", name, namespace);
  return pod ? workloadOf(pod, "", false) : null;
}

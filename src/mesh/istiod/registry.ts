import type { Service } from "../../kube/api/core.ts";
import type { Pod } from "../../kube/api/pod.ts";
import { controllerOf, podReady } from "../../kube/objects.ts";
import type { Store } from "../../kube/store.ts";
import { AUTHORIZATION_POLICY, PEER_AUTHENTICATION } from "./policy/objects.ts";

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
  /** Ports of its containers that have a name. */
  ports: Record<string, number>;
  /** "sleep" of Deployment/sleep; the pod's own name where nobody owns it. */
  workloadName: string;
  /** Is its namespace part of the ambient mesh? */
  ambient: boolean;
}

export interface IstioPort {
  name: string;
  port: number;
  /** A number, or the name of a port of the pods' containers. */
  targetPort: number | string;
  protocol: "TCP" | "UDP" | "SCTP";
}

export interface IstioEndpoint {
  ip: string;
  node: string;
  ready: boolean;
  /** The endpoint's own, by the name of the service's. */
  ports: Record<string, number>;
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

/** The kinds that a snapshot, and policies, are made from. */
export const WATCHED: readonly string[] = [
  "Pod",
  "Service",
  "EndpointSlice",
  "Namespace",
  AUTHORIZATION_POLICY,
  PEER_AUTHENTICATION,
];

export function spiffeId(trustDomain: string, namespace: string, serviceAccount: string): string {
  return `spiffe://${trustDomain}/ns/${namespace}/sa/${serviceAccount}`;
}

export function takeSnapshot(store: Store, trustDomain: string): Snapshot {
  const ambient = new Set(
    store
      .list("Namespace")
      .filter(({ metadata }) => metadata.labels?.["istio.io/dataplane-mode"] === "ambient")
      .map(({ metadata }) => metadata.name),
  );
  const workloads = store
    .list("Pod")
    .filter(({ status }) => status.podIP && !["Succeeded", "Failed"].includes(status.phase))
    .map((pod) => workloadOf(store, pod, trustDomain, ambient.has(pod.metadata.namespace ?? "")));
  const services = store.list("Service").map((service) => serviceOf(store, service));
  return { workloads, services };
}

function workloadOf(store: Store, pod: Pod, trustDomain: string, ambient: boolean): IstioWorkload {
  const { name, namespace = "", uid, labels = {}, annotations = {} } = pod.metadata;
  const { nodeName = "", hostNetwork = false, serviceAccountName = "default" } = pod.spec;
  return {
    name,
    namespace,
    uid,
    ip: pod.status.podIP ?? "",
    node: nodeName,
    hostNetwork,
    serviceAccount: serviceAccountName,
    identity: spiffeId(trustDomain, namespace, serviceAccountName),
    labels,
    annotations,
    ready: podReady(pod),
    ports: containerPorts(pod),
    workloadName: workloadName(store, pod),
    ambient,
  };
}

function containerPorts({ spec }: Pod): Record<string, number> {
  const all = spec.containers.flatMap(({ ports = [] }) => ports);
  return Object.fromEntries(
    all.flatMap(({ name, containerPort }) => (name ? [[name, containerPort]] : [])),
  );
}

/** What the pod is one of (istio: pkg/kube/util.go, GetWorkloadMetaFromPod). */
function workloadName(store: Store, pod: Pod): string {
  const owner = controllerOf(pod);
  if (!owner || owner.kind === "Node") return pod.metadata.name;
  if (owner.kind !== "ReplicaSet") return owner.name;
  const set = store.get("ReplicaSet", owner.name, pod.metadata.namespace);
  return (set && controllerOf(set)?.name) ?? owner.name;
}

function serviceOf(store: Store, service: Service): IstioService {
  const { name, namespace = "" } = service.metadata;
  const { clusterIP = "", selector = {}, ports = [] } = service.spec;
  const slices = store
    .list("EndpointSlice", namespace)
    .filter(({ metadata }) => metadata.labels?.["kubernetes.io/service-name"] === name);
  return {
    name,
    namespace,
    hostname: `${name}.${namespace}.svc.cluster.local`,
    vip: clusterIP === "None" ? "" : clusterIP,
    selector,
    ports: ports.map(({ name: portName = "", port, targetPort, protocol }) => ({
      name: portName,
      port,
      targetPort,
      protocol,
    })),
    endpoints: slices.flatMap((slice) => {
      const own = Object.fromEntries(slice.ports.map((port) => [port.name ?? "", port.port]));
      return slice.endpoints.flatMap(({ addresses, nodeName = "", conditions }) =>
        addresses.map((ip) => ({ ip, node: nodeName, ready: conditions.ready, ports: own })),
      );
    }),
  };
}

/** The pod of a name, as the node authoriser wants to know it; null when it is gone. */
export function podOf(store: Store, namespace: string, name: string): IstioWorkload | null {
  const pod = store.get("Pod", name, namespace);
  return pod ? workloadOf(store, pod, "", false) : null;
}

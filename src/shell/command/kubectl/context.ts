import type { Process } from "../../../host/process.ts";
import type { Cluster } from "../../../kube/cluster.ts";
import type { Kind, KubeObject, Pod } from "../../../kube/objects.ts";

/** kubectl's own errors: their words go to stderr, status 1 unless said otherwise. */
export class KubectlError extends Error {
  status: number;
  constructor(message: string, status = 1) {
    super(message);
    this.status = status;
  }
}

/** What a kubectl command works with. */
export interface Kubectl {
  p: Process;
  cluster: Cluster;
  namespace: string;
  allNamespaces: boolean;
  output: string;
  selector: Record<string, string>;
  showLabels: boolean;
  noHeaders: boolean;
  options: Map<string, string>;
  args: string[];
  /** After `--`. */
  rest: string[];
}

export interface Resource {
  kind: Kind;
  /** "pods": as in messages. */
  plural: string;
  names: readonly string[];
  namespaced: boolean;
}

export const RESOURCES: readonly Resource[] = [
  { kind: "Pod", plural: "pods", names: ["pods", "pod", "po"], namespaced: true },
  { kind: "Service", plural: "services", names: ["services", "service", "svc"], namespaced: true },
  { kind: "Node", plural: "nodes", names: ["nodes", "node", "no"], namespaced: false },
  {
    kind: "Namespace",
    plural: "namespaces",
    names: ["namespaces", "namespace", "ns"],
    namespaced: false,
  },
  {
    kind: "EndpointSlice",
    plural: "endpointslices.discovery.k8s.io",
    names: ["endpointslices", "endpointslice", "endpoints", "ep"],
    namespaced: true,
  },
  {
    kind: "ServiceAccount",
    plural: "serviceaccounts",
    names: ["serviceaccounts", "serviceaccount", "sa"],
    namespaced: true,
  },
];

export function resource(name: string): Resource {
  const found = RESOURCES.find((r) => r.names.includes(name.toLowerCase()));
  if (!found) throw new KubectlError(`error: the server doesn't have a resource type "${name}"`);
  return found;
}

/** The object of a name, or kubectl's NotFound. */
export function find(k: Kubectl, type: Resource, name: string): KubeObject {
  const found = k.cluster.store.get(type.kind, name, type.namespaced ? k.namespace : "");
  if (!found)
    throw new KubectlError(`Error from server (NotFound): ${type.plural} "${name}" not found`);
  return found;
}

/** All of a type that the options select, in the order in which they are shown. */
export function matching(k: Kubectl, type: Resource): KubeObject[] {
  const all =
    type.namespaced && !k.allNamespaces
      ? k.cluster.store.list(type.kind, k.namespace)
      : k.cluster.store.list(type.kind);
  return (all as KubeObject[])
    .filter((o) => Object.entries(k.selector).every(([key, value]) => o.meta.labels[key] === value))
    .sort((a, b) =>
      `${a.meta.namespace}/${a.meta.name}` < `${b.meta.namespace}/${b.meta.name}` ? -1 : 1,
    );
}

/** "pod", "endpointslice.discovery.k8s.io": a type before one object's name. */
export function shortOf(type: Resource): string {
  return type.plural.replace(/s(\..*)?$/, "$1");
}

/** "POD", "pod/POD", "deploy/NAME", "ds/NAME", "svc/NAME": the pod that exec and logs mean. */
export function podFor(k: Kubectl, text: string): Pod {
  const [type, name] = text.includes("/") ? (text.split("/") as [string, string]) : ["pod", text];
  const pods = k.cluster.store.list("Pod", k.namespace);
  if (["pod", "pods", "po"].includes(type)) return find(k, resource("pod"), name) as Pod;
  if (["svc", "service", "services"].includes(type)) {
    const service = find(k, resource("svc"), name);
    const selector = service.kind === "Service" ? service.selector : {};
    const backing = pods.find((pod) =>
      Object.entries(selector).every(([key, v]) => pod.meta.labels[key] === v),
    );
    if (backing) return backing;
    throw new KubectlError(`error: timed out waiting for the condition`);
  }
  const owners: Record<string, [string, string]> = {
    deploy: ["Deployment", "deployments.apps"],
    deployment: ["Deployment", "deployments.apps"],
    deployments: ["Deployment", "deployments.apps"],
    ds: ["DaemonSet", "daemonsets.apps"],
    daemonset: ["DaemonSet", "daemonsets.apps"],
  };
  const owner = owners[type];
  if (!owner) throw new KubectlError(`error: the server doesn't have a resource type "${type}"`);
  const owned = pods.find((pod) => pod.meta.owner === `${owner[0]}/${name}`);
  if (!owned)
    throw new KubectlError(`Error from server (NotFound): ${owner[1]} "${name}" not found`);
  return owned;
}

/** k8s.io/apimachinery/pkg/util/duration, HumanDuration. */
export function age(k: Kubectl, created: number): string {
  const seconds = Math.floor((k.p.sim.now - created) / 1e9);
  if (seconds < 120) return `${Math.max(seconds, 0)}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return seconds % 60 ? `${minutes}m${seconds % 60}s` : `${minutes}m`;
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 8) return minutes % 60 ? `${hours}h${minutes % 60}m` : `${hours}h`;
  if (hours < 48) return `${hours}h`;
  const days = Math.floor(hours / 24);
  if (days < 8) return hours % 24 ? `${days}d${hours % 24}h` : `${days}d`;
  return `${days}d`;
}

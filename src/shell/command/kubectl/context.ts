import type { Process } from "../../../host/process.ts";
import type { Service } from "../../../kube/api/core.ts";
import type { KubeObject } from "../../../kube/api/meta.ts";
import type { Pod } from "../../../kube/api/pod.ts";
import type { Cluster } from "../../../kube/cluster.ts";
import { type Kind, resourceName, type View } from "../../../kube/kind.ts";
import { controllerOf, selects } from "../../../kube/objects.ts";

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

export function kindOf(k: Kubectl, name: string): Kind {
  const found = k.cluster.kinds.named(name);
  if (!found) throw new KubectlError(`error: the server doesn't have a resource type "${name}"`);
  return found;
}

/** The object of a name, or kubectl's NotFound. */
export function find(k: Kubectl, kind: Kind, name: string): KubeObject {
  const namespace = kind.namespaced ? k.namespace : "";
  const found = k.cluster.store.get<KubeObject>(k.cluster.kinds.keyOf(kind), name, namespace);
  if (!found)
    throw new KubectlError(
      `Error from server (NotFound): ${resourceName(kind)} "${name}" not found`,
    );
  return found;
}

/** All of a kind that the options select, in the order in which they are shown. */
export function matching(k: Kubectl, kind: Kind): KubeObject[] {
  const namespace = kind.namespaced && !k.allNamespaces ? k.namespace : undefined;
  const key = (o: KubeObject): string => `${o.metadata.namespace ?? ""}/${o.metadata.name}`;
  return k.cluster.store
    .list<KubeObject>(k.cluster.kinds.keyOf(kind), namespace)
    .filter((o) => Object.entries(k.selector).every(([l, v]) => o.metadata.labels?.[l] === v))
    .sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** "pod", "deployment.apps": a kind before one object's name. */
export function shortOf(kind: Kind): string {
  return kind.group ? `${kind.singular}.${kind.group}` : kind.singular;
}

export function viewOf(k: Kubectl): View {
  return { cluster: k.cluster, now: k.p.sim.epoch + k.p.sim.now / 1e6 };
}

/** "POD", "pod/POD", "deploy/NAME", "ds/NAME", "svc/NAME": the pod that exec and logs mean. */
export function podFor(k: Kubectl, text: string): Pod {
  const [type, name] = text.includes("/") ? (text.split("/") as [string, string]) : ["pod", text];
  const kind = kindOf(k, type);
  const object = find(k, kind, name);
  if (object.kind === "Pod") return object as Pod;
  const pods = k.cluster.store.list("Pod", k.namespace);
  const { uid } = object.metadata;
  const owners = new Set([uid]);
  for (const set of k.cluster.store.list("ReplicaSet", k.namespace))
    if (controllerOf(set)?.uid === uid) owners.add(set.metadata.uid);
  const found =
    object.kind === "Service"
      ? pods.find((pod) => selects((object as Service).spec.selector, pod.metadata.labels))
      : pods.find((pod) => owners.has(controllerOf(pod)?.uid ?? ""));
  if (!found) throw new KubectlError("error: timed out waiting for the condition");
  return found;
}

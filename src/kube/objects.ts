import type { DaemonSet, Deployment, ReplicaSet } from "./api/apps.ts";
import type {
  ConfigMap,
  Endpoints,
  Event,
  Namespace,
  Node,
  Service,
  ServiceAccount,
} from "./api/core.ts";
import type { EndpointSlice } from "./api/discovery.ts";
import type { CustomResourceDefinition } from "./api/extensions.ts";
import type { KubeObject, LabelSelector, OwnerReference } from "./api/meta.ts";
import type { NetworkPolicy } from "./api/networking.ts";
import type { Pod } from "./api/pod.ts";
import { SERVICE_NAME } from "./labels.ts";

/** The kinds whose fields something here reads, by the key that the store has them under. */
export interface KnownKinds {
  Pod: Pod;
  Service: Service;
  Endpoints: Endpoints;
  EndpointSlice: EndpointSlice;
  Node: Node;
  Namespace: Namespace;
  ServiceAccount: ServiceAccount;
  ConfigMap: ConfigMap;
  Event: Event;
  Deployment: Deployment;
  ReplicaSet: ReplicaSet;
  DaemonSet: DaemonSet;
  CustomResourceDefinition: CustomResourceDefinition;
  NetworkPolicy: NetworkPolicy;
}

/** Groups whose kinds go by their bare names: "Pod", but "Gateway.networking.istio.io". */
const OWN_GROUPS = ["", "apps", "discovery.k8s.io", "apiextensions.k8s.io", "networking.k8s.io"];

/** "apps" of "apps/v1", "" of "v1". */
export function groupOf(apiVersion: string): string {
  const at = apiVersion.indexOf("/");
  return at < 0 ? "" : apiVersion.slice(0, at);
}

/** What the store has a kind under: two groups may have a kind of the same name. */
export function kindKey(apiVersion: string, kind: string): string {
  const group = groupOf(apiVersion);
  return OWN_GROUPS.includes(group) ? kind : `${kind}.${group}`;
}

/** Does every label of the map stand in `labels`? An empty one selects nothing. */
export function selects(
  selector: Record<string, string> | undefined,
  labels: Record<string, string> | undefined,
): boolean {
  const wanted = Object.entries(selector ?? {});
  return wanted.length > 0 && wanted.every(([key, value]) => labels?.[key] === value);
}

/** Does the selector of a controller match (metav1.LabelSelectorAsSelector)? An empty one does. */
export function matchesSelector(
  selector: LabelSelector,
  labels: Record<string, string> = {},
): boolean {
  const { matchLabels = {}, matchExpressions = [] } = selector;
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const has = key in labels;
      if (operator === "Exists") return has;
      if (operator === "DoesNotExist") return !has;
      const among = has && values.includes(labels[key] as string);
      return operator === "In" ? among : !among;
    })
  );
}

/** Is the pod ready to serve? */
export function podReady(pod: Pod): boolean {
  return (
    pod.metadata.deletionTimestamp === undefined &&
    (pod.status.conditions?.some((c) => c.type === "Ready" && c.status === "True") ?? false)
  );
}

/** Who looks after the object. */
export function controllerOf(object: KubeObject): OwnerReference | null {
  return object.metadata.ownerReferences?.find((owner) => owner.controller) ?? null;
}

/** A reference to who looks after an object that is about to be made. */
export function ownedBy(owner: KubeObject): OwnerReference[] {
  const { apiVersion, kind, metadata } = owner;
  const { name, uid } = metadata;
  return [{ apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true }];
}

/** The address of a node that others use. */
export function internalIp(node: Node): string {
  return node.status.addresses.find((a) => a.type === "InternalIP")?.address ?? "";
}

/** The Service of a slice. */
export function serviceOf(slice: EndpointSlice): string {
  return slice.metadata.labels?.[SERVICE_NAME] ?? "";
}

import type { Pod } from "../../kube/api/pod.ts";
import type { Selector } from "./messages.ts";

/** The container runtime of a node, as far as its processes are concerned. */
export interface ContainerRuntime {
  /** The first process of a pod's first container, by the node's numbers; null while it has none. */
  pidOf(podUid: string): number | null;
  /** Whose process that is. */
  podOf(pid: number): Pod | null;
}

/** containerd's socket (ztunnel: CONTAINER_RUNTIME_SOCK_PATH). */
export const RUNTIME_SOCKET = "/run/containerd/containerd.sock";

/** What a node knows of a pod's process (spire: pkg/agent/plugin/workloadattestor/k8s). */
export function selectorsOf({ metadata, spec }: Pod): Selector[] {
  const { name, namespace = "", uid, labels = {} } = metadata;
  const [container] = spec.containers;
  return [
    `sa:${spec.serviceAccountName ?? "default"}`,
    `ns:${namespace}`,
    `node-name:${spec.nodeName ?? ""}`,
    `pod-uid:${uid}`,
    `pod-name:${name}`,
    `container-name:${container?.name ?? ""}`,
    `container-image:${container?.image ?? ""}`,
    ...Object.entries(labels).map(([key, value]) => `pod-label:${key}:${value}`),
  ].map((value) => ({ type: "k8s", value }));
}

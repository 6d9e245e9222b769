import { daemonSet, deployment, replicaSet } from "./kind/apps.ts";
import { configMap, event, namespace, serviceAccount } from "./kind/core.ts";
import { endpointSlice, endpoints } from "./kind/endpoints.ts";
import { node } from "./kind/node.ts";
import { pod } from "./kind/pod.ts";
import { service } from "./kind/service.ts";
import type { Kind } from "./kind.ts";

/** Every kind that each cluster has, in the order of `kubectl api-resources`. */
export const kinds: readonly Kind[] = [
  configMap,
  endpoints,
  event,
  namespace,
  node,
  pod,
  serviceAccount,
  service,
  daemonSet,
  deployment,
  replicaSet,
  endpointSlice,
];

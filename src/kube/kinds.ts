import { configMap } from "./kind/configmap.ts";
import { customResourceDefinition } from "./kind/crd.ts";
import { daemonSet } from "./kind/daemonset.ts";
import { deployment } from "./kind/deployment.ts";
import { endpoints } from "./kind/endpoints.ts";
import { endpointSlice } from "./kind/endpointslice.ts";
import { event } from "./kind/event.ts";
import { namespace } from "./kind/namespace.ts";
import { networkPolicy } from "./kind/networkpolicy.ts";
import { node } from "./kind/node.ts";
import { pod } from "./kind/pod.ts";
import { replicaSet } from "./kind/replicaset.ts";
import { service } from "./kind/service.ts";
import { serviceAccount } from "./kind/serviceaccount.ts";
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
  customResourceDefinition,
  daemonSet,
  deployment,
  replicaSet,
  endpointSlice,
  networkPolicy,
];

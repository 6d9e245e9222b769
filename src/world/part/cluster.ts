import { startControllers } from "../../kube/controller/start.ts";
import { customKind } from "../../kube/kind/custom.ts";
import { installControllers, installKinds } from "../../kube/kind-registry.ts";
import { kinds } from "../../kube/kinds.ts";
import { dns, kubeProxy } from "../app/agents.ts";
import { json, productpage, sleep } from "../app/bookinfo.ts";
import {
  type App,
  installApps,
  installImages,
  installLater,
  installPodWorker,
  type LaterApp,
} from "../app/registry.ts";
import { entrypointOf } from "../images.ts";
import { startNodeStatus } from "../node-status.ts";
import { PodWorker } from "../pod-worker.ts";

export const apps: readonly App[] = [sleep, productpage, json, dns, kubeProxy];

/** Programs that not every cluster has. */
const later: readonly LaterApp[] = [
  { name: "kube-router", part: "network-policy" },
  { name: "istiod", part: "mesh" },
  { name: "istio-cni", generation: "preview", part: "mesh-preview" },
  { name: "ztunnel", generation: "preview", part: "mesh-preview" },
  { name: "istio-cni", generation: "today", part: "mesh-today" },
  { name: "ztunnel", generation: "today", part: "mesh-today" },
  { name: "spire-server", part: "spire" },
  { name: "spire-controller-manager", part: "spire" },
  { name: "spire-agent", part: "spire" },
];

/** What a cluster starts with: its kinds, its controllers, its kubelets, and the programs of its pods. */
export function install(): void {
  installKinds(kinds, customKind);
  installControllers(startControllers);
  installControllers(startNodeStatus);
  installImages(entrypointOf);
  installPodWorker(PodWorker);
  installApps(apps);
  installLater(later);
}

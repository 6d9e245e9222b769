import { startControllers } from "../../kube/controller/start.ts";
import { customKind } from "../../kube/kind/custom.ts";
import { installControllers, installKinds } from "../../kube/kind-registry.ts";
import { kinds } from "../../kube/kinds.ts";
import { dns, kubeProxy } from "../app/agents.ts";
import { json, productpage, sleep } from "../app/bookinfo.ts";
import { kubeRouter } from "../app/kube-router.ts";
import {
  type App,
  installApps,
  installImages,
  installLater,
  installPodWorker,
} from "../app/registry.ts";
import { entrypointOf } from "../images.ts";
import { startNodeStatus } from "../node-status.ts";
import { PodWorker } from "../pod-worker.ts";

export const apps: readonly App[] = [sleep, productpage, json, dns, kubeProxy, kubeRouter];

/** What a cluster starts with: its kinds, its controllers, its kubelets, and the programs of its pods. */
export function install(): void {
  installKinds(kinds, customKind);
  installControllers(startControllers);
  installControllers(startNodeStatus);
  installImages(entrypointOf);
  installPodWorker(PodWorker);
  installApps(apps);
  installLater("mesh");
}

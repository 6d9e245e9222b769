import { dns, istioCni, kubeProxy } from "./app/agents.ts";
import { json, productpage, sleep } from "./app/bookinfo.ts";
import { istiod, ztunnel } from "./app/istio.ts";
import { kubeRouter } from "./app/kube-router.ts";
import type { App } from "./app/registry.ts";
import { spireAgent, spireControllerManager, spireServer } from "./app/spire.ts";

/** Every program that a pod can run. */
export const apps: readonly App[] = [
  sleep,
  productpage,
  json,
  dns,
  kubeProxy,
  istioCni,
  istiod,
  ztunnel,
  kubeRouter,
  spireServer,
  spireControllerManager,
  spireAgent,
];

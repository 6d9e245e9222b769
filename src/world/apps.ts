import { dns, istioCni, kubeProxy, ztunnel } from "./app/agents.ts";
import { json, productpage, sleep } from "./app/bookinfo.ts";
import type { App } from "./app/registry.ts";

/** Every program that a pod can run. */
export const apps: readonly App[] = [sleep, productpage, json, dns, kubeProxy, istioCni, ztunnel];

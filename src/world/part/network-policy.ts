import { kubeRouter } from "../app/kube-router.ts";
import { type App, installApps } from "../app/registry.ts";

export const apps: readonly App[] = [kubeRouter];

/** Who makes rules of NetworkPolicies. */
export function install(): void {
  installApps(apps);
}

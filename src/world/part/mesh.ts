import { istiod, ztunnel } from "../app/istio.ts";
import { istioCni } from "../app/istio-cni.ts";
import { type App, installApps } from "../app/registry.ts";
import { spireAgent, spireControllerManager, spireServer } from "../app/spire.ts";

export const apps: readonly App[] = [
  istioCni,
  istiod,
  ztunnel,
  spireServer,
  spireControllerManager,
  spireAgent,
];

/** The programs of a mesh, with TLS, HTTP/2 and gRPC. */
export function install(): void {
  installApps(apps);
}

import { istiod } from "../app/istiod.ts";
import { type App, installApps } from "../app/registry.ts";

export const apps: readonly App[] = [istiod];

/** The mesh's control plane, with TLS, HTTP/2 and gRPC. */
export function install(): void {
  installApps(apps);
}

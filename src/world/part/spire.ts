import { type App, installApps } from "../app/registry.ts";
import { spireAgent, spireControllerManager, spireServer } from "../app/spire.ts";

export const apps: readonly App[] = [spireServer, spireControllerManager, spireAgent];

/** Identities from SPIRE. */
export function install(): void {
  installApps(apps);
}

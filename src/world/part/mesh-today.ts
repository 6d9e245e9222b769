import { todaysCni, todaysZtunnel } from "../app/ambient-today.ts";
import { type App, installApps } from "../app/registry.ts";

export const apps: readonly App[] = [todaysCni, todaysZtunnel];

/** What runs on the nodes of an ambient mesh of today. */
export function install(): void {
  installApps(apps);
}

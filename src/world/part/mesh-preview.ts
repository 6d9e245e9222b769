import { previewCni, previewZtunnel } from "../app/ambient-preview.ts";
import { type App, installApps } from "../app/registry.ts";

export const apps: readonly App[] = [previewCni, previewZtunnel];

/** What runs on the nodes of an ambient mesh of 2022. */
export function install(): void {
  installApps(apps);
}

import type { Cluster } from "../../../kube/cluster.ts";

/** What a program was built from (istio: pkg/version, BuildInfo). */
export interface BuildInfo {
  version: string;
  /** The commit. */
  revision: string;
  golangVersion: string;
  status: "Clean" | "Modified";
}

/** Istio 1.30.3 (go: of the build image that its common/scripts/setup_env.sh names). */
export const TODAY: BuildInfo = {
  version: "1.30.3",
  revision: "56df41f63e513f834c9a3af33d8aed82d1d961f2",
  golangVersion: "go1.26.5",
  status: "Clean",
};

/** The preview of September 2022, from the branch experimental-ambient. */
export const PREVIEW: BuildInfo = {
  version: "0.0.0-ambient.191fe680b52c1754ee72a06b3e0d3f9d116f2e82",
  revision: "191fe680b52c1754ee72a06b3e0d3f9d116f2e82",
  golangVersion: "go1.19",
  status: "Clean",
};

/** The istioctl of a cluster's machines is of the same release as its mesh. */
export function isToday(cluster: Cluster | null): boolean {
  return cluster?.mesh !== "ambient-geneve";
}

export function buildOf(cluster: Cluster | null): BuildInfo {
  return isToday(cluster) ? TODAY : PREVIEW;
}

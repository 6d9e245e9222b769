import type { App } from "./app/registry.ts";
import { apps as cluster } from "./part/cluster.ts";
import { apps as mesh } from "./part/mesh.ts";

/** Every program that a pod can run, of each of the parts that they come with. */
export const apps: readonly App[] = [...cluster, ...mesh];

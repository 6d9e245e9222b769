import type { App } from "./app/registry.ts";
import { apps as cluster } from "./part/cluster.ts";
import { apps as mesh } from "./part/mesh.ts";
import { apps as preview } from "./part/mesh-preview.ts";
import { apps as today } from "./part/mesh-today.ts";
import { apps as policy } from "./part/network-policy.ts";
import { apps as spire } from "./part/spire.ts";

/** Every program that a pod can run, of each of the parts that they come with. */
export const apps: readonly App[] = [
  ...cluster,
  ...policy,
  ...mesh,
  ...preview,
  ...today,
  ...spire,
];

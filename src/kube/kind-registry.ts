import type { CustomResourceDefinition } from "./api/extensions.ts";
import type { Cluster } from "./cluster.ts";
import type { Kind } from "./kind.ts";

/**
 * The kinds that every new cluster knows, and its controllers. Whoever starts the engine fills it (world/install.ts): they
 * come with the part that the first prompt does not wait for, so it is no state of a world.
 */
const builtIn: Kind[] = [];
/** What a definition makes. */
const converters: ((definition: CustomResourceDefinition) => Kind | null)[] = [];

export function installKinds(
  kinds: readonly Kind[],
  custom: (definition: CustomResourceDefinition) => Kind | null,
): void {
  for (const kind of kinds) if (!builtIn.includes(kind)) builtIn.push(kind);
  if (!converters.includes(custom)) converters.push(custom);
}

/** What looks after objects, in every new cluster. */
const starters: ((cluster: Cluster) => void)[] = [];

export function installControllers(start: (cluster: Cluster) => void): void {
  if (!starters.includes(start)) starters.push(start);
}

/** A cluster gets its kinds, and who looks after its objects. */
export function startCluster(cluster: Cluster): void {
  cluster.kinds.add(...builtIn);
  for (const start of starters) start(cluster);
}

export function kindOfDefinition(definition: CustomResourceDefinition): Kind | null {
  return converters[0]?.(definition) ?? null;
}

import type { Kind } from "./kind.ts";

/**
 * The kinds that every new cluster knows. Whoever starts the engine fills it (world/install.ts): they
 * come with the part that the first prompt does not wait for, so it is no state of a world.
 */
const builtIn: Kind[] = [];

export function installKinds(kinds: readonly Kind[]): void {
  for (const kind of kinds) if (!builtIn.includes(kind)) builtIn.push(kind);
}

export function builtInKinds(): readonly Kind[] {
  return builtIn;
}

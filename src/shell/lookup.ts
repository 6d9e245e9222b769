import type { Process, Run } from "../host/process.ts";
import { parseHostAddress, type Resolved, type ResolveError } from "../host/resolv.ts";

/** Who asks files and name servers (resolve.ts). */
export interface Resolver {
  lookupHost(p: Process, name: string): Run<Resolved | ResolveError>;
  lookupAddress(p: Process, address: number): Run<string | null>;
}

const PART = "names";

/** It comes when a name is used; whoever starts the engine fills it, so it is no state of a world. */
const resolvers: Resolver[] = [];

export function installResolver(resolver: Resolver): void {
  if (!resolvers.includes(resolver)) resolvers.push(resolver);
}

function* resolverOf(): Run<Resolver> {
  if (!resolvers[0]) yield { on: [], until: Number.POSITIVE_INFINITY, part: PART };
  return resolvers[0] as Resolver;
}

/** As lookupHost of resolve.ts, for who mostly gets addresses. */
export function* lookupHost(p: Process, name: string): Run<Resolved | ResolveError> {
  const literal = parseHostAddress(name);
  if (literal !== null) return { addresses: [literal], canonical: name, aliases: [] };
  return yield* (yield* resolverOf()).lookupHost(p, name);
}

export function* lookupAddress(p: Process, address: number): Run<string | null> {
  return yield* (yield* resolverOf()).lookupAddress(p, address);
}

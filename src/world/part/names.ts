import { installResolver } from "../../shell/lookup.ts";
import { lookupAddress, lookupHost } from "../../shell/resolve.ts";

const resolver = { lookupHost, lookupAddress };

/** Names of hosts, from files and name servers. */
export function install(): void {
  installResolver(resolver);
}

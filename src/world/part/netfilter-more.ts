import { moreMatches, moreTargets } from "../../net/netfilter/more.ts";
import { MATCHES, TARGETS } from "../../net/netfilter/registry.ts";

/** Matches and targets that no agent of a cluster writes. */
export function install(): void {
  MATCHES.install(moreMatches);
  TARGETS.install(moreTargets);
}

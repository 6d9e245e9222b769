import { SEC } from "../../sim/sim.ts";
import type { NetNs } from "../netns.ts";
import type { NextHop } from "./route.ts";

/** How long a smaller path MTU is believed (linux: ip_rt_mtu_expires). */
const PMTU_EXPIRES = 600 * SEC;
/** Nobody is believed who says less (linux: ip_rt_min_pmtu). */
const MIN_PMTU = 552;

/** A better way to one host than a route's next hop (linux: struct fib_nh_exception). */
export interface BetterWay {
  gateway: number;
  /** In ns of virtual time. */
  expires: number;
}

/** What is known of a better way than this hop's, while it lasts. */
export function betterWay(ns: NetNs, hop: NextHop, dst: number): BetterWay | undefined {
  const way = hop.better?.get(dst);
  return way && way.expires > ns.sim.now ? way : undefined;
}

/** The neighbour that a next hop leads to, 0 for the destination itself (linux: find_exception, rt_bind_exception). */
export function gatewayOf(ns: NetNs, hop: NextHop, dst: number): number {
  const way = betterWay(ns, hop, dst);
  return way ? way.gateway : hop.ownGateway ? 0 : hop.gateway;
}

/** A path never gets wider by what somebody says (linux: net/ipv4/route.c, __ip_rt_update_pmtu). */
export function learnPathMtu(ns: NetNs, dst: number, told: number): void {
  const mtu = Math.max(told, MIN_PMTU);
  const known = ns.pmtu.get(dst);
  if (known && known.expires > ns.sim.now && known.mtu < mtu) return;
  ns.pmtu.set(dst, { mtu, expires: ns.sim.now + PMTU_EXPIRES });
}

/** What was learned of paths is forgotten (linux: fnhe_genid_bump). */
export function forgetPaths(ns: NetNs): void {
  ns.pmtu.clear();
  for (const table of ns.fib.tables.values())
    for (const { nexthops } of table.all()) for (const hop of nexthops) hop.better?.clear();
}

import { maskOf } from "../../wire/address.ts";
import type { NetDevice } from "../device/device.ts";
import { NetlinkError } from "../netlink.ts";
import type { NetNs } from "../netns.ts";
import {
  flow,
  type NextHop,
  type Route,
  RT_SCOPE_HOST,
  RT_SCOPE_LINK,
  RT_SCOPE_NOWHERE,
  RT_SCOPE_UNIVERSE,
  RT_TABLE_MAIN,
} from "./route.ts";

/** A next hop as somebody asked for it. */
export interface NextHopSpec {
  dev: NetDevice | null;
  gateway: number;
  onlink: boolean;
  weight: number;
}

export interface RouteSpec extends Omit<Route, "id" | "nexthops"> {
  nexthops: NextHopSpec[];
}

/** `add`, `append`, `prepend`, `change`, `replace` of ip route. */
export type RouteVerb = "add" | "append" | "prepend" | "change" | "replace";

/** Can this next hop be used? (linux: net/ipv4/fib_semantics.c, fib_check_nh) */
function checkHop(ns: NetNs, spec: NextHopSpec, route: RouteSpec): NextHop {
  if (!spec.gateway) {
    if (!spec.dev) throw new NetlinkError("ENODEV", "Nexthop has no device or gateway");
    if (!spec.dev.up) throw new NetlinkError("ENETDOWN", "Device for nexthop is not up");
    return { dev: spec.dev, gateway: 0, onlink: false, weight: spec.weight };
  }
  if (spec.onlink) {
    if (route.scope >= RT_SCOPE_LINK) throw new NetlinkError("EINVAL", "Nexthop has invalid scope");
    if (!spec.dev) throw new NetlinkError("ENODEV", "Nexthop device required for onlink");
    if (!spec.dev.up) throw new NetlinkError("ENETDOWN", "Nexthop device is not up");
    if (ns.fib.addressType(spec.gateway) !== "unicast")
      throw new NetlinkError("EINVAL", "Nexthop has invalid gateway");
    return { dev: spec.dev, gateway: spec.gateway, onlink: true, weight: spec.weight };
  }
  if (route.scope >= RT_SCOPE_LINK) throw new NetlinkError("EINVAL", "Nexthop has invalid scope");
  const found = gatewayRoute(ns, spec, route);
  if (!found.hop || (found.type !== "unicast" && found.type !== "local"))
    throw new NetlinkError(found.error ?? "EINVAL", "Nexthop has invalid gateway");
  const dev = found.hop.dev;
  if (!dev.up) throw new NetlinkError("ENETDOWN", "Nexthop device is not up");
  const hop: NextHop = { dev, gateway: spec.gateway, onlink: false, weight: spec.weight };
  if (found.type === "local") hop.ownGateway = true;
  return hop;
}

/** The route to a gateway: on the link, in the table itself first, then by the rules. */
function gatewayRoute(ns: NetNs, spec: NextHopSpec, route: RouteSpec) {
  const key = flow({
    dst: spec.gateway,
    oif: spec.dev?.ifindex ?? 0,
    iif: ns.loopback.ifindex,
    scope: Math.max(route.scope + 1, RT_SCOPE_LINK),
  });
  const own = route.table === RT_TABLE_MAIN ? null : ns.fib.lookupTable(route.table, key);
  return own && own.error === null ? own : ns.fib.lookup(key);
}

/** linux: net/ipv4/fib_trie.c, fib_table_insert; fib_semantics.c, fib_create_info */
export function addRoute(ns: NetNs, spec: RouteSpec, verb: RouteVerb): Route {
  if (spec.dst & ~maskOf(spec.length))
    throw new NetlinkError("EINVAL", "Invalid prefix for given prefix length");
  const bare =
    spec.type === "blackhole" ||
    spec.type === "unreachable" ||
    spec.type === "prohibit" ||
    spec.type === "throw";
  if (bare && spec.nexthops.some((hop) => hop.gateway || hop.dev))
    throw new NetlinkError(
      "EINVAL",
      "Gateway, device and multipath can not be specified for this route type",
    );
  let nexthops: NextHop[] = [];
  if (!bare) {
    if (spec.nexthops.length === 0) throw new NetlinkError("ENODEV");
    if (spec.scope >= RT_SCOPE_HOST && spec.type !== "local" && spec.scope !== RT_SCOPE_NOWHERE) {
      const hop = spec.nexthops[0] as NextHopSpec;
      if (hop.gateway)
        throw new NetlinkError("EINVAL", "Route with host scope can not have a gateway");
    }
    nexthops = spec.nexthops.map((hop) => checkHop(ns, hop, spec));
  }
  if (spec.prefSrc && !validPrefSrc(ns, spec, nexthops))
    throw new NetlinkError("EINVAL", "Invalid prefsrc address");
  const route = { ...spec, nexthops };
  const table = ns.fib.table(spec.table);
  const same = table
    .at(spec.dst, spec.length)
    .filter((other) => other.tos === spec.tos && other.priority === spec.priority);
  const first = same[0];
  if (first) {
    if (verb === "add") throw new NetlinkError("EEXIST");
    if (verb === "change" || verb === "replace") {
      ns.fib.removeRoute(first);
      return added(ns, ns.fib.addRoute(route, "prepend"));
    }
    if (same.some((other) => equal(other, route))) throw new NetlinkError("EEXIST");
  } else if (verb === "change") throw new NetlinkError("ENOENT");
  const place = verb === "append" || verb === "prepend" ? verb : "sorted";
  return added(ns, ns.fib.addRoute(route, place));
}

function added(ns: NetNs, route: Route): Route {
  ns.rtnl.route(route);
  return route;
}

function validPrefSrc(ns: NetNs, spec: RouteSpec, nexthops: NextHop[]): boolean {
  if (spec.type === "local" && nexthops[0]?.dev && spec.prefSrc === spec.dst) return true;
  return ns.fib.isLocal(spec.prefSrc);
}

function equal(a: Route, b: Omit<Route, "id">): boolean {
  return (
    a.type === b.type &&
    a.scope === b.scope &&
    a.protocol === b.protocol &&
    a.prefSrc === b.prefSrc &&
    sameHops(a.nexthops, b.nexthops)
  );
}

function sameHops(a: readonly NextHop[], b: readonly NextHop[]): boolean {
  return (
    a.length === b.length &&
    a.every((hop, i) => hop.dev === b[i]?.dev && hop.gateway === b[i]?.gateway)
  );
}

/** What to delete: fields that were not given fit everything. */
export interface RouteFilter {
  table: number;
  dst: number;
  length: number;
  tos?: number;
  type?: Route["type"];
  scope?: number;
  protocol?: number;
  priority?: number;
  prefSrc?: number;
  dev?: NetDevice;
  gateway?: number;
}

/** linux: net/ipv4/fib_trie.c, fib_table_delete; fib_nh_match */
export function deleteRoute(ns: NetNs, want: RouteFilter): void {
  const table = ns.fib.tables.get(want.table);
  const route = table?.at(want.dst, want.length).find((r) => {
    if (want.tos !== undefined && r.tos !== want.tos) return false;
    if (want.type !== undefined && r.type !== want.type) return false;
    if (want.scope !== undefined && r.scope !== want.scope) return false;
    if (want.protocol !== undefined && r.protocol !== want.protocol) return false;
    if (want.priority !== undefined && r.priority !== want.priority) return false;
    if (want.prefSrc !== undefined && r.prefSrc !== want.prefSrc) return false;
    if (want.dev && r.nexthops[0]?.dev !== want.dev) return false;
    return want.gateway === undefined || r.nexthops[0]?.gateway === want.gateway;
  });
  if (!route) throw new NetlinkError("ESRCH");
  ns.fib.removeRoute(route);
  ns.rtnl.route(route, true);
}

/**
 * A device went down: every route through it is dead and goes (linux: fib_sync_down_dev, fib_flush).
 * Its own addresses are local all the same, until it is taken away itself.
 */
export function flushDeviceRoutes(ns: NetNs, dev: NetDevice, keepLocal = false): void {
  for (const table of [...ns.fib.tables.values()])
    for (const route of table.all()) {
      if (!route.nexthops.some((hop) => hop.dev === dev)) continue;
      if (keepLocal && route.type === "local") continue;
      ns.fib.removeRoute(route);
      const alive = route.nexthops.filter((hop) => hop.dev !== dev);
      if (alive.length) ns.fib.addRoute({ ...route, nexthops: alive }, "append");
    }
}

/** An address is gone: routes that prefer it as source go (linux: fib_sync_down_addr). */
export function flushSourceRoutes(ns: NetNs, address: number): void {
  for (const table of [...ns.fib.tables.values()])
    for (const route of table.all()) if (route.prefSrc === address) ns.fib.removeRoute(route);
}

/** The scope that `ip route add` gives when none was said (iproute2: iproute_modify). */
export function defaultScope(type: Route["type"], hasGateway: boolean): number {
  if (type === "local") return RT_SCOPE_HOST;
  if (type === "broadcast" || type === "multicast" || type === "anycast") return RT_SCOPE_LINK;
  if (type === "unicast" && !hasGateway) return RT_SCOPE_LINK;
  return RT_SCOPE_UNIVERSE;
}

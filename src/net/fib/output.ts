import { Ev } from "../../sim/trace.ts";
import { isLoopback, isMulticast } from "../../wire/address.ts";
import type { NetNs } from "../netns.ts";
import { gatewayOf } from "./exception.ts";
import { type FibResult, routeTypeCode } from "./fib.ts";
import {
  type Flow,
  RouteError,
  type RouteResult,
  RT_SCOPE_LINK,
  RT_SCOPE_UNIVERSE,
  RT_TABLE_LOCAL,
} from "./route.ts";

/**
 * The route for something that we send (linux: net/ipv4/route.c, ip_route_output_key_hash_rcu).
 * `key.src` may be 0: the result's `src` is the address to use. `skb` tells the story, 0 for none.
 */
export function ipRouteOutput(ns: NetNs, key: Flow, skb = 0): RouteResult | RouteError {
  if (key.src) {
    if (isMulticast(key.src) || key.src === 0xffffffff) return new RouteError("EINVAL");
    if (key.oif === 0 && (isMulticast(key.dst) || key.dst === 0xffffffff)) {
      const dev = deviceOf(ns, key.src);
      if (!dev) return new RouteError("ENETUNREACH");
      key = { ...key, oif: dev };
    } else if (!key.anySrc && !ns.fib.isLocal(key.src)) return new RouteError("ENETUNREACH");
  }
  let src = key.src;
  if (key.oif) {
    const dev = ns.devices.get(key.oif);
    if (!dev) return new RouteError("ENODEV");
    if (!dev.up) return new RouteError("ENETUNREACH");
    if (isMulticast(key.dst) || key.dst === 0xffffffff) {
      src ||= ns.fib.selectAddress(dev, 0, RT_SCOPE_LINK);
      const result = make(key.dst === 0xffffffff ? "broadcast" : "multicast", null, dev, src);
      return tell(ns, result, null, skb);
    }
    if (!src && !key.dst) src = ns.fib.selectAddress(dev, 0, RT_SCOPE_UNIVERSE);
  }
  if (!key.dst) {
    // "To nobody" is to ourselves.
    const dst = src || 0x7f000001;
    return tell(ns, make("local", null, ns.loopback, dst), null, skb);
  }
  const found = ns.fib.lookup(key.iif ? key : { ...key, iif: ns.loopback.ifindex }, skb);
  if (found.error !== null) {
    // A device was named and no route: assume that the destination is on the link.
    const dev = key.oif ? ns.devices.get(key.oif) : undefined;
    if (dev && found.type === "unspec") {
      src ||= ns.fib.selectAddress(dev, 0, RT_SCOPE_LINK);
      return tell(ns, make("unicast", null, dev, src), null, skb);
    }
    return new RouteError(found.error);
  }
  if (found.type === "local") {
    src ||= found.route?.prefSrc || key.dst;
    return tell(ns, make("local", found, ns.loopback, src), found, skb);
  }
  if (!found.hop) return new RouteError("EINVAL");
  src ||= ns.fib.preferredSource(found, key.dst);
  if (
    isLoopback(src) &&
    !found.hop.dev.isLoopback &&
    !ns.sysctl.or(found.hop.dev.conf, "route_localnet")
  )
    return new RouteError("EINVAL");
  // To everybody on the link: the route only says which link (linux: __mkroute_output).
  const everybody = key.dst === 0xffffffff;
  const group = isMulticast(key.dst);
  const type = everybody ? "broadcast" : group ? "multicast" : found.type;
  const onLink = everybody || (group && (found.route?.length ?? 0) < 4);
  const gateway = onLink ? 0 : gatewayOf(ns, found.hop, key.dst);
  const made = make(type, onLink ? null : found, found.hop.dev, src, gateway);
  return tell(ns, made, found, skb);
}

/** Whose address is it, or else the local routes' (linux: net/ipv4/devinet.c, __ip_dev_find). */
function deviceOf(ns: NetNs, address: number): number {
  for (const dev of ns.devices.values())
    if (dev.addresses.some((a) => a.local === address)) return dev.ifindex;
  const found = ns.fib.localRoute(address);
  return (found?.type === "local" && found.hop?.dev.ifindex) || 0;
}

function make(
  type: RouteResult["type"],
  found: FibResult | null,
  dev: RouteResult["dev"],
  src: number,
  gateway = 0,
): RouteResult {
  return {
    type,
    route: found?.route ?? null,
    dev,
    gateway,
    src,
    mtu: found?.route?.metrics.mtu ?? 0,
    error: null,
    redirect: false,
    input: false,
  };
}

function tell(ns: NetNs, result: RouteResult, found: FibResult | null, skb: number): RouteResult {
  if (skb)
    ns.trace.emit(
      Ev.ROUTE,
      ns.id,
      skb,
      result.route?.id ?? 0,
      routeTypeCode(result.type),
      result.dev.ifindex,
      result.gateway,
      found?.table ?? RT_TABLE_LOCAL,
      0,
      result.src,
    );
  return result;
}

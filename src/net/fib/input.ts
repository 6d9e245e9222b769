import { Ev } from "../../sim/trace.ts";
import { isLoopback, isMulticast, maskOf } from "../../wire/address.ts";
import { ETH_P_IP } from "../../wire/ethernet.ts";
import { IPPROTO_IGMP } from "../../wire/ipv4.ts";
import type { NetDevice } from "../device/device.ts";
import type { DropReason } from "../drop.ts";
import type { NetNs } from "../netns.ts";
import type { Skb } from "../skb.ts";
import { gatewayOf } from "./exception.ts";
import { type FibResult, routeTypeCode } from "./fib.ts";
import { Flow, flow, memberOf, type RouteResult, RT_TABLE_LOCAL } from "./route.ts";

/** Only this one: the rest of 0.0.0.0/8 is as good as any since Linux 5.3 (ipv4_is_zeronet). */
function isZeronet(address: number): boolean {
  return address === 0;
}

/**
 * Where does a packet that came in go? (linux: net/ipv4/route.c, ip_route_input_slow)
 * A reason when nowhere. The result's `error` is set for error routes: ip_error answers those.
 */
export function ipRouteInput(ns: NetNs, skb: Skb, dev: NetDevice): RouteResult | DropReason {
  const { src, dst, tos } = skb.ip;
  return routeInput(ns, skb, dev, src, dst, tos);
}

/** The same for addresses that a packet speaks of: an ARP request's. */
export function routeInput(
  ns: NetNs,
  skb: Skb,
  dev: NetDevice,
  src: number,
  dst: number,
  tos: number,
): RouteResult | DropReason {
  if (isMulticast(dst)) return multicastInput(ns, skb, dev);
  if (isMulticast(src) || src === 0xffffffff) return "IP_INVALID_SOURCE";
  const limitedBroadcast = dst === 0xffffffff || (src === 0 && dst === 0);
  if (!limitedBroadcast) {
    if (isZeronet(src)) return "IP_INVALID_SOURCE";
    if (isZeronet(dst)) return "IP_INVALID_DEST";
    const localnet = ns.sysctl.or(dev.conf, "route_localnet") || dev.isLoopback;
    if (isLoopback(dst) && !localnet) return "IP_LOCALNET";
    if (isLoopback(src) && !localnet) return "IP_LOCALNET";
  }
  const key = new Flow();
  key.src = src;
  key.dst = dst;
  key.iif = dev.ifindex;
  key.mark = skb.mark;
  key.tos = tos & 0x1c;
  if (ns.fib.looksInside && skb.protocol === ETH_P_IP) dissect(key, skb);
  if (limitedBroadcast) return broadcastInput(ns, skb, dev, key, null);
  const found = ns.fib.lookup(key, skb.id);
  if (found.error !== null) {
    const error = dev.conf.forwarding ? found.error : "EHOSTUNREACH";
    const result = errorResult(ns, found, dev);
    result.error = found.error === "EINVAL" ? "EINVAL" : error;
    tell(ns, skb, result, found);
    return result;
  }
  const onwards = found.type === "broadcast" && ns.sysctl.and(dev.conf, "bc_forwarding");
  if (found.type === "broadcast" && !onwards) return broadcastInput(ns, skb, dev, key, found);
  if (found.type === "local") {
    const bad = fibValidateSource(ns, skb, key, 0, dev);
    if (bad) return bad;
    return localInput(ns, skb, found);
  }
  if (!dev.conf.forwarding && !onwards) {
    const result = errorResult(ns, found, dev);
    result.error = "EHOSTUNREACH";
    tell(ns, skb, result, found);
    return result;
  }
  if ((found.type !== "unicast" && !onwards) || !found.hop) return "IP_INVALID_DEST";
  const out = found.hop.dev;
  const gateway = gatewayOf(ns, found.hop, dst);
  const bad = fibValidateSource(ns, skb, key, out.ifindex, dev);
  if (bad) return bad;
  const result: RouteResult = {
    type: "unicast",
    route: found.route,
    dev: out,
    gateway,
    src: 0,
    mtu: found.route?.metrics.mtu ?? 0,
    error: null,
    redirect:
      out === dev && ns.sysctl.or(dev.conf, "send_redirects") && onSameLink(ns, dev, key, gateway),
    input: true,
  };
  tell(ns, skb, result, found);
  return result;
}

/**
 * The protocol and the ports of TCP and UDP, for rules that look at them; not of fragments (linux:
 * include/net/ip_fib.h, fib4_rules_early_flow_dissect).
 */
export function dissect(key: Flow, skb: Skb): void {
  const ip = skb.ip;
  key.protocol = ip.protocol;
  if ((ip.protocol !== 6 && ip.protocol !== 17) || ip.isFragment || ip.end - ip.payload < 4) return;
  const at = ip.payload;
  const b = skb.data;
  key.srcPort = ((b[at] as number) << 8) | (b[at + 1] as number);
  key.dstPort = ((b[at + 2] as number) << 8) | (b[at + 3] as number);
}

/**
 * Could whoever sent it, over this link, have reached the next hop itself? (linux: __mkroute_input; that
 * the sender is a neighbour is what fib_validate_source then answers)
 */
function onSameLink(ns: NetNs, dev: NetDevice, key: Flow, gateway: number): boolean {
  const back = flow({
    src: key.dst,
    dst: key.src,
    iif: dev.ifindex,
    tos: key.tos,
    mark: ns.sysctl.or(dev.conf, "src_valid_mark") ? key.mark : 0,
    protocol: key.protocol,
    srcPort: key.dstPort,
    dstPort: key.srcPort,
  });
  if (ns.fib.lookup(back).error !== null) return false;
  const direct = (key: Flow): boolean => {
    const { error, type, hop } = ns.fib.lookup(key);
    // A source that is ours, too, has been let through (accept_local).
    if (type === "local" && hop?.dev === dev && !key.oif) return true;
    return (
      error === null && type === "unicast" && hop?.dev === dev && (!hop.gateway || !!hop.ownGateway)
    );
  };
  if (!direct(back) && !direct({ ...back, oif: dev.ifindex })) return false;
  if (ns.sysctl.or(dev.conf, "shared_media")) return true;
  return dev.addresses.some((a) => {
    const mask = maskOf(a.prefixLength);
    return ((a.peer ^ key.src) & mask) === 0 && (!gateway || ((a.peer ^ gateway) & mask) === 0);
  });
}

function errorResult(ns: NetNs, found: FibResult, dev: NetDevice): RouteResult {
  return {
    type: found.type === "unspec" || found.type === "unicast" ? "unreachable" : found.type,
    route: found.route,
    dev: ns.loopback ?? dev,
    gateway: 0,
    src: 0,
    mtu: 0,
    error: found.error,
    redirect: false,
    input: true,
  };
}

function localInput(
  ns: NetNs,
  skb: Skb,
  found: FibResult | null,
  type: "local" | "broadcast" | "multicast" = "local",
): RouteResult {
  const result: RouteResult = {
    type,
    route: found?.route ?? null,
    dev: ns.loopback,
    gateway: 0,
    src: 0,
    mtu: 0,
    error: null,
    redirect: false,
    input: true,
  };
  tell(ns, skb, result, found);
  return result;
}

function broadcastInput(
  ns: NetNs,
  skb: Skb,
  dev: NetDevice,
  key: Flow,
  found: FibResult | null,
): RouteResult | DropReason {
  if (!isZeronet(key.src)) {
    const bad = fibValidateSource(ns, skb, { ...key, dst: 0 }, 0, dev);
    if (bad) return bad;
  }
  return localInput(ns, skb, found, "broadcast");
}

/** Groups that every host is in, or that a socket joined; nothing else is for us. */
function multicastInput(ns: NetNs, skb: Skb, dev: NetDevice): RouteResult | DropReason {
  const { src, dst, protocol, tos } = skb.ip;
  if ((!memberOf(dst) && protocol !== IPPROTO_IGMP) || !dev.up || !dev.multicast)
    return "IP_INVALID_DEST";
  // linux: ip_mc_validate_source
  if (isMulticast(src) || src === 0xffffffff) return "IP_INVALID_SOURCE";
  if (isLoopback(src) && !ns.sysctl.or(dev.conf, "route_localnet")) return "IP_LOCALNET";
  if (isZeronet(src))
    return dst >>> 8 === 0xe00000 ? localInput(ns, skb, null, "multicast") : "IP_INVALID_SOURCE";
  const key = flow({ src, iif: dev.ifindex, mark: skb.mark, tos: tos & 0x1c });
  if (ns.fib.looksInside) dissect(key, skb);
  const bad = fibValidateSource(ns, skb, key, 0, dev);
  return bad ?? localInput(ns, skb, null, "multicast");
}

/**
 * Could this source have come in by this device? (linux: net/ipv4/fib_frontend.c,
 * fib_validate_source, __fib_validate_source). Null when it could.
 */
export function fibValidateSource(
  ns: NetNs,
  skb: Skb,
  key: Flow,
  oif: number,
  dev: NetDevice,
): DropReason | null {
  const rpf = ns.sysctl.max(dev.conf, "rp_filter");
  const acceptLocal = ns.sysctl.or(dev.conf, "accept_local");
  const redirects = ns.sysctl.or(dev.conf, "send_redirects");
  if (!rpf && (dev.ifindex !== oif || !redirects)) {
    if (acceptLocal) return null;
    if (!ns.fib.customRules && !ns.fib.customLocalRoutes) {
      for (const other of ns.devices.values())
        for (const address of other.addresses)
          if (address.local === key.src) return "IP_LOCAL_SOURCE";
      return null;
    }
  }
  const back = new Flow();
  back.src = key.dst;
  back.dst = key.src;
  back.iif = oif || ns.loopback.ifindex;
  back.tos = key.tos;
  back.mark = ns.sysctl.or(dev.conf, "src_valid_mark") ? skb.mark : 0;
  back.protocol = key.protocol;
  back.srcPort = key.dstPort;
  back.dstPort = key.srcPort;
  const lastResort = (): DropReason | null => (rpf ? "IP_RPFILTER" : null);
  const found = ns.fib.lookup(back);
  if (found.error !== null) return lastResort();
  if (found.type !== "unicast" && (found.type !== "local" || !acceptLocal))
    return "IP_LOCAL_SOURCE";
  const uses = found.route?.nexthops.some((hop) => hop.dev === dev) ?? false;
  if (uses || (found.type === "local" && dev === ns.loopback)) return null;
  if (dev.addresses.length === 0) return lastResort();
  if (rpf === 1) return "IP_RPFILTER";
  return null;
}

function tell(ns: NetNs, skb: Skb, result: RouteResult, found: FibResult | null): void {
  ns.trace.emit(
    Ev.ROUTE,
    ns.id,
    skb.id,
    result.route?.id ?? 0,
    routeTypeCode(result.type),
    result.dev.ifindex,
    result.gateway,
    found?.table ?? RT_TABLE_LOCAL,
    1,
    result.src,
  );
}

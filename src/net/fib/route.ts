import type { Errno } from "../../base/errno.ts";
import type { NetDevice } from "../device/device.ts";
import type { BetterWay } from "./exception.ts";

/** linux: include/uapi/linux/rtnetlink.h, RTN_* */
export const ROUTE_TYPES = [
  "unspec",
  "unicast",
  "local",
  "broadcast",
  "anycast",
  "multicast",
  "blackhole",
  "unreachable",
  "prohibit",
  "throw",
  "nat",
] as const;
export type RouteType = (typeof ROUTE_TYPES)[number];

export const RT_TABLE_DEFAULT = 253;
export const RT_TABLE_MAIN = 254;
export const RT_TABLE_LOCAL = 255;

export const RT_SCOPE_UNIVERSE = 0;
export const RT_SCOPE_LINK = 253;
export const RT_SCOPE_HOST = 254;
export const RT_SCOPE_NOWHERE = 255;

export const RTPROT_KERNEL = 2;

export interface NextHop {
  dev: NetDevice;
  /** 0: on the link itself. */
  gateway: number;
  onlink: boolean;
  weight: number;
  /** The gateway is an address of ours: packets go to their destination itself (fib_nh_scope). */
  ownGateway?: boolean;
  /** What routers have said of better ways, by destination. */
  better?: Map<number, BetterWay>;
}

/** A route (linux: struct fib_alias + struct fib_info). It never changes once it is in a table, but for better ways. */
export interface Route {
  /** Unique in the world; the trace points at it. */
  id: number;
  table: number;
  type: RouteType;
  dst: number;
  length: number;
  tos: number;
  scope: number;
  protocol: number;
  /** metric */
  priority: number;
  /** 0: choose one. */
  prefSrc: number;
  /** Empty for blackhole, unreachable, prohibit, throw. */
  nexthops: NextHop[];
  /** Route metrics that were given: mtu, advmss, hoplimit, window … */
  metrics: Record<string, number>;
}

/**
 * Keys of a lookup (linux: struct flowi4). Zero means "not given". Where every packet comes by, one is
 * made and filled in field by field: `flow` looks for twelve names in objects of all shapes.
 */
export class Flow {
  src = 0;
  dst = 0;
  oif = 0;
  iif = 0;
  mark = 0;
  tos = 0;
  protocol = 0;
  srcPort = 0;
  dstPort = 0;
  uid = 0;
  /** Routes of a smaller scope do not count. */
  scope = 0;
  /** FLOWI_FLAG_ANYSRC: a transparent socket may send from an address that is not ours. */
  anySrc = false;
}

export function flow(given: Partial<Flow>): Flow {
  return Object.assign(new Flow(), given);
}

/** What routing decided for a packet (linux: struct rtable, the skb's dst). */
export interface RouteResult {
  /** "input" types: where ip_rcv_finish hands it; output results are for ip_output. */
  type: RouteType;
  route: Route | null;
  /** The device that it leaves by; loopback for local delivery of what was made here. */
  dev: NetDevice;
  /** The neighbour to send to; 0: the destination itself. */
  gateway: number;
  /** The source address that routing prefers for what is sent to this destination. */
  src: number;
  /** The MTU of the path, when the route or a "fragmentation needed" says one; 0: the device's. */
  mtu: number;
  /** What to tell whoever sent it: for error routes. */
  error: Errno | null;
  /** A packet forwarded out of the device that it came in by (IPSKB_DOREDIRECT). */
  redirect: boolean;
  input: boolean;
}

export class RouteError {
  errno: Errno;
  constructor(errno: Errno) {
    this.errno = errno;
  }
}

/** The groups that every host is in: all hosts (RFC 1112 §4; linux: ip_check_mc_rcu). Nobody joins another yet. */
export function memberOf(group: number): boolean {
  return group === 0xe0000001;
}

import { hex } from "../../../base/text.ts";
import { Bridge } from "../../../net/device/bridge.ts";
import type { InetAddress, NetDevice } from "../../../net/device/device.ts";
import { VlanDevice } from "../../../net/device/vlan.ts";
import { IP_PROTOCOLS, protocolName, scopeName, tableName } from "../../../net/fib/names.ts";
import type { NextHop, Route } from "../../../net/fib/route.ts";
import type { FibRule } from "../../../net/fib/rule.ts";
import { METRICS, markText } from "../../../net/fib/text.ts";
import type { Neighbour } from "../../../net/neigh/table.ts";
import { formatIpv4, formatMac } from "../../../wire/address.ts";
import type { Json } from "../../lib/json-writer.ts";
import type { IpContext } from "./context.ts";
import {
  flags,
  isDeprecated,
  lowerLink,
  nsidOfPeer,
  offloadSize,
  queues,
  secondsLeft,
  state,
  vlanFlags,
  vlanProtocol,
} from "./device-text.ts";

type Fields = Record<string, Json>;

/** Which device it is, and below which one. */
function linkName(dev: NetDevice): Fields {
  const lower = lowerLink(dev);
  return {
    ...(lower === null ? {} : typeof lower === "string" ? { link: lower } : { link_index: lower }),
    ifname: dev.name,
  };
}

/** `ip -j -br link` and the first part of `ip -j -br addr`. */
export function briefLinkJson(dev: NetDevice, link: boolean): Fields {
  return {
    ...linkName(dev),
    operstate: state(dev),
    ...(link ? { address: formatMac(dev.mac), flags: flags(dev).split(",") } : {}),
  };
}

/** iproute2: print_linkinfo. `mode` only for `ip link`; with -4 the link's own address is left out. */
export function linkJson(ctx: IpContext, dev: NetDevice, mode: boolean): Fields {
  const nsid = nsidOfPeer(dev);
  const own: Fields = {
    link_type: dev.isLoopback ? "loopback" : "ether",
    address: formatMac(dev.mac),
    broadcast: dev.isLoopback ? "00:00:00:00:00:00" : "ff:ff:ff:ff:ff:ff",
  };
  return {
    ifindex: dev.ifindex,
    ...linkName(dev),
    flags: flags(dev).split(","),
    mtu: dev.mtu,
    qdisc: dev.qdisc,
    ...(dev.master ? { master: dev.master.name } : {}),
    operstate: state(dev),
    ...(mode ? { linkmode: "DEFAULT" } : {}),
    group: dev.group === 0 ? "default" : String(dev.group),
    ...(dev.txqueuelen ? { txqlen: dev.txqueuelen } : {}),
    ...(ctx.family === "inet" && !mode ? {} : own),
    ...(nsid === null ? {} : { link_netnsid: nsid }),
    ...(ctx.details ? linkDetails(dev, mode) : {}),
    ...(dev.alias && (mode || ctx.details) ? { ifalias: dev.alias } : {}),
    ...(ctx.statistics ? { stats64: statisticsJson(dev) } : {}),
  };
}

function linkDetails(dev: NetDevice, mode: boolean): Fields {
  const slave = dev.master instanceof Bridge ? { info_slave_kind: "bridge" } : {};
  const many = queues(dev);
  return {
    promiscuity: dev.promisc,
    allmulti: dev.allmulti,
    min_mtu: dev.minMtu,
    max_mtu: dev.maxMtu,
    ...(dev.kind ? { linkinfo: { info_kind: dev.kind, ...kindJson(dev), ...slave } } : {}),
    ...(mode ? { inet6_addr_gen_mode: "eui64" } : {}),
    num_tx_queues: many,
    num_rx_queues: many,
    gso_max_size: 65536,
    gso_max_segs: 65535,
    tso_max_size: offloadSize(dev),
    tso_max_segs: 65535,
    gro_max_size: 65536,
  };
}

/** Of the kinds' settings those of a VLAN. */
function kindJson(dev: NetDevice): Fields {
  if (!(dev instanceof VlanDevice)) return {};
  const flags = vlanFlags(dev);
  return {
    info_data: { protocol: vlanProtocol(dev), id: dev.vid, ...(flags.length ? { flags } : {}) },
  };
}

function statisticsJson({ stats }: NetDevice): Fields {
  return {
    rx: {
      bytes: stats.rxBytes,
      packets: stats.rxPackets,
      errors: stats.rxErrors,
      dropped: stats.rxDropped,
      over_errors: 0,
      multicast: stats.multicast,
    },
    tx: {
      bytes: stats.txBytes,
      packets: stats.txPackets,
      errors: stats.txErrors,
      dropped: stats.txDropped,
      carrier_errors: 0,
      collisions: stats.collisions,
    },
  };
}

/** One of `addr_info` (iproute2: print_addrinfo). */
export function addressJson(ctx: IpContext, a: InetAddress): Fields {
  const left = (until: number | null): number => secondsLeft(ctx, until) ?? 0xffffffff;
  const peer = a.peer === a.local ? {} : { address: formatIpv4(a.peer) };
  if (ctx.brief) return { local: formatIpv4(a.local), ...peer, prefixlen: a.prefixLength };
  return {
    family: "inet",
    local: formatIpv4(a.local),
    ...peer,
    prefixlen: a.prefixLength,
    ...(a.broadcast === null ? {} : { broadcast: formatIpv4(a.broadcast) }),
    scope: scopeName(a.scope),
    ...(a.secondary ? { secondary: true } : {}),
    ...(isDeprecated(ctx, a) ? { deprecated: true } : {}),
    ...(a.validUntil === null ? {} : { dynamic: true }),
    ...(a.noPrefixRoute ? { noprefixroute: true } : {}),
    label: a.label,
    valid_life_time: left(a.validUntil),
    preferred_life_time: left(a.preferredUntil),
  };
}

function hopJson(hop: NextHop): Fields {
  return {
    ...(hop.gateway ? { gateway: formatIpv4(hop.gateway) } : {}),
    dev: hop.dev.name,
  };
}

function hopFlags(hop: NextHop): string[] {
  return [
    ...(hop.onlink ? ["onlink"] : []),
    ...(hop.dev.up && !hop.dev.carrier ? ["linkdown"] : []),
  ];
}

/** iproute2: print_route. What the filter says is not said again. */
export function routeJson(
  ctx: IpContext,
  route: Route,
  filter: {
    dev?: unknown;
    via?: number | null;
    table?: number | "all" | null;
    protocol?: number | null;
  } = {},
): Fields {
  const single = route.nexthops.length === 1 ? route.nexthops[0] : undefined;
  const prefix = `${formatIpv4(route.dst)}${route.length < 32 ? `/${route.length}` : ""}`;
  const hop = single ? hopJson(single) : {};
  if (filter.dev) delete hop.dev;
  if (filter.via !== null && filter.via !== undefined) delete hop.gateway;
  const said = filter.protocol !== null && filter.protocol !== undefined;
  const metrics = METRICS.filter((name) => route.metrics[name] !== undefined);
  return {
    ...(route.type !== "unicast" || ctx.details ? { type: route.type } : {}),
    dst: route.length === 0 ? "default" : prefix,
    ...(route.tos ? { tos: `0x${hex(route.tos, 2)}` } : {}),
    ...hop,
    ...(filter.table === "all" && route.table !== 254 ? { table: tableName(route.table) } : {}),
    ...((route.protocol !== 3 && !said) || ctx.details
      ? { protocol: protocolName(route.protocol) }
      : {}),
    ...(route.scope !== 0 || ctx.details ? { scope: scopeName(route.scope) } : {}),
    ...(route.prefSrc ? { prefsrc: formatIpv4(route.prefSrc) } : {}),
    ...(route.priority ? { metric: route.priority } : {}),
    flags: single ? hopFlags(single) : [],
    ...(metrics.length
      ? {
          metrics: [
            Object.fromEntries(metrics.map((name) => [name, route.metrics[name] as number])),
          ],
        }
      : {}),
    ...(route.nexthops.length > 1
      ? {
          nexthops: route.nexthops.map((one) => ({
            ...hopJson(one),
            weight: one.weight,
            flags: hopFlags(one),
          })),
        }
      : {}),
  };
}

function prefixJson(name: string, address: number, length: number): Fields {
  if (length === 0) return name === "src" ? { src: "all" } : {};
  return { [name]: formatIpv4(address), ...(length < 32 ? { [`${name}len`]: length } : {}) };
}

function portsJson(name: string, ports: [number, number] | null): Fields {
  if (!ports) return {};
  if (ports[0] === ports[1]) return { [name]: ports[0] };
  return { [`${name}_start`]: ports[0], [`${name}_end`]: ports[1] };
}

/** iproute2: print_rule */
export function ruleJson(ctx: IpContext, r: FibRule): Fields {
  const { rules } = ctx.ns.fib;
  const device = (name: "iif" | "oif", dev: string): Fields =>
    dev ? { [name]: dev, ...(ctx.ns.byName.has(dev) ? {} : { [`${name}_detached`]: null }) } : {};
  const protocol = Object.entries(IP_PROTOCOLS).find(([, number]) => number === r.protocol)?.[0];
  let action: Fields = { action: r.action };
  if (r.action === "lookup")
    action = {
      table: tableName(r.table),
      ...(r.suppressPrefixLength >= 0 ? { suppress_prefixlen: r.suppressPrefixLength } : {}),
      ...(r.suppressGroup >= 0
        ? { suppress_ifgroup: r.suppressGroup === 0 ? "default" : String(r.suppressGroup) }
        : {}),
    };
  else if (r.action === "goto")
    action = {
      goto: r.target,
      ...(rules.some((other) => other.priority === r.target) ? {} : { unresolved: null }),
    };
  else if (r.action === "nop") action = { nop: null };
  return {
    priority: r.priority,
    ...(r.invert ? { not: null } : {}),
    ...prefixJson("src", r.src, r.srcLength),
    ...prefixJson("dst", r.dst, r.dstLength),
    ...(r.tos ? { tos: `0x${hex(r.tos, 2)}` } : {}),
    ...(r.mark || r.markMask
      ? {
          fwmark: markText(r.mark),
          ...(r.markMask === 0xffffffff ? {} : { fwmask: markText(r.markMask) }),
        }
      : {}),
    ...device("iif", r.iif),
    ...device("oif", r.oif),
    ...(r.uids ? { uid_start: r.uids[0], uid_end: r.uids[1] } : {}),
    ...(r.protocol ? { ipproto: protocol ?? `ipproto-${r.protocol}` } : {}),
    ...portsJson("sport", r.srcPorts),
    ...portsJson("dport", r.dstPorts),
    ...action,
    ...([0, 2, 3].includes(r.origin) ? {} : { protocol: protocolName(r.origin) }),
  };
}

/** iproute2: print_neigh. `named`: the command said the device. */
export function neighbourJson(ctx: IpContext, entry: Neighbour, named: boolean): Fields {
  const ago = (at: number): number => Math.floor((ctx.ns.sim.now - at) / 1e9);
  return {
    dst: formatIpv4(entry.ip),
    ...(named ? {} : { dev: entry.dev.name }),
    ...(entry.valid ? { lladdr: formatMac(entry.mac) } : {}),
    ...(ctx.statistics
      ? {
          used: ago(entry.used),
          confirmed: ago(entry.confirmed),
          updated: ago(entry.updated),
          probes: entry.probes,
        }
      : {}),
    state: [entry.state],
  };
}

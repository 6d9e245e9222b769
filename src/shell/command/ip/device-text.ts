import { Bridge } from "../../../net/device/bridge.ts";
import type { InetAddress, NetDevice } from "../../../net/device/device.ts";
import { GeneveDevice } from "../../../net/device/geneve.ts";
import { Veth } from "../../../net/device/veth.ts";
import { VlanDevice } from "../../../net/device/vlan.ts";
import { VxlanDevice } from "../../../net/device/vxlan.ts";
import { formatIpv4, formatMac } from "../../../wire/address.ts";
import { ETH_P_8021AD } from "../../../wire/ethernet.ts";
import type { IpContext } from "./context.ts";

/** The flags between < and >, in the kernel's order (iproute2: print_link_flags). */
export function flags(dev: NetDevice): string {
  const list: string[] = [];
  if (dev.up && !dev.carrier) list.push("NO-CARRIER");
  if (dev.isLoopback) list.push("LOOPBACK");
  else list.push("BROADCAST");
  if (dev.multicast) list.push("MULTICAST");
  if (dev.noArp) list.push("NOARP");
  if (dev.userAllmulti) list.push("ALLMULTI");
  if (dev.userPromisc) list.push("PROMISC");
  if (dev.up) list.push("UP");
  if (dev.up && dev.carrier) list.push("LOWER_UP");
  const other = below(dev);
  if (other && other.ns === dev.ns && !other.up) list.push("M-DOWN");
  return list.join(",");
}

function below(dev: NetDevice): NetDevice | null {
  if (dev instanceof Veth) return dev.peer;
  return dev instanceof VlanDevice ? dev.lower : null;
}

/** The device at the other end or below: its name when it is in the same namespace, else its number there. */
export function lowerLink(dev: NetDevice): string | number | null {
  const other = below(dev);
  if (!other?.ns) return null;
  return other.ns === dev.ns ? other.name : other.ifindex;
}

/** "eth0@if3", "v0@v1". */
export function displayName(dev: NetDevice): string {
  const lower = lowerLink(dev);
  if (lower === null) return dev.name;
  return `${dev.name}@${typeof lower === "string" ? lower : `if${lower}`}`;
}

/** By which number this namespace knows the one where the other end is. */
export function nsidOfPeer(dev: NetDevice): number | null {
  const other = below(dev);
  return other?.ns && other.ns !== dev.ns ? dev.ns.nsidOf(other.ns) : null;
}

/** "link-netns NAME" when this namespace has a name for the other one, else its number. */
export function linkNetns(ctx: IpContext, dev: NetDevice): string {
  const id = nsidOfPeer(dev);
  if (id === null) return "";
  const other = dev.ns.nsids[id];
  for (const [name, ns] of ctx.p.machine.kernel.named)
    if (ns === other && ctx.p.machine === ctx.p.machine.node) return ` link-netns ${name}`;
  return ` link-netnsid ${id}`;
}

export function state(dev: NetDevice): string {
  return dev.operState;
}

/** First line and link line (iproute2: print_linkinfo). `mode` only for `ip link`. */
export function linkHeader(ctx: IpContext, dev: NetDevice, mode: boolean): string {
  let text = `${dev.ifindex}: ${displayName(dev)}: <${flags(dev)}> mtu ${dev.mtu} qdisc ${dev.qdisc}`;
  if (dev.master) text += ` master ${dev.master.name}`;
  text += ` state ${state(dev)}`;
  if (mode) text += " mode DEFAULT";
  text += ` group ${dev.group === 0 ? "default" : dev.group}`;
  if (dev.txqueuelen) text += ` qlen ${dev.txqueuelen}`;
  text += ctx.oneline ? "\\" : "\n";
  text += `    link/${dev.isLoopback ? "loopback" : "ether"} ${formatMac(dev.mac)} brd ${dev.isLoopback ? "00:00:00:00:00:00" : "ff:ff:ff:ff:ff:ff"}`;
  text += linkNetns(ctx, dev);
  if (ctx.details) text += details(ctx, dev, mode);
  if (dev.alias && (mode || ctx.details))
    text += `${ctx.oneline ? "\\" : "\n"}    alias ${dev.alias}`;
  return `${text}${ctx.oneline ? "\\" : "\n"}`;
}

/** A queue for each CPU, or one. */
export function queues(dev: NetDevice): number {
  return dev instanceof Veth ? dev.ns.kernel.cpus : 1;
}

export function offloadSize(dev: NetDevice): number {
  const own =
    (dev instanceof VxlanDevice || dev instanceof VlanDevice) && dev.lower ? dev.lower : dev;
  return own.isLoopback || own instanceof Veth ? 524280 : 65536;
}

function details(ctx: IpContext, dev: NetDevice, mode: boolean): string {
  let text = ` promiscuity ${dev.promisc}  allmulti ${dev.allmulti} minmtu ${dev.minMtu} maxmtu ${dev.maxMtu} `;
  const kind = kindDetails(dev);
  if (kind) text += `${ctx.oneline ? "\\" : "\n"}    ${kind} `;
  if (mode) text += "addrgenmode eui64 ";
  text += `numtxqueues ${queues(dev)} numrxqueues ${queues(dev)} gso_max_size 65536 gso_max_segs 65535 tso_max_size ${offloadSize(dev)} tso_max_segs 65535 gro_max_size 65536 `;
  return text;
}

/** The kind and its settings, as its print_opt has them. */
function kindDetails(dev: NetDevice): string {
  if (dev instanceof GeneveDevice) {
    const ttl = dev.ttl ? `ttl ${dev.ttl}` : "ttl auto";
    const tos = dev.tos ? ` tos 0x${dev.tos.toString(16)}` : "";
    return `geneve id ${dev.vni} remote ${formatIpv4(dev.remote)} ${ttl}${tos} dstport ${dev.port} ${dev.udpChecksum ? "udpcsum" : "noudpcsum"} udp6zerocsumrx`;
  }
  if (dev instanceof VxlanDevice) {
    let text = `vxlan id ${dev.vni}`;
    if (dev.remote) text += ` remote ${formatIpv4(dev.remote)}`;
    if (dev.local) text += ` local ${formatIpv4(dev.local)}`;
    if (dev.lower) text += ` dev ${dev.lower.name}`;
    text += ` srcport 0 0 dstport ${dev.port}`;
    if (!dev.learning) text += " nolearning";
    text += dev.ttl ? ` ttl ${dev.ttl}` : " ttl auto";
    return `${text} ageing 300 udpcsum noudp6zerocsumtx noudp6zerocsumrx`;
  }
  if (dev instanceof VlanDevice) return vlanDetails(dev);
  if (dev instanceof Bridge) {
    const id = dev.ports.length ? formatMac(dev.mac) : "0:0:0:0:0:0";
    return `bridge forward_delay 1500 hello_time 200 max_age 2000 ageing_time ${Math.round(dev.ageing / 1e7)} stp_state 0 priority 32768 vlan_filtering 0 vlan_protocol 802.1Q bridge_id 8000.${id} designated_root 8000.${id} root_port 0 root_path_cost 0 topology_change 0 topology_change_detected 0 hello_timer    0.00 tcn_timer    0.00 topology_change_timer    0.00 gc_timer    0.00 vlan_default_pvid 1 vlan_stats_enabled 0 vlan_stats_per_port 0 group_fwd_mask 0 group_address 01:80:c2:00:00:00 mcast_snooping 1 no_linklocal_learn 0 mcast_vlan_snooping 0 mcast_router 1 mcast_query_use_ifaddr 0 mcast_querier 0 mcast_hash_elasticity 16 mcast_hash_max 4096 mcast_last_member_count 2 mcast_startup_query_count 2 mcast_last_member_interval 100 mcast_membership_interval 26000 mcast_querier_interval 25500 mcast_query_interval 12500 mcast_query_response_interval 1000 mcast_startup_query_interval 3124 mcast_stats_enabled 0 mcast_igmp_version 2 mcast_mld_version 1 nf_call_iptables 0 nf_call_ip6tables 0 nf_call_arptables 0`;
  }
  return dev.kind;
}

export function vlanFlags(dev: VlanDevice): string[] {
  return [
    ...(dev.reorderHeader ? ["REORDER_HDR"] : []),
    ...(dev.looseBinding ? ["LOOSE_BINDING"] : []),
  ];
}

export function vlanProtocol(dev: VlanDevice): string {
  return dev.protocol === ETH_P_8021AD ? "802.1ad" : "802.1Q";
}

function vlanDetails(dev: VlanDevice): string {
  const flags = vlanFlags(dev);
  return `vlan protocol ${vlanProtocol(dev)} id ${dev.vid}${flags.length ? ` <${flags.join(",")}>` : ""}`;
}

/** `-s`: the two counter lines (iproute2: print_stats64). */
export function statistics(dev: NetDevice): string {
  const s = dev.stats;
  const cell = (value: number | string, width: number): string => String(value).padStart(width);
  const row = (values: number[], widths: number[]): string =>
    `    ${values.map((value, i) => cell(value, widths[i] ?? 0)).join(" ")} \n`;
  const rxBytes = Math.max(String(s.rxBytes).length, 10);
  const txBytes = Math.max(String(s.txBytes).length, 10);
  const rxPackets = Math.max(String(s.rxPackets).length, 7);
  const txPackets = Math.max(String(s.txPackets).length, 7);
  return (
    `    RX: ${"bytes".padStart(rxBytes - 4)} ${"packets".padStart(rxPackets)} ${"errors".padStart(6)} ${"dropped".padStart(7)}  missed   mcast           \n` +
    row(
      [s.rxBytes, s.rxPackets, s.rxErrors, s.rxDropped, 0, s.multicast],
      [rxBytes, rxPackets, 6, 7, 7, 7],
    ) +
    `    TX: ${"bytes".padStart(txBytes - 4)} ${"packets".padStart(txPackets)} ${"errors".padStart(6)} ${"dropped".padStart(7)} carrier collsns           \n` +
    row(
      [s.txBytes, s.txPackets, s.txErrors, s.txDropped, 0, s.collisions],
      [txBytes, txPackets, 6, 7, 7, 7],
    )
  );
}

/** `-br link` */
export function briefLink(dev: NetDevice): string {
  return `${displayName(dev).padEnd(16)} ${state(dev).padEnd(14)} ${formatMac(dev.mac)} <${flags(dev)}> \n`;
}

/** Whole seconds until then, null for ever. */
export function secondsLeft(ctx: IpContext, until: number | null): number | null {
  return until === null ? null : Math.max(0, Math.ceil((until - ctx.ns.sim.now) / 1e9));
}

/** Its preferred time is over (IFA_F_DEPRECATED). */
export function isDeprecated(ctx: IpContext, a: InetAddress): boolean {
  return secondsLeft(ctx, a.preferredUntil) === 0;
}

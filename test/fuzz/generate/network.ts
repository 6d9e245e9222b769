import { PORTS } from "../state.ts";
import type { Dice } from "./dice.ts";
import { ALL_HOSTS, hostsOf, MARKS, MASKED, NEIGHBOURS, NETWORKS, OWN, SERVICES } from "./plan.ts";

const ports = Array.from({ length: PORTS }, (_, port) => port);
const TABLES = ["100", "101", "102"];

/** Switches that change the way of a single packet. */
export function sysctls(dice: Dice): string[] {
  const lines = [`net.ipv4.ip_forward=${dice.chance(92) ? 1 : 0}`];
  // How often errors are sent depends on time: mostly, they all are.
  if (dice.chance(85)) lines.push("net.ipv4.icmp_ratemask=0");
  const redirects = dice.chance(15);
  for (const scope of ["all", "default", ...ports.map((port) => `eth${port}`)]) {
    const put = (name: string, values: number[], percent: number) => {
      if (dice.chance(percent)) lines.push(`net.ipv4.conf.${scope}.${name}=${dice.pick(values)}`);
    };
    put("rp_filter", [0, 1, 2], 25);
    put("accept_local", [0, 1], 12);
    put("route_localnet", [0, 1], 12);
    put("src_valid_mark", [0, 1], 10);
    put("forwarding", [0, 1, 1], 8);
    if (!redirects) lines.push(`net.ipv4.conf.${scope}.send_redirects=0`);
    put("shared_media", [0], 4);
    put("arp_ignore", [1, 2], 5);
    put("drop_unicast_in_l2_multicast", [1], 5);
    put("bc_forwarding", [1], 4);
  }
  if (dice.chance(10)) lines.push("net.ipv4.fwmark_reflect=1");
  if (dice.chance(10)) lines.push("net.ipv4.icmp_echo_ignore_all=1");
  if (dice.chance(15)) lines.push("net.ipv4.icmp_echo_ignore_broadcasts=0");
  if (dice.chance(10)) lines.push("net.ipv4.icmp_errors_use_inbound_ifaddr=1");
  if (dice.chance(10)) lines.push("net.ipv4.ip_forward_use_pmtu=1");
  if (dice.chance(10)) lines.push("net.ipv4.ip_default_ttl=77");
  return lines;
}

/** How connections are tracked; only where some rule has them tracked. */
export function tuning(dice: Dice, rules: string[]): string[] {
  const tracks = /-m (conntrack|state|connmark|connbytes) |CONNMARK|[SD]NAT|MASQUERADE|NETMAP/;
  if (!rules.some((line) => tracks.test(line))) return [];
  const lines: string[] = [];
  if (dice.chance(15)) lines.push("net.netfilter.nf_conntrack_tcp_loose=0");
  if (dice.chance(15)) lines.push("net.netfilter.nf_conntrack_tcp_be_liberal=1");
  if (dice.chance(15)) lines.push("net.netfilter.nf_conntrack_checksum=0");
  if (dice.chance(15)) lines.push("net.netfilter.nf_conntrack_acct=1");
  return lines;
}

/** What should not be there, but somebody types it. */
const MISTAKES = [
  "route add 10.0.0.0/24 via 10.9.9.9",
  "route add 10.0.0.1/24 dev eth0",
  "route add 192.168.9.0/24 dev none",
  "route add 192.168.0.0/24 via 10.0.0.2",
  "route del 192.168.77.0/24",
  "route add 192.168.9.0/24 via 192.168.0.5",
  "route add default via 10.0.0.255",
  "route add blackhole 10.77.0.0/16 dev eth0",
  "route add 10.88.0.0/16 dev eth1 src 9.9.9.9",
  "addr add 10.0.0.1/24 dev eth0",
  "addr add 10.0.0.300/24 dev eth0",
  "rule add from 10.0.0.0/33 lookup main",
  "rule add pref 32766 lookup main",
  "rule del pref 9999",
  "rule add fwmark 0x1/0x0/0x2 lookup 100",
  "rule add goto 5 pref 10",
  "neigh add 10.0.0.2 lladdr 02:00:00:00:00:99 dev eth0",
  "link set eth9 up",
];

/** Addresses, neighbours, routes and rules, as `ip -batch` reads them. */
export function network(dice: Dice): string[] {
  const lines: string[] = [];
  for (const port of ports) {
    lines.push(`addr add 10.${port}.0.1/24 brd + dev eth${port}`);
    if (dice.chance(20)) lines.push(`addr add 10.${port}.0.8/24 dev eth${port}`);
    if (dice.chance(10)) lines.push(`addr add 172.16.${port}.1/32 dev eth${port}`);
    if (dice.chance(10)) lines.push(`link set eth${port} mtu ${dice.pick([1400, 1280, 600, 576])}`);
  }
  if (dice.chance(10)) lines.push("addr add 172.17.0.1/32 dev lo");
  for (const { address, mac, port } of NEIGHBOURS)
    lines.push(`neigh add ${address} lladdr ${mac} dev eth${port} nud permanent`);
  for (const port of ports) {
    if (dice.chance(90))
      lines.push(`route add 192.168.${port}.0/24 via ${dice.pick(hostsOf(port))}`);
  }
  if (dice.chance(70)) lines.push(`route add default via ${dice.pick(hostsOf(dice.below(PORTS)))}`);
  lines.push(...dice.times(dice.below(8), () => route(dice)));
  lines.push(...dice.times(dice.below(7), () => rule(dice)));
  if (dice.chance(8)) lines.push(...dice.some(MISTAKES, 1, 3));
  return lines;
}

function route(dice: Dice): string {
  const table = dice.chance(60) ? ` table ${dice.pick(TABLES)}` : "";
  const to = dice.pick([
    ...NETWORKS.filter((net) => !net.startsWith("0.")),
    "default",
    dice.pick(ALL_HOSTS),
  ]);
  const tos = dice.chance(8) ? ` tos ${dice.pick(["0x10", "0x08", "0x04"])}` : "";
  const metric = dice.chance(25) ? ` metric ${dice.between(1, 9)}` : "";
  const kind = dice.weighted({
    via: 10,
    link: 3,
    blackhole: 2,
    unreachable: 2,
    prohibit: 2,
    throw: 2,
    local: 2,
    broadcast: 1,
  });
  const port = dice.below(PORTS);
  const src = dice.chance(15) ? ` src ${dice.pick(OWN)}` : "";
  const mtu = dice.chance(10)
    ? ` mtu ${dice.chance(30) ? "lock " : ""}${dice.pick([1000, 600])}`
    : "";
  switch (kind) {
    case "via":
      return `route add ${to}${tos} via ${dice.pick(hostsOf(port))} dev eth${port}${src}${metric}${table}${mtu}`;
    case "link":
      return `route add ${dice.pick(ALL_HOSTS)}${tos} dev eth${port}${src}${metric}${table}`;
    case "local":
    case "broadcast":
      return `route add ${kind} ${to} dev ${dice.chance(60) ? "lo" : `eth${port}`}${metric}${table}`;
    default:
      return `route add ${kind} ${to}${tos}${metric}${table}`;
  }
}

function rule(dice: Dice): string {
  const selectors: string[] = [];
  const put = (percent: number, text: () => string) => {
    if (dice.chance(percent)) selectors.push(text());
  };
  put(30, () => `from ${dice.pick([...NETWORKS, ...ALL_HOSTS])}`);
  put(20, () => `to ${dice.pick([...NETWORKS, ...ALL_HOSTS])}`);
  put(45, () => `fwmark ${dice.pick([...MARKS.slice(0, 4), ...MASKED])}`);
  put(20, () => `iif ${dice.pick(["eth0", "eth1", "eth2", "lo", "none9"])}`);
  put(6, () => `oif ${dice.pick(["eth0", "eth1"])}`);
  put(8, () => `tos ${dice.pick(["0x10", "0x08", "0x04"])}`);
  put(10, () => `ipproto ${dice.pick(["tcp", "udp", "icmp", "47"])}`);
  put(8, () => `dport ${dice.pick(SERVICES)}`);
  put(4, () => `dport ${dice.pick(["50-90", "443-9000"])}`);
  put(4, () => "sport 20000-20020");
  if (!selectors.length) selectors.push("from all");
  const action = dice.weighted({
    table: 12,
    blackhole: 1,
    unreachable: 1,
    prohibit: 1,
    goto: 1,
    nop: 1,
  });
  const pref = dice.between(10, 400);
  const does =
    action === "table"
      ? `lookup ${dice.pick([...TABLES, ...TABLES, "main", "default"])}${dice.chance(12) ? ` suppress_prefixlength ${dice.pick([0, 8, 24])}` : ""}`
      : action === "goto"
        ? `goto ${dice.pick([32766, pref + 100])}`
        : action;
  const not = dice.chance(10) ? "not " : "";
  return `rule add pref ${pref} ${not}${selectors.join(" ")} ${does}`;
}

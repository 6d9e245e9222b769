import { hex } from "../base/text.ts";
import { formatIpv4, formatMac, maskOf } from "../wire/address.ts";
import { RT_TABLE_MAIN } from "./fib/route.ts";
import type { NetNs } from "./netns.ts";
import { netstat, snmp } from "./snmp.ts";

/** Little-endian hex of an address, as /proc/net prints it on x86. */
function swapped(address: number): string {
  return [address & 255, (address >>> 8) & 255, (address >>> 16) & 255, address >>> 24]
    .map((octet) => hex(octet, 2))
    .join("")
    .toUpperCase();
}

/** linux: net/core/net-procfs.c, dev_seq_printf_stats */
function dev(ns: NetNs): string {
  const rows = [...ns.devices.values()].map((d) => {
    const s = d.stats;
    const n = (value: number, width: number): string => String(value).padStart(width);
    return `${d.name.padStart(6)}: ${n(s.rxBytes, 7)} ${n(s.rxPackets, 7)} ${n(s.rxErrors, 4)} ${n(s.rxDropped, 4)} ${n(0, 4)} ${n(0, 5)} ${n(0, 10)} ${n(s.multicast, 9)} ${n(s.txBytes, 8)} ${n(s.txPackets, 7)} ${n(s.txErrors, 4)} ${n(s.txDropped, 4)} ${n(0, 4)} ${n(s.collisions, 5)} ${n(0, 7)} ${n(0, 10)}`;
  });
  return [
    "Inter-|   Receive                                                |  Transmit",
    " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed",
    ...rows,
    "",
  ].join("\n");
}

/** linux: net/ipv4/fib_trie.c, fib_route_seq_show */
function route(ns: NetNs): string {
  const table = ns.fib.tables.get(RT_TABLE_MAIN);
  const rows = (table?.all() ?? [])
    .filter((r) => r.type !== "broadcast" && r.type !== "multicast")
    .map((r) => {
      const hop = r.nexthops[0];
      const flags = 1 | (hop?.gateway ? 2 : 0) | (r.length === 32 ? 4 : 0);
      return `${hop?.dev.name ?? "*"}\t${swapped(r.dst)}\t${swapped(hop?.gateway ?? 0)}\t${hex(flags, 4).toUpperCase()}\t0\t0\t${r.priority}\t${swapped(maskOf(r.length))}\t0\t0\t0`.padEnd(
        127,
      );
    });
  return `${["Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT".padEnd(127), ...rows].join("\n")}\n`;
}

/** linux: net/ipv4/arp.c, arp_format_neigh_entry */
function arp(ns: NetNs): string {
  const rows = [...ns.neigh.entries.values()]
    .filter((n) => n.state !== "NOARP")
    .map((n) => {
      const flags = n.state === "PERMANENT" ? 6 : n.valid ? 2 : 0;
      return `${formatIpv4(n.ip).padEnd(16)} 0x1         0x${hex(flags).padEnd(9)} ${formatMac(n.mac)}     *        ${n.dev.name}`;
    });
  return `${["IP address       HW type     Flags       HW address            Mask     Device", ...rows].join("\n")}\n`;
}

const files: Record<string, (ns: NetNs) => string> = {
  arp,
  dev,
  ip_tables_names: (ns) =>
    [...ns.netfilter.tables.keys()]
      .reverse()
      .map((name) => `${name}\n`)
      .join(""),
  netstat,
  route,
  snmp,
};

/** Names below /proc/net. */
export function procNetList(_ns: NetNs): string[] {
  return Object.keys(files);
}

/** The content of /proc/net/NAME in this namespace; null when there is no such file. */
export function procNetRead(ns: NetNs, name: string): string | null {
  return files[name]?.(ns) ?? null;
}

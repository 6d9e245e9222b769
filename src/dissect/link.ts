import { formatIpv4, formatMac } from "../wire/address.ts";
import { Arp } from "../wire/arp.ts";
import { type Bytes, u16 } from "../wire/bytes.ts";
import {
  ETH_HLEN,
  ETH_P_8021AD,
  ETH_P_8021Q,
  ETH_P_ARP,
  ETH_P_IP,
  ETH_P_IPV6,
  Ethernet,
  VLAN_HLEN,
} from "../wire/ethernet.ts";
import { hex, type Layer, Tree } from "./tree.ts";

const TYPES: Readonly<Record<number, string>> = {
  [ETH_P_IP]: "IPv4",
  [ETH_P_ARP]: "ARP",
  [ETH_P_IPV6]: "IPv6",
  [ETH_P_8021Q]: "802.1Q Virtual LAN",
  [ETH_P_8021AD]: "802.1ad Provider Bridge",
};

export function etherType(type: number): string {
  return `${TYPES[type] ?? "Unknown"} (${hex(type, 4)})`;
}

function mac(buf: Bytes, at: number): string {
  const value = formatMac(buf, at);
  return value === "ff:ff:ff:ff:ff:ff" ? `${value} (broadcast)` : value;
}

/** IEEE 802.3, "Ethernet II". Null when it is not all there. */
export function ethernet(
  buf: Bytes,
  at: number,
  end: number,
): { layer: Layer; type: number } | null {
  if (!Ethernet.check(buf, at, end)) return null;
  const tree = new Tree(buf);
  tree.add("eth.dst", "Destination", at, 6, mac(buf, at));
  tree.add("eth.src", "Source", at + 6, 6, mac(buf, at + 6));
  const type = tree.u16("eth.type", "Type", at + 12, etherType);
  const title = `Ethernet II, Src: ${formatMac(buf, at + 6)}, Dst: ${formatMac(buf, at)}`;
  return {
    layer: { protocol: "eth", title, source: 0, at, length: ETH_HLEN, fields: tree.fields },
    type,
  };
}

const PRIORITIES = [
  "Best Effort (default)",
  "Background",
  "Excellent Effort",
  "Critical Applications",
  "Video, < 100ms latency and jitter",
  "Voice, < 10ms latency and jitter",
  "Internetwork Control",
  "Network Control",
];

/** IEEE 802.1Q: the tag after the two addresses and the type that names it. */
export function vlan(buf: Bytes, at: number, end: number): { layer: Layer; type: number } | null {
  if (end - at < VLAN_HLEN) return null;
  const tree = new Tree(buf);
  const tci = u16(buf, at);
  const priority = tci >> 13;
  tree.add("vlan.priority", "Priority", at, 2, `${PRIORITIES[priority]} (${priority})`);
  tree.add("vlan.dei", "DEI", at, 2, tci & 0x1000 ? "Eligible" : "Ineligible");
  tree.add("vlan.id", "ID", at, 2, String(tci & 0xfff));
  const type = tree.u16("vlan.etype", "Type", at + 2, etherType);
  const title = `802.1Q Virtual LAN, PRI: ${priority}, ID: ${tci & 0xfff}`;
  return {
    layer: { protocol: "vlan", title, source: 0, at, length: VLAN_HLEN, fields: tree.fields },
    type,
  };
}

const OPERATIONS: Readonly<Record<number, string>> = { 1: "request", 2: "reply" };

/** RFC 826. */
export function arp(buf: Bytes, at: number, end: number): Layer | null {
  if (!Arp.check(buf, at, end)) return null;
  const tree = new Tree(buf);
  tree.u16("arp.hw.type", "Hardware type", at, () => "Ethernet (1)");
  tree.u16("arp.proto.type", "Protocol type", at + 2, etherType);
  tree.u8("arp.hw.size", "Hardware size", at + 4);
  tree.u8("arp.proto.size", "Protocol size", at + 5);
  const operation = tree.u16(
    "arp.opcode",
    "Opcode",
    at + 6,
    (n) => `${OPERATIONS[n] ?? "unknown"} (${n})`,
  );
  tree.add("arp.src.hw_mac", "Sender MAC address", at + 8, 6, mac(buf, at + 8));
  tree.u32("arp.src.proto_ipv4", "Sender IP address", at + 14, formatIpv4);
  tree.add("arp.dst.hw_mac", "Target MAC address", at + 18, 6, mac(buf, at + 18));
  tree.u32("arp.dst.proto_ipv4", "Target IP address", at + 24, formatIpv4);
  const title = `Address Resolution Protocol (${OPERATIONS[operation] ?? "unknown"})`;
  return { protocol: "arp", title, source: 0, at, length: 28, fields: tree.fields };
}

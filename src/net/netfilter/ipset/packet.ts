import { formatMac } from "../../../wire/address.ts";
import { u8, u16 } from "../../../wire/bytes.ts";
import { ETH_HLEN } from "../../../wire/ethernet.ts";
import { IPPROTO_ICMP, IPPROTO_TCP, IPPROTO_UDP } from "../../../wire/ipv4.ts";
import type { PacketKey } from "./data.ts";

const IPPROTO_SCTP = 132;
const IPPROTO_UDPLITE = 136;

/** The address of the side that dimension `i` names. */
export function packetAddress(key: PacketKey, i: number): number {
  const ip = key.skb.ip;
  return key.source[i] ? ip.src : ip.dst;
}

/** Protocol and port, ICMP's type and code as one; null when there is none (linux: ip_set_get_ip4_port). */
export function packetPort(key: PacketKey, i: number): { protocol: number; port: number } | null {
  const { skb, thoff } = key;
  const { protocol } = skb.ip;
  if (key.fragOffset !== 0 || protocol === 0) return null;
  const withPorts = [IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP, IPPROTO_UDPLITE].includes(protocol);
  if (!withPorts && protocol !== IPPROTO_ICMP) return { protocol, port: 0 };
  if (skb.tail - thoff < 4) return null;
  if (!withPorts) return { protocol, port: (u8(skb.data, thoff) << 8) | u8(skb.data, thoff + 1) };
  return { protocol, port: u16(skb.data, thoff + (key.source[i] ? 0 : 2)) };
}

/** The hardware address of a side; null when the packet has no Ethernet header. */
export function packetMac(key: PacketKey, i: number): string | null {
  const { skb } = key;
  if (skb.mac < 0 || skb.mac + ETH_HLEN > skb.network) return null;
  return formatMac(skb.data, skb.mac + (key.source[i] ? 6 : 0));
}

export function packetDevice(key: PacketKey, i: number): string {
  return (key.source[i] ? key.in : key.out)?.name ?? "";
}

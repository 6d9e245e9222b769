import { hex } from "../../base/text.ts";
import { formatIpv4, formatMac } from "../../wire/address.ts";
import { u8, u16, u32 } from "../../wire/bytes.ts";
import { ETH_HLEN } from "../../wire/ethernet.ts";
import {
  ICMP_DEST_UNREACH,
  ICMP_ECHO,
  ICMP_ECHO_REPLY,
  ICMP_FRAG_NEEDED,
  ICMP_HLEN,
  ICMP_PARAMETER_PROBLEM,
  ICMP_REDIRECT,
  Icmp,
} from "../../wire/icmp.ts";
import {
  IP_DF,
  IP_MF,
  IP_OFFSET,
  IPPROTO_ICMP,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPV4_HLEN,
  Ipv4,
} from "../../wire/ipv4.ts";
import { TCP_HLEN, Tcp } from "../../wire/tcp.ts";
import type { NetDevice } from "../device/device.ts";
import type { NetNs } from "../netns.ts";
import type { Skb } from "../skb.ts";

/** linux: include/uapi/linux/netfilter/nf_log.h, NF_LOG_* */
export const LOG_TCPSEQ = 1;
export const LOG_TCPOPT = 2;
export const LOG_IPOPT = 4;
export const LOG_UID = 8;
export const LOG_MACDECODE = 0x20;

const TCP_FLAGS: readonly (readonly [string, number])[] = [
  ["CWR", 0x80],
  ["ECE", 0x40],
  ["URG", 0x20],
  ["ACK", 0x10],
  ["PSH", 0x08],
  ["RST", 0x04],
  ["SYN", 0x02],
  ["FIN", 0x01],
];

function upper(value: number, width: number): string {
  return hex(value, width).toUpperCase();
}

function bytesText(data: Uint8Array, from: number, to: number): string {
  let text = "";
  for (let i = from; i < to; i++) text += upper(u8(data, i), 2);
  return text;
}

function macText(skb: Skb, flags: number): string {
  const known = skb.mac >= 0 && skb.mac + ETH_HLEN <= skb.network;
  const loopback = skb.dev?.isLoopback ?? false;
  if (flags & LOG_MACDECODE && known && !loopback) {
    const type = hex(u16(skb.data, skb.mac + 12), 4);
    return `MACSRC=${formatMac(skb.data, skb.mac + 6)} MACDST=${formatMac(skb.data, skb.mac)} MACPROTO=${type} `;
  }
  if (!known) return "MAC= ";
  const bytes = Array.from(skb.data.subarray(skb.mac, skb.mac + ETH_HLEN), (b) => hex(b, 2));
  return `MAC=${bytes.join(":")} `;
}

function tcpText(data: Uint8Array, at: number, end: number, flags: number): string {
  if (end - at < TCP_HLEN) return `INCOMPLETE [${end - at} bytes] `;
  const tcp = new Tcp(data, at);
  let text = `SPT=${tcp.srcPort} DPT=${tcp.dstPort} `;
  if (flags & LOG_TCPSEQ) text += `SEQ=${tcp.seq} ACK=${tcp.ack} `;
  text += `WINDOW=${tcp.window} RES=0x${hex((u8(data, at + 12) & 0x0f) << 2, 2)} `;
  for (const [name, bit] of TCP_FLAGS) if (tcp.flags & bit) text += `${name} `;
  text += `URGP=${tcp.urgent} `;
  if (flags & LOG_TCPOPT && tcp.headerLength > TCP_HLEN)
    text += `OPT (${bytesText(data, at + TCP_HLEN, Math.min(tcp.payload, end))}) `;
  return text;
}

function icmpText(
  data: Uint8Array,
  at: number,
  end: number,
  flags: number,
  nested: boolean,
): string {
  if (end - at < ICMP_HLEN) return `INCOMPLETE [${end - at} bytes] `;
  const icmp = new Icmp(data, at);
  let text = `TYPE=${icmp.type} CODE=${icmp.code} `;
  if (icmp.type === ICMP_ECHO || icmp.type === ICMP_ECHO_REPLY)
    return `${text}ID=${icmp.id} SEQ=${icmp.seq} `;
  if (icmp.type === ICMP_PARAMETER_PROBLEM) text += `PARAMETER=${icmp.rest >>> 24} `;
  if (icmp.type === ICMP_REDIRECT) text += `GATEWAY=${formatIpv4(icmp.rest)} `;
  if (!Icmp.isError(icmp.type) || nested) return text;
  text += `[${ipText(data, at + ICMP_HLEN, end, flags, true)}] `;
  if (icmp.type === ICMP_DEST_UNREACH && icmp.code === ICMP_FRAG_NEEDED)
    text += `MTU=${icmp.rest & 0xffff} `;
  return text;
}

/** linux: net/netfilter/nf_log_syslog.c, dump_ipv4_packet */
function ipText(
  data: Uint8Array,
  off: number,
  end: number,
  flags: number,
  nested: boolean,
): string {
  if (end - off < IPV4_HLEN) return "TRUNCATED";
  const ip = new Ipv4(data, off);
  let text = `SRC=${formatIpv4(ip.src)} DST=${formatIpv4(ip.dst)} LEN=${ip.totalLength} `;
  text += `TOS=0x${upper(ip.tos & 0x1e, 2)} PREC=0x${upper(ip.tos & 0xe0, 2)} TTL=${ip.ttl} ID=${ip.id} `;
  if (ip.fragment & 0x8000) text += "CE ";
  if (ip.fragment & IP_DF) text += "DF ";
  if (ip.fragment & IP_MF) text += "MF ";
  const offset = ip.fragment & IP_OFFSET;
  if (offset) text += `FRAG:${offset} `;
  if (flags & LOG_IPOPT && ip.headerLength > IPV4_HLEN)
    text += `OPT (${bytesText(data, off + IPV4_HLEN, ip.payload)}) `;
  const at = ip.payload;
  if (ip.protocol === IPPROTO_TCP)
    text += `PROTO=TCP ${offset ? "" : tcpText(data, at, end, flags)}`;
  else if (ip.protocol === IPPROTO_UDP) {
    text += "PROTO=UDP ";
    if (!offset)
      text +=
        end - at < 8
          ? `INCOMPLETE [${end - at} bytes] `
          : `SPT=${u16(data, at)} DPT=${u16(data, at + 2)} LEN=${u16(data, at + 4)} `;
  } else if (ip.protocol === IPPROTO_ICMP)
    text += `PROTO=ICMP ${offset ? "" : icmpText(data, at, end, flags, nested)}`;
  else text += `PROTO=${ip.protocol} `;
  if (ip.protocol === 51 && end - at >= 12 && !offset) text += `SPI=0x${hex(u32(data, at + 4))} `;
  return text;
}

/**
 * A packet into the kernel's log (linux: net/netfilter/nf_log_syslog.c, nf_log_ip_packet). Other
 * namespaces than the first are silent unless asked (sysctl_nf_log_all_netns).
 */
export function logPacket(
  ns: NetNs,
  skb: Skb,
  input: NetDevice | null,
  output: NetDevice | null,
  prefix: string,
  flags: number,
  level: number,
): void {
  const { kernel } = ns;
  const all = kernel.init.sysctl.values.get("net/netfilter/nf_log_all_netns") === "1";
  if (ns === kernel.init || all) kernel.printk(logLine(skb, input, output, prefix, flags), level);
}

function logLine(
  skb: Skb,
  input: NetDevice | null,
  output: NetDevice | null,
  prefix: string,
  flags: number,
): string {
  let text = `${prefix}IN=${input?.name ?? ""} OUT=${output?.name ?? ""} `;
  if (skb.physIn && skb.physIn !== input) text += `PHYSIN=${skb.physIn.name} `;
  if (skb.physOut && skb.physOut !== output) text += `PHYSOUT=${skb.physOut.name} `;
  if (input) text += macText(skb, flags);
  text += ipText(skb.data, skb.network, skb.tail, flags, false);
  const sk = skb.sk;
  if (flags & LOG_UID && sk && !sk.closed) text += `UID=${sk.owner.uid} GID=${sk.owner.gid} `;
  if (skb.mark) text += `MARK=0x${hex(skb.mark)} `;
  return text;
}

import { formatIpv4 } from "../../wire/address.ts";
import { IPPROTO_GRE, IPPROTO_ICMP, IPPROTO_TCP, IPPROTO_UDP } from "../../wire/ipv4.ts";
import { type Conntrack, IPS_ASSURED, IPS_SEEN_REPLY, type Tuple } from "./entry.ts";

const NAMES: Record<number, string> = { 1: "icmp", 6: "tcp", 17: "udp", 47: "gre", 132: "sctp" };

export function protocolText(protocol: number): string {
  return (NAMES[protocol] ?? "unknown").padEnd(8);
}

function tupleText(t: Tuple): string {
  let text = `src=${formatIpv4(t.src)} dst=${formatIpv4(t.dst)} `;
  if (t.protocol === IPPROTO_ICMP)
    text += `type=${t.dstPort >> 8} code=${t.dstPort & 255} id=${t.srcPort} `;
  else if (t.protocol === IPPROTO_TCP || t.protocol === IPPROTO_UDP)
    text += `sport=${t.srcPort} dport=${t.dstPort} `;
  else if (t.protocol === IPPROTO_GRE)
    text += `srckey=0x${t.srcPort.toString(16)} dstkey=0x${t.dstPort.toString(16)} `;
  return text;
}

/** What listings add to events. */
export interface ConntrackTextOptions {
  /** ns of virtual time: how long it still has; null leaves the time out. */
  now: number | null;
  /** References for use=, and a mark= of nothing too; 0 in events. */
  uses: number;
  /** packets= and bytes=, when nf_conntrack_acct is on. */
  accounting: boolean;
}

/** One entry as `conntrack -L` prints it (libnetfilter_conntrack: snprintf_default.c). */
export function conntrackText(ct: Conntrack, options: ConntrackTextOptions): string {
  const protocol = ct.tuples[0].protocol;
  let text = `${protocolText(protocol)} ${protocol} `;
  if (options.now !== null) text += `${Math.max(0, Math.floor((ct.expires - options.now) / 1e9))} `;
  if (ct.tcp) text += `${ct.tcp.state} `;
  const counters = (dir: 0 | 1): string =>
    options.accounting ? `packets=${ct.packets[dir]} bytes=${ct.bytes[dir]} ` : "";
  // A zone of both directions stands at the end, one of a single direction beside its tuple.
  const zones: string[] = ["zone-orig", "zone-reply", "zone"];
  const zone = (kind: number): string =>
    ct.zone >> 16 === kind ? `${zones[kind - 1]}=${ct.zone & 0xffff} ` : "";
  text += tupleText(ct.tuples[0]) + zone(1) + counters(0);
  if (!(ct.status & IPS_SEEN_REPLY)) text += "[UNREPLIED] ";
  text += tupleText(ct.tuples[1]) + zone(2) + counters(1);
  if (ct.status & IPS_ASSURED) text += "[ASSURED] ";
  if (options.uses || ct.mark) text += `mark=${ct.mark} `;
  text += zone(3);
  if (options.uses) text += `use=${options.uses} `;
  return text.trimEnd();
}

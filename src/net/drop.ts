/**
 * Why packets die: the kernel's own names (linux: include/net/dropreason-core.h; where the kernel
 * says only NOT_SPECIFIED, a name in its style that says more, marked with a star).
 */
export const DROP_REASONS = [
  "NOT_SPECIFIED",
  "NO_SOCKET",
  "PKT_TOO_SMALL",
  "TCP_CSUM",
  "SOCKET_FILTER",
  "UDP_CSUM",
  "NETFILTER_DROP",
  "OTHERHOST",
  "IP_CSUM",
  "IP_INHDR",
  "IP_RPFILTER",
  "UNICAST_IN_L2_MULTICAST",
  "IP_NOPROTO",
  "SOCKET_RCVBUFF",
  "PROTO_MEM",
  "TCP_FLAGS",
  "TCP_ZEROWINDOW",
  "TCP_OLD_DATA",
  "TCP_OVERWINDOW",
  "TCP_OFOMERGE",
  "TCP_RFC7323_PAWS",
  "TCP_INVALID_SEQUENCE",
  "TCP_INVALID_ACK_SEQUENCE",
  "TCP_RESET",
  "TCP_INVALID_SYN",
  "TCP_CLOSE",
  "TCP_OLD_ACK",
  "TCP_TOO_OLD_ACK",
  "TCP_ACK_UNSENT_DATA",
  "TCP_OFO_DROP",
  "IP_OUTNOROUTES",
  "NEIGH_CREATEFAIL",
  "NEIGH_FAILED",
  "NEIGH_QUEUEFULL",
  "NEIGH_DEAD",
  "TC_EGRESS",
  "QDISC_DROP",
  "FULL_RING",
  "NOMEM",
  "HDR_TRUNC",
  "TAP_FILTER",
  "ICMP_CSUM",
  "INVALID_PROTO",
  "IP_INADDRERRORS",
  "IP_INNOROUTES",
  "IP_LOCAL_SOURCE",
  "IP_INVALID_SOURCE",
  "IP_LOCALNET",
  "IP_INVALID_DEST",
  "PKT_TOO_BIG",
  "DUP_FRAG",
  "FRAG_REASM_TIMEOUT",
  "DEV_READY",
  "TUNNEL_TXINFO",
  "LOCAL_MAC",
  "VXLAN_INVALID_HDR",
  "VXLAN_VNI_NOT_FOUND",
  "MAC_INVALID_SOURCE",
  "TTL_EXCEEDED", // *
  "BLACKHOLE", // *
  "UNREACHABLE", // *
  "PROHIBIT", // *
  "NOT_FORWARDING", // *
  "DEV_DOWN", // *
  "LINK_LOSS", // *
  "TUNNEL_LOOP", // *
  "GENEVE_VNI_NOT_FOUND", // *
  "NO_PTYPE", // *
  "BRIDGE_NO_PORT", // *
  "ARP_IGNORED", // *
  "NAT_CLASH", // *
  "TCP_LISTEN_OVERFLOW", // *
] as const;

export type DropReason = (typeof DROP_REASONS)[number];

const codes: ReadonlyMap<string, number> = new Map(DROP_REASONS.map((name, i) => [name, i]));

/** The index of a reason in DROP_REASONS: what the trace keeps. */
export function dropCode(reason: DropReason): number {
  return codes.get(reason) as number;
}

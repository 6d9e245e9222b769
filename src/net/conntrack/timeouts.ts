import type { NetNs } from "../netns.ts";
import type { CtTcpState } from "./entry.ts";

/** Seconds, below /proc/sys/net/netfilter/ (linux: tcp_timeouts, udp_timeouts …). */
export const CONNTRACK_SYSCTLS: Record<string, string> = {
  "net/netfilter/nf_conntrack_acct": "0",
  "net/netfilter/nf_conntrack_checksum": "1",
  "net/netfilter/nf_conntrack_generic_timeout": "600",
  "net/netfilter/nf_conntrack_gre_timeout": "30",
  "net/netfilter/nf_conntrack_gre_timeout_stream": "180",
  "net/netfilter/nf_conntrack_icmp_timeout": "30",
  "net/netfilter/nf_conntrack_count": "0",
  "net/netfilter/nf_conntrack_max": "262144",
  "net/netfilter/nf_conntrack_tcp_be_liberal": "0",
  "net/netfilter/nf_conntrack_tcp_loose": "1",
  "net/netfilter/nf_conntrack_tcp_max_retrans": "3",
  "net/netfilter/nf_conntrack_tcp_timeout_close": "10",
  "net/netfilter/nf_conntrack_tcp_timeout_close_wait": "60",
  "net/netfilter/nf_conntrack_tcp_timeout_established": "432000",
  "net/netfilter/nf_conntrack_tcp_timeout_fin_wait": "120",
  "net/netfilter/nf_conntrack_tcp_timeout_last_ack": "30",
  "net/netfilter/nf_conntrack_tcp_timeout_max_retrans": "300",
  "net/netfilter/nf_conntrack_tcp_timeout_syn_recv": "60",
  "net/netfilter/nf_conntrack_tcp_timeout_syn_sent": "120",
  "net/netfilter/nf_conntrack_tcp_timeout_time_wait": "120",
  "net/netfilter/nf_conntrack_tcp_timeout_unacknowledged": "300",
  "net/netfilter/nf_conntrack_udp_timeout": "30",
  "net/netfilter/nf_conntrack_udp_timeout_stream": "120",
};

const TCP: Record<CtTcpState, string> = {
  NONE: "syn_sent",
  SYN_SENT: "syn_sent",
  SYN_RECV: "syn_recv",
  ESTABLISHED: "established",
  FIN_WAIT: "fin_wait",
  CLOSE_WAIT: "close_wait",
  LAST_ACK: "last_ack",
  TIME_WAIT: "time_wait",
  CLOSE: "close",
  SYN_SENT2: "syn_sent",
};

const PREFIX = "net/netfilter/nf_conntrack_";
/** Whole names by their ends: every packet asks, and putting names together costs more than looking. */
const PATHS = new Map(
  Object.keys(CONNTRACK_SYSCTLS).map((path) => [path.slice(PREFIX.length), path]),
);

/** A setting of nf_conntrack as a number. */
export function ctSetting(ns: NetNs, name: string): number {
  return Number(ns.sysctl.values.get(PATHS.get(name) ?? PREFIX + name) ?? 0);
}

export function tcpTimeout(ns: NetNs, state: CtTcpState): number {
  return ctSetting(ns, `tcp_timeout_${TCP[state]}`);
}

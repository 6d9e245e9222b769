/** The part that extensions come with which only who types them uses (more.ts). */
export const MORE_PART = "netfilter-more";

/** Known by name, so that they can be asked for. */
export const LATER_MATCHES: readonly string[] = [
  "connbytes",
  "connlimit",
  "dscp",
  "hashlimit",
  "iprange",
  "length",
  "limit",
  "mac",
  "multiport",
  "physdev",
  "pkttype",
  "quota",
  "recent",
  "rpfilter",
  "socket",
  "string",
  "tcpmss",
  "time",
  "tos",
  "ttl",
  "u32",
];

export const LATER_TARGETS: readonly string[] = [
  "CLASSIFY",
  "DSCP",
  "NETMAP",
  "NFLOG",
  "NFQUEUE",
  "NOTRACK",
  "SET",
  "TCPMSS",
  "TEE",
  "TOS",
  "TRACE",
  "TTL",
];

import type { NetNs } from "./netns.ts";

/*
 * What the kernel counts in each namespace (RFC 4293, RFC 4022, RFC 4113 and Linux's own), in the order of
 * /proc/net/snmp and /proc/net/netstat (linux 6.18: net/ipv4/proc.c). Names as nstat joins them:
 * "IpInReceives", "TcpExtListenDrops".
 */

const SNMP = {
  Ip: [
    "Forwarding",
    "DefaultTTL",
    "InReceives",
    "InHdrErrors",
    "InAddrErrors",
    "ForwDatagrams",
    "InUnknownProtos",
    "InDiscards",
    "InDelivers",
    "OutRequests",
    "OutDiscards",
    "OutNoRoutes",
    "ReasmTimeout",
    "ReasmReqds",
    "ReasmOKs",
    "ReasmFails",
    "FragOKs",
    "FragFails",
    "FragCreates",
    "OutTransmits",
  ],
  Icmp: [
    "InMsgs",
    "InErrors",
    "InCsumErrors",
    "InDestUnreachs",
    "InTimeExcds",
    "InParmProbs",
    "InSrcQuenchs",
    "InRedirects",
    "InEchos",
    "InEchoReps",
    "InTimestamps",
    "InTimestampReps",
    "InAddrMasks",
    "InAddrMaskReps",
    "OutMsgs",
    "OutErrors",
    "OutRateLimitGlobal",
    "OutRateLimitHost",
    "OutDestUnreachs",
    "OutTimeExcds",
    "OutParmProbs",
    "OutSrcQuenchs",
    "OutRedirects",
    "OutEchos",
    "OutEchoReps",
    "OutTimestamps",
    "OutTimestampReps",
    "OutAddrMasks",
    "OutAddrMaskReps",
  ],
  Tcp: [
    "RtoAlgorithm",
    "RtoMin",
    "RtoMax",
    "MaxConn",
    "ActiveOpens",
    "PassiveOpens",
    "AttemptFails",
    "EstabResets",
    "CurrEstab",
    "InSegs",
    "OutSegs",
    "RetransSegs",
    "InErrs",
    "OutRsts",
    "InCsumErrors",
  ],
  Udp: [
    "InDatagrams",
    "NoPorts",
    "InErrors",
    "OutDatagrams",
    "RcvbufErrors",
    "SndbufErrors",
    "InCsumErrors",
    "IgnoredMulti",
    "MemErrors",
  ],
  UdpLite: [
    "InDatagrams",
    "NoPorts",
    "InErrors",
    "OutDatagrams",
    "RcvbufErrors",
    "SndbufErrors",
    "InCsumErrors",
    "IgnoredMulti",
    "MemErrors",
  ],
} as const;

const NETSTAT = {
  TcpExt: [
    "SyncookiesSent",
    "SyncookiesRecv",
    "SyncookiesFailed",
    "EmbryonicRsts",
    "PruneCalled",
    "RcvPruned",
    "OfoPruned",
    "OutOfWindowIcmps",
    "LockDroppedIcmps",
    "ArpFilter",
    "TW",
    "TWRecycled",
    "TWKilled",
    "PAWSActive",
    "PAWSEstab",
    "BeyondWindow",
    "TSEcrRejected",
    "PAWSOldAck",
    "PAWSTimewait",
    "DelayedACKs",
    "DelayedACKLocked",
    "DelayedACKLost",
    "ListenOverflows",
    "ListenDrops",
    "TCPHPHits",
    "TCPPureAcks",
    "TCPHPAcks",
    "TCPRenoRecovery",
    "TCPSackRecovery",
    "TCPSACKReneging",
    "TCPSACKReorder",
    "TCPRenoReorder",
    "TCPTSReorder",
    "TCPFullUndo",
    "TCPPartialUndo",
    "TCPDSACKUndo",
    "TCPLossUndo",
    "TCPLostRetransmit",
    "TCPRenoFailures",
    "TCPSackFailures",
    "TCPLossFailures",
    "TCPFastRetrans",
    "TCPSlowStartRetrans",
    "TCPTimeouts",
    "TCPLossProbes",
    "TCPLossProbeRecovery",
    "TCPRenoRecoveryFail",
    "TCPSackRecoveryFail",
    "TCPRcvCollapsed",
    "TCPBacklogCoalesce",
    "TCPDSACKOldSent",
    "TCPDSACKOfoSent",
    "TCPDSACKRecv",
    "TCPDSACKOfoRecv",
    "TCPAbortOnData",
    "TCPAbortOnClose",
    "TCPAbortOnMemory",
    "TCPAbortOnTimeout",
    "TCPAbortOnLinger",
    "TCPAbortFailed",
    "TCPMemoryPressures",
    "TCPMemoryPressuresChrono",
    "TCPSACKDiscard",
    "TCPDSACKIgnoredOld",
    "TCPDSACKIgnoredNoUndo",
    "TCPSpuriousRTOs",
    "TCPMD5NotFound",
    "TCPMD5Unexpected",
    "TCPMD5Failure",
    "TCPSackShifted",
    "TCPSackMerged",
    "TCPSackShiftFallback",
    "TCPBacklogDrop",
    "PFMemallocDrop",
    "TCPMinTTLDrop",
    "TCPDeferAcceptDrop",
    "IPReversePathFilter",
    "TCPTimeWaitOverflow",
    "TCPReqQFullDoCookies",
    "TCPReqQFullDrop",
    "TCPRetransFail",
    "TCPRcvCoalesce",
    "TCPOFOQueue",
    "TCPOFODrop",
    "TCPOFOMerge",
    "TCPChallengeACK",
    "TCPSYNChallenge",
    "TCPFastOpenActive",
    "TCPFastOpenActiveFail",
    "TCPFastOpenPassive",
    "TCPFastOpenPassiveFail",
    "TCPFastOpenListenOverflow",
    "TCPFastOpenCookieReqd",
    "TCPFastOpenBlackhole",
    "TCPSpuriousRtxHostQueues",
    "BusyPollRxPackets",
    "TCPAutoCorking",
    "TCPFromZeroWindowAdv",
    "TCPToZeroWindowAdv",
    "TCPWantZeroWindowAdv",
    "TCPSynRetrans",
    "TCPOrigDataSent",
    "TCPHystartTrainDetect",
    "TCPHystartTrainCwnd",
    "TCPHystartDelayDetect",
    "TCPHystartDelayCwnd",
    "TCPACKSkippedSynRecv",
    "TCPACKSkippedPAWS",
    "TCPACKSkippedSeq",
    "TCPACKSkippedFinWait2",
    "TCPACKSkippedTimeWait",
    "TCPACKSkippedChallenge",
    "TCPWinProbe",
    "TCPKeepAlive",
    "TCPMTUPFail",
    "TCPMTUPSuccess",
    "TCPDelivered",
    "TCPDeliveredCE",
    "TCPAckCompressed",
    "TCPZeroWindowDrop",
    "TCPRcvQDrop",
    "TCPWqueueTooBig",
    "TCPFastOpenPassiveAltKey",
    "TcpTimeoutRehash",
    "TcpDuplicateDataRehash",
    "TCPDSACKRecvSegs",
    "TCPDSACKIgnoredDubious",
    "TCPMigrateReqSuccess",
    "TCPMigrateReqFailure",
    "TCPPLBRehash",
    "TCPAORequired",
    "TCPAOBad",
    "TCPAOKeyNotFound",
    "TCPAOGood",
    "TCPAODroppedIcmps",
  ],
  IpExt: [
    "InNoRoutes",
    "InTruncatedPkts",
    "InMcastPkts",
    "OutMcastPkts",
    "InBcastPkts",
    "OutBcastPkts",
    "InOctets",
    "OutOctets",
    "InMcastOctets",
    "OutMcastOctets",
    "InBcastOctets",
    "OutBcastOctets",
    "InCsumErrors",
    "InNoECTPkts",
    "InECT1Pkts",
    "InECT0Pkts",
    "InCEPkts",
    "ReasmOverlaps",
  ],
} as const;

/** ICMP's own counters by type are those of its messages (linux: icmpmibmap). */
const ICMP_KINDS: Record<string, number> = {
  EchoReps: 0,
  DestUnreachs: 3,
  SrcQuenchs: 4,
  Redirects: 5,
  Echos: 8,
  TimeExcds: 11,
  ParmProbs: 12,
  Timestamps: 13,
  TimestampReps: 14,
  AddrMasks: 17,
  AddrMaskReps: 18,
};

/** What is not counted but is so. */
const STATED: Record<string, (ns: NetNs) => number> = {
  IpForwarding: (ns) => (ns.sysctl.all.forwarding ? 1 : 2),
  IpDefaultTTL: (ns) => ns.sysctl.number("ip_default_ttl"),
  TcpRtoAlgorithm: () => 1,
  TcpRtoMin: () => 200,
  TcpRtoMax: () => 120_000,
  TcpMaxConn: () => -1,
  TcpCurrEstab: (ns) =>
    [...ns.sockets.all].filter(
      (sock) => "state" in sock && (sock.state === "ESTABLISHED" || sock.state === "CLOSE-WAIT"),
    ).length,
};

function counted(ns: NetNs, group: string, name: string): number {
  const full = group + name;
  const [, way, kind = ""] = /^(In|Out)(.+)$/.exec(name) ?? [];
  const type = group === "Icmp" ? ICMP_KINDS[kind] : undefined;
  if (type !== undefined) return ns.mib[way === "In" ? "icmpIn" : "icmpOut"].get(type) ?? 0;
  return STATED[full]?.(ns) ?? (full in ns.mib ? ns.mib[full as "IpInReceives"] : 0);
}

function rows(ns: NetNs, groups: Record<string, readonly string[]>, after = ""): string {
  return Object.entries(groups)
    .map(([group, names]) => {
      const values = names.map((name) => counted(ns, group, name));
      const more = group === after ? messages(ns) : "";
      return `${group}: ${names.join(" ")}\n${group}: ${values.join(" ")}\n${more}`;
    })
    .join("");
}

/** linux: icmpmsg_put: the types that there were, what came in before what went out, sixteen a line. */
function messages(ns: NetNs): string {
  const found = (["In", "Out"] as const).flatMap((way) =>
    [...ns.mib[`icmp${way}`]]
      .sort(([a], [b]) => a - b)
      .map(([type, count]) => [`${way}Type${type}`, count] as const),
  );
  let text = "";
  for (let at = 0; at < found.length; at += 16) {
    const line = found.slice(at, at + 16);
    text += `IcmpMsg: ${line.map(([name]) => name).join(" ")}\n`;
    text += `IcmpMsg: ${line.map(([, count]) => count).join(" ")}\n`;
  }
  return text;
}

/** /proc/net/snmp (linux: net/ipv4/proc.c, snmp_seq_show). */
export const snmp = (ns: NetNs): string => rows(ns, SNMP, "Icmp");

/** /proc/net/netstat (linux: net/ipv4/proc.c, netstat_seq_show). */
export const netstat = (ns: NetNs): string => rows(ns, NETSTAT);

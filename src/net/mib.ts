/**
 * What a namespace has counted (linux: struct netns_mib), by the names that nstat has for it; what is not
 * among them is not counted here, and 0.
 */
export class Mib {
  IpInReceives = 0;
  IpInHdrErrors = 0;
  IpInAddrErrors = 0;
  IpForwDatagrams = 0;
  IpInUnknownProtos = 0;
  IpInDelivers = 0;
  IpOutRequests = 0;
  IpOutDiscards = 0;
  IpOutNoRoutes = 0;
  IpReasmTimeout = 0;
  IpReasmReqds = 0;
  IpReasmOKs = 0;
  IpReasmFails = 0;
  IpFragOKs = 0;
  IpFragFails = 0;
  IpFragCreates = 0;
  IpOutTransmits = 0;

  IcmpInMsgs = 0;
  IcmpInErrors = 0;
  IcmpInCsumErrors = 0;
  IcmpOutMsgs = 0;
  IcmpOutRateLimitHost = 0;

  TcpActiveOpens = 0;
  TcpPassiveOpens = 0;
  TcpAttemptFails = 0;
  TcpEstabResets = 0;
  TcpInSegs = 0;
  TcpOutSegs = 0;
  TcpRetransSegs = 0;
  TcpInErrs = 0;
  TcpOutRsts = 0;
  TcpInCsumErrors = 0;

  UdpInDatagrams = 0;
  UdpNoPorts = 0;
  UdpInErrors = 0;
  UdpOutDatagrams = 0;
  UdpRcvbufErrors = 0;
  UdpInCsumErrors = 0;
  UdpIgnoredMulti = 0;

  TcpExtEmbryonicRsts = 0;
  TcpExtDelayedACKs = 0;
  TcpExtListenOverflows = 0;
  TcpExtListenDrops = 0;
  TcpExtTCPRenoRecovery = 0;
  TcpExtTCPSackRecovery = 0;
  TcpExtTCPTimeouts = 0;
  TcpExtTCPLossProbes = 0;
  TcpExtTCPAbortOnData = 0;
  TcpExtTCPAbortOnClose = 0;
  TcpExtTCPAbortOnTimeout = 0;
  TcpExtIPReversePathFilter = 0;
  TcpExtTCPReqQFullDrop = 0;
  TcpExtTCPChallengeACK = 0;
  TcpExtTCPSynRetrans = 0;
  TcpExtTCPZeroWindowDrop = 0;

  IpExtInNoRoutes = 0;
  IpExtInTruncatedPkts = 0;
  IpExtInMcastPkts = 0;
  IpExtOutMcastPkts = 0;
  IpExtInBcastPkts = 0;
  IpExtOutBcastPkts = 0;
  IpExtInOctets = 0;
  IpExtOutOctets = 0;
  IpExtInMcastOctets = 0;
  IpExtOutMcastOctets = 0;
  IpExtInBcastOctets = 0;
  IpExtOutBcastOctets = 0;
  IpExtInCsumErrors = 0;
  IpExtInNoECTPkts = 0;
  IpExtInECT1Pkts = 0;
  IpExtInECT0Pkts = 0;
  IpExtInCEPkts = 0;

  /** Messages of ICMP by their type (RFC 4293, icmpMsgStatsTable). */
  icmpIn = new Map<number, number>();
  icmpOut = new Map<number, number>();
}

export function countType(types: Map<number, number>, type: number): void {
  types.set(type, (types.get(type) ?? 0) + 1);
}

import type { MatchExtension, TargetExtension } from "./extension.ts";
import addrtypeMatch from "./match/addrtype.ts";
import commentMatch from "./match/comment.ts";
import connbytesMatch from "./match/connbytes.ts";
import connlimitMatch from "./match/connlimit.ts";
import connmarkMatch from "./match/connmark.ts";
import conntrackMatch from "./match/conntrack.ts";
import dscpMatch from "./match/dscp.ts";
import hashlimitMatch from "./match/hashlimit.ts";
import icmpMatch from "./match/icmp.ts";
import iprangeMatch from "./match/iprange.ts";
import lengthMatch from "./match/length.ts";
import limitMatch from "./match/limit.ts";
import macMatch from "./match/mac.ts";
import markMatch from "./match/mark.ts";
import multiportMatch from "./match/multiport.ts";
import ownerMatch from "./match/owner.ts";
import physdevMatch from "./match/physdev.ts";
import pkttypeMatch from "./match/pkttype.ts";
import quotaMatch from "./match/quota.ts";
import recentMatch from "./match/recent.ts";
import rpfilterMatch from "./match/rpfilter.ts";
import setMatch from "./match/set.ts";
import socketMatch from "./match/socket.ts";
import stateMatch from "./match/state.ts";
import statisticMatch from "./match/statistic.ts";
import stringMatch from "./match/string.ts";
import tcpMatch from "./match/tcp.ts";
import tcpmssMatch from "./match/tcpmss.ts";
import timeMatch from "./match/time.ts";
import tosMatch from "./match/tos.ts";
import ttlMatch from "./match/ttl.ts";
import u32Match from "./match/u32.ts";
import udpMatch from "./match/udp.ts";
import CLASSIFYTarget from "./target/CLASSIFY.ts";
import CONNMARKTarget from "./target/CONNMARK.ts";
import CTTarget from "./target/CT.ts";
import DNATTarget from "./target/DNAT.ts";
import DSCPTarget from "./target/DSCP.ts";
import LOGTarget from "./target/LOG.ts";
import MARKTarget from "./target/MARK.ts";
import MASQUERADETarget from "./target/MASQUERADE.ts";
import NETMAPTarget from "./target/NETMAP.ts";
import NFLOGTarget from "./target/NFLOG.ts";
import NFQUEUETarget from "./target/NFQUEUE.ts";
import NOTRACKTarget from "./target/NOTRACK.ts";
import REDIRECTTarget from "./target/REDIRECT.ts";
import REJECTTarget from "./target/REJECT.ts";
import SETTarget from "./target/SET.ts";
import SNATTarget from "./target/SNAT.ts";
import TCPMSSTarget from "./target/TCPMSS.ts";
import TEETarget from "./target/TEE.ts";
import TOSTarget from "./target/TOS.ts";
import TPROXYTarget from "./target/TPROXY.ts";
import TRACETarget from "./target/TRACE.ts";
import TTLTarget from "./target/TTL.ts";

/** Typed by its own data, kept as one of many: the rule keeps the data beside the extension. */
function erase<T>(extension: T): never {
  return extension as never;
}

const allMatches: readonly MatchExtension[] = [
  erase(addrtypeMatch),
  erase(commentMatch),
  erase(connbytesMatch),
  erase(connlimitMatch),
  erase(connmarkMatch),
  erase(conntrackMatch),
  erase(dscpMatch),
  erase(hashlimitMatch),
  erase(icmpMatch),
  erase(iprangeMatch),
  erase(lengthMatch),
  erase(limitMatch),
  erase(macMatch),
  erase(markMatch),
  erase(multiportMatch),
  erase(ownerMatch),
  erase(physdevMatch),
  erase(pkttypeMatch),
  erase(quotaMatch),
  erase(recentMatch),
  erase(rpfilterMatch),
  erase(setMatch),
  erase(socketMatch),
  erase(stateMatch),
  erase(statisticMatch),
  erase(stringMatch),
  erase(tcpMatch),
  erase(tcpmssMatch),
  erase(timeMatch),
  erase(tosMatch),
  erase(ttlMatch),
  erase(u32Match),
  erase(udpMatch),
];

const allTargets: readonly TargetExtension[] = [
  erase(CLASSIFYTarget),
  erase(CONNMARKTarget),
  erase(CTTarget),
  erase(DNATTarget),
  erase(DSCPTarget),
  erase(LOGTarget),
  erase(MARKTarget),
  erase(MASQUERADETarget),
  erase(NETMAPTarget),
  erase(NFLOGTarget),
  erase(NFQUEUETarget),
  erase(NOTRACKTarget),
  erase(REDIRECTTarget),
  erase(REJECTTarget),
  erase(SETTarget),
  erase(SNATTarget),
  erase(TCPMSSTarget),
  erase(TEETarget),
  erase(TOSTarget),
  erase(TPROXYTarget),
  erase(TRACETarget),
  erase(TTLTarget),
];

function byName<T extends { name: string }>(extensions: readonly T[]): ReadonlyMap<string, T> {
  const known = new Map<string, T>();
  for (const extension of extensions) {
    if (known.has(extension.name)) throw new Error(`two extensions are called "${extension.name}"`);
    known.set(extension.name, extension);
  }
  return known;
}

/** What may follow -m. Adding a match is a file in match/ and a line here. */
export const MATCHES = byName(allMatches);
/** What may follow -j besides verdicts and chains. */
export const TARGETS = byName(allTargets);

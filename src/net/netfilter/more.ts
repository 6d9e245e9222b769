import { erase, type MatchExtension, type TargetExtension } from "./extension.ts";
import connbytesMatch from "./match/connbytes.ts";
import connlimitMatch from "./match/connlimit.ts";
import dscpMatch from "./match/dscp.ts";
import hashlimitMatch from "./match/hashlimit.ts";
import iprangeMatch from "./match/iprange.ts";
import lengthMatch from "./match/length.ts";
import limitMatch from "./match/limit.ts";
import macMatch from "./match/mac.ts";
import multiportMatch from "./match/multiport.ts";
import physdevMatch from "./match/physdev.ts";
import pkttypeMatch from "./match/pkttype.ts";
import quotaMatch from "./match/quota.ts";
import recentMatch from "./match/recent.ts";
import rpfilterMatch from "./match/rpfilter.ts";
import socketMatch from "./match/socket.ts";
import stringMatch from "./match/string.ts";
import tcpmssMatch from "./match/tcpmss.ts";
import timeMatch from "./match/time.ts";
import tosMatch from "./match/tos.ts";
import ttlMatch from "./match/ttl.ts";
import u32Match from "./match/u32.ts";
import CLASSIFYTarget from "./target/CLASSIFY.ts";
import DSCPTarget from "./target/DSCP.ts";
import NETMAPTarget from "./target/NETMAP.ts";
import NFLOGTarget from "./target/NFLOG.ts";
import NFQUEUETarget from "./target/NFQUEUE.ts";
import NOTRACKTarget from "./target/NOTRACK.ts";
import SETTarget from "./target/SET.ts";
import TCPMSSTarget from "./target/TCPMSS.ts";
import TEETarget from "./target/TEE.ts";
import TOSTarget from "./target/TOS.ts";
import TRACETarget from "./target/TRACE.ts";
import TTLTarget from "./target/TTL.ts";

/** Matches that no agent of a cluster writes. Each has its name in later.ts. */
export const moreMatches: readonly MatchExtension[] = [
  erase(connbytesMatch),
  erase(connlimitMatch),
  erase(dscpMatch),
  erase(hashlimitMatch),
  erase(iprangeMatch),
  erase(lengthMatch),
  erase(limitMatch),
  erase(macMatch),
  erase(multiportMatch),
  erase(physdevMatch),
  erase(pkttypeMatch),
  erase(quotaMatch),
  erase(recentMatch),
  erase(rpfilterMatch),
  erase(socketMatch),
  erase(stringMatch),
  erase(tcpmssMatch),
  erase(timeMatch),
  erase(tosMatch),
  erase(ttlMatch),
  erase(u32Match),
];

/** Targets that no agent of a cluster writes. */
export const moreTargets: readonly TargetExtension[] = [
  erase(CLASSIFYTarget),
  erase(DSCPTarget),
  erase(NETMAPTarget),
  erase(NFLOGTarget),
  erase(NFQUEUETarget),
  erase(NOTRACKTarget),
  erase(SETTarget),
  erase(TCPMSSTarget),
  erase(TEETarget),
  erase(TOSTarget),
  erase(TRACETarget),
  erase(TTLTarget),
];

import { Ev } from "../../sim/trace.ts";
import { Tcp, TH_FIN } from "../../wire/tcp.ts";
import type { DropReason } from "../drop.ts";
import { RouteError } from "../fib/route.ts";
import { pathMtu } from "../ipv4/output.ts";
import { drop } from "../kernel.ts";
import type { NetNs } from "../netns.ts";
import type { Skb } from "../skb.ts";
import { tcpLookup, tcpLookupEstablished, tcpLookupListener } from "../socket/lookup.ts";
import { icmpErrno, sockRoute } from "../socket/route.ts";
import { replaceTimestamp, tcpAck } from "./ack.ts";
import { connectionOver, enterTimeWait, orphanFinWait2 } from "./close.ts";
import { ackCheck, queueData } from "./data.ts";
import { handshakeDone, simultaneousOpen, synAckArrived } from "./establish.ts";
import { connectionRequest, RequestSock } from "./listen.ts";
import { sendAck, sendChallengeAck, syncMss } from "./output.ts";
import { simpleRetransmit } from "./recovery.ts";
import { sendResetFor } from "./reply.ts";
import { type Segment, segmentOf } from "./segment.ts";
import {
  arrivesInListen,
  arrivesInSynSent,
  checkIncoming,
  type Disposition,
} from "./segment-arrives.ts";
import { pushPending, wakeWriters } from "./send.ts";
import { after, before, seqAdd } from "./seq.ts";
import { TcpSock } from "./sock.ts";
import { setState } from "./state.ts";
import { TimeWaitSock } from "./time-wait.ts";
import { ATO_MIN, resetKeepaliveTimer, TIME_WAIT_LENGTH } from "./timer.ts";

/** A segment for this host (linux: net/ipv4/tcp_ipv4.c, tcp_v4_rcv). */
export function tcpRcv(ns: NetNs, skb: Skb): void {
  ns.mib.TcpInSegs++;
  if (!Tcp.check(skb.data, skb.transport, skb.tail)) {
    ns.mib.TcpInErrs++;
    return drop(ns, skb, "PKT_TOO_SMALL");
  }
  const ip = skb.ip;
  const tcp = new Tcp(skb.data, skb.transport);
  if (!skb.checksumTrusted && !tcp.checksumValid(ip.src, ip.dst, skb.tail)) {
    ns.mib.TcpInErrs++;
    ns.mib.TcpInCsumErrors++;
    return drop(ns, skb, "TCP_CSUM");
  }
  const seg = segmentOf(skb) as Segment;
  const sock =
    skb.skAssigned && skb.sk
      ? skb.sk
      : tcpLookup(ns, ip.src, seg.srcPort, ip.dst, seg.dstPort, skb.dev);
  if (!sock) {
    sendResetFor(ns, skb, seg, null);
    return drop(ns, skb, "NO_SOCKET");
  }
  deliver(sock, skb, seg);
}

function deliver(sock: unknown, skb: Skb, seg: Segment): void {
  if (sock instanceof TcpSock) return arrives(sock, skb, seg);
  if (sock instanceof RequestSock) return sock.arrives(skb, seg);
  if (sock instanceof TimeWaitSock) timeWaitArrives(sock, skb, seg);
}

/** A new connection may take the place of one in TIME-WAIT (linux: tcp_v4_rcv, do_time_wait). */
function timeWaitArrives(old: TimeWaitSock, skb: Skb, seg: Segment): void {
  if (old.arrives(skb, seg) !== "syn") return;
  const { ns } = old;
  const listener = tcpLookupListener(ns, seg.dst, seg.dstPort, skb.dev, seg.src, seg.srcPort);
  if (!(listener instanceof TcpSock)) {
    old.sendAck();
    return drop(ns, skb, "TCP_CLOSE");
  }
  old.close();
  connectionRequest(listener, skb, seg, seqAdd(old.sndNxt, 65535 + 2));
}

/** A packet that somebody else found the socket for. */
export function socketReceive(sock: TcpSock, skb: Skb): void {
  const seg = segmentOf(skb);
  if (seg) arrives(sock, skb, seg);
  else drop(sock.ns, skb, "PKT_TOO_SMALL");
}

/** RFC 9293 §3.10.7: SEGMENT ARRIVES (linux: tcp_v4_do_rcv, tcp_rcv_state_process). */
function arrives(sock: TcpSock, skb: Skb, seg: Segment): void {
  const { ns } = sock;
  ns.trace.emit(Ev.SOCK, ns.id, skb.id, sock.id);
  sock.segsIn++;
  switch (sock.state) {
    case "CLOSED":
      sendResetFor(ns, skb, seg, null);
      return drop(ns, skb, "TCP_CLOSE");
    case "LISTEN": {
      const verdict = arrivesInListen(seg);
      if (verdict.do === "request") return connectionRequest(sock, skb, seg);
      return apply(sock, skb, seg, verdict);
    }
    case "SYN-SENT": {
      const verdict = arrivesInSynSent(sock, seg);
      if (verdict.do === "establish") return synAckArrived(sock, seg);
      if (verdict.do === "simultaneous") return simultaneousOpen(sock, seg);
      return apply(sock, skb, seg, verdict);
    }
    default:
      return processSegment(sock, skb, seg);
  }
}

/** Do what was decided about a segment that goes no further. */
function apply(sock: TcpSock, skb: Skb, seg: Segment, verdict: Disposition): void {
  switch (verdict.do) {
    case "drop":
      return drop(sock.ns, skb, verdict.reason);
    case "duplicate-ack":
      return duplicateAck(sock, skb, seg, verdict.reason);
    case "challenge":
      sendChallengeAck(sock);
      return drop(sock.ns, skb, verdict.reason);
    case "refuse":
      sendResetFor(sock.ns, skb, seg, sock);
      return drop(sock.ns, skb, verdict.reason);
    case "reset":
      tcpReset(sock);
      return drop(sock.ns, skb, verdict.reason);
  }
}

/** linux: net/ipv4/tcp_input.c, tcp_send_dupack */
function duplicateAck(sock: TcpSock, skb: Skb, seg: Segment, reason: DropReason): void {
  if (seg.seq !== seg.end && before(seg.seq, sock.rcvNxt)) {
    sock.pingpong = false;
    sock.ato = ATO_MIN;
    if (sock.sackOk)
      sock.duplicate = [seg.seq, after(seg.end, sock.rcvNxt) ? sock.rcvNxt : seg.end];
  }
  sendAck(sock);
  drop(sock.ns, skb, reason);
}

/** The peer has reset the connection (linux: net/ipv4/tcp_input.c, tcp_reset). */
function tcpReset(sock: TcpSock): void {
  if (sock.state === "SYN-SENT") connectionOver(sock, "ECONNREFUSED");
  else connectionOver(sock, sock.state === "CLOSE-WAIT" ? "EPIPE" : "ECONNRESET");
}

/** The synchronized states, in the RFC's order (RFC 9293 §3.10.7.4). */
export function processSegment(sock: TcpSock, skb: Skb, seg: Segment): void {
  const { ns } = sock;
  // First to fourth: sequence number, RST, security, SYN.
  const verdict = checkIncoming(sock, seg);
  if (verdict.do !== "next") return apply(sock, skb, seg, verdict);
  sock.keepSeen = ns.sim.now;
  // "Fifth, check the ACK field."
  const waiting = sock.state === "SYN-RECEIVED";
  const acked = tcpAck(sock, seg);
  if (waiting) {
    if (acked <= 0) {
      sendResetFor(ns, skb, seg, sock);
      return drop(ns, skb, "TCP_INVALID_ACK_SEQUENCE");
    }
    handshakeDone(sock, seg);
  } else if (acked < 0) {
    const old = before(seg.ack, sock.sndUna);
    return drop(ns, skb, old ? "TCP_TOO_OLD_ACK" : "TCP_ACK_UNSENT_DATA");
  } else if (acked === 0) replaceTimestamp(sock, seg);
  if (!ackOfFin(sock, skb, seg)) return;
  // "Seventh, process the segment text. Eighth, check the FIN bit."
  if (sock.state === "FIN-WAIT-1" || sock.state === "FIN-WAIT-2") {
    const data = seqAdd(seg.end, seg.flags & TH_FIN ? -1 : 0);
    if (sock.orphan && seg.seq !== seg.end && after(data, sock.rcvNxt)) {
      // Nobody is there to read it (RFC 9293 §3.10.7.4 leaves that open; linux: TCPAbortOnData).
      ns.mib.TcpExtTCPAbortOnData++;
      sendResetFor(ns, skb, seg, sock);
      connectionOver(sock, "ECONNRESET");
      return drop(ns, skb, "TCP_CLOSE");
    }
  }
  queueData(sock, skb, seg);
  if (sock.state === "CLOSED") return;
  // Data that the acknowledgement made room for, then the acknowledgement of the data.
  if (sock.writeQueue.length) pushPending(sock);
  wakeWriters(sock);
  ackCheck(sock);
}

/** Our FIN is acknowledged: what that means in each closing state. False: the segment is done with. */
function ackOfFin(sock: TcpSock, skb: Skb, seg: Segment): boolean {
  if (sock.sndUna !== sock.writeSeq || !sock.shutWrite) return true;
  const { ns } = sock;
  switch (sock.state) {
    case "FIN-WAIT-1": {
      setState(sock, "FIN-WAIT-2");
      if (!sock.orphan) {
        sock.writable.wakeAll(ns.sim);
        return true;
      }
      const data = seqAdd(seg.end, seg.flags & TH_FIN ? -1 : 0);
      if (seg.seq !== seg.end && after(data, sock.rcvNxt)) {
        ns.mib.TcpExtTCPAbortOnData++;
        sendResetFor(ns, skb, seg, sock);
        connectionOver(sock, null);
        drop(ns, skb, "TCP_CLOSE");
        return false;
      }
      if (seg.flags & TH_FIN) {
        resetKeepaliveTimer(sock, ns.sysctl.number("tcp_fin_timeout") * 1e9);
        return true;
      }
      orphanFinWait2(sock);
      return false;
    }
    case "CLOSING":
      enterTimeWait(sock, "TIME-WAIT", TIME_WAIT_LENGTH);
      return false;
    case "LAST-ACK":
      connectionOver(sock, null);
      return false;
  }
  return true;
}

/** An ICMP error about a segment that we sent from (srcIp, srcPort) (linux: tcp_v4_err). */
export function tcpIcmpError(
  ns: NetNs,
  srcIp: number,
  srcPort: number,
  dstIp: number,
  dstPort: number,
  type: number,
  code: number,
  info: number,
): void {
  tcpLookupEstablished(ns, dstIp, dstPort, srcIp, srcPort)?.icmpError(type, code, info);
}

export function socketIcmpError(sock: TcpSock, type: number, code: number, _info: number): void {
  if (sock.state === "CLOSED" || sock.state === "LISTEN") return;
  if (type === 3 && code === 4) {
    // RFC 1191: the path takes less; net.pmtu has it already.
    const route = sockRoute(sock, sock.dst, sock.dstPort);
    if (route instanceof RouteError) return;
    const mtu = pathMtu(sock.ns, route, sock.dst);
    if (mtu >= sock.pmtu) return;
    syncMss(sock, mtu);
    simpleRetransmit(sock);
    return;
  }
  const error = icmpErrno(type, code);
  if (!error) return;
  if (sock.isConnecting) connectionOver(sock, error.errno);
  else sock.softError = error.errno;
}

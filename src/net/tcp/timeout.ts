import type { Errno } from "../../base/errno.ts";
import { TH_FIN, TH_PUSH, TH_SYN } from "../../wire/tcp.ts";
import { rearmTimer } from "./ack.ts";
import { connectionOver, enterTimeWait } from "./close.ts";
import {
  currentMss,
  hasUnsent,
  sendAck,
  sendActiveReset,
  sendProbe,
  syncMss,
  transmitSegment,
  windowEnd,
} from "./output.ts";
import { enterLoss, reorderTimeout, retransmitSegment } from "./recovery.ts";
import { before, seqDiff } from "./seq.ts";
import type { TcpSock } from "./sock.ts";
import {
  ATO_MIN,
  RTO_INITIAL,
  RTO_MAX,
  RTO_MIN,
  resetKeepaliveTimer,
  resetXmitTimer,
} from "./timer.ts";

/** A timer of a socket fired (linux: net/ipv4/tcp_timer.c). */
export function timerFired(sock: TcpSock, reason: string): void {
  if (sock.state === "CLOSED") return;
  if (reason === "xmit") xmitTimer(sock);
  else if (reason === "delack") delackTimer(sock);
  else if (reason === "keepalive") keepaliveTimer(sock);
}

/** linux: tcp_write_timer_handler */
function xmitTimer(sock: TcpSock): void {
  sock.xmitTimer = null;
  const what = sock.xmitKind;
  if (what === "none") return;
  const { sim } = sock.ns;
  if (sim.now < sock.xmitDue) {
    sock.xmitTimer = sim.at(sock.xmitDue, sock, "xmit");
    return;
  }
  sock.xmitKind = "none";
  if (what === "retransmit") retransmitTimer(sock);
  else if (what === "probe") probeTimer(sock);
  else if (what === "loss-probe") lossProbe(sock);
  else {
    reorderTimeout(sock);
    if (sock.xmitKind === "none") rearmTimer(sock);
  }
}

/** Has this gone on for as long as `boundary` retransmissions take? (linux: retransmits_timed_out) */
function timedOut(sock: TcpSock, boundary: number): boolean {
  if (sock.retransmits === 0) return false;
  const base = sock.isConnecting ? RTO_INITIAL : RTO_MIN;
  const doubling = Math.floor(Math.log2(RTO_MAX / base));
  const limit =
    boundary <= doubling
      ? (2 ** (boundary + 1) - 1) * base
      : (2 ** (doubling + 1) - 1) * base + (boundary - doubling) * RTO_MAX;
  return sock.ns.sim.now - sock.retransStamp >= limit;
}

/** linux: tcp_write_timeout; true when the connection was given up. */
function givesUp(sock: TcpSock): boolean {
  const { sysctl } = sock.ns;
  let over: boolean;
  if (!sock.isConnecting && timedOut(sock, sysctl.number("tcp_retries1"))) searchMtu(sock);
  if (sock.isConnecting) {
    const retries = sysctl.number("tcp_syn_retries");
    over = sock.retransmits >= retries + linearTimeouts(sock) || timedOut(sock, retries);
  } else if (sock.orphan) {
    const retries = sysctl.number("tcp_orphan_retries") || 8;
    over = timedOut(sock, retries);
  } else over = timedOut(sock, sysctl.number("tcp_retries2"));
  if (over) fail(sock, sock.softError ?? "ETIMEDOUT");
  return over;
}

/** Nothing gets through: it may be too large for somebody who does not say so (RFC 4821 §7.7; linux: tcp_mtu_probing). */
function searchMtu(sock: TcpSock): void {
  const { sysctl } = sock.ns;
  if (!sysctl.number("tcp_mtu_probing")) return;
  const base = sysctl.number("tcp_base_mss");
  const least = Math.max(sysctl.number("tcp_mtu_probe_floor"), sysctl.number("tcp_min_snd_mss"));
  sock.mtuSearch = sock.mtuSearch ? Math.max(Math.min(base, sock.mtuSearch >> 1), least) : base;
  syncMss(sock, sock.pmtu);
}

/** linux: tcp_write_err */
function fail(sock: TcpSock, error: Errno): void {
  sock.ns.mib.TcpExtTCPAbortOnTimeout++;
  connectionOver(sock, error);
}

/** RFC 6298 §5.4-5.7 (linux: tcp_retransmit_timer). */
function retransmitTimer(sock: TcpSock): void {
  const head = sock.rtxQueue[0];
  if (!head) return;
  if (sock.sndWnd === 0 && !sock.orphan && !sock.isConnecting) {
    // The peer has shrunk its window to nothing: probe for ever, as long as it answers.
    enterLoss(sock);
    retransmitSegment(sock, head);
    backOff(sock);
    return;
  }
  sock.ns.mib.TcpExtTCPTimeouts++;
  if (givesUp(sock)) return;
  sock.retransStamp ||= sock.ns.sim.now;
  if (!sock.isConnecting) enterLoss(sock);
  sock.retransmits++;
  if (head.flags & TH_SYN) {
    sock.ns.mib.TcpRetransSegs++;
    sock.ns.mib.TcpExtTCPSynRetrans++;
    sock.totalRetrans++;
    transmitSegment(sock, head, "retransmit");
  } else retransmitSegment(sock, head);
  backOff(sock);
}

/** So many times a SYN is sent again without waiting longer (since Linux 6.5). */
function linearTimeouts(sock: TcpSock): number {
  return sock.isConnecting ? sock.ns.sysctl.number("tcp_syn_linear_timeouts") : 0;
}

function backOff(sock: TcpSock): void {
  if (sock.retransmits > linearTimeouts(sock)) sock.backoff++;
  resetXmitTimer(sock, "retransmit", Math.min(sock.rtt.rto * 2 ** sock.backoff, RTO_MAX));
}

/** RFC 8985 §7.3: new data, else the last segment again (linux: tcp_send_loss_probe). */
function lossProbe(sock: TcpSock): void {
  const next = sock.writeQueue[0];
  const last = sock.rtxQueue[sock.rtxQueue.length - 1];
  if (!last) return;
  if (next && seqDiff(windowEnd(sock), next.end) >= 0 && next.length <= currentMss(sock)) {
    sock.writeQueue.shift();
    sock.rtxQueue.push(next);
    sock.sndNxt = next.end;
    transmitSegment(sock, next, "socket");
  } else {
    sock.ns.mib.TcpExtTCPLossProbes++;
    sock.ns.mib.TcpRetransSegs++;
    sock.totalRetrans++;
    if (!last.retrans) {
      last.retrans = true;
      sock.retransOut++;
    }
    transmitSegment(sock, last, "retransmit");
  }
  sock.tlpHighSeq = sock.sndNxt || 1;
  resetXmitTimer(sock, "retransmit", sock.rtt.rto);
}

/** Zero-window probes (RFC 9293 §3.8.6.1; linux: tcp_probe_timer, tcp_send_probe0). */
function probeTimer(sock: TcpSock): void {
  if (sock.rtxQueue.length || !hasUnsent(sock)) {
    sock.probesOut = 0;
    return;
  }
  const { sysctl } = sock.ns;
  const most = sock.orphan
    ? sysctl.number("tcp_orphan_retries") || 8
    : sysctl.number("tcp_retries2");
  if (sock.probesOut > most) return fail(sock, sock.softError ?? "ETIMEDOUT");
  writeWakeup(sock);
  if (sock.rtxQueue.length) {
    // A part did fit: it is under the retransmission timer now.
    sock.probesOut = 0;
    sock.backoff = 0;
    return;
  }
  if (sock.backoff < most) sock.backoff++;
  sock.probesOut++;
  resetXmitTimer(sock, "probe", Math.min(sock.rtt.rto * 2 ** sock.backoff, RTO_MAX));
}

/** As much as the window takes, else a segment that makes the peer say so (linux: tcp_write_wakeup). */
function writeWakeup(sock: TcpSock): void {
  const head = sock.writeQueue[0];
  if (!head || !before(head.seq, windowEnd(sock))) return sendProbe(sock);
  const room = Math.min(seqDiff(windowEnd(sock), head.seq), currentMss(sock));
  if (room < head.length) sock.writeQueue.splice(1, 0, head.split(room, TH_FIN | TH_PUSH));
  head.flags |= TH_PUSH;
  sock.writeQueue.shift();
  sock.rtxQueue.push(head);
  sock.sndNxt = head.end;
  transmitSegment(sock, head, "socket");
  rearmTimer(sock);
}

/** linux: tcp_delack_timer_handler */
function delackTimer(sock: TcpSock): void {
  sock.delackTimer = null;
  if (!sock.ackScheduled || sock.delackDue === 0) return;
  const { sim } = sock.ns;
  if (sim.now < sock.delackDue) {
    sock.delackTimer = sim.at(sock.delackDue, sock, "delack");
    return;
  }
  sock.delackDue = 0;
  // Nobody has used the delay for a reply: wait longer next time, or stop believing in replies.
  if (!sock.pingpong) sock.ato = Math.min(2 * sock.ato, sock.rtt.rto);
  else {
    sock.pingpong = false;
    sock.ato = ATO_MIN;
  }
  sock.ns.mib.TcpExtDelayedACKs++;
  sendAck(sock);
}

/** RFC 9293 §3.8.4 (linux: tcp_keepalive_timer); of an orphan, the end of FIN-WAIT-2. */
function keepaliveTimer(sock: TcpSock): void {
  sock.keepaliveTimer = null;
  if (sock.state === "FIN-WAIT-2" && sock.orphan) {
    const rest = sock.ns.sysctl.number("tcp_fin_timeout") * 1e9;
    enterTimeWait(sock, "FIN-WAIT-2", Math.min(rest, 60e9));
    return;
  }
  if (!sock.keepAlive || sock.isConnecting || sock.state === "LISTEN") return;
  const { sysctl, sim } = sock.ns;
  const idle = sock.keepIdleTime;
  const interval = (sock.keepInterval || sysctl.number("tcp_keepalive_intvl")) * 1e9;
  if (sock.rtxQueue.length || hasUnsent(sock)) return resetKeepaliveTimer(sock, idle);
  const quiet = sim.now - Math.max(sock.lastReceived, sock.keepSeen);
  if (quiet < idle) return resetKeepaliveTimer(sock, idle - quiet);
  if (sock.probesOut >= (sock.keepCount || sysctl.number("tcp_keepalive_probes"))) {
    sendActiveReset(sock);
    return fail(sock, sock.softError ?? "ETIMEDOUT");
  }
  sendProbe(sock);
  sock.probesOut++;
  resetKeepaliveTimer(sock, interval);
}

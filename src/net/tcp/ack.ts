import { MSEC } from "../../sim/sim.ts";
import { congestionControl } from "./congestion.ts";
import { currentMss, sendChallengeAck, syncMss, windowEnd } from "./output.ts";
import type { TxSegment } from "./queue.ts";
import {
  AckEvent,
  alertRecovery,
  forgetFlags,
  rackAdvance,
  retransmitLost,
  sackTag,
} from "./recovery.ts";
import type { Segment } from "./segment.ts";
import { expandSendBuffer, wakeWriters } from "./send.ts";
import { after, before, seqAdd, seqDiff } from "./seq.ts";
import type { TcpSock } from "./sock.ts";
import { clearXmitTimer, RTO_MAX, RTO_MIN, resetXmitTimer, TIMEOUT_MIN } from "./timer.ts";

/** -1: acknowledges what was never sent, or is far too old; 0: old; 1: fine. */
export type AckVerdict = -1 | 0 | 1;

/** The acknowledgement of a segment (RFC 9293 §3.10.7.4, fifth; linux: tcp_input.c, tcp_ack). */
export function tcpAck(sock: TcpSock, seg: Segment): AckVerdict {
  const { ack } = seg;
  const una = sock.sndUna;
  if (before(ack, una)) {
    // RFC 5961 §5.2: further back than a window is an attack, or nonsense.
    if (before(ack, seqAdd(una, -sock.maxWindow))) {
      sendChallengeAck(sock);
      return -1;
    }
    if (seg.options.sack) {
      const event = new AckEvent(una);
      sackTag(sock, seg.options.sack, ack, event);
      alertRecovery(sock, event);
      retransmitLost(sock);
    }
    return 0;
  }
  if (after(ack, sock.sndNxt)) return -1;
  const event = new AckEvent(una);
  event.priorInFlight = sock.inFlight;
  const outstanding = sock.rtxQueue.length > 0;
  if (after(ack, una)) sock.retransmits = 0;
  replaceTimestamp(sock, seg);
  event.windowUpdate = updateWindow(sock, seg);
  sock.sndUna = ack;
  sock.bytesAcked += seqDiff(ack, una);
  sock.probesOut = 0;
  if (seg.options.sack && sock.sackOk) sackTag(sock, seg.options.sack, ack, event);
  if (!outstanding) {
    answerToProbe(sock);
    return 1;
  }
  event.pureDuplicate =
    ack === una && seg.seq === seg.end && !event.windowUpdate && sock.rtxQueue.length > 0;
  cleanQueue(sock, seg, event);
  lossProbeAnswered(sock, ack);
  if (event.sacked || event.pureDuplicate || sock.recovery !== "Open") alertRecovery(sock, event);
  if (event.acked && sock.recovery !== "Recovery") growCongestionWindow(sock, event);
  if (event.acked || event.sacked) rearmTimer(sock);
  retransmitLost(sock);
  if (event.acked) {
    expandSendBuffer(sock);
    wakeWriters(sock);
  }
  return 1;
}

/** RFC 7323 §4.3 (linux: tcp_replace_ts_recent). */
export function replaceTimestamp(sock: TcpSock, seg: Segment): void {
  const stamp = seg.timestamp;
  if (!sock.timestamps || !stamp || after(seg.seq, sock.rcvWup)) return;
  if (seqDiff(sock.tsRecent, stamp.value) > 0) return;
  sock.tsRecent = stamp.value;
  sock.tsRecentStamp = sock.ns.sim.now || 1;
}

/** The peer's window, from a segment that is not older than the last (linux: tcp_ack_update_window). */
function updateWindow(sock: TcpSock, seg: Segment): boolean {
  const window = seg.window * 2 ** sock.sndWscale;
  const newer =
    after(seg.ack, sock.sndUna) ||
    after(seg.seq, sock.sndWl1) ||
    (seg.seq === sock.sndWl1 && (window > sock.sndWnd || window === 0));
  if (!newer) return false;
  sock.sndWl1 = seg.seq;
  if (sock.sndWnd === window) return false;
  sock.sndWnd = window;
  if (window > sock.maxWindow) {
    sock.maxWindow = window;
    syncMss(sock, sock.pmtu);
  }
  return true;
}

/** Nothing was outstanding: the window may have opened (linux: tcp_ack_probe). */
function answerToProbe(sock: TcpSock): void {
  const head = sock.writeQueue[0];
  if (!head) return;
  const end = Math.min(head.length, currentMss(sock));
  if (!after(seqAdd(head.seq, end), windowEnd(sock))) {
    sock.backoff = 0;
    if (sock.xmitKind === "probe") clearXmitTimer(sock);
    // The segments themselves are sent by whoever looks for data to send after this.
  } else resetXmitTimer(sock, "probe", Math.min(sock.rtt.rto * 2 ** sock.backoff, RTO_MAX));
}

/** What is acknowledged leaves the queue; its time is a measurement (linux: tcp_clean_rtx_queue). */
function cleanQueue(sock: TcpSock, seg: Segment, event: AckEvent): void {
  const { now } = sock.ns.sim;
  const una = sock.sndUna;
  const queue = sock.rtxQueue;
  let gone = 0;
  let firstSent = 0;
  let newest: TxSegment | null = null;
  for (const segment of queue) {
    if (after(segment.end, una)) {
      if (after(una, segment.seq)) segment.trimHead(una);
      break;
    }
    gone++;
    if (segment.sent > 1) event.retransAcked = true;
    else if (!segment.sacked && !firstSent) firstSent = segment.sentAt;
    if (!segment.sacked) {
      newest = segment;
      rackAdvance(sock, segment);
    }
    forgetFlags(sock, segment);
  }
  if (gone) {
    if (gone > 64) queue.splice(0, gone);
    else for (let i = 0; i < gone; i++) queue.shift();
    event.acked = gone;
    event.delivered += gone;
    sock.dupAcks = 0;
    // Karn: never a time of what was sent twice, unless timestamps tell which one was answered.
    if (firstSent && !event.retransAcked) sock.rtt.sample(sock, now - firstSent);
    else if (sock.timestamps && seg.timestamp?.echo) {
      const sent = (seg.timestamp.echo - sock.tsOffset) >>> 0;
      const passed = ((Math.floor(now / MSEC) >>> 0) - sent) | 0;
      if (passed >= 0) sock.rtt.sample(sock, Math.max(passed, 1) * MSEC);
    }
    if (newest) sock.backoff = 0;
  }
}

/** linux: net/ipv4/tcp_input.c, tcp_process_tlp_ack */
function lossProbeAnswered(sock: TcpSock, ack: number): void {
  if (sock.tlpHighSeq && !before(ack, sock.tlpHighSeq)) sock.tlpHighSeq = 0;
}

/** RFC 5681 §3.1, only while the window is what holds us back (linux: tcp_cong_avoid, tcp_cong_control). */
function growCongestionWindow(sock: TcpSock, event: AckEvent): void {
  const slowStart = sock.cwnd < sock.ssthresh;
  const limited = slowStart ? sock.cwnd < 2 * event.priorInFlight : sock.cwndLimited;
  sock.cwndLimited = false;
  if (!limited && !(event.priorInFlight >= sock.cwnd)) return;
  congestionControl(sock.congestionName).avoid(sock, event.delivered);
}

/**
 * The timer runs for what is outstanding, from the last progress on (RFC 6298 §5.3; linux:
 * tcp_rearm_rto, tcp_set_xmit_timer).
 */
export function rearmTimer(sock: TcpSock): void {
  if (sock.rtxQueue.length === 0) {
    clearXmitTimer(sock);
    return;
  }
  if (scheduleLossProbe(sock)) return;
  const rto = Math.min(sock.rtt.rto * 2 ** sock.backoff, RTO_MAX);
  resetXmitTimer(sock, "retransmit", rto);
}

/**
 * RFC 8985 §7.2: a probe two round trips after the last segment, long before the timeout (linux:
 * net/ipv4/tcp_output.c, tcp_schedule_loss_probe).
 */
export function scheduleLossProbe(sock: TcpSock): boolean {
  if (!sock.sackOk || sock.recovery !== "Open" || sock.isConnecting) return false;
  if (sock.tlpHighSeq || sock.retransmits) return false;
  const { srtt, rto } = sock.rtt;
  let timeout = srtt ? 2 * srtt : 1000 * MSEC;
  if (srtt) timeout += sock.rtxQueue.length === 1 ? RTO_MIN : TIMEOUT_MIN;
  timeout = Math.min(timeout, rto);
  resetXmitTimer(sock, "loss-probe", timeout);
  return true;
}

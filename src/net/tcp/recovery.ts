import { TH_FIN, TH_PUSH } from "../../wire/tcp.ts";
import { congestionControl } from "./congestion.ts";
import { currentMss, transmitSegment } from "./output.ts";
import type { TxSegment } from "./queue.ts";
import { after, before, seqDiff } from "./seq.ts";
import type { TcpSock } from "./sock.ts";
import { resetXmitTimer } from "./timer.ts";

/** RFC 5681 §3.2: how many duplicates mean a loss. */
const DUP_THRESHOLD = 3;

/** What one acknowledgement told us. */
export class AckEvent {
  /** SND.UNA before it. */
  priorUna: number;
  priorInFlight = 0;
  /** Segments newly acknowledged, newly SACKed, and both together. */
  acked = 0;
  sacked = 0;
  delivered = 0;
  retransAcked = false;
  windowUpdate = false;
  pureDuplicate = false;
  /** RFC 2883: it reports something that arrived twice. */
  dsack = false;

  constructor(priorUna: number) {
    this.priorUna = priorUna;
  }
}

/** A segment leaves the queue, or is taken for lost anew: its marks no longer count. */
export function forgetFlags(sock: TcpSock, segment: TxSegment): void {
  if (segment.sacked) sock.sackedOut--;
  if (segment.lost) sock.lostOut--;
  if (segment.retrans) sock.retransOut--;
  segment.sacked = false;
  segment.lost = false;
  segment.retrans = false;
}

function markLost(sock: TcpSock, segment: TxSegment): void {
  if (segment.sacked) return;
  if (segment.retrans) {
    segment.retrans = false;
    sock.retransOut--;
  }
  if (!segment.lost) {
    segment.lost = true;
    sock.lostOut++;
  }
}

/** The newest transmission known to be delivered (RFC 8985 §6.2 step 2; linux: tcp_rack_advance). */
export function rackAdvance(sock: TcpSock, segment: TxSegment): void {
  const rtt = sock.ns.sim.now - segment.sentAt;
  // A retransmission answered faster than possible: the original was delivered, which says nothing.
  if (segment.sent > 1 && rtt < sock.rtt.minRtt) return;
  sock.rackRtt = rtt;
  const newer = segment.sentAt > sock.rackStamp;
  if (newer || (segment.sentAt === sock.rackStamp && after(segment.end, sock.rackEnd))) {
    sock.rackStamp = segment.sentAt;
    sock.rackEnd = segment.end;
  }
}

/** Mark what the peer has (RFC 2018; linux: net/ipv4/tcp_input.c, tcp_sacktag_write_queue). */
export function sackTag(
  sock: TcpSock,
  blocks: readonly (readonly [number, number])[],
  ack: number,
  event: AckEvent,
): void {
  const first = blocks[0];
  const second = blocks[1];
  if (
    first &&
    (before(first[0], ack) ||
      (second && !before(first[0], second[0]) && !after(first[1], second[1])))
  )
    event.dsack = true;
  for (const [left, right] of blocks) {
    if (!before(left, right) || after(right, sock.sndNxt) || before(left, event.priorUna)) continue;
    for (const segment of sock.rtxQueue) {
      if (!before(segment.seq, right)) break;
      if (segment.sacked || before(segment.seq, left) || after(segment.end, right)) continue;
      rackAdvance(sock, segment);
      if (segment.lost) {
        segment.lost = false;
        sock.lostOut--;
      }
      if (segment.retrans) {
        segment.retrans = false;
        sock.retransOut--;
      }
      segment.sacked = true;
      sock.sackedOut++;
      event.sacked++;
      event.delivered++;
    }
  }
}

/**
 * RFC 8985 §6.2 step 5: what was sent well before something that has arrived is lost. The reordering
 * window is nothing once three segments have overtaken it (linux: net/ipv4/tcp_recovery.c,
 * tcp_rack_detect_loss). Answers how long until the next one is taken for lost; 0: none waits.
 */
function detectLoss(sock: TcpSock): number {
  if (sock.rackStamp === 0) return 0;
  const { now } = sock.ns.sim;
  const certain =
    sock.recovery === "Recovery" || sock.recovery === "Loss" || sock.sackedOut >= DUP_THRESHOLD;
  const slack = certain ? 0 : Math.min(sock.rtt.minRtt / 4, sock.rtt.srtt);
  let wait = 0;
  for (const segment of sock.rtxQueue) {
    if (segment.sacked || (segment.lost && !segment.retrans)) continue;
    const later =
      sock.rackStamp > segment.sentAt ||
      (sock.rackStamp === segment.sentAt && after(sock.rackEnd, segment.end));
    if (!later) continue;
    const remaining = segment.sentAt + sock.rackRtt + slack - now;
    if (remaining <= 0) markLost(sock, segment);
    else wait = Math.max(wait, remaining);
  }
  return wait;
}

/** linux: net/ipv4/tcp_recovery.c, tcp_rack_reo_timeout */
export function reorderTimeout(sock: TcpSock): void {
  const event = new AckEvent(sock.sndUna);
  event.priorInFlight = sock.inFlight;
  alertRecovery(sock, event);
  retransmitLost(sock);
}

/** What looks like trouble: is something lost? (linux: net/ipv4/tcp_input.c, tcp_fastretrans_alert) */
export function alertRecovery(sock: TcpSock, event: AckEvent): void {
  const una = sock.sndUna;
  if (sock.recovery !== "Open" && sock.recovery !== "Disorder" && !before(una, sock.highSeq)) {
    // All that was outstanding when the trouble began has arrived.
    if (sock.recovery === "Recovery") sock.cwnd = Math.max(Math.min(sock.cwnd, sock.ssthresh), 2);
    sock.recovery = "Open";
    sock.dupAcks = 0;
    if (!sock.sackOk) sock.sackedOut = 0;
    sock.retransStamp = 0;
  }
  if (!sock.sackOk) renoLoss(sock, event);
  else {
    const wait = sock.rtxQueue.length ? detectLoss(sock) : 0;
    if (wait) resetXmitTimer(sock, "reorder", wait + 2e6);
  }
  if (sock.lostOut && (sock.recovery === "Open" || sock.recovery === "Disorder"))
    enterRecovery(sock);
  else if (sock.recovery === "Open" && (sock.sackedOut || sock.dupAcks)) sock.recovery = "Disorder";
  else if (sock.recovery === "Disorder" && !sock.sackedOut && !sock.dupAcks) sock.recovery = "Open";
  if (sock.recovery === "Recovery") reduceWindow(sock, event);
}

/** Without SACK duplicates are counted (RFC 6582; linux: tcp_add_reno_sack, tcp_try_undo_partial). */
function renoLoss(sock: TcpSock, event: AckEvent): void {
  const head = sock.rtxQueue[0];
  if (event.pureDuplicate) {
    sock.dupAcks++;
    event.delivered++;
  }
  if (!head || sock.recovery === "Loss") return;
  const partial = sock.recovery === "Recovery" && event.acked > 0;
  if (partial || (sock.dupAcks >= DUP_THRESHOLD && sock.recovery !== "Recovery"))
    markLost(sock, head);
}

/** RFC 5681 §3.2 step 2 (linux: tcp_enter_recovery, tcp_init_cwnd_reduction). */
function enterRecovery(sock: TcpSock): void {
  sock.ns.mib[sock.sackOk ? "TcpExtTCPSackRecovery" : "TcpExtTCPRenoRecovery"]++;
  sock.highSeq = sock.sndNxt;
  sock.priorCwnd = sock.cwnd;
  sock.prrDelivered = 0;
  sock.prrOut = 0;
  sock.ssthresh = congestionControl(sock.congestionName).ssthresh(sock);
  sock.recovery = "Recovery";
  sock.tlpHighSeq = 0;
  sock.retransStamp = sock.ns.sim.now;
}

/** Proportional rate reduction (RFC 6937; linux: tcp_cwnd_reduction). */
function reduceWindow(sock: TcpSock, event: AckEvent): void {
  if (event.delivered <= 0 && sock.prrOut > 0) return;
  sock.prrDelivered += event.delivered;
  const delta = sock.ssthresh - sock.inFlight;
  let count: number;
  if (delta < 0) {
    const share = Math.ceil((sock.ssthresh * sock.prrDelivered) / Math.max(sock.priorCwnd, 1));
    count = share - sock.prrOut;
  } else {
    count = Math.max(sock.prrDelivered - sock.prrOut, event.delivered);
    if (event.acked) count++;
    count = Math.min(delta, count);
  }
  // The first retransmission goes whatever the sum says.
  count = Math.max(count, sock.prrOut ? 0 : 1);
  sock.cwnd = sock.inFlight + count;
}

/** The timeout struck (RFC 6298 §5, RFC 5681 §3.1; linux: net/ipv4/tcp_input.c, tcp_enter_loss). */
export function enterLoss(sock: TcpSock): void {
  const fresh = sock.recovery === "Open" || sock.recovery === "Disorder";
  if (fresh || (sock.recovery === "Loss" && !sock.retransmits)) {
    sock.priorCwnd = sock.cwnd;
    sock.ssthresh = congestionControl(sock.congestionName).ssthresh(sock);
  }
  const head = sock.rtxQueue[0];
  // The peer has thrown away what it had SACKed (RFC 2018 §8; linux: tcp_timeout_mark_lost).
  const reneged = head?.sacked === true;
  for (const segment of sock.rtxQueue) {
    if (reneged && segment.sacked) {
      segment.sacked = false;
      sock.sackedOut--;
    }
    markLost(sock, segment);
  }
  sock.dupAcks = 0;
  sock.cwnd = sock.inFlight + 1;
  sock.congestion.count = 0;
  sock.recovery = "Loss";
  sock.highSeq = sock.sndNxt;
  sock.tlpHighSeq = 0;
}

/** Send one segment again, cut to what the path takes now (linux: __tcp_retransmit_skb). */
export function retransmitSegment(sock: TcpSock, segment: TxSegment): void {
  const mss = currentMss(sock);
  if (before(segment.seq, sock.sndUna)) segment.trimHead(sock.sndUna);
  if (segment.length > mss) {
    const at = sock.rtxQueue.indexOf(segment);
    const rest = segment.split(mss, TH_FIN | TH_PUSH);
    if (rest.lost) sock.lostOut++;
    sock.rtxQueue.splice(at + 1, 0, rest);
  }
  sock.ns.mib.TcpRetransSegs++;
  sock.totalRetrans++;
  if (!segment.retrans) {
    segment.retrans = true;
    sock.retransOut++;
  }
  sock.retransStamp ||= sock.ns.sim.now || 1;
  transmitSegment(sock, segment, "retransmit");
}

/** Send what is lost again, as far as the congestion window goes (linux: tcp_xmit_retransmit_queue). */
export function retransmitLost(sock: TcpSock): void {
  if (sock.lostOut === 0 || sock.retransOut >= sock.lostOut) return;
  let first = true;
  for (let i = 0; i < sock.rtxQueue.length; i++) {
    const segment = sock.rtxQueue[i] as TxSegment;
    if (!segment.lost || segment.retrans) continue;
    if (sock.inFlight >= sock.cwnd) return;
    // Nothing beyond the window, except the first, which also probes it.
    if (!first && seqDiff(segment.end, sock.sndUna) > sock.sndWnd) return;
    retransmitSegment(sock, segment);
    if (sock.recovery === "Recovery") sock.prrOut++;
    if (i === 0 && sock.xmitKind !== "reorder")
      resetXmitTimer(sock, "retransmit", sock.rtt.rto * 2 ** sock.backoff);
    first = false;
  }
}

/** The path takes less than we sent: resend what was too large (linux: tcp_simple_retransmit). */
export function simpleRetransmit(sock: TcpSock): void {
  const mss = currentMss(sock);
  let lost = false;
  for (const segment of sock.rtxQueue)
    if (segment.length > mss && !segment.sacked) {
      markLost(sock, segment);
      lost = true;
    }
  if (!lost) return;
  if (sock.recovery !== "Loss") {
    sock.highSeq = sock.sndNxt;
    // No sign of congestion: the window stays.
    sock.ssthresh = Math.max(sock.ssthresh, sock.cwnd);
    sock.recovery = "Loss";
  }
  retransmitLost(sock);
}

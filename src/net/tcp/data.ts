import { TH_FIN } from "../../wire/tcp.ts";
import { drop } from "../kernel.ts";
import type { Skb } from "../skb.ts";
import { enterTimeWait } from "./close.ts";
import { sendAck } from "./output.ts";
import type { Segment } from "./segment.ts";
import { placeData } from "./segment-arrives.ts";
import { seqDiff } from "./seq.ts";
import type { TcpSock } from "./sock.ts";
import { setState } from "./state.ts";
import { ATO_MIN, DELACK_MAX, DELACK_MIN, resetDelackTimer, TIME_WAIT_LENGTH } from "./timer.ts";
import { growWindow, windowToOffer } from "./window.ts";

/** linux: include/net/tcp.h, TCP_MAX_QUICKACKS */
const MAX_QUICKACKS = 16;

/** The text of a segment and its FIN (linux: net/ipv4/tcp_input.c, tcp_data_queue). */
export function queueData(sock: TcpSock, skb: Skb, seg: Segment): void {
  const place = placeData(sock, seg);
  if (place === "none") return;
  const { ns } = sock;
  if (sock.state === "CLOSE-WAIT" || sock.state === "CLOSING" || sock.state === "LAST-ACK") {
    // "This should not occur, since a FIN has been received from the remote side."
    if (place === "old") repeated(sock, seg);
    return drop(ns, skb, "TCP_OLD_DATA");
  }
  switch (place) {
    case "old":
      // Our ACK was lost, or is on its way.
      repeated(sock, seg);
      return drop(ns, skb, "TCP_OLD_DATA");
    case "beyond":
      enterQuickAck(sock);
      sock.ackScheduled = true;
      return drop(ns, skb, "TCP_OVERWINDOW");
    case "closed-window":
      enterQuickAck(sock);
      sock.ackScheduled = true;
      ns.mib.TcpExtTCPZeroWindowDrop++;
      return drop(ns, skb, "TCP_ZEROWINDOW");
    case "early":
      return early(sock, seg);
    case "in-order":
      return inOrder(sock, seg);
  }
}

/** RFC 2883: say that it came twice. */
function repeated(sock: TcpSock, seg: Segment): void {
  if (sock.sackOk && seg.length) sock.duplicate = [seg.seq, seg.end];
  enterQuickAck(sock);
  sock.ackScheduled = true;
}

function early(sock: TcpSock, seg: Segment): void {
  sock.ackScheduled = true;
  const data = seg.data.subarray(seg.from, seg.from + seg.length);
  const fresh = sock.rx.keepEarly(seg.seq, data, (seg.flags & TH_FIN) !== 0);
  if (!fresh && sock.sackOk) sock.duplicate = [seg.seq, seg.end];
  if (!sock.sackOk) sock.rx.sacks = [];
  else growWindow(sock, seg.length);
}

function inOrder(sock: TcpSock, seg: Segment): void {
  const skip = seqDiff(sock.rcvNxt, seg.seq);
  if (skip > 0 && sock.sackOk) sock.duplicate = [seg.seq, sock.rcvNxt];
  const length = seg.length - skip;
  let fin = (seg.flags & TH_FIN) !== 0;
  if (length > 0) {
    // The packet ends here, so its bytes are never written again: no copy.
    sock.rx.push(seg.data.subarray(seg.from + skip, seg.from + seg.length));
    sock.bytesReceived += length;
  }
  sock.rcvNxt = seg.end;
  if (length > 0) dataArrived(sock, seg);
  if (sock.rx.early.length) {
    const gap = sock.rx.early.length;
    const before = sock.rx.length;
    const drained = sock.rx.drain(sock.rcvNxt);
    sock.rcvNxt = drained.next;
    sock.bytesReceived += sock.rx.length - before;
    fin ||= drained.fin;
    // RFC 5681 §4.2: acknowledge at once when a gap is filled.
    if (gap && sock.rx.early.length === 0) sock.ackNow = true;
  }
  if (fin) finArrived(sock);
  if (length > 0 && !sock.orphan) sock.readable.wakeAll(sock.ns.sim);
}

/** When to acknowledge depends on how data comes (linux: tcp_event_data_recv). */
function dataArrived(sock: TcpSock, seg: Segment): void {
  const { now } = sock.ns.sim;
  sock.ackScheduled = true;
  measureReceiveMss(sock, seg);
  if (sock.ato === 0) {
    // The first data: the peer's window is still small, so acknowledge quickly.
    raiseQuickAck(sock, MAX_QUICKACKS);
    sock.ato = ATO_MIN;
  } else {
    const passed = now - sock.lastReceived;
    if (passed <= ATO_MIN / 2) sock.ato = sock.ato / 2 + ATO_MIN / 2;
    else if (passed < sock.ato) sock.ato = Math.min(sock.ato / 2 + passed, sock.rtt.rto);
    // Too long a pause: the sender may have restarted from a small window.
    else if (passed > sock.rtt.rto) raiseQuickAck(sock, MAX_QUICKACKS);
  }
  sock.lastReceived = now;
  if (seg.length >= 128) growWindow(sock, seg.length);
}

/** How large the peer's segments are (linux: tcp_measure_rcv_mss). */
function measureReceiveMss(sock: TcpSock, seg: Segment): void {
  const last = sock.lastSegmentSize;
  sock.lastSegmentSize = 0;
  if (seg.length >= sock.rcvMss) {
    sock.rcvMss = Math.min(seg.length, sock.advmss);
    return;
  }
  const payload = seg.length;
  if (payload >= 536) {
    sock.lastSegmentSize = payload;
    if (payload === last) {
      sock.rcvMss = payload;
      return;
    }
  }
  if (sock.ackPushed) sock.ackPushed2 = true;
  sock.ackPushed = true;
}

function raiseQuickAck(sock: TcpSock, most: number): void {
  const wanted = Math.floor(sock.rcvWnd / (2 * sock.rcvMss)) || 2;
  sock.quick = Math.max(sock.quick, Math.min(wanted, most));
}

/** linux: tcp_enter_quickack_mode */
function enterQuickAck(sock: TcpSock): void {
  raiseQuickAck(sock, MAX_QUICKACKS);
  sock.pingpong = false;
  sock.ato = ATO_MIN;
}

/** RFC 9293 §3.10.7.4, eighth, check the FIN bit (linux: net/ipv4/tcp_input.c, tcp_fin). */
function finArrived(sock: TcpSock): void {
  const { sim } = sock.ns;
  sock.ackScheduled = true;
  sock.shutRead = true;
  sock.done = true;
  sock.rx.early = [];
  sock.rx.earlyLength = 0;
  sock.rx.sacks = [];
  switch (sock.state) {
    case "ESTABLISHED":
      setState(sock, "CLOSE-WAIT");
      // A close will follow soon and take the ACK along.
      sock.pingpong = true;
      break;
    case "FIN-WAIT-1":
      // Both have closed; our FIN is not acknowledged yet.
      setState(sock, "CLOSING");
      sendAck(sock);
      break;
    case "FIN-WAIT-2":
      sendAck(sock);
      enterTimeWait(sock, "TIME-WAIT", TIME_WAIT_LENGTH);
      return;
  }
  sock.readable.wakeAll(sim);
  sock.writable.wakeAll(sim);
}

/** Acknowledge now, later or not (linux: net/ipv4/tcp_input.c, __tcp_ack_snd_check). */
export function ackCheck(sock: TcpSock): void {
  if (!sock.ackScheduled || sock.state === "CLOSED") return;
  const unread = seqDiff(sock.rcvNxt, sock.copiedSeq);
  const twoSegments =
    seqDiff(sock.rcvNxt, sock.rcvWup) > sock.rcvMss &&
    (unread < 1 || windowToOffer(sock) >= sock.rcvWnd);
  const quick = sock.quick > 0 && !sock.pingpong;
  if (twoSegments || quick || sock.ackNow || sock.rx.early.length || sock.duplicate) sendAck(sock);
  else delayAck(sock);
}

/** RFC 1122 §4.2.3.2 (linux: net/ipv4/tcp_output.c, tcp_send_delayed_ack). */
function delayAck(sock: TcpSock): void {
  const { now } = sock.ns.sim;
  let wait = sock.ato || ATO_MIN;
  if (wait > DELACK_MIN) {
    let most = sock.pingpong || sock.ackPushed ? DELACK_MAX : 500e6;
    if (sock.rtt.srtt) most = Math.min(most, Math.max(sock.rtt.srtt, DELACK_MIN));
    wait = Math.min(wait, most);
  }
  let due = now + wait;
  if (sock.delackDue) {
    // One that is nearly due is not worth waiting for.
    if (sock.delackDue <= now + wait / 4) return sendAck(sock);
    due = Math.min(due, sock.delackDue);
  }
  resetDelackTimer(sock, due);
}

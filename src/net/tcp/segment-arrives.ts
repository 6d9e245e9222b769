import { MSEC } from "../../sim/sim.ts";
import { TH_ACK, TH_FIN, TH_RST, TH_SYN } from "../../wire/tcp.ts";
import type { DropReason } from "../drop.ts";
import type { Segment } from "./segment.ts";
import { after, before, between, seqAdd, seqDiff } from "./seq.ts";
import type { TcpSock } from "./sock.ts";
import { receiveWindow } from "./window.ts";

/**
 * What a segment leads to, decided without doing it (RFC 9293 §3.10.7). `next` lets the next step
 * look at it.
 */
export type Disposition =
  | { do: "next" }
  | { do: "drop"; reason: DropReason }
  /** Say what we expect, then drop. */
  | { do: "duplicate-ack"; reason: DropReason }
  /** The same with the limits of RFC 5961 §7. */
  | { do: "challenge"; reason: DropReason }
  /** Answer with a reset, then drop. */
  | { do: "refuse"; reason: DropReason }
  /** The peer has reset the connection. */
  | { do: "reset"; reason: DropReason }
  /** LISTEN: a request for a connection. */
  | { do: "request" }
  /** SYN-SENT: our SYN is acknowledged, theirs is there. */
  | { do: "establish" }
  /** SYN-SENT: both sides have opened. */
  | { do: "simultaneous" };

const NEXT: Disposition = { do: "next" };

function dropped(reason: DropReason): Disposition {
  return { do: "drop", reason };
}

/** RFC 9293 §3.10.7.2, LISTEN STATE (linux: net/ipv4/tcp_input.c, tcp_rcv_state_process). */
export function arrivesInListen(seg: Segment): Disposition {
  // "First, check for a RST: An incoming RST segment should be ignored."
  if (seg.flags & TH_RST) return dropped("TCP_RESET");
  // "Second, check for an ACK: Any acknowledgment is bad if it arrives on a connection still in
  // the LISTEN state. An acceptable reset segment should be formed."
  if (seg.flags & TH_ACK) return { do: "refuse", reason: "TCP_FLAGS" };
  // "Third, check for a SYN." Linux drops one that carries a FIN.
  if (seg.flags & TH_SYN) return seg.flags & TH_FIN ? dropped("TCP_FLAGS") : { do: "request" };
  // "Fourth, other data or control: This should not be reached. Drop the segment."
  return dropped("TCP_FLAGS");
}

/** RFC 9293 §3.10.7.3, SYN-SENT STATE (linux: tcp_rcv_synsent_state_process). */
export function arrivesInSynSent(sock: TcpSock, seg: Segment): Disposition {
  if (seg.flags & TH_ACK) {
    // "First, check the ACK bit: If SEG.ACK =< ISS, or SEG.ACK > SND.NXT, send a reset."
    if (!after(seg.ack, sock.sndUna) || after(seg.ack, sock.sndNxt))
      return { do: "refuse", reason: "TCP_INVALID_ACK_SEQUENCE" };
    // Linux: the echo of a timestamp that no SYN of ours carried (PAWSACTIVEREJECTED).
    const echo = sock.timestamps ? seg.timestamp?.echo : 0;
    if (echo) {
      const clock = (at: number): number => (Math.floor(at / MSEC) + sock.tsOffset) >>> 0;
      if (!between(echo, clock(sock.retransStamp), clock(sock.ns.sim.now)))
        return { do: "refuse", reason: "TCP_RFC7323_PAWS" };
    }
    // "Second, check the RST bit: If the ACK was acceptable, then signal to the user 'error:
    // connection reset', drop the segment, enter CLOSED state." Linux says ECONNREFUSED.
    if (seg.flags & TH_RST) return { do: "reset", reason: "TCP_RESET" };
    // "Fifth, if neither of the SYN or RST bits is set, then drop the segment and return."
    if (!(seg.flags & TH_SYN)) return dropped("TCP_FLAGS");
    return { do: "establish" };
  }
  if (seg.flags & TH_RST) return dropped("TCP_RESET");
  // "Otherwise, enter SYN-RECEIVED, form a SYN,ACK segment and send it."
  if (seg.flags & TH_SYN) return { do: "simultaneous" };
  return dropped("TCP_FLAGS");
}

/** RFC 7323 §5.3 R1: older than what we have seen of the peer's clock? (linux: tcp_paws_discard) */
function failsPaws(sock: TcpSock, seg: Segment): boolean {
  const stamp = seg.timestamp;
  if (!sock.timestamps || !stamp || !sock.tsRecentStamp) return false;
  if (seqDiff(sock.tsRecent, stamp.value) <= 1) return false;
  // A pure ACK that was overtaken says nothing wrong (linux: tcp_disordered_ack).
  const pure =
    seg.seq === seg.end &&
    seg.seq === sock.rcvNxt &&
    (seg.flags & TH_ACK) !== 0 &&
    seg.ack === sock.sndUna &&
    seg.window * 2 ** sock.sndWscale === sock.sndWnd;
  return !pure;
}

/**
 * RFC 9293 §3.10.7.4, steps one to four for the synchronized states, with RFC 5961's stricter
 * answers (linux: net/ipv4/tcp_input.c, tcp_validate_incoming). SYN-RECEIVED of a request has its
 * own in listen.ts.
 */
export function checkIncoming(sock: TcpSock, seg: Segment): Disposition {
  const reset = (seg.flags & TH_RST) !== 0;
  const syn = (seg.flags & TH_SYN) !== 0;
  if (failsPaws(sock, seg) && !reset)
    return { do: syn ? "challenge" : "duplicate-ack", reason: "TCP_RFC7323_PAWS" };
  // "First, check sequence number."
  const right = seqAdd(sock.rcvNxt, receiveWindow(sock));
  if (before(seg.end, sock.rcvWup) || after(seg.seq, right)) {
    if (reset)
      return resetBehindFin(sock, seg)
        ? { do: "reset", reason: "TCP_RESET" }
        : dropped("TCP_INVALID_SEQUENCE");
    return { do: syn ? "challenge" : "duplicate-ack", reason: "TCP_INVALID_SEQUENCE" };
  }
  // "Second, check the RST bit." RFC 5961 §3.2: only the exact next number, or (Linux) the end of
  // the rightmost SACK block, resets; anything else within the window is challenged.
  if (reset) {
    const sacks = sock.rx.sacks;
    const exact = seg.seq === sock.rcvNxt || resetBehindFin(sock, seg);
    const behindSack =
      sacks.length > 0 &&
      sacks.every(([, end]) => !after(end, seg.seq)) &&
      sacks.some(([, end]) => end === seg.seq);
    return exact || behindSack
      ? { do: "reset", reason: "TCP_RESET" }
      : { do: "challenge", reason: "TCP_RESET" };
  }
  // "Fourth, check the SYN bit." RFC 5961 §4.2: always a challenge ACK.
  if (syn) return { do: "challenge", reason: "TCP_INVALID_SYN" };
  // "Fifth, check the ACK field: if the ACK bit is off, drop the segment and return."
  if (!(seg.flags & TH_ACK)) return dropped("TCP_FLAGS");
  return NEXT;
}

/** Some stacks reset with the number before their FIN (linux: tcp_reset_check). */
function resetBehindFin(sock: TcpSock, seg: Segment): boolean {
  const ended =
    sock.state === "CLOSE-WAIT" || sock.state === "LAST-ACK" || sock.state === "CLOSING";
  return ended && seg.seq === seqAdd(sock.rcvNxt, -1);
}

/** Which part of a segment's data is new? (RFC 9293 §3.10.7.4, seventh; linux: tcp_data_queue) */
export type DataDisposition = "none" | "in-order" | "early" | "old" | "beyond" | "closed-window";

export function placeData(sock: TcpSock, seg: Segment): DataDisposition {
  if (seg.seq === seg.end) return "none";
  if (!after(seg.end, sock.rcvNxt)) return "old";
  const window = receiveWindow(sock);
  if (!before(seg.seq, seqAdd(sock.rcvNxt, window))) {
    // A FIN needs no window (linux: tcp_data_queue, since 6.x).
    if (seg.seq === sock.rcvNxt && seg.length === 0) return "in-order";
    return seg.seq === sock.rcvNxt ? "closed-window" : "beyond";
  }
  return after(seg.seq, sock.rcvNxt) ? "early" : "in-order";
}

import type { Errno } from "../../base/errno.ts";
import { MSEC } from "../../sim/sim.ts";
import type { Cause } from "../../sim/trace.ts";
import { IPPROTO_TCP } from "../../wire/ipv4.ts";
import { TCP_HLEN, Tcp, TH_ACK, TH_FIN, TH_PUSH, TH_RST, TH_SYN } from "../../wire/tcp.ts";
import { RouteError } from "../fib/route.ts";
import { ipQueueXmit, pathMtu } from "../ipv4/output.ts";
import { drop } from "../kernel.ts";
import { sockRoute } from "../socket/route.ts";
import { rearmTimer } from "./ack.ts";
import { maxSackBlocks, segmentOptions, synOptions, TIMESTAMP_LENGTH } from "./options.ts";
import type { TxSegment } from "./queue.ts";
import { after, before, seqAdd } from "./seq.ts";
import type { TcpSock } from "./sock.ts";
import { ATO_MIN, clearXmitTimer } from "./timer.ts";
import { selectWindow } from "./window.ts";

const EMPTY = new Uint8Array(0);

/** linux: net/ipv4/tcp_output.c, tcp_connect_init; the send variables start at ISS. */
export function initSendState(sock: TcpSock): void {
  sock.sndUna = sock.iss;
  sock.sndSml = sock.iss;
  sock.sndNxt = sock.iss;
  sock.rackEnd = sock.iss;
}

/** The value of a timestamp option: milliseconds (RFC 7323 §5.4; linux: tcp_time_stamp_ts). */
export function timestampNow(sock: { ns: TcpSock["ns"]; tsOffset: number }): number {
  return (Math.floor(sock.ns.sim.now / MSEC) + sock.tsOffset) >>> 0;
}

/** The segment size for a path MTU (linux: net/ipv4/tcp_output.c, tcp_sync_mss, tcp_mtu_to_mss). */
export function syncMss(sock: TcpSock, pmtu: number): void {
  sock.pmtu = pmtu;
  let mss = Math.min(pmtu - 40, sock.mssClamp);
  mss = Math.max(mss, 48);
  if (sock.timestamps) mss -= TIMESTAMP_LENGTH;
  // Not more than half of the largest window that the peer ever offered.
  const cutoff = sock.maxWindow > 536 ? sock.maxWindow >> 1 : sock.maxWindow;
  if (cutoff && mss > cutoff) mss = Math.max(cutoff, 68 - TCP_HLEN - TIMESTAMP_LENGTH);
  if (sock.mtuSearch) mss = Math.min(mss, sock.mtuSearch);
  sock.mss = mss;
}

/** The segment size now: the path may have changed, SACK blocks take room from data (linux: tcp_current_mss). */
export function currentMss(sock: TcpSock): number {
  const mtu = sock.path ? pathMtu(sock.ns, sock.path, sock.dst) : sock.pmtu;
  if (mtu !== sock.pmtu) syncMss(sock, mtu);
  const blocks = Math.min(sock.rx.sacks.length, maxSackBlocks(sock.timestamps));
  return blocks ? sock.mss - 4 - 8 * blocks : sock.mss;
}

/** Options of a segment that is no SYN. A SACK option acknowledges what arrived early. */
function optionsOf(sock: TcpSock): Uint8Array {
  const stamp = sock.timestamps ? { value: timestampNow(sock), echo: sock.tsRecent } : undefined;
  let blocks = sock.rx.sacks;
  if (sock.sackOk && (blocks.length || sock.duplicate)) {
    // RFC 2883: what came twice goes first.
    if (sock.duplicate) blocks = [sock.duplicate, ...blocks];
    sock.duplicate = null;
    return segmentOptions(stamp, blocks.slice(0, maxSackBlocks(sock.timestamps)));
  }
  return segmentOptions(stamp, []);
}

/** One segment on its way (linux: net/ipv4/tcp_output.c, __tcp_transmit_skb). */
function emit(
  sock: TcpSock,
  cause: Cause,
  seq: number,
  flags: number,
  options: Uint8Array,
  data: Uint8Array,
  length: number,
): Errno | null {
  const { ns } = sock;
  const header = TCP_HLEN + options.length;
  const skb = ns.kernel.newSkb(ns, header + length, cause, sock);
  const path = sockRoute(sock, sock.dst, sock.dstPort, sock.src, skb.id);
  sock.path = path instanceof RouteError ? null : path;
  // Who sends again looks for a route before there is a copy to send (linux: __tcp_retransmit_skb).
  if (path instanceof RouteError && cause === "retransmit") {
    ns.kernel.unmakeSkb(skb);
    return path.errno;
  }
  const at = skb.head;
  if (length) skb.data.set(length === data.length ? data : data.subarray(0, length), at + header);
  let window: number;
  if (flags & TH_RST) window = 0;
  else if (flags & TH_SYN) {
    window = Math.min(sock.rcvWnd, 65535);
    sock.rcvWup = sock.rcvNxt;
  } else window = selectWindow(sock);
  const ack = flags & TH_ACK ? sock.rcvNxt : 0;
  Tcp.write(skb.data, at, skb.tail, {
    srcPort: sock.srcPort,
    dstPort: sock.dstPort,
    seq,
    ack,
    flags,
    window,
    options,
    src: sock.src,
    dst: sock.dst,
  });
  if (cause !== "retransmit") ns.mib.TcpOutSegs++;
  sock.segsOut++;
  if (flags & TH_ACK) ackSent(sock, ack);
  if (path instanceof RouteError) {
    ns.mib.IpOutNoRoutes++;
    drop(ns, skb, "IP_OUTNOROUTES");
    return path.errno;
  }
  sock.ipId = (sock.ipId + 1) & 0xffff;
  return ipQueueXmit(ns, skb, path, {
    src: sock.src,
    dst: sock.dst,
    protocol: IPPROTO_TCP,
    tos: sock.tos,
    ttl: sock.ttl,
    dontFragment: ns.sysctl.number("ip_no_pmtu_disc") === 0,
    sk: sock,
    mark: sock.mark,
    priority: sock.priority,
    // The answer to a SYN has no identification (linux: ip_build_and_send_pkt).
    id: flags & TH_SYN && flags & TH_ACK ? 0 : sock.ipId,
  });
}

/** Every segment with ACK acknowledges (linux: tcp_event_ack_sent). */
function ackSent(sock: TcpSock, ack: number): void {
  sock.lastAckSent = ack;
  if (sock.quick > 0) {
    sock.quick--;
    if (sock.quick === 0) sock.ato = ATO_MIN;
  }
  sock.ackScheduled = false;
  sock.ackNow = false;
  sock.ackPushed = false;
  sock.ackPushed2 = false;
  sock.delackDue = 0;
}

/** Send, or send again, a segment of the queue. */
export function transmitSegment(sock: TcpSock, segment: TxSegment, cause: Cause): Errno | null {
  const { now } = sock.ns.sim;
  segment.sentAt = now;
  segment.sent++;
  if (segment.flags & TH_SYN) {
    // Of ours (active open); or of a simultaneous open, then with ACK.
    const answer = (segment.flags & TH_ACK) !== 0;
    const options = synOptions({
      mss: sock.advmss,
      ...(sock.sackOk ? { sackPermitted: true } : {}),
      ...(sock.timestamps
        ? { timestamp: { value: timestampNow(sock), echo: answer ? sock.tsRecent : 0 } }
        : {}),
      ...(sock.scaling ? { windowScale: sock.rcvWscale } : {}),
    });
    return emit(sock, cause, segment.seq, segment.flags, options, EMPTY, 0);
  }
  if (segment.length) {
    // A reply within the delayed ACK time: the conversation goes to and fro (tcp_event_data_sent).
    if (now - sock.lastReceived < sock.ato) sock.pingpong = true;
    sock.lastSent = now;
  }
  return emit(
    sock,
    cause,
    segment.seq,
    segment.flags | TH_ACK,
    optionsOf(sock),
    segment.data,
    segment.length,
  );
}

/** A segment with nothing but an acknowledgement (linux: tcp_send_ack). */
export function sendAck(sock: TcpSock): void {
  if (sock.state === "CLOSED") return;
  emit(sock, "socket", sock.sndNxt, TH_ACK, optionsOf(sock), EMPTY, 0);
}

/** An old sequence number makes the peer answer (linux: tcp_xmit_probe_skb). */
export function sendProbe(sock: TcpSock, urgent = false): void {
  const seq = seqAdd(sock.sndUna, urgent ? 0 : -1);
  emit(sock, "socket", seq, TH_ACK, optionsOf(sock), EMPTY, 0);
}

/** We give the connection up (linux: tcp_send_active_reset). */
export function sendActiveReset(sock: TcpSock): void {
  sock.ns.mib.TcpOutRsts++;
  emit(sock, "reset", sock.sndNxt, TH_RST | TH_ACK, optionsOf(sock), EMPTY, 0);
}

/** RFC 5961 §7: at most some per second (linux: tcp_send_challenge_ack). */
export function sendChallengeAck(sock: TcpSock): void {
  const { now } = sock.ns.sim;
  if (now - sock.challengeTime >= 1e9) {
    sock.challengeTime = now;
    sock.challengeCount = 0;
  }
  if (++sock.challengeCount > 100) return;
  sock.ns.mib.TcpExtTCPChallengeACK++;
  sendAck(sock);
}

/** The end of the window (RFC 9293 §3.8.6): nothing at or behind it may be sent. */
export function windowEnd(sock: TcpSock): number {
  return seqAdd(sock.sndUna, sock.sndWnd);
}

/** May this segment go now? (RFC 896 with Minshall's change; linux: tcp_nagle_test) */
function nagleAllows(sock: TcpSock, segment: TxSegment, mss: number, push: boolean): boolean {
  if (push || segment.flags & TH_FIN || segment.length >= mss) return true;
  if (sock.cork) return false;
  if (sock.noDelay) return true;
  const smallOut = after(sock.sndSml, sock.sndUna) && !after(sock.sndSml, sock.sndNxt);
  return !(sock.rtxQueue.length && smallOut);
}

/**
 * Send what window, congestion window and Nagle allow (linux: tcp_write_xmit). True when nothing is
 * in flight although something waits: the window is closed, the caller arms the probe timer.
 */
export function writeXmit(sock: TcpSock, push = false, most = Number.POSITIVE_INFINITY): boolean {
  if (sock.writeQueue.length === 0) return false;
  const mss = currentMss(sock);
  const quiet = sock.rtxQueue.length === 0;
  let sent = 0;
  for (let segment = sock.writeQueue[0]; segment; segment = sock.writeQueue[0]) {
    if (sock.inFlight >= sock.cwnd) {
      sock.cwndLimited = true;
      break;
    }
    if (segment.length > mss) sock.writeQueue.splice(1, 0, segment.split(mss, TH_FIN | TH_PUSH));
    // All of it has to fit; what a small window takes is for the probe timer (tcp_snd_wnd_test).
    if (after(segment.end, windowEnd(sock))) break;
    if (!nagleAllows(sock, segment, mss, push || sock.writeQueue.length > 1)) break;
    sock.writeQueue.shift();
    sock.rtxQueue.push(segment);
    sock.sndNxt = segment.end;
    if (segment.length < mss) sock.sndSml = segment.end;
    transmitSegment(sock, segment, "socket");
    if (sock.recovery === "Recovery") sock.prrOut++;
    if (++sent >= most) break;
  }
  if (sent) {
    // tcp_event_new_data_sent: the timer starts with the first segment outstanding.
    if (quiet || sock.xmitKind === "loss-probe" || sock.xmitKind === "none") rearmTimer(sock);
    sock.cwndLimited ||= sock.inFlight >= sock.cwnd;
    return false;
  }
  return sock.rtxQueue.length === 0 && sock.writeQueue.length > 0;
}

/** Nothing is outstanding any more. */
export function purgeWriteQueue(sock: TcpSock): void {
  sock.writeQueue = [];
  sock.rtxQueue = [];
  sock.sackedOut = 0;
  sock.lostOut = 0;
  sock.retransOut = 0;
  clearXmitTimer(sock);
}

/** Is anything written that was never sent? */
export function hasUnsent(sock: TcpSock): boolean {
  return before(sock.sndNxt, sock.writeSeq);
}

import { TH_ACK, TH_SYN } from "../../wire/tcp.ts";
import { RouteError } from "../fib/route.ts";
import { pathMtu } from "../ipv4/output.ts";
import type { Skb } from "../skb.ts";
import { sockRoute } from "../socket/route.ts";
import { tcpAck } from "./ack.ts";
import { processSegment } from "./input.ts";
import type { RequestSock } from "./listen.ts";
import { TIMESTAMP_LENGTH } from "./options.ts";
import { initSendState, sendAck, syncMss, transmitSegment } from "./output.ts";
import { TxSegment } from "./queue.ts";
import type { Segment } from "./segment.ts";
import { expandSendBuffer, pushPending } from "./send.ts";
import { seqAdd } from "./seq.ts";
import { TcpSock } from "./sock.ts";
import { setState } from "./state.ts";
import {
  ATO_MIN,
  DELACK_MAX,
  resetDelackTimer,
  resetKeepaliveTimer,
  resetXmitTimer,
} from "./timer.ts";
import { initBufferSpace } from "./window.ts";

/** linux: net/ipv4/tcp_input.c, tcp_initialize_rcv_mss */
function initReceiveMss(sock: TcpSock): void {
  const hint = Math.min(sock.advmss, sock.mss, sock.rcvWnd >> 1, 536);
  sock.rcvMss = Math.max(hint, 88);
}

/** linux: net/ipv4/tcp_input.c, tcp_init_transfer */
function initTransfer(sock: TcpSock): void {
  const { ns } = sock;
  sock.cwnd = 10;
  if (sock.retransmits > 1) sock.cwnd = 1;
  sock.retransStamp = 0;
  sock.congestionName ||= ns.sysctl.text("tcp_congestion_control");
  initBufferSpace(sock);
  expandSendBuffer(sock);
  sock.lastSent = ns.sim.now;
  if (sock.keepAlive) resetKeepaliveTimer(sock, sock.keepIdleTime);
}

/** What the peer's SYN says (RFC 7323, RFC 2018): a feature is on when both have offered it. */
function takeOptions(sock: TcpSock, seg: Segment): void {
  const { options } = seg;
  sock.timestamps &&= options.timestamp !== undefined;
  sock.sackOk &&= options.sackPermitted === true;
  if (options.windowScale === undefined || !sock.scaling) {
    sock.scaling = false;
    sock.sndWscale = 0;
    sock.rcvWscale = 0;
    sock.windowClamp = Math.min(sock.windowClamp, 65535);
  } else sock.sndWscale = options.windowScale;
  if (sock.timestamps && options.timestamp) {
    sock.tsRecent = options.timestamp.value;
    sock.tsRecentStamp = sock.ns.sim.now || 1;
  }
  sock.mssClamp = Math.min(options.mss ?? 536, sock.userMss || 65535);
}

/** SYN-SENT: a SYN-ACK that fits (linux: tcp_rcv_synsent_state_process, tcp_finish_connect). */
export function synAckArrived(sock: TcpSock, seg: Segment): void {
  const { ns } = sock;
  takeOptions(sock, seg);
  sock.sndWl1 = seg.seq;
  tcpAck(sock, seg);
  sock.irs = seg.seq;
  sock.rcvNxt = seqAdd(seg.seq, 1);
  sock.rcvWup = sock.rcvNxt;
  // The window of a SYN-ACK is never scaled.
  sock.sndWnd = seg.window;
  sock.maxWindow = seg.window;
  sock.copiedSeq = sock.rcvNxt;
  if (sock.timestamps) sock.advmss -= TIMESTAMP_LENGTH;
  syncMss(sock, sock.pmtu);
  initReceiveMss(sock);
  setState(sock, "ESTABLISHED");
  initTransfer(sock);
  sock.writable.wakeAll(ns.sim);
  sock.readable.wakeAll(ns.sim);
  if (sock.writeQueue.length) {
    // Data is waiting to be sent: the ACK goes along.
    sock.ackScheduled = true;
    sock.quick = Math.max(sock.quick, 2);
    sock.ato = ATO_MIN;
    resetDelackTimer(sock, ns.sim.now + DELACK_MAX);
    pushPending(sock);
  } else sendAck(sock);
}

/** SYN-SENT: a SYN without ACK, both have opened (RFC 9293 §3.5, figure 7). */
export function simultaneousOpen(sock: TcpSock, seg: Segment): void {
  takeOptions(sock, seg);
  sock.rcvNxt = seqAdd(seg.seq, 1);
  sock.copiedSeq = sock.rcvNxt;
  sock.rcvWup = sock.rcvNxt;
  sock.irs = seg.seq;
  sock.sndWnd = seg.window;
  sock.sndWl1 = seg.seq;
  sock.maxWindow = seg.window;
  if (sock.timestamps) sock.advmss -= TIMESTAMP_LENGTH;
  syncMss(sock, sock.pmtu);
  initReceiveMss(sock);
  setState(sock, "SYN-RECEIVED");
  // The SYN is sent again, now with an ACK.
  const first = sock.rtxQueue[0];
  if (first) first.flags |= TH_ACK;
  const answer = first ?? new TxSegment(sock.iss, TH_SYN | TH_ACK, new Uint8Array(0));
  transmitSegment(sock, answer, "socket");
  resetXmitTimer(sock, "retransmit", sock.rtt.rto);
}

/** SYN-RECEIVED: our SYN is acknowledged (linux: tcp_rcv_state_process, case TCP_SYN_RECV). */
export function handshakeDone(sock: TcpSock, seg: Segment): void {
  const { ns } = sock;
  setState(sock, "ESTABLISHED");
  sock.copiedSeq = sock.rcvNxt;
  sock.sndUna = seg.ack;
  sock.sndWnd = seg.window * 2 ** sock.sndWscale;
  sock.maxWindow = Math.max(sock.maxWindow, sock.sndWnd);
  sock.sndWl1 = seg.seq;
  syncMss(sock, sock.pmtu);
  initTransfer(sock);
  sock.writable.wakeAll(ns.sim);
  sock.readable.wakeAll(ns.sim);
}

/**
 * The handshake of a request is complete: a socket takes its place and its number in the story
 * (linux: net/ipv4/tcp_minisocks.c, tcp_create_openreq_child; tcp_ipv4.c, tcp_v4_syn_recv_sock).
 */
export function connectionAccepted(request: RequestSock, skb: Skb, seg: Segment): void {
  const { ns, listener } = request;
  request.leave();
  // linux: net/ipv4/tcp_minisocks.c, tcp_create_openreq_child
  ns.mib.TcpPassiveOpens++;
  const sock = new TcpSock(ns, { ...listener.owner, pid: 0, command: "" });
  ns.trace.catalogue.sockets.delete(sock.id);
  sock.id = request.id;
  ns.trace.catalogue.sockets.set(sock.id, sock);
  sock.state = "SYN-RECEIVED";
  sock.listener = listener;
  sock.src = request.src;
  sock.srcPort = request.srcPort;
  sock.dst = request.dst;
  sock.dstPort = request.dstPort;
  sock.mark = request.mark;
  inherit(sock, listener);
  sock.iss = request.iss;
  sock.ipId = ns.sim.rng(`tcp-isn/${ns.id}`).u32() & 0xffff;
  initSendState(sock);
  sock.sndUna = sock.sndNxt = sock.writeSeq = sock.pushedSeq = seqAdd(request.iss, 1);
  sock.sndSml = sock.rackEnd = sock.sndNxt;
  sock.irs = request.irs;
  sock.rcvNxt = sock.rcvWup = sock.copiedSeq = seqAdd(request.irs, 1);
  sock.rcvWnd = request.rcvWnd;
  sock.rcvSsthresh = request.rcvWnd;
  sock.windowClamp = request.windowClamp;
  sock.rcvWscale = request.rcvWscale;
  sock.sndWscale = request.sndWscale;
  sock.scaling = request.scaling;
  sock.timestamps = request.timestamps;
  sock.sackOk = request.sackOk;
  sock.tsOffset = request.tsOffset;
  sock.tsRecent = request.tsRecent;
  sock.tsRecentStamp = ns.sim.now || 1;
  sock.advmss = request.advmss - (request.timestamps ? TIMESTAMP_LENGTH : 0);
  sock.mssClamp = request.mss;
  sock.sndWl1 = seg.seq;
  sock.sndWnd = seg.window * 2 ** sock.sndWscale;
  sock.maxWindow = sock.sndWnd;
  const route = sockRoute(sock, sock.dst, sock.dstPort);
  syncMss(sock, route instanceof RouteError ? 1500 : pathMtu(ns, route, sock.dst));
  initReceiveMss(sock);
  // The SYN-ACK gives the first round trip time, unless it was sent twice (Karn).
  if (request.retransmits === 0) sock.rtt.sample(sock, ns.sim.now - request.sentAt);
  ns.sockets.tcp.connect(sock);
  ns.sockets.tcp.hold(sock);
  handshakeDone(sock, seg);
  listener.accepted.push(sock);
  listener.readable.wakeAll(ns.sim);
  processSegment(sock, skb, seg);
}

/** What an accepted socket has of its listener (linux: sk_clone_lock). */
function inherit(sock: TcpSock, listener: TcpSock): void {
  sock.transparent = listener.transparent;
  sock.freebind = listener.freebind;
  sock.boundDevice = listener.boundDevice;
  sock.reuseAddr = listener.reuseAddr;
  sock.reusePort = listener.reusePort;
  sock.boundAddress = listener.boundAddress;
  sock.ttl = listener.ttl;
  sock.tos = listener.tos;
  sock.priority = listener.priority;
  sock.noDelay = listener.noDelay;
  sock.keepAlive = listener.keepAlive;
  sock.keepIdle = listener.keepIdle;
  sock.keepInterval = listener.keepInterval;
  sock.keepCount = listener.keepCount;
  sock.userMss = listener.userMss;
  sock.congestionName = listener.congestionName;
  sock.rcvbuf = listener.rcvbuf;
}

import { type Errno, SysError } from "../../base/errno.ts";
import type { Timer, Wakeable } from "../../sim/sim.ts";
import { IPPROTO_TCP } from "../../wire/ipv4.ts";
import type { RouteResult } from "../fib/route.ts";
import type { NetNs } from "../netns.ts";
import type { Skb } from "../skb.ts";
import { checkBindAddress, choosePort } from "../socket/port.ts";
import { Sock, type SockOwner } from "../socket/sock.ts";
import { installTransport } from "../transport.ts";
import { tcpClose, tcpDisconnect, tcpShutdown } from "./close.ts";
import { CongestionState } from "./congestion.ts";
import { tcpConnect } from "./connect.ts";
import { socketIcmpError, socketReceive, tcpIcmpError, tcpRcv } from "./input.ts";
import type { RequestSock } from "./listen.ts";
import { ReceiveQueue, type TxSegment } from "./queue.ts";
import { tcpRecv } from "./receive.ts";
import { RttEstimator } from "./rtt.ts";
import { tcpSend } from "./send.ts";
import { type HasState, maySend, setState, type TcpState } from "./state.ts";
import { timerFired } from "./timeout.ts";
import { resetKeepaliveTimer, type XmitTimer } from "./timer.ts";

/** How recovery stands (linux: enum tcp_ca_state). */
export type RecoveryState = "Open" | "Disorder" | "Recovery" | "Loss";

/**
 * A TCP socket (linux: struct tcp_sock). Calls are synchronous: what would block says so, and
 * `readable` or `writable` is woken when it may go on.
 */
export class TcpSock extends Sock implements HasState, Wakeable {
  static {
    installTransport(IPPROTO_TCP, { receive: tcpRcv, error: tcpIcmpError });
  }

  readonly protocol = IPPROTO_TCP;
  state: TcpState = "CLOSED";
  /** The program has closed it: nobody is there to read (sock_orphan). */
  orphan = false;
  shutRead = false;
  shutWrite = false;
  /** The end of the stream was reached, or the connection is over (SOCK_DONE). */
  done = false;
  /** An error that is only told if nothing else goes wrong (sk_err_soft). */
  softError: Errno | null = null;

  // Listening.
  backlog = 0;
  accepted: TcpSock[] = [];
  requests = new Set<RequestSock>();
  listener: TcpSock | null = null;

  // Sending, by the names of RFC 9293 §3.3.1.
  iss = 0;
  sndUna = 0;
  sndNxt = 0;
  /** The sequence number behind the last byte written. */
  writeSeq = 0;
  sndWnd = 0;
  sndWl1 = 0;
  sndWscale = 0;
  maxWindow = 0;
  /** The end of the last small segment sent (Minshall's Nagle). */
  sndSml = 0;
  pushedSeq = 0;
  sndbuf = 87_040;
  /** Not sent yet, and sent but not acknowledged. */
  writeQueue: TxSegment[] = [];
  rtxQueue: TxSegment[] = [];
  noDelay = false;
  cork = false;
  ipId = 0;

  // Receiving.
  irs = 0;
  rcvNxt = 0;
  rcvWup = 0;
  rcvWnd = 0;
  rcvWscale = 0;
  copiedSeq = 0;
  rcvbuf = 131_072;
  windowClamp = 0;
  rcvSsthresh = 0;
  rcvSpace = 0;
  rcvSpaceSeq = 0;
  rcvSpaceTime = 0;
  rx = new ReceiveQueue();
  duplicate: [number, number] | null = null;

  // Segment sizes.
  advmss = 536;
  mssClamp = 536;
  mss = 536;
  pmtu = 0;
  /** By which the last segment went (sk_dst_cache): what its device takes may change. */
  path: RouteResult | null = null;
  /** A path swallows what is large, and nobody says so: segments of so much data at most; 0: not so. */
  mtuSearch = 0;
  /** TCP_MAXSEG */
  userMss = 0;

  // Options.
  timestamps = false;
  sackOk = false;
  scaling = false;
  tsOffset = 0;
  tsRecent = 0;
  tsRecentStamp = 0;
  lastAckSent = 0;

  // Acknowledging (struct inet_connection_sock, icsk_ack).
  ackScheduled = false;
  ackNow = false;
  ackPushed = false;
  ackPushed2 = false;
  quick = 0;
  ato = 0;
  pingpong = false;
  lastReceived = 0;
  rcvMss = 536;
  lastSegmentSize = 0;

  // Timers.
  xmitKind: XmitTimer = "none";
  xmitDue = 0;
  xmitTimer: Timer | null = null;
  /** When a delayed ACK is due; 0: none is. */
  delackDue = 0;
  delackTimer: Timer | null = null;
  keepaliveTimer: Timer | null = null;
  retransmits = 0;
  backoff = 0;
  probesOut = 0;
  /** When the first retransmission of this episode left. */
  retransStamp = 0;
  rtt = new RttEstimator();
  lastSent = 0;
  challengeTime = 0;
  challengeCount = 0;

  // Congestion and loss recovery.
  cwnd = 10;
  ssthresh = 0x7fffffff;
  congestion = new CongestionState();
  /** TCP_CONGESTION; empty: the namespace's default. */
  congestionName = "";
  recovery: RecoveryState = "Open";
  highSeq = 0;
  sackedOut = 0;
  lostOut = 0;
  retransOut = 0;
  dupAcks = 0;
  priorCwnd = 0;
  prrDelivered = 0;
  prrOut = 0;
  cwndLimited = false;
  tlpHighSeq = 0;
  tlpRetrans = false;
  rackStamp = 0;
  rackEnd = 0;
  rackRtt = 0;
  totalRetrans = 0;
  bytesAcked = 0;
  bytesReceived = 0;
  segsOut = 0;
  segsIn = 0;

  // SO_KEEPALIVE; times in seconds, 0: as the namespace says.
  keepAlive = false;
  keepIdle = 0;
  keepInterval = 0;
  keepCount = 0;
  /** When the peer was last heard of. */
  keepSeen = 0;
  /** SO_LINGER with time 0: closing is a reset. */
  lingerReset = false;

  constructor(ns: NetNs, owner?: SockOwner) {
    super(ns);
    if (owner) this.owner = owner;
    this.ttl = ns.sysctl.number("ip_default_ttl");
    const [, rmem = 131_072] = ns.sysctl.numbers("tcp_rmem");
    this.rcvbuf = rmem;
    ns.sockets.all.add(this);
  }

  /** bind(2). Port 0 takes a free one. */
  bind(address: number, port: number): void {
    if (this.state !== "CLOSED" || this.srcPort !== 0) throw new SysError("EINVAL");
    checkBindAddress(this, address, port);
    const { tcp } = this.ns.sockets;
    this.srcPort = choosePort(this, tcp, address, port, isListening);
    this.src = address;
    this.boundAddress = address !== 0;
    tcp.hold(this);
  }

  /** listen(2) (linux: net/ipv4/inet_connection_sock.c, inet_csk_listen_start). */
  listen(backlog: number): void {
    const most = Number(this.ns.sysctl.values.get("net/core/somaxconn") ?? 4096);
    const limit = Math.min(backlog < 0 ? most : backlog, most);
    if (this.state === "LISTEN") {
      this.backlog = limit;
      return;
    }
    if (this.state !== "CLOSED" || this.dst !== 0) throw new SysError("EINVAL");
    const { tcp } = this.ns.sockets;
    if (this.srcPort === 0) {
      this.srcPort = choosePort(this, tcp, this.src, 0, isListening);
      tcp.hold(this);
    }
    // Two that share by SO_REUSEADDR may not both listen.
    const others = tcp.bound.get(this.srcPort) ?? [];
    for (const other of others) {
      if (this.reusePort && other.reusePort) continue;
      const device =
        !this.boundDevice || !other.boundDevice || this.boundDevice === other.boundDevice;
      if (device && (other.src === 0 || this.src === 0 || other.src === this.src))
        throw new SysError("EADDRINUSE");
    }
    this.backlog = limit;
    setState(this, "LISTEN");
    tcp.bind(this);
  }

  /** accept(2); null: wait for `readable`. */
  accept(): TcpSock | null {
    if (this.state !== "LISTEN") throw new SysError("EINVAL");
    const child = this.accepted.shift() ?? null;
    if (child) child.owner = { ...this.owner };
    return child;
  }

  /** Starts to connect. `writable` is woken when it has ended well or badly (`takeError`). */
  connect(address: number, port: number): void {
    tcpConnect(this, address, port);
  }

  /** recv(2): up to `max` bytes; throws ECONNRESET, ETIMEDOUT … */
  recv(max: number): Uint8Array | "EAGAIN" | "EOF" {
    return tcpRecv(this, max);
  }

  /** How many bytes `recv` would give at once (FIONREAD). */
  get available(): number {
    return this.rx.length;
  }

  /** Would `recv` (of a listener: `accept`) give anything, an end or an error included? (EPOLLIN) */
  get isReadable(): boolean {
    if (this.state === "LISTEN") return this.accepted.length > 0;
    return this.rx.length > 0 || this.shutRead || this.done || this.error !== null;
  }

  /** Would `send` take anything, or fail? (EPOLLOUT) */
  get isWritable(): boolean {
    if (this.error !== null || this.shutWrite) return true;
    return maySend(this.state) && this.unacknowledged < this.sndbuf;
  }

  /** Has the handshake ended well? */
  get isConnected(): boolean {
    return this.state !== "CLOSED" && this.state !== "LISTEN" && !this.isConnecting;
  }

  get isConnecting(): boolean {
    return this.state === "SYN-SENT" || this.state === "SYN-RECEIVED";
  }

  /** Bytes written that the peer has not acknowledged. */
  get unacknowledged(): number {
    return (this.writeSeq - this.sndUna) | 0;
  }

  /** send(2): how many bytes were taken; 0: wait for `writable`. Throws EPIPE, ECONNRESET … */
  send(data: Uint8Array): number {
    return tcpSend(this, data);
  }

  shutdown(how: "read" | "write" | "both"): void {
    tcpShutdown(this, how);
  }

  override close(): void {
    tcpClose(this);
  }

  /** Reset the connection at once. */
  abort(): void {
    if (this.closed) return;
    tcpDisconnect(this);
    tcpClose(this);
  }

  setNoDelay(on: boolean): void {
    this.noDelay = on;
  }

  /** SO_KEEPALIVE with its times in seconds. */
  setKeepAlive(on: boolean, idle = 0, interval = 0, count = 0): void {
    this.keepAlive = on;
    this.keepIdle = idle;
    this.keepInterval = interval;
    this.keepCount = count;
    if (on && this.isConnected) resetKeepaliveTimer(this, this.keepIdleTime);
    else if (!on) this.keepaliveTimer?.cancel();
  }

  get keepIdleTime(): number {
    return (this.keepIdle || this.ns.sysctl.number("tcp_keepalive_time")) * 1e9;
  }

  override receive(skb: Skb): void {
    socketReceive(this, skb);
  }

  override icmpError(type: number, code: number, info: number): void {
    socketIcmpError(this, type, code, info);
  }

  wake(reason: string, _arg: unknown): void {
    timerFired(this, reason);
  }

  /** Segments that are in the network, as far as we know (tcp_packets_in_flight). */
  get inFlight(): number {
    return this.rtxQueue.length - this.sackedOut - this.lostOut + this.retransOut;
  }
}

export function isListening(sock: Sock): boolean {
  return sock instanceof TcpSock && sock.state === "LISTEN";
}

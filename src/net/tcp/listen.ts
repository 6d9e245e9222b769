import { SEC, type Timer, type Wakeable } from "../../sim/sim.ts";
import { IPPROTO_TCP } from "../../wire/ipv4.ts";
import { TH_ACK, TH_FIN, TH_RST, TH_SYN } from "../../wire/tcp.ts";
import { ipRouteOutput } from "../fib/output.ts";
import { flow, RouteError } from "../fib/route.ts";
import { drop } from "../kernel.ts";
import type { Skb } from "../skb.ts";
import { Sock } from "../socket/sock.ts";
import { advertisedMss, initialSequence, timestampOffset } from "./connect.ts";
import { connectionAccepted } from "./establish.ts";
import { segmentOptions, synOptions, TIMESTAMP_LENGTH } from "./options.ts";
import { timestampNow } from "./output.ts";
import { sendControl, sendResetFor } from "./reply.ts";
import { type Segment, segmentOf } from "./segment.ts";
import { after, before, seqAdd, seqDiff } from "./seq.ts";
import type { TcpSock } from "./sock.ts";
import { type HasState, setState, type TcpState } from "./state.ts";
import { fullSpace, selectInitialWindow } from "./window.ts";

/** A half-open connection: a SYN was answered (linux: struct tcp_request_sock). */
export class RequestSock extends Sock implements HasState, Wakeable {
  readonly protocol = IPPROTO_TCP;
  state: TcpState = "LISTEN";
  listener: TcpSock;
  irs: number;
  iss: number;
  /** The peer's MSS, and ours. */
  mss: number;
  advmss = 536;
  timestamps: boolean;
  sackOk: boolean;
  scaling: boolean;
  sndWscale: number;
  rcvWscale = 0;
  rcvWnd = 0;
  windowClamp = 0;
  tsRecent: number;
  tsOffset: number;
  retransmits = 0;
  timeout = SEC;
  timer: Timer | null = null;
  /** When the SYN-ACK left, for the first round trip time. */
  sentAt = 0;
  /** The last ACK came but nobody accepts: it is not asked again (inet_rsk(req)->acked). */
  acked = false;
  due = 0;

  constructor(listener: TcpSock, skb: Skb, seg: Segment, iss: number) {
    super(listener.ns);
    const { ns } = listener;
    const { options } = seg;
    this.listener = listener;
    this.src = seg.dst;
    this.srcPort = seg.dstPort;
    this.dst = seg.src;
    this.dstPort = seg.srcPort;
    this.mark = !listener.mark && ns.sysctl.number("tcp_fwmark_accept") ? skb.mark : listener.mark;
    this.transparent = listener.transparent;
    this.freebind = listener.freebind;
    this.boundDevice = listener.boundDevice;
    this.reuseAddr = listener.reuseAddr;
    this.reusePort = listener.reusePort;
    this.tos = listener.tos;
    this.owner = { ...listener.owner, pid: 0, command: "" };
    this.irs = seg.seq;
    this.iss = iss;
    this.mss = Math.min(options.mss ?? 536, listener.userMss || 65535);
    this.timestamps = options.timestamp !== undefined && ns.sysctl.number("tcp_timestamps") !== 0;
    this.sackOk = options.sackPermitted === true && ns.sysctl.number("tcp_sack") !== 0;
    this.scaling =
      options.windowScale !== undefined && ns.sysctl.number("tcp_window_scaling") !== 0;
    this.sndWscale = this.scaling ? (options.windowScale ?? 0) : 0;
    this.tsRecent = options.timestamp?.value ?? 0;
    this.tsOffset = timestampOffset(ns, this.src, this.dst);
  }

  /** Into the table of half-open connections; sends the SYN-ACK. False when there is no way back. */
  begin(skb: Skb): boolean {
    const { ns } = this;
    const key = flow({
      src: this.src,
      dst: this.dst,
      oif: this.boundDevice?.ifindex ?? 0,
      mark: this.mark,
      tos: this.tos & 0x1c,
      protocol: IPPROTO_TCP,
      srcPort: this.srcPort,
      dstPort: this.dstPort,
      uid: this.owner.uid,
      anySrc: this.transparent || this.freebind,
    });
    const route = ipRouteOutput(ns, key);
    if (route instanceof RouteError) return false;
    this.advmss = advertisedMss(ns, route, this.dst, this.listener.userMss);
    const mss = this.advmss - (this.timestamps ? TIMESTAMP_LENGTH : 0);
    const [, , rmemMax = 6_291_456] = ns.sysctl.numbers("tcp_rmem");
    const chosen = selectInitialWindow(fullSpace(this.listener), mss, this.scaling, rmemMax);
    this.rcvWnd = chosen.window;
    this.rcvWscale = chosen.scale;
    this.windowClamp = chosen.clamp;
    const { tcp, all } = ns.sockets;
    tcp.connect(this);
    all.add(this);
    this.listener.requests.add(this);
    setState(this, "SYN-RECEIVED");
    this.sendSynAck(skb.id);
    this.arm();
    return true;
  }

  arm(): void {
    this.timer?.cancel();
    this.timer = this.ns.sim.after(this.timeout, this, "syn-ack");
    this.due = this.timer.at;
  }

  /** linux: net/ipv4/tcp_output.c, tcp_make_synack */
  sendSynAck(parent: number): void {
    const { ns } = this;
    this.sentAt ||= ns.sim.now;
    const options = synOptions({
      mss: this.advmss,
      ...(this.sackOk ? { sackPermitted: true } : {}),
      ...(this.timestamps ? { timestamp: { value: timestampNow(this), echo: this.tsRecent } } : {}),
      ...(this.scaling ? { windowScale: this.rcvWscale } : {}),
    });
    sendControl(ns, {
      sock: this,
      parent,
      cause: this.retransmits ? "retransmit" : "socket",
      src: this.src,
      srcPort: this.srcPort,
      dst: this.dst,
      dstPort: this.dstPort,
      seq: this.iss,
      ack: seqAdd(this.irs, 1),
      flags: TH_SYN | TH_ACK,
      window: Math.min(this.rcvWnd, 65535),
      options,
      mark: this.mark,
      tos: this.tos,
    });
  }

  /** No answer to the SYN-ACK (linux: net/ipv4/inet_connection_sock.c, reqsk_timer_handler). */
  wake(): void {
    if (this.closed) return;
    this.retransmits++;
    if (this.retransmits > this.ns.sysctl.number("tcp_synack_retries")) return this.close();
    this.timeout = Math.min(2 * this.timeout, 120 * SEC);
    if (!this.acked) {
      this.ns.mib.TcpRetransSegs++;
      this.ns.mib.TcpExtTCPSynRetrans++;
      this.sendSynAck(0);
    }
    this.arm();
  }

  override close(): void {
    if (this.closed) return;
    this.leave();
    setState(this, "CLOSED");
  }

  /** Out of the tables: it failed, or a socket takes its place. */
  leave(): void {
    this.closed = true;
    this.timer?.cancel();
    const { tcp, all } = this.ns.sockets;
    tcp.disconnect(this);
    all.delete(this);
    this.listener.requests.delete(this);
  }

  override receive(skb: Skb): void {
    const seg = segmentOf(skb);
    if (seg) this.arrives(skb, seg);
  }

  override icmpError(_type: number, code: number): void {
    // linux: net/ipv4/tcp_ipv4.c, tcp_req_err: only what says that nobody is there.
    if (code !== 4) this.close();
  }

  /** RFC 9293 §3.10.7.4 for SYN-RECEIVED (linux: net/ipv4/tcp_minisocks.c, tcp_check_req). */
  arrives(skb: Skb, seg: Segment): void {
    const { ns } = this;
    const stamp = this.timestamps ? seg.timestamp : undefined;
    const paws =
      stamp !== undefined && seqDiff(this.tsRecent, stamp.value) > 0 && !(seg.flags & TH_RST);
    const control = seg.flags & (TH_RST | TH_SYN | TH_ACK);
    // A retransmitted SYN: answer again.
    if (seg.seq === this.irs && control === TH_SYN && !paws) {
      this.sendSynAck(skb.id);
      return drop(ns, skb, "TCP_OLD_DATA");
    }
    const next = seqAdd(this.irs, 1);
    if (seg.flags & TH_ACK && seg.ack !== seqAdd(this.iss, 1)) {
      // "If SEG.ACK is not acceptable, form a reset segment."
      sendResetFor(ns, skb, seg, this);
      return drop(ns, skb, "TCP_INVALID_ACK_SEQUENCE");
    }
    const outside = before(seg.end, next) || after(seg.seq, seqAdd(next, this.rcvWnd));
    if (paws || outside) {
      if (!(seg.flags & TH_RST)) this.sendAck();
      return drop(ns, skb, paws ? "TCP_RFC7323_PAWS" : "TCP_INVALID_SEQUENCE");
    }
    if (stamp && !after(seg.seq, next)) this.tsRecent = stamp.value;
    if (seg.flags & (TH_RST | TH_SYN)) {
      // "If this connection was initiated with a passive OPEN, then return to LISTEN state."
      if (seg.flags & TH_SYN) sendResetFor(ns, skb, seg, this);
      ns.mib.TcpAttemptFails++;
      if (seg.flags & TH_SYN || seg.seq === next) {
        ns.mib.TcpExtEmbryonicRsts++;
        this.close();
      }
      return drop(ns, skb, "TCP_RESET");
    }
    if (!(seg.flags & TH_ACK)) return drop(ns, skb, "TCP_FLAGS");
    const { listener } = this;
    if (listener.accepted.length > listener.backlog) {
      this.acked = true;
      ns.mib.TcpExtListenOverflows++;
      ns.mib.TcpExtListenDrops++;
      return drop(ns, skb, "TCP_LISTEN_OVERFLOW");
    }
    connectionAccepted(this, skb, seg);
  }

  /** linux: net/ipv4/tcp_ipv4.c, tcp_v4_reqsk_send_ack */
  sendAck(): void {
    const stamp = this.timestamps ? { value: timestampNow(this), echo: this.tsRecent } : undefined;
    sendControl(this.ns, {
      sock: this,
      parent: 0,
      cause: "socket",
      src: this.src,
      srcPort: this.srcPort,
      dst: this.dst,
      dstPort: this.dstPort,
      seq: seqAdd(this.iss, 1),
      ack: seqAdd(this.irs, 1),
      flags: TH_ACK,
      window: Math.min(this.rcvWnd >>> this.rcvWscale, 65535),
      options: segmentOptions(stamp, []),
      mark: this.mark,
      tos: this.tos,
    });
  }
}

/**
 * A SYN for a listener (linux: net/ipv4/tcp_input.c, tcp_conn_request). `iss` is given when a
 * TIME-WAIT of the same pair made way: numbers beyond its own.
 */
export function connectionRequest(listener: TcpSock, skb: Skb, seg: Segment, iss?: number): void {
  const { ns } = listener;
  const type = skb.route?.type;
  if (type === "broadcast" || type === "multicast") return drop(ns, skb, "IP_INVALID_DEST");
  const most = Math.max(listener.backlog, 8);
  const full = listener.accepted.length > listener.backlog;
  if (full || (listener.requests.size >= most && !ns.sysctl.number("tcp_syncookies"))) {
    ns.mib[full ? "TcpExtListenOverflows" : "TcpExtTCPReqQFullDrop"]++;
    ns.mib.TcpExtListenDrops++;
    return drop(ns, skb, "TCP_LISTEN_OVERFLOW");
  }
  if (seg.flags & TH_FIN) return drop(ns, skb, "TCP_FLAGS");
  const request = new RequestSock(listener, skb, seg, iss ?? initialSequence(ns));
  if (!request.begin(skb)) {
    ns.trace.catalogue.sockets.delete(request.id);
    return drop(ns, skb, "IP_OUTNOROUTES");
  }
}

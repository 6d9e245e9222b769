import { SEC, type Timer, type Wakeable } from "../../sim/sim.ts";
import { IPPROTO_TCP } from "../../wire/ipv4.ts";
import { TH_ACK, TH_FIN, TH_RST, TH_SYN } from "../../wire/tcp.ts";
import { drop } from "../kernel.ts";
import type { Skb } from "../skb.ts";
import { Sock } from "../socket/sock.ts";
import { segmentOptions } from "./options.ts";
import { timestampNow } from "./output.ts";
import { sendControl, sendResetFor } from "./reply.ts";
import { type Segment, segmentOf } from "./segment.ts";
import { after, before, seqDiff } from "./seq.ts";
import type { TcpSock } from "./sock.ts";
import { type HasState, setState, type TcpState } from "./state.ts";
import { TIME_WAIT_LENGTH } from "./timer.ts";
import { receiveWindow } from "./window.ts";

export type TimeWaitVerdict = "done" | "syn";

/** What is left of a connection after both FINs (linux: struct tcp_timewait_sock). */
export class TimeWaitSock extends Sock implements HasState, Wakeable {
  readonly protocol = IPPROTO_TCP;
  /** FIN-WAIT-2 of a closed socket also lives here, until the peer's FIN or the timeout. */
  state: TcpState;
  sndNxt: number;
  rcvNxt: number;
  rcvWnd: number;
  rcvWscale: number;
  timestamps: boolean;
  tsOffset: number;
  tsRecent: number;
  tsRecentStamp: number;
  timer: Timer | null = null;
  length: number;
  /** When it ends: `ss -o`. */
  due = 0;

  constructor(sock: TcpSock, state: "TIME-WAIT" | "FIN-WAIT-2", length: number) {
    super(sock.ns);
    this.ns.trace.catalogue.sockets.delete(this.id);
    this.id = sock.id;
    this.ns.trace.catalogue.sockets.set(this.id, this);
    this.src = sock.src;
    this.srcPort = sock.srcPort;
    this.dst = sock.dst;
    this.dstPort = sock.dstPort;
    this.mark = sock.mark;
    this.transparent = sock.transparent;
    this.freebind = sock.freebind;
    this.boundDevice = sock.boundDevice;
    this.reuseAddr = sock.reuseAddr;
    this.reusePort = sock.reusePort;
    this.tos = sock.tos;
    this.owner = { ...sock.owner, pid: 0, command: "" };
    this.state = state;
    this.sndNxt = sock.sndNxt;
    this.rcvNxt = sock.rcvNxt;
    this.rcvWnd = receiveWindow(sock);
    this.rcvWscale = sock.rcvWscale;
    this.timestamps = sock.timestamps;
    this.tsOffset = sock.tsOffset;
    this.tsRecent = sock.tsRecent;
    this.tsRecentStamp = sock.tsRecentStamp;
    this.length = length;
  }

  install(): void {
    const { tcp, all } = this.ns.sockets;
    tcp.connect(this);
    tcp.hold(this);
    all.add(this);
    this.restart(this.length);
  }

  restart(length: number): void {
    this.timer?.cancel();
    this.timer = this.ns.sim.after(length, this, "time-wait");
    this.due = this.timer.at;
  }

  wake(): void {
    this.close();
  }

  override close(): void {
    if (this.closed) return;
    this.closed = true;
    this.timer?.cancel();
    const { tcp, all } = this.ns.sockets;
    tcp.disconnect(this);
    tcp.release(this);
    all.delete(this);
    setState(this, "CLOSED");
  }

  /** net.ipv4.tcp_tw_reuse: 1 always, 2 on loopback only; and only when timestamps tell old from new. */
  mayBeReused(): boolean {
    const { sim, sysctl } = this.ns;
    const how = sysctl.number("tcp_tw_reuse");
    const loopback = this.src >>> 24 === 127 || this.dst >>> 24 === 127;
    if (how === 0 || (how === 2 && !loopback)) return false;
    return this.timestamps && sim.now - this.tsRecentStamp > SEC;
  }

  override icmpError(): void {}

  /** A segment that was assigned to it by others than `tcpRcv`. */
  override receive(skb: Skb): void {
    const segment = segmentOf(skb);
    if (segment) this.arrives(skb, segment);
  }

  /**
   * RFC 9293 §3.10.7.4 for TIME-WAIT, with what Linux makes of it (linux:
   * net/ipv4/tcp_minisocks.c, tcp_timewait_state_process). "syn": a new connection may begin.
   */
  arrives(skb: Skb, seg: Segment): TimeWaitVerdict {
    const { ns } = this;
    let paws = false;
    if (this.timestamps && seg.timestamp && this.tsRecentStamp)
      paws = !(seg.flags & TH_RST) && before(seg.timestamp.value, this.tsRecent);
    if (this.state === "FIN-WAIT-2") return this.finWait2(skb, seg, paws);
    const pure = seg.length === 0 && (seg.flags & (TH_SYN | TH_FIN)) === 0;
    if (!paws && seg.seq === this.rcvNxt && (pure || seg.flags & TH_RST)) {
      // RFC 1337: a reset would end TIME-WAIT too early; Linux lets it (tcp_rfc1337 is 0).
      if (seg.flags & TH_RST) this.close();
      else this.restart(TIME_WAIT_LENGTH);
      drop(ns, skb, "TCP_CLOSE");
      return "done";
    }
    const newer =
      after(seg.seq, this.rcvNxt) ||
      (this.timestamps && seg.timestamp !== undefined && after(seg.timestamp.value, this.tsRecent));
    // A new incarnation whose numbers are beyond the old ones is welcome (RFC 1122 §4.2.2.13).
    if (seg.flags & TH_SYN && !(seg.flags & (TH_RST | TH_ACK)) && !paws && newer) return "syn";
    if (!(seg.flags & TH_RST)) {
      if (seg.flags & TH_ACK || paws) this.restart(TIME_WAIT_LENGTH);
      this.sendAck();
    }
    drop(ns, skb, paws ? "TCP_RFC7323_PAWS" : "TCP_CLOSE");
    return "done";
  }

  finWait2(skb: Skb, seg: Segment, paws: boolean): TimeWaitVerdict {
    const { ns } = this;
    const end = seqDiff(seg.end, this.rcvNxt);
    const outside = end < 0 || seqDiff(seg.seq, this.rcvNxt) > this.rcvWnd;
    if (paws || outside) {
      if (!(seg.flags & TH_RST)) this.sendAck();
      drop(ns, skb, paws ? "TCP_RFC7323_PAWS" : "TCP_INVALID_SEQUENCE");
      return "done";
    }
    if (seg.flags & TH_RST) {
      this.close();
      drop(ns, skb, "TCP_RESET");
      return "done";
    }
    const beyond = after(seg.end, this.rcvNxt);
    if (
      seg.flags & TH_SYN ||
      (beyond && (!(seg.flags & TH_FIN) || seg.end !== (this.rcvNxt + 1) >>> 0))
    ) {
      // Data that nobody will read.
      sendResetFor(ns, skb, seg, this);
      this.close();
      drop(ns, skb, "TCP_CLOSE");
      return "done";
    }
    if (!(seg.flags & TH_FIN) || !beyond) {
      drop(ns, skb, "TCP_OLD_DATA");
      return "done";
    }
    setState(this, "TIME-WAIT");
    this.rcvNxt = seg.end;
    if (seg.timestamp) {
      this.tsRecent = seg.timestamp.value;
      this.tsRecentStamp = ns.sim.now;
    }
    this.restart(TIME_WAIT_LENGTH);
    this.sendAck();
    drop(ns, skb, "TCP_CLOSE");
    return "done";
  }

  /** linux: net/ipv4/tcp_ipv4.c, tcp_v4_timewait_ack */
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
      seq: this.sndNxt,
      ack: this.rcvNxt,
      flags: TH_ACK,
      window: Math.min(this.rcvWnd >>> this.rcvWscale, 65535),
      options: segmentOptions(stamp, []),
      mark: this.mark,
      tos: this.tos,
    });
  }
}

import { SysError } from "../../base/errno.ts";
import { TH_FIN, TH_PUSH } from "../../wire/tcp.ts";
import { currentMss, hasUnsent, writeXmit } from "./output.ts";
import { TxSegment } from "./queue.ts";
import { after, seqAdd, seqDiff } from "./seq.ts";
import type { TcpSock } from "./sock.ts";
import { maySend } from "./state.ts";
import { RTO_MAX, resetXmitTimer } from "./timer.ts";

const EMPTY = new Uint8Array(0);

/** linux: net/ipv4/tcp.c, tcp_sendmsg_locked */
export function tcpSend(sock: TcpSock, data: Uint8Array): number {
  if (sock.error) throw new SysError(sock.takeError() ?? "EPIPE");
  if (sock.shutWrite) throw new SysError("EPIPE");
  if (sock.isConnecting) return 0;
  if (!maySend(sock.state)) throw new SysError("EPIPE");
  const room = sock.sndbuf - sock.unacknowledged;
  if (room <= 0) return 0;
  const mss = currentMss(sock);
  const length = Math.min(data.length, Math.max(room, Math.min(mss, data.length)));
  let at = 0;
  while (at < length) {
    const last = sock.writeQueue[sock.writeQueue.length - 1];
    let tail = last;
    let taken = tail ? tail.append(data.subarray(0, length), at, mss) : 0;
    if (!tail || taken === 0) {
      taken = Math.min(mss, length - at);
      tail = new TxSegment(sock.writeSeq, 0, data.slice(at, at + taken));
      sock.writeQueue.push(tail);
    } else tail.flags &= ~TH_PUSH;
    at += taken;
    sock.writeSeq = seqAdd(sock.writeSeq, taken);
    if (tail.length < mss || at === length) continue;
    if (forcedPush(sock)) {
      markPush(sock, tail);
      pushPending(sock, true);
    } else if (tail === sock.writeQueue[0]) writeXmit(sock, true, 1);
  }
  const tail = sock.writeQueue[sock.writeQueue.length - 1];
  if (tail) {
    if (!sock.cork || forcedPush(sock)) markPush(sock, tail);
    pushPending(sock, sock.noDelay);
  }
  return length;
}

/** Half of the peer's window was written since the last PSH (linux: forced_push). */
function forcedPush(sock: TcpSock): boolean {
  return after(sock.writeSeq, seqAdd(sock.pushedSeq, sock.maxWindow >> 1));
}

function markPush(sock: TcpSock, segment: TxSegment): void {
  segment.flags |= TH_PUSH;
  sock.pushedSeq = sock.writeSeq;
}

/** Send what may go; a closed window is probed (linux: __tcp_push_pending_frames). */
export function pushPending(sock: TcpSock, push = false): void {
  if (sock.state === "CLOSED") return;
  if (writeXmit(sock, push)) checkProbeTimer(sock);
}

/** linux: include/net/tcp.h, tcp_check_probe_timer */
export function checkProbeTimer(sock: TcpSock): void {
  if (sock.rtxQueue.length || sock.xmitKind !== "none" || !hasUnsent(sock)) return;
  resetXmitTimer(sock, "probe", Math.min(sock.rtt.rto * 2 ** sock.backoff, RTO_MAX));
}

/** FIN rides on the last data when that has not left yet (linux: tcp_send_fin). */
export function sendFin(sock: TcpSock): void {
  const tail = sock.writeQueue[sock.writeQueue.length - 1];
  if (tail) tail.flags |= TH_FIN;
  else sock.writeQueue.push(new TxSegment(sock.writeSeq, TH_FIN, EMPTY));
  sock.writeSeq = seqAdd(sock.writeSeq, 1);
  pushPending(sock, true);
}

/** There is room in the send buffer again: wake writers (linux: sk_stream_write_space). */
export function wakeWriters(sock: TcpSock): void {
  const queued = seqDiff(sock.writeSeq, sock.sndUna);
  if (sock.sndbuf - queued >= queued >> 1) sock.writable.wakeAll(sock.ns.sim);
}

/** The buffer follows the congestion window (linux: tcp_sndbuf_expand, tcp_should_expand_sndbuf). */
export function expandSendBuffer(sock: TcpSock): void {
  const wanted = 2 * Math.max(sock.cwnd, 10) * (sock.mss + 320);
  if (wanted <= sock.sndbuf) return;
  const [, , most = 4_194_304] = sock.ns.sysctl.numbers("tcp_wmem");
  sock.sndbuf = Math.max(sock.sndbuf, Math.min(wanted, most));
}

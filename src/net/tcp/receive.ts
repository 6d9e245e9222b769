import { SysError } from "../../base/errno.ts";
import { sendAck } from "./output.ts";
import { seqAdd, seqDiff } from "./seq.ts";
import type { TcpSock } from "./sock.ts";
import { adjustReceiveSpace, receiveWindow, windowToOffer } from "./window.ts";

/** linux: net/ipv4/tcp.c, tcp_recvmsg_locked */
export function tcpRecv(sock: TcpSock, max: number): Uint8Array | "EAGAIN" | "EOF" {
  if (sock.state === "LISTEN") throw new SysError("ENOTCONN");
  if (sock.rx.length > 0) {
    const data = sock.rx.take(max);
    sock.copiedSeq = seqAdd(sock.copiedSeq, data.length);
    adjustReceiveSpace(sock);
    cleanupRbuf(sock, data.length);
    return data;
  }
  if (sock.error) throw new SysError(sock.takeError() ?? "ECONNRESET");
  if (sock.done || sock.shutRead) return "EOF";
  if (sock.state === "CLOSED") throw new SysError("ENOTCONN");
  return "EAGAIN";
}

/** The program has read: is it time to acknowledge? (linux: net/ipv4/tcp.c, __tcp_cleanup_rbuf) */
function cleanupRbuf(sock: TcpSock, copied: number): void {
  if (sock.state === "CLOSED") return;
  let now = false;
  if (sock.ackScheduled) {
    const drained = copied > 0 && sock.rx.length === 0 && sock.rx.earlyLength === 0;
    now =
      seqDiff(sock.rcvNxt, sock.rcvWup) > sock.rcvMss ||
      (drained && (sock.ackPushed2 || (sock.ackPushed && !sock.pingpong)));
  }
  if (copied > 0 && !now && !sock.shutRead) {
    // The window has opened "significantly": the peer may be waiting for that.
    const offered = receiveWindow(sock);
    if (2 * offered <= sock.windowClamp) {
      const next = windowToOffer(sock);
      if (next && next >= 2 * offered) now = true;
    }
  }
  if (now) sendAck(sock);
}

import { type Errno, SysError } from "../../base/errno.ts";
import { purgeWriteQueue, sendActiveReset } from "./output.ts";
import { sendFin } from "./send.ts";
import type { TcpSock } from "./sock.ts";
import { setState, type TcpState } from "./state.ts";
import { TimeWaitSock } from "./time-wait.ts";
import { clearTimers, resetKeepaliveTimer, TIME_WAIT_LENGTH } from "./timer.ts";

/** What our side's FIN makes of a state (RFC 9293 §3.10.4; linux: net/ipv4/tcp.c, new_state). */
const AFTER_CLOSE: Partial<Record<TcpState, TcpState>> = {
  "SYN-RECEIVED": "FIN-WAIT-1",
  ESTABLISHED: "FIN-WAIT-1",
  "CLOSE-WAIT": "LAST-ACK",
};

/** linux: net/ipv4/tcp.c, tcp_shutdown, inet_shutdown */
export function tcpShutdown(sock: TcpSock, how: "read" | "write" | "both"): void {
  if (sock.state === "CLOSED") throw new SysError("ENOTCONN");
  if (sock.state === "LISTEN") {
    if (how !== "write") stopListening(sock);
    return;
  }
  if (sock.state === "SYN-SENT") {
    connectionOver(sock, null);
    return;
  }
  if (how !== "write") sock.shutRead = true;
  if (how !== "read") shutdownWrite(sock);
  sock.readable.wakeAll(sock.ns.sim);
  sock.writable.wakeAll(sock.ns.sim);
}

function shutdownWrite(sock: TcpSock): void {
  if (sock.shutWrite) return;
  sock.shutWrite = true;
  const next = AFTER_CLOSE[sock.state];
  if (!next) return;
  setState(sock, next);
  sendFin(sock);
}

/** The program lets go of the socket (linux: net/ipv4/tcp.c, __tcp_close). */
export function tcpClose(sock: TcpSock): void {
  if (sock.closed) return;
  sock.closed = true;
  sock.orphan = true;
  sock.owner = { ...sock.owner, pid: 0, command: "" };
  sock.shutRead = true;
  const wake = (): void => {
    sock.readable.wakeAll(sock.ns.sim);
    sock.writable.wakeAll(sock.ns.sim);
  };
  if (sock.state === "LISTEN") {
    stopListening(sock);
    return wake();
  }
  const unread = sock.rx.length > 0;
  sock.rx.clear();
  if (sock.state === "CLOSED" || sock.state === "SYN-SENT") {
    connectionOver(sock, null);
    return wake();
  }
  if (unread && sock.state !== "TIME-WAIT") {
    // RFC 2525 §2.17: data that nobody will read; the peer has to know.
    sock.ns.mib.TcpExtTCPAbortOnClose++;
    sendActiveReset(sock);
    connectionOver(sock, null);
    return wake();
  }
  if (sock.lingerReset) {
    tcpDisconnect(sock);
    return wake();
  }
  shutdownWrite(sock);
  if (sock.state === "FIN-WAIT-2") orphanFinWait2(sock);
  wake();
}

/** Nobody waits in FIN-WAIT-2 for ever: a TIME-WAIT stands in for it (tcp_fin_timeout). */
export function orphanFinWait2(sock: TcpSock): void {
  const timeout = sock.ns.sysctl.number("tcp_fin_timeout") * 1e9;
  if (timeout > TIME_WAIT_LENGTH) resetKeepaliveTimer(sock, timeout - TIME_WAIT_LENGTH);
  else enterTimeWait(sock, "FIN-WAIT-2", timeout);
}

/** Reset the connection (linux: net/ipv4/tcp.c, tcp_disconnect). */
export function tcpDisconnect(sock: TcpSock): void {
  if (sock.state === "LISTEN") return stopListening(sock);
  if (sock.state !== "CLOSED" && sock.state !== "SYN-SENT") sendActiveReset(sock);
  if (sock.state === "SYN-SENT" && !sock.orphan) sock.error = "ECONNRESET";
  connectionOver(sock, null);
}

/** linux: net/ipv4/inet_connection_sock.c, inet_csk_listen_stop */
function stopListening(sock: TcpSock): void {
  const { tcp, all } = sock.ns.sockets;
  tcp.unbind(sock);
  tcp.release(sock);
  setState(sock, "CLOSED");
  for (const request of [...sock.requests]) request.close();
  for (const child of sock.accepted.splice(0)) child.abort();
  all.delete(sock);
}

/** The connection is over for good; `error` is what the program is told (linux: tcp_done). */
export function connectionOver(sock: TcpSock, error: Errno | null): void {
  const { sockets, sim } = sock.ns;
  const { state } = sock;
  if (state === "ESTABLISHED" || state === "CLOSE-WAIT") sock.ns.mib.TcpEstabResets++;
  else if (error && (state === "SYN-SENT" || state === "SYN-RECEIVED"))
    sock.ns.mib.TcpAttemptFails++;
  if (error) sock.error = error;
  clearTimers(sock);
  purgeWriteQueue(sock);
  if (sock.srcPort !== 0) {
    sockets.tcp.disconnect(sock);
    sockets.tcp.release(sock);
  }
  sockets.all.delete(sock);
  setState(sock, "CLOSED");
  sock.shutRead = true;
  sock.shutWrite = true;
  sock.done = true;
  // Whoever accepted it from the queue never will.
  const queue = sock.listener?.accepted;
  const at = queue?.indexOf(sock) ?? -1;
  if (sock.orphan && queue && at >= 0) queue.splice(at, 1);
  sock.readable.wakeAll(sim);
  sock.writable.wakeAll(sim);
}

/** A small object keeps the pair of addresses busy (linux: net/ipv4/tcp_minisocks.c, tcp_time_wait). */
export function enterTimeWait(
  sock: TcpSock,
  substate: "TIME-WAIT" | "FIN-WAIT-2",
  time: number,
): void {
  const stand = new TimeWaitSock(sock, substate, time);
  const { sockets, sim } = sock.ns;
  clearTimers(sock);
  purgeWriteQueue(sock);
  if (substate === "TIME-WAIT") setState(sock, "TIME-WAIT");
  sockets.tcp.disconnect(sock);
  sockets.tcp.release(sock);
  sockets.all.delete(sock);
  stand.install();
  // The program may still read what came, and then the end.
  sock.state = "CLOSED";
  sock.shutRead = true;
  sock.shutWrite = true;
  sock.done = true;
  sock.readable.wakeAll(sim);
  sock.writable.wakeAll(sim);
}

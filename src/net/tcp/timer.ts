import { MSEC, SEC } from "../../sim/sim.ts";
import type { TcpSock } from "./sock.ts";

/** linux: include/net/tcp.h */
export const RTO_MIN = 200 * MSEC;
export const RTO_MAX = 120 * SEC;
export const RTO_INITIAL = 1 * SEC;
export const ATO_MIN = 40 * MSEC;
export const DELACK_MIN = 40 * MSEC;
export const DELACK_MAX = 200 * MSEC;
export const TIME_WAIT_LENGTH = 60 * SEC;
/** One jiffy at HZ 250: no timer of Linux's is finer than two of them. */
export const TIMEOUT_MIN = 8 * MSEC;

/** What the one transmit timer of a socket is for (linux: icsk_pending). */
export type XmitTimer = "none" | "retransmit" | "probe" | "loss-probe" | "reorder";

/**
 * Arm the transmit timer. A later deadline does not move the event in the queue: it fires, sees
 * that it is early, and goes back to sleep (as the kernel's own timer handlers do).
 */
export function resetXmitTimer(sock: TcpSock, what: XmitTimer, delay: number): void {
  sock.xmitKind = what;
  sock.xmitDue = sock.ns.sim.now + Math.min(delay, RTO_MAX);
  if (sock.xmitTimer && sock.xmitTimer.at <= sock.xmitDue) return;
  sock.xmitTimer?.cancel();
  sock.xmitTimer = sock.ns.sim.at(sock.xmitDue, sock, "xmit");
}

export function clearXmitTimer(sock: TcpSock): void {
  sock.xmitKind = "none";
  sock.xmitTimer?.cancel();
  sock.xmitTimer = null;
}

/** The same for delayed ACKs; sending an ACK only clears the deadline. */
export function resetDelackTimer(sock: TcpSock, due: number): void {
  sock.delackDue = due;
  if (sock.delackTimer && sock.delackTimer.at <= due) return;
  sock.delackTimer?.cancel();
  sock.delackTimer = sock.ns.sim.at(due, sock, "delack");
}

export function resetKeepaliveTimer(sock: TcpSock, delay: number): void {
  sock.keepaliveTimer?.cancel();
  sock.keepaliveTimer = sock.ns.sim.after(delay, sock, "keepalive");
}

export function clearTimers(sock: TcpSock): void {
  clearXmitTimer(sock);
  sock.delackTimer?.cancel();
  sock.delackTimer = null;
  sock.keepaliveTimer?.cancel();
  sock.keepaliveTimer = null;
}

import { seqDiff } from "./seq.ts";
import type { TcpSock } from "./sock.ts";

const U16_MAX = 65535;
/** linux: include/net/tcp.h, TCP_MAX_WSCALE */
const MAX_WSCALE = 14;
/** net.core.rmem_max: what window scaling has to be able to express. */
const RMEM_MAX = 212_992;

/** Half of a buffer is for the bookkeeping of packets (linux: tcp_adv_win_scale 1). */
export function windowFromSpace(space: number): number {
  return space >> 1;
}

/** How much of the receive buffer can be a window at all (tcp_full_space). */
export function fullSpace(sock: TcpSock): number {
  return windowFromSpace(sock.rcvbuf);
}

/** What of it is free (tcp_space). */
export function freeSpace(sock: TcpSock): number {
  return fullSpace(sock) - sock.rx.length - sock.rx.earlyLength;
}

/** The window of a SYN or SYN-ACK (linux: net/ipv4/tcp_output.c, tcp_select_initial_window). */
export function selectInitialWindow(
  space: number,
  mss: number,
  scaling: boolean,
  rmemMax: number,
): { window: number; scale: number; clamp: number } {
  let free = space;
  if (free > mss) free -= free % mss;
  const window = Math.min(free, U16_MAX);
  let scale = 0;
  if (scaling) {
    const most = Math.min(Math.max(free, rmemMax, RMEM_MAX), U16_MAX * 2 ** MAX_WSCALE);
    scale = Math.min(Math.max(31 - Math.clz32(most) - 15, 0), MAX_WSCALE);
  }
  return { window, scale, clamp: Math.min(U16_MAX * 2 ** scale, U16_MAX * 2 ** MAX_WSCALE) };
}

/** What of the offered window the peer has not used yet (tcp_receive_window). */
export function receiveWindow(sock: TcpSock): number {
  return Math.max(0, seqDiff(sock.rcvWup, sock.rcvNxt) + sock.rcvWnd);
}

/** The window that we could offer now (linux: net/ipv4/tcp_output.c, __tcp_select_window). */
export function windowToOffer(sock: TcpSock): number {
  let mss = sock.rcvMss;
  const allowed = fullSpace(sock);
  const full = Math.min(sock.windowClamp, allowed);
  let free = freeSpace(sock);
  if (mss > full) mss = full;
  if (mss <= 0) return 0;
  const unit = 1 << sock.rcvWscale;
  if (free < full >> 1) {
    sock.quick = 0;
    free -= free % unit;
    // Silly window avoidance: nothing rather than a little (RFC 9293 §3.8.6.2.2).
    if (free < allowed >> 4 || free < mss) return 0;
  }
  if (free > sock.rcvSsthresh) free = sock.rcvSsthresh;
  if (sock.rcvWscale) return Math.ceil(free / unit) * unit;
  const window = sock.rcvWnd;
  if (window <= free - mss || window > free) return free - (free % mss);
  if (mss === full && free > window + (full >> 1)) return free;
  return window;
}

/** The window field of the next segment; remembers what was offered (linux: tcp_select_window). */
export function selectWindow(sock: TcpSock): number {
  const current = receiveWindow(sock);
  let next = windowToOffer(sock);
  if (next < current) {
    // Never shrink what was offered (RFC 9293 §3.8.6).
    const unit = 1 << sock.rcvWscale;
    next = Math.ceil(current / unit) * unit;
  }
  sock.rcvWnd = next;
  sock.rcvWup = sock.rcvNxt;
  return Math.min(next, U16_MAX * 2 ** sock.rcvWscale) >>> sock.rcvWscale;
}

/** linux: net/ipv4/tcp_input.c, tcp_init_buffer_space: once, when the connection is made. */
export function initBufferSpace(sock: TcpSock): void {
  const most = fullSpace(sock);
  if (sock.windowClamp >= most) sock.windowClamp = most;
  // Room for one segment is kept back.
  if (sock.windowClamp > 2 * sock.advmss && sock.windowClamp + sock.advmss > most)
    sock.windowClamp = Math.max(2 * sock.advmss, most - sock.advmss);
  sock.rcvSsthresh = Math.min(sock.rcvSsthresh, sock.windowClamp);
  sock.rcvSpace = Math.min(sock.rcvWnd, 10 * sock.advmss);
  sock.rcvSpaceSeq = sock.copiedSeq;
  sock.rcvSpaceTime = sock.ns.sim.now;
}

/** A large segment came: the window may open further (linux: net/ipv4/tcp_input.c, tcp_grow_window). */
export function growWindow(sock: TcpSock, length: number): void {
  const room = Math.min(sock.windowClamp, freeSpace(sock)) - sock.rcvSsthresh;
  if (room <= 0) return;
  sock.rcvSsthresh += Math.min(room, Math.max(2 * sock.advmss, 2 * length));
  sock.quick |= 1;
}

/** The reader keeps up: give the peer more room (linux: net/ipv4/tcp_input.c, tcp_rcv_space_adjust). */
export function adjustReceiveSpace(sock: TcpSock): void {
  const { now } = sock.ns.sim;
  const rtt = sock.rtt.srtt;
  if (rtt === 0 || now - sock.rcvSpaceTime < rtt) return;
  const copied = seqDiff(sock.copiedSeq, sock.rcvSpaceSeq);
  if (copied > sock.rcvSpace) {
    let window = 2 * copied + 16 * sock.advmss;
    window += Math.floor((window * (copied - sock.rcvSpace)) / sock.rcvSpace);
    const [, , limit = 6_291_456] = sock.ns.sysctl.numbers("tcp_rmem");
    const rcvbuf = Math.min(2 * window, limit);
    if (rcvbuf > sock.rcvbuf) {
      sock.rcvbuf = rcvbuf;
      sock.windowClamp = windowFromSpace(rcvbuf);
    }
    sock.rcvSpace = copied;
  }
  sock.rcvSpaceSeq = sock.copiedSeq;
  sock.rcvSpaceTime = now;
}

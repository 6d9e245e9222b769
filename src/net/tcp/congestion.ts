import { SEC } from "../../sim/sim.ts";
import type { TcpSock } from "./sock.ts";

/** What the congestion window does (RFC 5681, RFC 9438); a registry by name. */
export interface CongestionControl {
  name: string;
  /** The slow start threshold after a loss. */
  ssthresh(sock: TcpSock): number;
  /** `acked` segments were acknowledged while the window was in use. */
  avoid(sock: TcpSock, acked: number): void;
}

/** Numbers that an algorithm keeps with the socket. */
export class CongestionState {
  /** Segments acknowledged towards the next step of the window (snd_cwnd_cnt). */
  count = 0;
  lastMax = 0;
  epochStart = 0;
  originPoint = 0;
  k = 0;
  tcpCwnd = 0;
}

/** linux: net/ipv4/tcp_cong.c, tcp_slow_start; what is left of `acked` beyond the threshold. */
function slowStart(sock: TcpSock, acked: number): number {
  const cwnd = Math.min(sock.cwnd + acked, sock.ssthresh);
  const left = acked - (cwnd - sock.cwnd);
  sock.cwnd = cwnd;
  return left;
}

/** linux: net/ipv4/tcp_cong.c, tcp_cong_avoid_ai: one segment more per `every` acknowledged. */
function additiveIncrease(sock: TcpSock, every: number, acked: number): void {
  const state = sock.congestion;
  if (state.count >= every) {
    state.count = 0;
    sock.cwnd++;
  }
  state.count += acked;
  if (state.count >= every) {
    const steps = Math.floor(state.count / every);
    state.count -= steps * every;
    sock.cwnd += steps;
  }
}

const reno: CongestionControl = {
  name: "reno",
  ssthresh: (sock) => Math.max(sock.cwnd >> 1, 2),
  avoid(sock, acked) {
    let left = acked;
    if (sock.cwnd < sock.ssthresh) {
      left = slowStart(sock, acked);
      if (!left) return;
    }
    additiveIncrease(sock, sock.cwnd, left);
  },
};

/** RFC 9438 §4: C and beta_cubic. */
const C = 0.4;
const BETA = 0.7;

const cubic: CongestionControl = {
  name: "cubic",
  ssthresh(sock) {
    const state = sock.congestion;
    state.epochStart = 0;
    // Fast convergence (RFC 9438 §4.7).
    state.lastMax = sock.cwnd < state.lastMax ? (sock.cwnd * (1 + BETA)) / 2 : sock.cwnd;
    return Math.max(Math.floor(sock.cwnd * BETA), 2);
  },
  avoid(sock, acked) {
    let left = acked;
    if (sock.cwnd < sock.ssthresh) {
      left = slowStart(sock, acked);
      if (!left) return;
    }
    const state = sock.congestion;
    const { now } = sock.ns.sim;
    if (state.epochStart === 0) {
      state.epochStart = now;
      state.count = 0;
      state.tcpCwnd = sock.cwnd;
      state.k = Math.cbrt(Math.max(state.lastMax - sock.cwnd, 0) / C);
      state.originPoint = Math.max(state.lastMax, sock.cwnd);
    }
    const t = (now + sock.rtt.minRtt - state.epochStart) / SEC;
    const target = state.originPoint + C * (t - state.k) ** 3;
    let every = target > sock.cwnd ? sock.cwnd / (target - sock.cwnd) : 100 * sock.cwnd;
    // The window that Reno would have (RFC 9438 §4.3).
    state.tcpCwnd += (left * 3 * (1 - BETA)) / (1 + BETA) / sock.cwnd;
    if (state.tcpCwnd > sock.cwnd) every = Math.min(every, sock.cwnd / (state.tcpCwnd - sock.cwnd));
    additiveIncrease(sock, Math.max(Math.floor(every), 2), left);
  },
};

/** Names of net.ipv4.tcp_available_congestion_control. */
export const congestionControls: ReadonlyMap<string, CongestionControl> = new Map([
  [reno.name, reno],
  [cubic.name, cubic],
]);

export function congestionControl(name: string): CongestionControl {
  return congestionControls.get(name) ?? reno;
}

import { Ev } from "../../sim/trace.ts";
import type { NetNs } from "../netns.ts";

/** RFC 9293 §3.3.2, as it spells them. The trace holds indices into this list. */
export const TCP_STATES = [
  "CLOSED",
  "LISTEN",
  "SYN-SENT",
  "SYN-RECEIVED",
  "ESTABLISHED",
  "FIN-WAIT-1",
  "FIN-WAIT-2",
  "CLOSE-WAIT",
  "CLOSING",
  "LAST-ACK",
  "TIME-WAIT",
] as const;

export type TcpState = (typeof TCP_STATES)[number];

/**
 * RFC 9293 figure 5. Every state may also go to CLOSED: abort, reset, timeout. Linux adds
 * SYN-RECEIVED -> CLOSE-WAIT, for a FIN that comes with the handshake's last ACK (the RFC passes
 * through ESTABLISHED at once, and so do we), and FIN-WAIT-1 -> TIME-WAIT likewise.
 */
export const TRANSITIONS = {
  CLOSED: ["LISTEN", "SYN-SENT", "SYN-RECEIVED"],
  LISTEN: ["CLOSED", "SYN-RECEIVED", "SYN-SENT"],
  "SYN-SENT": ["CLOSED", "SYN-RECEIVED", "ESTABLISHED"],
  "SYN-RECEIVED": ["CLOSED", "ESTABLISHED", "FIN-WAIT-1", "CLOSE-WAIT"],
  ESTABLISHED: ["CLOSED", "FIN-WAIT-1", "CLOSE-WAIT"],
  "FIN-WAIT-1": ["CLOSED", "FIN-WAIT-2", "CLOSING", "TIME-WAIT"],
  "FIN-WAIT-2": ["CLOSED", "TIME-WAIT"],
  "CLOSE-WAIT": ["CLOSED", "LAST-ACK"],
  CLOSING: ["CLOSED", "TIME-WAIT"],
  "LAST-ACK": ["CLOSED"],
  "TIME-WAIT": ["CLOSED"],
} as const satisfies Record<TcpState, readonly TcpState[]>;

/** Something that has a TCP state: a socket, a request, a TIME-WAIT. */
export interface HasState {
  id: number;
  ns: NetNs;
  state: TcpState;
}

/** The only writer of a state: checks the table and tells the trace (linux: tcp_set_state). */
export function setState(sock: HasState, next: TcpState): void {
  const from = sock.state;
  if (from === next) return;
  if (!(TRANSITIONS[from] as readonly TcpState[]).includes(next))
    throw new Error(`tcp: ${from} -> ${next} is no transition`);
  sock.state = next;
  const { ns } = sock;
  ns.trace.emit(Ev.TCP, ns.id, 0, sock.id, TCP_STATES.indexOf(from), TCP_STATES.indexOf(next));
}

/** May data still be sent? */
export function maySend(state: TcpState): boolean {
  return state === "ESTABLISHED" || state === "CLOSE-WAIT";
}

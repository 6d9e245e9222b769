import { SEC } from "../../sim/sim.ts";
import { u8 } from "../../wire/bytes.ts";
import { TCP_HLEN, Tcp, TH_ACK, TH_FIN, TH_PUSH, TH_RST, TH_SYN, TH_URG } from "../../wire/tcp.ts";
import type { NetNs } from "../netns.ts";
import { IP_CT_IS_REPLY, type Skb } from "../skb.ts";
import {
  type Conntrack,
  type CtTcp,
  type CtTcpSide,
  type CtTcpState,
  IPS_ASSURED,
  IPS_SEEN_REPLY,
} from "./entry.ts";
import { ctSetting, tcpTimeout } from "./timeouts.ts";

/** The columns of the tables below, in the kernel's order. */
export const CT_TCP_STATES: readonly CtTcpState[] = [
  "NONE",
  "SYN_SENT",
  "SYN_RECV",
  "ESTABLISHED",
  "FIN_WAIT",
  "CLOSE_WAIT",
  "LAST_ACK",
  "TIME_WAIT",
  "CLOSE",
  "SYN_SENT2",
];

/** Rows: what kind of segment. */
const SYN = 0;
const SYNACK = 1;
const FIN = 2;
const ACK = 3;
const RST = 4;
const NONE = 5;

const SHORT: Record<string, CtTcpState | "IGNORE" | "INVALID"> = {
  no: "NONE",
  SS: "SYN_SENT",
  SR: "SYN_RECV",
  ES: "ESTABLISHED",
  FW: "FIN_WAIT",
  CW: "CLOSE_WAIT",
  LA: "LAST_ACK",
  TW: "TIME_WAIT",
  CL: "CLOSE",
  S2: "SYN_SENT2",
  IG: "IGNORE",
  IV: "INVALID",
};

function grid(rows: readonly string[]): (CtTcpState | "IGNORE" | "INVALID")[][] {
  return rows.map((row) =>
    row
      .trim()
      .split(/\s+/)
      .map((cell) => SHORT[cell] as CtTcpState),
  );
}

/** [direction][segment][state] -> next (linux: nf_conntrack_proto_tcp.c, tcp_conntracks). */
export const CT_TCP_TABLE = [
  grid([
    // no SS SR ES FW CW LA TW CL S2     original
    "SS SS IG IG IG IG IG SS SS S2", // syn
    "IV IV SR IV IV IV IV IV IV SR", // syn+ack
    "IV IV FW FW LA LA LA TW CL IV", // fin
    "ES IV ES ES CW CW TW TW CL IV", // ack
    "IV CL CL CL CL CL CL CL CL CL", // rst
    "IV IV IV IV IV IV IV IV IV IV", // none
  ]),
  grid([
    // no SS SR ES FW CW LA TW CL S2     reply
    "IV S2 IV IV IV IV IV SS IV S2", // syn
    "IV SR IG IG IG IG IG IG IG SR", // syn+ack
    "IV IV FW FW LA LA LA TW CL IV", // fin
    "IV IG SR ES CW CW TW TW CL IG", // ack
    "IV CL CL CL CL CL CL CL CL CL", // rst
    "IV IV IV IV IV IV IV IV IV IV", // none
  ]),
];

const WINDOW_SCALE = 1;
const SACK_PERM = 2;
const CLOSE_INIT = 4;
const BE_LIBERAL = 8;
const DATA_UNACKNOWLEDGED = 0x10;
const MAXACK_SET = 0x20;
const EXP_CHALLENGE_ACK = 0x40;
const SIMULTANEOUS_OPEN = 0x80;

function before(a: number, b: number): boolean {
  return ((a - b) | 0) < 0;
}
function after(a: number, b: number): boolean {
  return before(b, a);
}
function add(a: number, b: number): number {
  return (a + b) >>> 0;
}

function newSide(): CtTcpSide {
  return { end: 0, maxEnd: 0, maxWindow: 0, maxAck: 0, scale: 0, flags: 0 };
}

function kindOf(flags: number): number {
  if (flags & TH_RST) return RST;
  if (flags & TH_SYN) return flags & TH_ACK ? SYNACK : SYN;
  if (flags & TH_FIN) return FIN;
  if (flags & TH_ACK) return ACK;
  return NONE;
}

/** Sequence number after the segment: its data, and one each for SYN and FIN. */
function segmentEnd(tcp: Tcp, end: number): number {
  const data = end - tcp.payload;
  return add(tcp.seq, data + (tcp.flags & TH_SYN ? 1 : 0) + (tcp.flags & TH_FIN ? 1 : 0));
}

/** Flag combinations that mean something (linux: tcp_valid_flags). */
function flagsValid(flags: number): boolean {
  const f = flags & ~(TH_PUSH | 0xc0);
  return [
    TH_SYN,
    TH_SYN | TH_URG,
    TH_SYN | TH_ACK,
    TH_RST,
    TH_RST | TH_ACK,
    TH_FIN | TH_ACK,
    TH_FIN | TH_ACK | TH_URG,
    TH_ACK,
    TH_ACK | TH_URG,
  ].includes(f);
}

/** What a SYN offers; one that says nothing at all changes nothing (linux: tcp_options). */
function readOptions(tcp: Tcp, side: CtTcpSide): void {
  if (tcp.headerLength === TCP_HLEN) return;
  side.scale = 0;
  side.flags &= BE_LIBERAL;
  const options = tcp.options;
  if (options.sackPermitted) side.flags |= SACK_PERM;
  if (options.windowScale !== undefined) {
    side.scale = options.windowScale;
    side.flags |= WINDOW_SCALE;
  }
}

/** Highest acknowledged edge, SACK blocks included (linux: tcp_sack). */
function highestSack(tcp: Tcp): number {
  let sack = tcp.ack;
  for (const [, right] of tcp.options.sack ?? []) if (after(right, sack)) sack = right;
  return sack;
}

/** linux: tcp_init_sender */
function initSender(
  sender: CtTcpSide,
  receiver: CtTcpSide,
  tcp: Tcp,
  end: number,
  dir: number,
): void {
  sender.end = end;
  sender.maxEnd = end;
  sender.maxWindow = tcp.window || 1;
  readOptions(tcp, sender);
  // Both must offer scaling for either to use it.
  if (dir === 1 && !(sender.flags & receiver.flags & WINDOW_SCALE)) {
    sender.scale = 0;
    receiver.scale = 0;
  }
}

/** Does the segment fit what we know of both sides? The four inequalities of van Rooij's paper. */
function inWindow(
  ns: NetNs,
  state: CtTcp,
  dir: number,
  kind: number,
  tcp: Tcp,
  packetEnd: number,
): "ACCEPT" | "INVALID" | "IGNORED" {
  const sender = state.seen[dir as 0];
  const receiver = state.seen[(1 - dir) as 0];
  const flags = tcp.flags;
  let seq = tcp.seq;
  let ack = tcp.ack;
  const rawWindow = tcp.window;
  let window = rawWindow;
  let end = segmentEnd(tcp, packetEnd);
  let sack = receiver.flags & SACK_PERM ? highestSack(tcp) : ack;
  if (sender.maxWindow === 0) {
    if (flags & TH_SYN) {
      initSender(sender, receiver, tcp, end, dir);
      if (!(flags & TH_ACK)) return "ACCEPT";
    } else {
      // In the middle of a connection that we have not seen begin.
      sender.end = end;
      const scaled = window * 2 ** sender.scale;
      sender.maxWindow = scaled === 0 ? 1 : scaled;
      sender.maxEnd = add(end, sender.maxWindow);
      if (receiver.maxWindow === 0) {
        receiver.end = sack;
        receiver.maxEnd = sack;
      } else if (sack === add(receiver.end, 1)) receiver.end = add(receiver.end, 1);
    }
  } else if (
    flags & TH_SYN &&
    after(end, sender.end) &&
    (state.state === "SYN_SENT" || state.state === "SYN_RECV")
  ) {
    initSender(sender, receiver, tcp, end, dir);
    if (dir === 1 && !(flags & TH_ACK)) return "ACCEPT";
  }
  if (!(flags & TH_ACK) || (flags & TH_RST && ack === 0)) {
    ack = receiver.end;
    sack = receiver.end;
  }
  if (flags & TH_RST && seq === 0 && state.state === "SYN_SENT") {
    seq = sender.end;
    end = sender.end;
  }
  const liberal = (sender.flags & BE_LIBERAL) !== 0 || ctSetting(ns, "tcp_be_liberal") !== 0;
  const notAhead = before(sack, add(receiver.end, 1));
  const notBehind = after(sack, receiver.end - Math.max(sender.maxWindow, 66000) - 1);
  const fresh = after(end, sender.end - receiver.maxWindow - 1);
  if (!before(seq, add(sender.maxEnd, 1))) {
    const overshot = (end - sender.maxEnd + 1) >>> 0;
    if (!receiver.maxWindow || !fresh || !notBehind || !notAhead || overshot > receiver.maxWindow)
      return liberal ? "ACCEPT" : "INVALID";
    // Somebody sends more than was allowed: it may be taken nevertheless.
    sender.end = end;
    sender.flags |= DATA_UNACKNOWLEDGED;
    return liberal ? "ACCEPT" : "IGNORED";
  }
  if (!notAhead) return liberal ? "ACCEPT" : "INVALID";
  if ((receiver.maxWindow && !fresh) || !notBehind) return liberal ? "ACCEPT" : "IGNORED";
  if (!(flags & TH_SYN)) window *= 2 ** sender.scale;
  const sackWindow = window + ((sack - ack) >>> 0);
  if (sender.maxWindow < sackWindow) sender.maxWindow = sackWindow;
  if (after(end, sender.end)) {
    sender.end = end;
    sender.flags |= DATA_UNACKNOWLEDGED;
  }
  if (flags & TH_ACK) {
    if (!(sender.flags & MAXACK_SET) || after(ack, sender.maxAck)) sender.maxAck = ack;
    sender.flags |= MAXACK_SET;
  }
  if (receiver.maxWindow !== 0 && after(end, sender.maxEnd))
    receiver.maxWindow += (end - sender.maxEnd) >>> 0;
  if (after(add(sack, window), receiver.maxEnd - 1)) {
    receiver.maxEnd = add(sack, window);
    if (window === 0) receiver.maxEnd = add(receiver.maxEnd, 1);
  }
  if (ack === receiver.end) receiver.flags &= ~DATA_UNACKNOWLEDGED;
  if (kind === ACK) {
    const again =
      state.lastDir === dir &&
      state.lastSeq === seq &&
      state.lastAck === ack &&
      state.lastEnd === end &&
      state.lastWindow === rawWindow;
    if (again) state.retransmits++;
    else {
      state.lastDir = dir;
      state.lastSeq = seq;
      state.lastAck = ack;
      state.lastEnd = end;
      state.lastWindow = rawWindow;
      state.retransmits = 0;
    }
  }
  return "ACCEPT";
}

/**
 * A FIN or RST that does not fit: one side is out of step, and the connection may be over (linux:
 * nf_tcp_handle_invalid).
 */
function notFitting(ns: NetNs, ct: Conntrack, state: CtTcp, dir: number, kind: number): void {
  if (!(ct.status & IPS_ASSURED) || (kind !== FIN && kind !== RST)) return;
  const again = state.lastDir !== dir && (state.lastIndex === FIN || state.lastIndex === RST);
  if (!again) {
    state.lastIndex = kind;
    state.lastDir = dir;
    return;
  }
  const left = ct.expires - ns.sim.now;
  const soon = ctSetting(ns, "tcp_timeout_unacknowledged");
  if (left >= 120 * SEC && left > soon * SEC) ns.conntrack.refresh(ct, soon);
}

/** May this segment begin an entry? (linux: tcp_new) */
function begin(ns: NetNs, ct: Conntrack, tcp: Tcp, packetEnd: number): boolean {
  const next = CT_TCP_TABLE[0]?.[kindOf(tcp.flags)]?.[0];
  if (next === "INVALID" || next === undefined) return false;
  const state: CtTcp = {
    state: "NONE",
    lastDir: 0,
    lastIndex: NONE,
    lastSeq: 0,
    lastAck: 0,
    lastEnd: 0,
    lastWindow: 0,
    lastWscale: 0,
    lastFlags: 0,
    retransmits: 0,
    seen: [newSide(), newSide()],
  };
  const first = state.seen[0];
  first.end = segmentEnd(tcp, packetEnd);
  first.maxWindow = tcp.window === 0 ? 1 : tcp.window;
  if (next === "SYN_SENT") {
    first.maxEnd = first.end;
    readOptions(tcp, first);
  } else {
    if (!ctSetting(ns, "tcp_loose")) return false;
    first.maxEnd = add(first.end, first.maxWindow);
    first.flags = SACK_PERM | BE_LIBERAL;
    state.seen[1].flags = SACK_PERM | BE_LIBERAL;
  }
  ct.tcp = state;
  return true;
}

/** Nearly over: its numbers are of the past (linux: tcp_can_early_drop). */
const CLOSING: readonly CtTcpState[] = ["FIN_WAIT", "LAST_ACK", "TIME_WAIT", "CLOSE", "CLOSE_WAIT"];

/**
 * A reset closes a connection when it comes at exactly the right place (RFC 5961 §3.2): its window is
 * to be checked ("window"), it is right anyhow ("right"), or the connection stays as it is ("kept").
 */
function judgeReset(
  ct: Conntrack,
  state: CtTcp,
  dir: number,
  tcp: Tcp,
): "INVALID" | "window" | "right" | "kept" {
  if (CLOSING.includes(state.state)) return "right";
  const challenged = state.state === "SYN_SENT" && state.lastIndex === ACK;
  if (challenged && state.lastDir !== dir && tcp.seq === state.lastAck) return "right";
  const other = state.seen[(1 - dir) as 0];
  const established = state.state === "ESTABLISHED" && (ct.status & IPS_ASSURED) !== 0;
  let kept = false;
  if (other.flags & MAXACK_SET && state.lastIndex !== SYN) {
    // Most likely the answer to a SYN that was let through.
    if (tcp.seq === 0 && !established) return "window";
    if (before(tcp.seq, other.maxAck)) return "INVALID";
    if (!established || tcp.seq === other.maxAck) return "window";
    // Right behind data of the same sender.
    if (state.lastIndex === ACK && state.lastDir === dir && tcp.seq === state.lastEnd)
      return "window";
    kept = true;
  }
  const toIgnored =
    (ct.status & IPS_SEEN_REPLY && state.lastIndex === SYN && state.lastDir !== dir) ||
    (!(ct.status & IPS_ASSURED) && state.lastIndex === ACK);
  if (toIgnored && tcp.ack === state.lastEnd) return "right";
  return kept ? "kept" : "window";
}

/** We have sent a reset in somebody's name: that ends it (linux: nf_conntrack_tcp_set_closing). */
export function tcpSetClosing(ns: NetNs, ct: Conntrack): void {
  if (!ct.tcp || !ct.confirmed || ct.tcp.state === "CLOSE") return;
  ct.tcp.state = "CLOSE";
  ns.conntrack.refresh(ct, tcpTimeout(ns, "CLOSE"));
}

/** What became of a tracked TCP segment. REPEAT: the entry was of an old connection and is gone. */
export type CtPacketVerdict = "ACCEPT" | "IGNORED" | "INVALID" | "REPEAT" | "KILLED";

/** linux: nf_conntrack_proto_tcp.c, nf_conntrack_tcp_packet */
export function tcpPacket(ns: NetNs, ct: Conntrack, skb: Skb, ctinfo: number): CtPacketVerdict {
  const at = skb.ip.payload;
  const packetEnd = skb.ip.end;
  const tcp = new Tcp(skb.data, at);
  if (!flagsValid(u8(skb.data, at + 13))) return "INVALID";
  if (!ct.confirmed && ct.tcp === null && !begin(ns, ct, tcp, packetEnd)) return "INVALID";
  const state = ct.tcp as CtTcp;
  const dir = ctinfo >= IP_CT_IS_REPLY ? 1 : 0;
  const kind = kindOf(tcp.flags);
  let old = state.state;
  let next = CT_TCP_TABLE[dir]?.[kind]?.[CT_TCP_STATES.indexOf(old)] ?? "INVALID";
  let checkWindow = true;
  const closedBefore = old === "TIME_WAIT" || old === "CLOSE" || old === "SYN_SENT2";
  if (next === "SYN_SENT" && closedBefore) {
    const closing = ((state.seen[0].flags | state.seen[1].flags) & CLOSE_INIT) !== 0;
    if (closing || (state.lastDir === dir && state.lastIndex === RST)) {
      ns.conntrack.kill(ct);
      return "REPEAT";
    }
    next = "IGNORE";
  }
  if (next === "IGNORE") {
    if (
      kind === SYNACK &&
      state.lastIndex === SYN &&
      state.lastDir !== dir &&
      tcp.ack === state.lastEnd
    ) {
      // The answer to a SYN that we had ignored: the two are right, we were out of step.
      old = "SYN_SENT";
      next = "SYN_RECV";
      const other = state.seen[state.lastDir as 0];
      other.end = state.lastEnd;
      other.maxEnd = state.lastEnd;
      other.maxWindow = state.lastWindow === 0 ? 1 : state.lastWindow;
      other.scale = state.lastWscale;
      other.flags = state.lastFlags & ~EXP_CHALLENGE_ACK;
      state.seen[dir] = { ...newSide(), flags: state.seen[dir].flags & BE_LIBERAL };
    } else {
      state.lastIndex = kind;
      state.lastDir = dir;
      state.lastSeq = tcp.seq;
      state.lastEnd = segmentEnd(tcp, packetEnd);
      state.lastWindow = tcp.window;
      if (kind === SYN && dir === 0) {
        const seen = newSide();
        readOptions(tcp, seen);
        state.lastWscale = seen.scale;
        state.lastFlags = seen.flags;
        if (old === "LAST_ACK") state.lastFlags |= EXP_CHALLENGE_ACK;
      }
      // A challenge: whoever gets it resets with just that number (RFC 5961 §4).
      if (old === "SYN_SENT" && kind === ACK && dir === 1) state.lastAck = tcp.ack;
      return "IGNORED";
    }
  } else if (next === "INVALID") return "INVALID";
  else if (next === "TIME_WAIT") {
    if (
      old === "LAST_ACK" &&
      kind === ACK &&
      state.lastDir !== dir &&
      state.lastIndex === SYN &&
      state.lastFlags & EXP_CHALLENGE_ACK
    ) {
      state.lastFlags &= ~EXP_CHALLENGE_ACK;
      return "IGNORED";
    }
  } else if (next === "SYN_SENT2") state.lastFlags |= SIMULTANEOUS_OPEN;
  else if (next === "SYN_RECV") {
    if (dir === 1 && kind === ACK && state.lastFlags & SIMULTANEOUS_OPEN) next = "ESTABLISHED";
  } else if (next === "CLOSE" && kind === RST) {
    const judged = judgeReset(ct, state, dir, tcp);
    if (judged === "INVALID") return "INVALID";
    if (judged === "kept") next = old;
    checkWindow = judged === "window" || judged === "kept";
  }
  const fits = checkWindow ? inWindow(ns, state, dir, kind, tcp, packetEnd) : "ACCEPT";
  if (fits === "INVALID") notFitting(ns, ct, state, dir, kind);
  if (fits !== "ACCEPT") return fits;
  state.lastIndex = kind;
  state.lastDir = dir;
  const now = next as CtTcpState;
  state.state = now;
  if (old !== now && now === "FIN_WAIT") state.seen[dir].flags |= CLOSE_INIT;
  const normal = tcpTimeout(ns, now);
  const retransmitting = ctSetting(ns, "tcp_timeout_max_retrans");
  const unacked = ctSetting(ns, "tcp_timeout_unacknowledged");
  let timeout = normal;
  if (state.retransmits >= ctSetting(ns, "tcp_max_retrans") && normal > retransmitting)
    timeout = retransmitting;
  else if (kind === RST) timeout = tcpTimeout(ns, "CLOSE");
  else if ((state.seen[0].flags | state.seen[1].flags) & DATA_UNACKNOWLEDGED && normal > unacked)
    timeout = unacked;
  else if (state.lastWindow === 0 && normal > retransmitting) timeout = retransmitting;
  if (!(ct.status & IPS_SEEN_REPLY)) {
    if (kind === RST) {
      ns.conntrack.kill(ct);
      return "KILLED";
    }
    // Said again: it lasts no longer for that.
    if (kind === SYN && old === "SYN_SENT") return "IGNORED";
    if (now === "ESTABLISHED" && timeout > unacked) timeout = unacked;
  } else if (
    !(ct.status & IPS_ASSURED) &&
    (old === "SYN_RECV" || old === "ESTABLISHED") &&
    now === "ESTABLISHED"
  )
    ct.status |= IPS_ASSURED;
  ns.conntrack.refresh(ct, timeout);
  if (old !== now) ns.conntrack.changed = true;
  return "ACCEPT";
}

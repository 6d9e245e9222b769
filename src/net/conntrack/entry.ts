import type { Timer } from "../../sim/sim.ts";
import {
  IP_CT_IS_REPLY,
  IP_CT_RELATED,
  IP_CT_RELATED_REPLY,
  IP_CT_UNTRACKED,
  type Skb,
} from "../skb.ts";

/** One direction of a connection (linux: struct nf_conntrack_tuple). ICMP: srcPort is the id, dstPort type<<8|code. */
export interface Tuple {
  src: number;
  dst: number;
  protocol: number;
  srcPort: number;
  dstPort: number;
}

/** linux: include/uapi/linux/netfilter/nf_conntrack_common.h, enum ip_conntrack_status */
export const IPS_EXPECTED = 1;
export const IPS_SEEN_REPLY = 2;
export const IPS_ASSURED = 4;
export const IPS_CONFIRMED = 8;
export const IPS_SRC_NAT = 0x10;
export const IPS_DST_NAT = 0x20;
export const IPS_SRC_NAT_DONE = 0x80;
export const IPS_DST_NAT_DONE = 0x100;
export const IPS_DYING = 0x200;
const IPS_TEMPLATE = 0x800;

/** TCP states of conntrack: another machine than TCP's own, so another union. */
export type CtTcpState =
  | "NONE"
  | "SYN_SENT"
  | "SYN_RECV"
  | "ESTABLISHED"
  | "FIN_WAIT"
  | "CLOSE_WAIT"
  | "LAST_ACK"
  | "TIME_WAIT"
  | "CLOSE"
  | "SYN_SENT2";

/** What window tracking knows of one side (linux: struct ip_ct_tcp_state). */
export interface CtTcpSide {
  end: number;
  maxEnd: number;
  maxWindow: number;
  maxAck: number;
  scale: number;
  flags: number;
}

export interface CtTcp {
  state: CtTcpState;
  lastDir: number;
  lastIndex: number;
  lastSeq: number;
  lastAck: number;
  lastEnd: number;
  lastWindow: number;
  lastWscale: number;
  lastFlags: number;
  retransmits: number;
  seen: [CtTcpSide, CtTcpSide];
}

/** A tracked connection (linux: struct nf_conn). */
export class Conntrack {
  /** Unique in the world; the trace points at it. */
  id: number;
  /** ORIGINAL and REPLY; NAT changes the reply's. */
  tuples: [Tuple, Tuple];
  status = 0;
  mark = 0;
  /** As net/conntrack/zone.ts packs it. */
  zone = 0;
  /** When it ends, in ns of virtual time. */
  expires = 0;
  timer: Timer | null = null;
  tcp: CtTcp | null = null;
  master: Conntrack | null = null;
  /** nf_conntrack_acct, off by default as on Linux. */
  packets: [number, number] = [0, 0];
  bytes: [number, number] = [0, 0];
  /** MASQUERADE remembers its device, so that the entry goes when the device does. */
  natDevice = 0;
  started: number;
  /** Somebody listened when it was made: only then does it have events (nf_conntrack_events = 2). */
  announced = false;

  constructor(id: number, original: Tuple, reply: Tuple, now: number) {
    this.id = id;
    this.tuples = [original, reply];
    this.started = now;
  }

  get confirmed(): boolean {
    return (this.status & IPS_CONFIRMED) !== 0;
  }
}

/** An entry that a rule has for its packets until they have their own (linux: nf_ct_tmpl_alloc). */
export function template(zone: number, now: number): Conntrack {
  const nothing: Tuple = { src: 0, dst: 0, protocol: 0, srcPort: 0, dstPort: 0 };
  const made = new Conntrack(0, nothing, nothing, now);
  made.status = IPS_TEMPLATE | IPS_CONFIRMED;
  made.zone = zone;
  return made;
}

/** What rules see as the packet's connection (linux: nf_ct_get). */
export function entryOf(skb: Skb): Conntrack | null {
  return skb.ct ?? skb.template;
}

/**
 * What we say about a packet belongs to its connection (linux: nf_ct_attach, nf_conntrack_attach). Of
 * what is not tracked, it is marked all the same: a rule cannot say so again.
 */
export function attach(about: Skb, answer: Skb): void {
  if (about.ct === null && about.ctinfo !== IP_CT_UNTRACKED) return;
  answer.ct = about.ct;
  answer.ctinfo = about.ctinfo >= IP_CT_IS_REPLY ? IP_CT_RELATED : IP_CT_RELATED_REPLY;
}

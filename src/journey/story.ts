/** What a packet went through, as data: made from trace events, shown by the page, asked by lessons. */

/** The kind of a step; each is drawn in its own way. */
export type StepKind =
  | "born"
  | "in"
  | "out"
  | "hook"
  | "rule"
  | "policy"
  | "mark"
  | "connmark"
  | "conntrack"
  | "nat"
  | "iprule"
  | "route"
  | "neigh"
  | "encap"
  | "decap"
  | "socket"
  | "tcp"
  | "bridge"
  | "ttl"
  | "tproxy"
  | "drop";

/** A rule that was looked at and did not match, and the first thing in it that did not fit. */
export interface Miss {
  rule: number;
  text: string;
  why: string;
}

export interface Step {
  /** Number of the trace event. */
  n: number;
  /** ns of virtual time. */
  at: number;
  kind: StepKind;
  /** One line, as a person says it. */
  text: string;
  /** What lessons and filters ask for: device, hook, table, chain, rule, mark, reason … */
  facts: Record<string, string | number>;
  misses: Miss[];
}

/** The part of a packet's way that lies in one namespace. */
export interface Leg {
  ns: number;
  namespace: string;
  machine: string;
  steps: Step[];
}

/** Addresses and ports of a packet as they stood at one moment. */
export interface PacketHead {
  protocol: string;
  src: string;
  dst: string;
  srcPort: number;
  dstPort: number;
}

/** What a packet is and how it ended: enough for a list. */
export interface PacketSummary {
  skb: number;
  parent: number;
  cause: string;
  at: number;
  head: PacketHead;
  /** "SYN", "ACK, 80 bytes", "echo request 1": what it is, in a word. */
  what: string;
  /** The socket that sent it; 0 for none. */
  socket: number;
  /** Its end: "delivered", "dropped", or "" while under way. */
  end: "delivered" | "dropped" | "";
  /** The kernel's reason when dropped. */
  reason: string;
  /** Number of the first and last event. */
  first: number;
  last: number;
}

/** The same with everything that it went through. */
export interface PacketStory extends PacketSummary {
  legs: Leg[];
}

/** Packets that belong together: a connection, with what proxies joined to it. */
export interface Journey {
  id: number;
  at: number;
  title: string;
  protocol: string;
  packets: number[];
  dropped: string;
}

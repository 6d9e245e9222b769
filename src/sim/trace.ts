import type { Sim } from "./sim.ts";

/**
 * What happened, as integers in a ring: no references, no words. A rule is an index into a table
 * version, a failed match a number, a drop an index into the reasons. Text is made when somebody
 * looks (room `journey`), with the definitions that the catalogue keeps.
 *
 * One event is STRIDE ints: kind, ns, skb, a, b, c, d, e, f, g; plus its time (ns) and one wide
 * number (an offset into the packet bytes).
 */
export const STRIDE = 10;

/** Event kinds. The comment names the ints a.. in order. */
export const Ev = {
  /** A packet is born: parent skb, cause (Cause), socket id; bytes. */
  SKB: 1,
  /** A device hands the packet to the stack: ifindex. */
  RX: 2,
  /** The stack hands the packet to a device: ifindex; bytes. */
  TX: 3,
  /** Entering a netfilter hook: hook, in ifindex, out ifindex, mark, connmark. */
  HOOK: 4,
  /**
   * Rules that did not match: table, chain, first rule, count, then up to 12 reasons packed 8 bits
   * each; a negative count means so many for the one reason that stands first.
   */
  MISS: 5,
  /** A rule matched: table, chain, rule, what its target answered (Answer), argument. */
  RULE: 6,
  /** End of a base chain: table, chain, policy (1 accept, 0 drop). */
  POLICY: 7,
  /** The hook is done: hook, verdict (1 accept, 0 drop, 2 stolen), mark. */
  VERDICT: 8,
  /** The packet's mark changed: old, new. */
  MARK: 9,
  /** The connection's mark changed: old, new, conntrack id. */
  CTMARK: 10,
  /** Conntrack found or made the entry: conntrack id, ctinfo, 1 if new, connmark. */
  CT: 11,
  /** Addresses rewritten: manip (0 src, 1 dst), old address, old port, new address, new port, conntrack id. */
  NAT: 12,
  /** An `ip rule` entry was passed over or used: rule id, why (RuleOutcome), table. */
  FIBRULE: 13,
  /** The route chosen: route id, type, oif, gateway, table, 1 for input, preferred source. */
  ROUTE: 14,
  /** Neighbour resolution: ifindex, next hop, what (NEIGH_EVENTS); bytes while it waits. */
  NEIGH: 15,
  /** Pushed an outer header: ifindex of the tunnel, kind (Tunnel), vni, remote, local. */
  ENCAP: 16,
  /** Stripped an outer header: ifindex of the tunnel, kind (Tunnel), vni, bytes stripped. */
  DECAP: 17,
  /** Delivered to a socket: socket id. */
  SOCK: 18,
  /** A TCP socket changed state: socket id, from, to (indices of TCP_STATES). */
  TCP: 19,
  /** Two sockets carry one conversation: downstream socket id, upstream socket id, stream id. */
  JOIN: 20,
  /** The packet died: reason (index of DROP_REASONS). */
  DROP: 21,
  /** TTL decremented by forwarding: old, new. */
  TTL: 22,
  /** Bridge decision: ifindex of bridge, in ifindex, out ifindex (0 flood, -1 local). */
  BRIDGE: 23,
  /** The early socket of TPROXY: socket id, on-ip, on-port. */
  TPROXY: 24,
  /** The packet was put into another namespace: ifindex there; mark and conntrack were scrubbed. */
  SCRUB: 25,
} as const;

/** Why a packet came into the world. */
export const CAUSES = [
  "socket",
  "retransmit",
  "icmp",
  "arp",
  "clone",
  "fragment",
  "reassembled",
  "reset",
  "igmp",
  "injected",
] as const;
export type Cause = (typeof CAUSES)[number];

export const TUNNELS = ["geneve", "vxlan", "ipip", "gre"] as const;
export const NEIGH_EVENTS = ["resolved", "queued", "solicit", "learned", "failed"] as const;

/** A definition that events point at by id; plain data, kept as long as the trace. */
export interface Catalogue {
  /** Netns id -> what it is called and on which machine. */
  netns: Map<number, { name: string; machine: string }>;
  /** `${ns}/${ifindex}` -> device name and kind (the newest; a rename is a new definition). */
  devices: Map<string, { name: string; kind: string }>;
  /** Table version id -> the table as it was (netfilter `TableVersion`). */
  tables: Map<number, unknown>;
  /** Route id -> the route (fib `Route`). */
  routes: Map<number, unknown>;
  /** Rule id -> the rule (fib `FibRule`). */
  rules: Map<number, unknown>;
  /** Socket id -> family, protocol, addresses as they are now, owner. */
  sockets: Map<number, unknown>;
}

const BYTES = 1 << 24;
const BY_HAND = 150;

export class Trace {
  sim: Sim;
  /** Events kept. */
  capacity: number;
  /** Events emitted so far: the number of the next one. */
  next = 0;
  /** Events before this one are not there: the trace was taken back after its ring had gone round. */
  lost = 0;
  ints: Int32Array;
  times: Float64Array;
  wides: Float64Array;
  /** Packet bytes, a ring of its own. */
  bytes: Uint8Array;
  /** Bytes written so far. */
  written = 0;
  catalogue: Catalogue = {
    netns: new Map(),
    devices: new Map(),
    tables: new Map(),
    routes: new Map(),
    rules: new Map(),
    sockets: new Map(),
  };
  /** Off in benchmarks that want to know what recording costs. */
  on = true;

  constructor(sim: Sim, capacity = 200_000, bytes = Math.max(BYTES, capacity * 64)) {
    this.sim = sim;
    this.capacity = capacity;
    this.ints = new Int32Array(capacity * STRIDE);
    this.times = new Float64Array(capacity);
    this.wides = new Float64Array(capacity);
    this.bytes = new Uint8Array(bytes);
  }

  /** What `remember` leaves out: events are only ever added, and restoring `next` takes them back. */
  get rings(): object[] {
    return [this.ints, this.times, this.wides, this.bytes];
  }

  /** The number of the oldest event still kept. */
  get first(): number {
    return Math.max(this.next - this.capacity, this.lost);
  }

  emit(
    kind: number,
    ns: number,
    skb: number,
    a = 0,
    b = 0,
    c = 0,
    d = 0,
    e = 0,
    f = 0,
    g = 0,
  ): void {
    if (!this.on) return;
    const slot = this.next % this.capacity;
    const ints = this.ints;
    const i = slot * STRIDE;
    ints[i] = kind;
    ints[i + 1] = ns;
    ints[i + 2] = skb;
    ints[i + 3] = a;
    ints[i + 4] = b;
    ints[i + 5] = c;
    ints[i + 6] = d;
    ints[i + 7] = e;
    ints[i + 8] = f;
    ints[i + 9] = g;
    this.times[slot] = this.sim.now;
    this.wides[slot] = -1;
    this.next++;
  }

  /** The same, with packet bytes [from, to) of `data`; their length goes into g. */
  emitBytes(
    kind: number,
    ns: number,
    skb: number,
    data: Uint8Array,
    from: number,
    to: number,
    a = 0,
    b = 0,
    c = 0,
  ): void {
    if (!this.on) return;
    const slot = this.next % this.capacity;
    this.emit(kind, ns, skb, a, b, c, 0, 0, 0, to - from);
    this.wides[slot] = this.written;
    const ring = this.bytes;
    const size = ring.length;
    let at = this.written % size;
    const fits = at + (to - from) <= size;
    // Few bytes are copied faster by hand, many by the machine.
    if (fits && to - from > BY_HAND) ring.set(data.subarray(from, to), at);
    else if (fits) for (let i = from; i < to; i++) ring[at++] = data[i] as number;
    else for (let i = from; i < to; i++) ring[(this.written + i - from) % size] = data[i] as number;
    this.written += to - from;
  }

  /** The newest events are taken back while they are about this packet: it has never been. */
  takeBack(skb: number): void {
    if (!this.on) return;
    const { next: reached, first } = this;
    while (this.next > first) {
      const slot = (this.next - 1) % this.capacity;
      if (this.ints[slot * STRIDE + 2] !== skb) break;
      this.next--;
    }
    this.wentBack(reached);
  }

  /** `next` was put back after it had come as far as `reached`: what that wrote over is lost. */
  wentBack(reached: number): void {
    this.lost = Math.max(this.lost, reached - this.capacity);
  }

  /** The bytes attached to event `n`; null when it has none or they have been overwritten. */
  bytesOf(n: number): Uint8Array | null {
    const slot = n % this.capacity;
    const start = this.wides[slot] as number;
    if (n < this.first || n >= this.next || start < 0 || this.written - start > this.bytes.length)
      return null;
    const length = this.ints[slot * STRIDE + 9] as number;
    const from = start % this.bytes.length;
    const out = this.bytes.slice(from, from + length);
    if (out.length === length) return out;
    const whole = new Uint8Array(length);
    whole.set(out);
    whole.set(this.bytes.subarray(0, length - out.length), out.length);
    return whole;
  }

  /** Event `n` as an object, for whoever reads; null when it is gone or not there yet. */
  event(n: number): TraceEvent | null {
    if (n < this.first || n >= this.next) return null;
    const slot = n % this.capacity;
    const i = slot * STRIDE;
    const args: number[] = [];
    for (let at = i + 3; at < i + STRIDE; at++) args.push(this.ints[at] as number);
    return {
      n,
      at: this.times[slot] as number,
      kind: this.ints[i] as number,
      ns: this.ints[i + 1] as number,
      skb: this.ints[i + 2] as number,
      args,
      hasBytes: (this.wides[slot] as number) >= 0,
    };
  }
}

export interface TraceEvent {
  n: number;
  at: number;
  kind: number;
  ns: number;
  skb: number;
  args: number[];
  hasBytes: boolean;
}

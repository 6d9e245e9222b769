import type { Timer } from "../../sim/sim.ts";
import { SEC } from "../../sim/sim.ts";
import { set16 } from "../../wire/bytes.ts";
import { finish, sum } from "../../wire/checksum.ts";
import { ICMP_TIME_EXCEEDED } from "../../wire/icmp.ts";
import { IP_DF, IP_MF } from "../../wire/ipv4.ts";
import { drop } from "../kernel.ts";
import type { NetNs } from "../netns.ts";
import type { Skb } from "../skb.ts";
import { icmpSend } from "./icmp.ts";

/** Cut a packet into pieces of at most `mtu` (linux: net/ipv4/ip_output.c, ip_do_fragment). */
export function ipFragment(ns: NetNs, skb: Skb, mtu: number): Skb[] {
  const ip = skb.ip;
  const header = ip.headerLength;
  const room = (mtu - header) & ~7;
  const total = ip.totalLength - header;
  const firstOffset = ip.fragmentOffset;
  const moreAfter = (ip.fragment & IP_MF) !== 0;
  const pieces: Skb[] = [];
  for (let at = 0; at < total; at += room) {
    const length = Math.min(room, total - at);
    const piece = ns.kernel.newSkb(ns, header + length, "fragment", skb.sk, skb.id);
    piece.data.set(skb.data.subarray(skb.network, skb.network + header), piece.network);
    const from = skb.network + header + at;
    piece.data.set(skb.data.subarray(from, from + length), piece.network + header);
    const more = at + length < total || moreAfter;
    set16(piece.data, piece.network + 2, header + length);
    set16(piece.data, piece.network + 6, ((firstOffset + at) >> 3) | (more ? IP_MF : 0));
    set16(piece.data, piece.network + 10, 0);
    set16(
      piece.data,
      piece.network + 10,
      finish(sum(piece.data, piece.network, piece.network + header)),
    );
    piece.mark = skb.mark;
    piece.route = skb.route;
    piece.dev = skb.dev;
    piece.iif = skb.iif;
    piece.ct = skb.ct;
    piece.ctinfo = skb.ctinfo;
    piece.protocol = skb.protocol;
    piece.transport = piece.network + header;
    pieces.push(piece);
  }
  return pieces;
}

/** Who reassembles: each keeps queues of its own (linux: enum ip_defrag_users). */
export type DefragUser = "LOCAL_DELIVER" | "CONNTRACK_IN" | "CONNTRACK_OUT";

class Queue {
  key: string;
  pieces: Skb[] = [];
  /** Length of the whole payload, once the last fragment is here; -1 before. */
  total = -1;
  timer: Timer | null = null;
  user: DefragUser;

  constructor(key: string, user: DefragUser) {
    this.key = key;
    this.user = user;
  }
}

/** Reassembly (RFC 791 §3.2, RFC 5722; linux: net/ipv4/ip_fragment.c, ip_defrag). */
export class FragmentQueues {
  ns: NetNs;
  queues = new Map<string, Queue>();

  constructor(ns: NetNs) {
    this.ns = ns;
  }

  /** The whole packet when this was the last missing piece; null when others are still to come. */
  add(skb: Skb, user: DefragUser): Skb | null {
    const ip = skb.ip;
    const key = `${user}/${ip.src}/${ip.dst}/${ip.id}/${ip.protocol}`;
    let queue = this.queues.get(key);
    if (!queue) {
      queue = new Queue(key, user);
      queue.timer = this.ns.sim.after(
        this.ns.sysctl.number("ipfrag_time") * SEC,
        this,
        "expire",
        queue,
      );
      this.queues.set(key, queue);
    }
    const start = ip.fragmentOffset;
    const end = start + ip.totalLength - ip.headerLength;
    for (const other of queue.pieces) {
      const o = other.ip;
      const from = o.fragmentOffset;
      const to = from + o.totalLength - o.headerLength;
      if (start < to && from < end) {
        // RFC 5722: an overlap throws the whole queue away; an exact duplicate only itself.
        if (from === start && to === end) drop(this.ns, skb, "DUP_FRAG");
        else {
          this.forget(queue);
          for (const piece of queue.pieces) drop(this.ns, piece, "DUP_FRAG");
          drop(this.ns, skb, "DUP_FRAG");
        }
        return null;
      }
    }
    queue.pieces.push(skb);
    if ((ip.fragment & IP_MF) === 0) queue.total = end;
    if (queue.total < 0) return null;
    const have = queue.pieces.reduce((n, p) => n + p.ip.totalLength - p.ip.headerLength, 0);
    if (have < queue.total) return null;
    this.forget(queue);
    return this.glue(queue);
  }

  glue(queue: Queue): Skb {
    const pieces = queue.pieces.sort((a, b) => a.ip.fragmentOffset - b.ip.fragmentOffset);
    const first = pieces[0] as Skb;
    const last = pieces[pieces.length - 1] as Skb;
    const header = first.ip.headerLength;
    const whole = this.ns.kernel.newSkb(
      this.ns,
      header + queue.total,
      "reassembled",
      null,
      last.id,
    );
    whole.data.set(first.data.subarray(first.network, first.network + header), whole.network);
    for (const piece of pieces) {
      const from = piece.ip.payload;
      whole.data.set(
        piece.data.subarray(from, piece.ip.end),
        whole.network + header + piece.ip.fragmentOffset,
      );
    }
    const dontFragment = pieces.some((piece) => piece.ip.dontFragment);
    set16(whole.data, whole.network + 2, header + queue.total);
    set16(whole.data, whole.network + 6, dontFragment ? IP_DF : 0);
    set16(whole.data, whole.network + 10, 0);
    set16(
      whole.data,
      whole.network + 10,
      finish(sum(whole.data, whole.network, whole.network + header)),
    );
    whole.dev = last.dev;
    whole.iif = last.iif;
    whole.mark = first.mark;
    whole.route = last.route;
    whole.protocol = last.protocol;
    whole.transport = whole.network + header;
    whole.sk = last.sk;
    whole.fragMaxSize = Math.max(...pieces.map((piece) => piece.ip.totalLength));
    return whole;
  }

  forget(queue: Queue): void {
    queue.timer?.cancel();
    this.queues.delete(queue.key);
  }

  /** Time is up: tell the sender if we have the first fragment (RFC 792; linux: ip_expire). */
  wake(_reason: string, arg: unknown): void {
    const queue = arg as Queue;
    this.queues.delete(queue.key);
    const first = queue.pieces.find((piece) => piece.ip.fragmentOffset === 0);
    if (first && queue.user === "LOCAL_DELIVER") icmpSend(this.ns, first, ICMP_TIME_EXCEEDED, 1, 0);
    for (const piece of queue.pieces) drop(this.ns, piece, "FRAG_REASM_TIMEOUT");
  }
}

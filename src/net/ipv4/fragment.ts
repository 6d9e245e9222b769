import type { Timer } from "../../sim/sim.ts";
import { SEC } from "../../sim/sim.ts";
import { type Bytes, set8, set16, u8 } from "../../wire/bytes.ts";
import { finish, sum } from "../../wire/checksum.ts";
import { ICMP_TIME_EXCEEDED } from "../../wire/icmp.ts";
import { IP_DF, IP_MF } from "../../wire/ipv4.ts";
import { drop } from "../kernel.ts";
import type { NetNs } from "../netns.ts";
import type { Skb } from "../skb.ts";
import { icmpSend } from "./icmp.ts";
import { fragmentOptions } from "./options.ts";

/**
 * The lengths of the pieces that a payload is sent in, each at most `room`: those that it came in, where
 * they fit, else as many full ones as it takes (linux: net/ipv4/ip_output.c, ip_do_fragment).
 */
function pieceLengths(skb: Skb, total: number, room: number): number[] {
  const came = skb.pieces;
  if (came?.holders === 1 && !skb.ip.isFragment) {
    // A target may have changed the first one's length.
    const [, ...rest] = came.lengths;
    const first = total - rest.reduce((sum, length) => sum + length, 0);
    const last = rest.length - 1;
    if (first <= room && first % 8 === 0)
      if (rest.every((length, i) => length <= room && (i === last || length % 8 === 0)))
        return [first, ...rest];
  }
  const lengths: number[] = [];
  for (let left = total; left > 0; ) {
    const length = left > room ? room & ~7 : left;
    lengths.push(length);
    left -= length;
  }
  return lengths;
}

/** Cut a packet into pieces of at most `mtu` (linux: net/ipv4/ip_output.c, ip_do_fragment). */
export function ipFragment(ns: NetNs, skb: Skb, mtu: number): Skb[] {
  const ip = skb.ip;
  const header = ip.headerLength;
  const total = ip.totalLength - header;
  const moreAfter = (ip.fragment & IP_MF) !== 0;
  const dontFragment = skb.fragDf ? IP_DF : 0;
  const limit = skb.fragMaxSize ? Math.min(mtu, skb.fragMaxSize) : mtu;
  const lengths = pieceLengths(skb, total, limit - header);
  const optioned = skb.options?.length ?? 0;
  let at = 0;
  return lengths.map((length) => {
    const piece = ns.kernel.newSkb(ns, header + length, "fragment", skb.sk, skb.id);
    piece.data.set(skb.data.subarray(skb.network, skb.network + header), piece.network);
    const from = skb.network + header + at;
    piece.data.set(skb.data.subarray(from, from + length), piece.network + header);
    const more = at + length < total || moreAfter ? IP_MF : 0;
    const offset = (ip.fragmentOffset + at) >> 3;
    if (at && optioned) fragmentOptions(piece.data, piece.network, optioned);
    finishHeader(piece.data, piece.network, header, length, offset | more | dontFragment);
    piece.mark = skb.mark;
    piece.priority = skb.priority;
    piece.route = skb.route;
    piece.dev = skb.dev;
    piece.iif = skb.iif;
    piece.ct = skb.ct;
    piece.ctinfo = skb.ctinfo;
    piece.protocol = skb.protocol;
    piece.transport = piece.network + header;
    at += length;
    return piece;
  });
}

function finishHeader(data: Bytes, at: number, header: number, length: number, fragment: number) {
  set16(data, at + 2, header + length);
  set16(data, at + 6, fragment);
  set16(data, at + 10, 0);
  set16(data, at + 10, finish(sum(data, at, at + header)));
}

/** Who reassembles: each keeps queues of its own (linux: enum ip_defrag_users). */
export type DefragUser = "LOCAL_DELIVER" | "CONNTRACK_IN" | "CONNTRACK_OUT";

/** A fragment and where its payload belongs. */
interface Piece {
  skb: Skb;
  start: number;
  end: number;
}

/** Pieces that follow each other without a gap and came in that order (linux: struct ipfrag_skb_cb). */
interface RunOfPieces {
  start: number;
  end: number;
}

class Queue {
  key: string;
  pieces: Piece[] = [];
  runs: RunOfPieces[] = [];
  /** The end of the payload as far as we know it, and whether that is the end of it. */
  length = 0;
  complete = false;
  /** Congestion codepoints seen, as bits. */
  ecn = 0;
  timer: Timer | null = null;
  user: DefragUser;

  constructor(key: string, user: DefragUser) {
    this.key = key;
    this.user = user;
  }
}

/**
 * What the whole says about congestion when its pieces say these (RFC 3168 §5.3; linux:
 * net/ipv4/inet_fragment.c, ip_frag_ecn_table): the codepoint to add, -1 for a mix that cannot be.
 */
function mixedEcn(seen: number): number {
  const [NOT_ECT, CE] = [1, 8];
  if (seen & NOT_ECT) return seen === NOT_ECT ? 0 : -1;
  return seen & CE && seen !== CE ? 3 : 0;
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
    this.ns.mib.IpReasmReqds++;
    const queue = this.queueOf(`${user}/${ip.src}/${ip.dst}/${ip.id}/${ip.protocol}`, user);
    const start = ip.fragmentOffset;
    const last = (ip.fragment & IP_MF) === 0;
    let end = start + ip.totalLength - ip.headerLength;
    if (last) {
      // Two ends, or bits behind the end.
      if (end < queue.length || (queue.complete && end !== queue.length))
        return this.fail(queue, skb);
      queue.complete = true;
      queue.length = end;
    } else {
      end &= ~7;
      if (end > queue.length && queue.complete) return this.fail(queue, skb);
      queue.length = Math.max(queue.length, end);
    }
    if (end === start) return this.fail(queue, skb);
    const fits = insert(queue.runs, start, end);
    if (fits === "duplicate") {
      drop(this.ns, skb, "DUP_FRAG");
      return null;
    }
    if (fits === "overlap") return this.fail(queue, skb);
    queue.pieces.push({ skb, start, end });
    queue.ecn |= 1 << (ip.tos & 3);
    const have = queue.pieces.reduce((n, piece) => n + piece.end - piece.start, 0);
    if (!queue.complete || have !== queue.length) return null;
    const pieces = queue.pieces.sort((a, b) => a.start - b.start);
    const header = (pieces[0] as Piece).skb.ip.headerLength;
    if (mixedEcn(queue.ecn) < 0 || header + queue.length > 65535) return this.fail(queue, skb);
    this.forget(queue);
    this.ns.mib.IpReasmOKs++;
    return this.glue(queue, pieces, skb);
  }

  queueOf(key: string, user: DefragUser): Queue {
    const known = this.queues.get(key);
    if (known) return known;
    const queue = new Queue(key, user);
    const time = this.ns.sysctl.number("ipfrag_time") * SEC;
    queue.timer = this.ns.sim.after(time, this, "expire", queue);
    this.queues.set(key, queue);
    return queue;
  }

  /** RFC 5722: what contradicts itself is thrown away as a whole. */
  fail(queue: Queue, skb: Skb): null {
    this.forget(queue);
    this.ns.mib.IpReasmFails++;
    for (const piece of queue.pieces) if (piece.skb !== skb) drop(this.ns, piece.skb, "DUP_FRAG");
    drop(this.ns, skb, "DUP_FRAG");
    return null;
  }

  /** linux: ip_frag_reasm; what is not bytes comes from the first piece, the device from the newest. */
  glue(queue: Queue, pieces: Piece[], newest: Skb): Skb {
    const { ns } = this;
    const first = (pieces[0] as Piece).skb;
    const header = first.ip.headerLength;
    const whole = ns.kernel.newSkb(ns, header + queue.length, "reassembled", null, newest.id);
    whole.data.set(first.data.subarray(first.network, first.network + header), whole.network);
    if (first.mac >= 0) {
      whole.mac = whole.network - (first.network - first.mac);
      whole.data.set(first.data.subarray(first.mac, first.network), whole.mac);
    }
    for (const { skb, start, end } of pieces) {
      const from = skb.ip.payload;
      whole.data.set(skb.data.subarray(from, from + end - start), whole.network + header + start);
    }
    const sizes = pieces.map(({ skb, start, end }) => end - start + skb.ip.headerLength);
    const ofThose = sizes.filter((_, i) => pieces[i]?.skb.ip.dontFragment);
    const largest = Math.max(...sizes);
    whole.fragDf = Math.max(0, ...ofThose) === largest;
    whole.fragMaxSize = largest;
    whole.pieces = { lengths: pieces.map(({ start, end }) => end - start), holders: 1 };
    const tos = whole.network + 1;
    set8(whole.data, tos, u8(whole.data, tos) | mixedEcn(queue.ecn));
    finishHeader(whole.data, whole.network, header, queue.length, whole.fragDf ? IP_DF : 0);
    whole.dev = newest.dev;
    whole.iif = first.iif;
    whole.pktType = first.pktType;
    whole.mark = first.mark;
    whole.ct = first.ct;
    whole.ctinfo = first.ctinfo;
    whole.options = first.options;
    whole.route = first.route;
    whole.protocol = newest.protocol;
    whole.transport = whole.network + header;
    whole.sk = newest.sk;
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
    this.ns.mib.IpReasmFails++;
    this.ns.mib.IpReasmTimeout++;
    const first = queue.pieces.find((piece) => piece.start === 0)?.skb;
    if (first && queue.user === "LOCAL_DELIVER") icmpSend(this.ns, first, ICMP_TIME_EXCEEDED, 1, 0);
    for (const piece of queue.pieces) drop(this.ns, piece.skb, "FRAG_REASM_TIMEOUT");
  }
}

/**
 * Where does a piece go? What lies within a run is there already; what overlaps one in part is an attack
 * (linux: net/ipv4/inet_fragment.c, inet_frag_queue_insert).
 */
function insert(runs: RunOfPieces[], start: number, end: number): "new" | "duplicate" | "overlap" {
  const last = runs.at(-1);
  if (last && last.end < end) {
    if (start < last.end) return "overlap";
    if (start === last.end) {
      last.end = end;
      return "new";
    }
  } else
    for (const run of runs) {
      if (end <= run.start || start >= run.end) continue;
      return start >= run.start && end <= run.end ? "duplicate" : "overlap";
    }
  const at = runs.findIndex((run) => run.start > start);
  runs.splice(at < 0 ? runs.length : at, 0, { start, end });
  return "new";
}

import type { JourneyReader } from "../journey/reader.ts";
import { Ev, type Trace } from "../sim/trace.ts";
import type { MapEnd, Move } from "./protocol.ts";

/** A batch holds at most this many moves: nobody can watch more, and the page must not drown. */
const LIMIT = 500;

/** Turns the trace into packets moving from device to device. */
export class MoveReader {
  trace: Trace;
  next: number;
  /** Where each packet on its way was last seen, and how deep in tunnels it is. */
  last = new Map<number, { end: MapEnd; depth: number }>();

  constructor(trace: Trace, from: number) {
    this.trace = trace;
    this.next = from;
  }

  read(reader: JourneyReader): Move[] {
    const moves: Move[] = [];
    this.next = Math.max(this.next, this.trace.first);
    for (; this.next < this.trace.next; this.next++) {
      const e = this.trace.event(this.next);
      if (!e || e.skb === 0) continue;
      const known = this.last.get(e.skb);
      if (e.kind === Ev.ENCAP && known) known.depth++;
      else if (e.kind === Ev.ENCAP)
        this.last.set(e.skb, { end: { ns: e.ns, ifindex: e.args[0] ?? 0 }, depth: 1 });
      else if (e.kind === Ev.DECAP && known) known.depth--;
      else if (e.kind === Ev.RX || e.kind === Ev.TX) {
        const end = { ns: e.ns, ifindex: e.args[0] ?? 0 };
        if (known) this.add(moves, reader, e.skb, e.at, known.end, end, known.depth);
        this.last.set(e.skb, { end, depth: known?.depth ?? 0 });
      } else if (e.kind === Ev.DROP) {
        const end = known?.end ?? { ns: e.ns, ifindex: e.args[1] ?? 0 };
        this.add(moves, reader, e.skb, e.at, end, null, 0);
        this.last.delete(e.skb);
      } else if (e.kind === Ev.SOCK) this.last.delete(e.skb);
    }
    if (this.last.size > 10_000)
      for (const key of [...this.last.keys()].slice(0, 5000)) this.last.delete(key);
    return moves.length > LIMIT ? moves.slice(-LIMIT) : moves;
  }

  add(
    moves: Move[],
    reader: JourneyReader,
    skb: number,
    at: number,
    from: MapEnd,
    to: MapEnd | null,
    depth: number,
  ): void {
    const story = reader.stories.get(skb);
    const arp = story?.head.protocol === "ARP";
    if (to === null && arp) return;
    const look: Move["look"] =
      to === null ? "dropped" : arp ? "arp" : depth > 0 ? "tunnel" : "plain";
    moves.push({
      skb,
      at,
      from,
      to,
      look,
      // What the bytes say themselves is the shortest name; there is little room on the map.
      what: story ? `${story.head.protocol} ${story.what}`.replace(/^.* bytes (?=\S)/, "") : "",
    });
  }
}

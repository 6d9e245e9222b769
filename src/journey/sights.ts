import { framesOf } from "./capture.ts";
import type { JourneyReader } from "./reader.ts";
import { wordsOf } from "./tell.ts";

/** A device that saw a packet, and when. */
export interface Sight {
  /** Number of the trace event: what to ask for. */
  n: number;
  ns: number;
  namespace: string;
  ifindex: number;
  device: string;
  direction: "in" | "out";
  length: number;
}

/** Where a packet was seen, in order. */
export function sightsOf(reader: JourneyReader, skb: number): Sight[] {
  const { trace } = reader;
  const sights: Sight[] = [];
  for (const { n, ns, ifindex, out, data, skb: of } of framesOf(trace))
    if (of === skb)
      sights.push({
        n,
        ns,
        namespace: trace.catalogue.netns.get(ns)?.name ?? `netns-${ns}`,
        ifindex,
        device: wordsOf(reader).device(ns, ifindex),
        direction: out ? "out" : "in",
        length: data.length,
      });
  return sights;
}

/**
 * By packet: the trace event at which a device of this name saw it first; "": any device. `within`: of this
 * namespace; null: of any.
 */
export function seenBy(
  reader: JourneyReader,
  device: string,
  within: number | null,
  from: number,
): Map<number, number> {
  const words = wordsOf(reader);
  const seen = new Map<number, number>();
  for (const { n, ns, ifindex, skb } of framesOf(reader.trace, from)) {
    if (seen.has(skb) || (within !== null && ns !== within)) continue;
    if (device === "" || words.device(ns, ifindex) === device) seen.set(skb, n);
  }
  return seen;
}

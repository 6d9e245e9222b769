import { Conversations } from "../dissect/conversation.ts";
import type { Dissection } from "../dissect/tree.ts";
import { type Frame, framesOf } from "../journey/capture.ts";
import type { JourneyReader } from "../journey/reader.ts";
import { wordsOf } from "../journey/tell.ts";
import type { World } from "../world/world.ts";

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
export function sightsOf(world: World, reader: JourneyReader, skb: number): Sight[] {
  const { trace } = world.sim;
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
 * What a device saw, byte by byte. The frames that it saw before are read too: what a segment carries
 * depends on them.
 */
export function inspect(world: World, n: number): Dissection | null {
  const { trace } = world.sim;
  const before: Frame[] = [];
  let wanted: Frame | null = null;
  const event = trace.event(n);
  for (const frame of framesOf(trace)) {
    if (frame.ns !== event?.ns || frame.ifindex !== event.args[0]) continue;
    before.push(frame);
    if (frame.n === n) {
      wanted = frame;
      break;
    }
  }
  if (!wanted) return null;
  const reader = new Conversations();
  reader.keyLog.update(world.keyLog);
  let found: Dissection | null = null;
  for (const frame of before) found = reader.push(frame.data);
  return found;
}

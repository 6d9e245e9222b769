import { Ev } from "../sim/trace.ts";
import type { NetNs } from "./netns.ts";
import type { Skb } from "./skb.ts";

/** The only writer of a packet's mark after its birth: the story shows each change. */
export function setMark(ns: NetNs, skb: Skb, mark: number): void {
  const now = mark >>> 0;
  if (now === skb.mark) return;
  ns.trace.emit(Ev.MARK, ns.id, skb.id, skb.mark, now);
  skb.mark = now;
}

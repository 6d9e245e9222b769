import type { History, Tick } from "./protocol.ts";
import type { WorldSession } from "./session.ts";
import { commandsOf } from "./undo.ts";

/** What happened when, for the timeline: packets with a number above `after`. */
export function historyOf(on: WorldSession, after: number): History {
  const { reader } = on;
  reader.read();
  const ticks: Tick[] = [];
  let first = 0;
  for (const { skb, at, end, head, depth } of reader.stories.values()) {
    first ||= skb;
    if (skb <= after || head.protocol === "") continue;
    const alive = head.protocol === "ARP" ? "arp" : depth > 0 ? "tunnel" : "plain";
    ticks.push({ skb, at, look: end === "dropped" ? "dropped" : alive });
  }
  return { first, ticks, commands: commandsOf(on.log) };
}

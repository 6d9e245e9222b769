import { utf8 } from "../base/text.ts";
import { captures, type Place } from "../journey/capture.ts";
import { JourneyReader } from "../journey/reader.ts";
import type { PacketStory } from "../journey/story.ts";
import type { History, JourneyLine, JourneyLines, PacketLine, Tick } from "./protocol.ts";
import type { WorldSession } from "./session.ts";
import { Sieve } from "./sieve.ts";
import { commandsOf } from "./undo.ts";

/* Lists of what has happened in a session, and files of it: a part that comes with the first list. */

function sieveOf(on: WorldSession): Sieve {
  on.sieve ??= new Sieve();
  return on.sieve;
}

/** The newest journeys; with a display filter, those of which a packet fits. */
export function journeysOf(on: WorldSession, limit: number, filter: string): JourneyLines {
  const { reader } = on;
  const sieve = sieveOf(on);
  reader.read();
  const problem = sieve.set(filter);
  const all = reader.journeys(sieve.isOpen ? limit : Number.POSITIVE_INFINITY);
  const lines: JourneyLine[] = [];
  for (const journey of problem ? [] : all) {
    if (lines.length >= limit) break;
    if (sieve.passes(journey.packets, reader))
      lines.push({ ...journey, count: journey.packets.length });
  }
  return { lines, problem };
}

export function packetsOf(on: WorldSession, journey: number, filter: string): PacketLine[] {
  const { reader } = on;
  const sieve = sieveOf(on);
  sieve.set(filter);
  const found = reader
    .journeys(Number.POSITIVE_INFINITY)
    .find((j) => j.id === journey || j.packets.includes(journey));
  return (found?.packets ?? [journey]).flatMap((skb) => {
    const story = reader.story(skb);
    return story ? [packetLine(story, sieve.fits(story))] : [];
  });
}

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

export function capturesOf(
  { world }: WorldSession,
  place: Place | null = null,
): { name: string; data: Uint8Array }[] {
  const { trace } = world.sim;
  const reader = new JourneyReader(trace, trace.first);
  const files = captures(trace, reader, trace.first, place).map(({ name, data }) => ({
    name: `${name}.pcapng`,
    data,
  }));
  const { keyLog } = world;
  // With it, Wireshark reads what the tunnels carry.
  if (files.length && keyLog.length)
    files.push({ name: "keys.log", data: utf8(`${keyLog.join("\n")}\n`) });
  return files;
}

function packetLine(story: PacketStory, fits: boolean): PacketLine {
  const port = (n: number): string => (n && story.head.protocol !== "ICMP" ? `:${n}` : "");
  return {
    skb: story.skb,
    fits,
    at: story.at,
    what: `${story.head.protocol} ${story.what}`.trim(),
    from: `${story.head.src}${port(story.head.srcPort)}`,
    to: `${story.head.dst}${port(story.head.dstPort)}`,
    end: story.end,
    reason: story.reason,
    path: story.legs.flatMap((leg) =>
      leg.steps
        .filter((step) => step.kind === "in" || step.kind === "out")
        .map((step) => ({ ns: leg.ns, device: String(step.facts.device) })),
    ),
  };
}

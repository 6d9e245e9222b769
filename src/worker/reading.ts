import { translated } from "../base/words.ts";
import { filterWords, journeyWords } from "../journey/english.ts";
import type { PacketStory } from "../journey/story.ts";
import { storyOf, storyText } from "../journey/tell.ts";
import type { JourneyLine, JourneyLines, PacketLine } from "./protocol.ts";
import type { WorldSession } from "./session.ts";
import { Sieve } from "./sieve.ts";

/* Lists of what has happened in a session: a part that comes with the first list. */

function sieveOf(on: WorldSession): Sieve {
  on.sieve ??= new Sieve(translated(filterWords, on.dictionary, "filter"));
  return on.sieve;
}

export function storyTextOf({ reader }: WorldSession, skb: number): string {
  const story = storyOf(reader, skb);
  const say = translated(journeyWords, reader.dictionary, "journey");
  return story ? storyText(story, say) : "";
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
    const story = storyOf(reader, skb);
    return story ? [packetLine(story, sieve.fits(story))] : [];
  });
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

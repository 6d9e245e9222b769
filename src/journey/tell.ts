import { fill, translated } from "../base/words.ts";
import { Ev } from "../sim/trace.ts";
import { journeyWords } from "./english.ts";
import type { JourneyReader } from "./reader.ts";
import { shownBy } from "./shown-by.ts";
import type { Leg, Miss, PacketStory, Step } from "./story.ts";
import { Words } from "./words.ts";

/** Makes words of the trace's events, in the reader's language. */
export function wordsOf({ trace, dictionary }: JourneyReader): Words {
  return new Words(trace, translated(journeyWords, dictionary, "journey"));
}

/** Everything that a packet went through, in words; what the trace has lost is left out. */
export function storyOf(reader: JourneyReader, skb: number): PacketStory | null {
  const draft = reader.stories.get(skb);
  if (!draft) return null;
  const { trace } = reader;
  const words = wordsOf(reader);
  const { group: _group, depth: _depth, wanted: _wanted, events, ...summary } = draft;
  const legs: Leg[] = [];
  let misses: Miss[] = [];
  for (const n of events) {
    const e = trace.event(n);
    if (!e) continue;
    if (e.kind === Ev.MISS) {
      misses.push(...words.misses(e));
      continue;
    }
    const step = words.step(e);
    if (!step) continue;
    if (step.kind === "rule" || step.kind === "policy") {
      step.misses = misses;
      misses = [];
    }
    let leg = legs.at(-1);
    if (leg?.ns !== e.ns) {
      const where = trace.catalogue.netns.get(e.ns);
      const namespace = where?.name ?? `netns ${e.ns}`;
      leg = { ns: e.ns, namespace, machine: where?.machine ?? "", steps: [] };
      legs.push(leg);
    }
    if (step.kind === "drop") step.facts.command = shownBy(step, leg.steps);
    place(leg, step);
  }
  return { ...summary, legs };
}

/** A target's own events were told before the rule that caused them: the rule goes first. */
function place(leg: Leg, step: Step): void {
  const count = step.kind === "rule" ? Number(step.facts.events) : 0;
  let at = leg.steps.length;
  while (at > 0 && (leg.steps[at - 1] as Step).n >= step.n - count) at--;
  leg.steps.splice(count ? at : leg.steps.length, 0, step);
}

/** A story as text: the twin of the picture, and what `--journeys` prints. */
export function storyText(story: PacketStory, say = journeyWords): string {
  const { head } = story;
  const port = (n: number): string => (n && head.protocol !== "ICMP" ? `:${n}` : "");
  const lines = [
    `${fill(say.head, { n: story.skb })}  ${(story.at / 1e6).toFixed(3)} ms  ${head.protocol} ${head.src}${port(head.srcPort)} → ${head.dst}${port(head.dstPort)}  ${story.what}`,
  ];
  for (const leg of story.legs) {
    const where = leg.machine === leg.namespace ? leg.machine : fill(say.where, leg);
    lines.push(`  ${where}`);
    for (const step of leg.steps) {
      const count = step.misses.length;
      const passed = count ? `  ${fill(say.passed, { count })}` : "";
      lines.push(`    ${step.kind.padEnd(9)} ${step.text}${passed}`);
    }
  }
  return `${lines.join("\n")}\n`;
}

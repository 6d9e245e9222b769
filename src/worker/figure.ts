import type { PacketStory, Step } from "../journey/story.ts";
import { findPacket } from "../lesson/check.ts";
import type { FigureSpec } from "../lesson/spec.ts";
import { sectionsOf, TOPICS } from "../world/tables.ts";
import { checkWordsOf } from "./coach.ts";
import { inspect, sightsOf } from "./inspect.ts";
import type { FigureStop, FigureView } from "./protocol.ts";
import type { WorldSession } from "./session.ts";

/** What a figure does not leave out: what changed the packet or its way. */
const WEIGHTY = new Set<Step["kind"]>([
  "mark",
  "connmark",
  "nat",
  "encap",
  "decap",
  "tproxy",
  "drop",
  "socket",
]);

/** A lesson's figure, drawn from the machines as they are; null when there is nothing of it yet. */
export function drawFigure(on: WorldSession, figure: FigureSpec): FigureView | null {
  if (figure.kind === "table") return drawTable(on, figure);
  const found = findPacket(figure.want, {
    reader: on.reader,
    since: on.lesson?.since ?? 0,
    say: checkWordsOf(on),
  });
  if (!("skb" in found)) return null;
  const what = `${found.head.protocol} ${found.what}`.trim();
  if (figure.kind === "journey")
    return { kind: "journey", skb: found.skb, what, stops: stopsOf(found), end: found.end };
  const sights = sightsOf(on.world, on.reader, found.skb);
  const sight = sights.find(({ device }) => device === figure.device) ?? sights[0];
  const read = sight ? inspect(on.world, sight.n) : null;
  return read ? { kind: "header", skb: found.skb, what, layers: read.layers } : null;
}

function drawTable(
  on: WorldSession,
  { at, topic, text }: FigureSpec & { kind: "table" },
): FigureView | null {
  const machine = on.world.machine(at);
  if (!machine) return null;
  const known = TOPICS.find((one) => one === topic);
  const all = known ? sectionsOf(on.world, machine.netns.id, known) : [];
  const sections = all
    .map((section) => ({
      ...section,
      rows: section.rows.filter((row) => row.kind === "line" && row.text.includes(text)),
    }))
    .filter(({ rows }) => rows.length);
  return sections.length ? { kind: "table", sections } : null;
}

function stopsOf(story: PacketStory): FigureStop[] {
  return story.legs.map(({ namespace, steps }) => {
    const device = (kind: "in" | "out"): string =>
      String(steps.find((step) => step.kind === kind)?.facts.device ?? "");
    const events = steps.filter(({ kind }) => WEIGHTY.has(kind)).map(({ text }) => text);
    return { namespace, in: device("in"), out: device("out"), events };
  });
}

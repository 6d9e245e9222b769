import { seenBy } from "../journey/sights.ts";
import type { PacketStory, Step } from "../journey/story.ts";
import { type StateSection, sectionsOf, TOPICS } from "../world/tables.ts";
import { type Evidence, findPacket } from "./check.ts";
import type { FigureSpec } from "./spec.ts";

/** What a figure shows: lines of tables, a packet's way, or where its headers stand. */
export type Drawing =
  | { kind: "table"; sections: StateSection[] }
  | { kind: "journey"; skb: number; what: string; stops: FigureStop[]; end: string }
  /** `n`: the trace event at which the device saw it. */
  | { kind: "header"; skb: number; what: string; n: number };

/** Where a packet was, and what of weight happened to it there. */
export interface FigureStop {
  namespace: string;
  in: string;
  out: string;
  events: string[];
}

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

type Seen = Pick<Evidence, "world" | "reader" | "since" | "say">;

/** A lesson's figure, drawn from the machines as they are; null when there is nothing of it yet. */
export function draw(figure: FigureSpec, seen: Seen): Drawing | null {
  if (figure.kind === "table") return drawTable(figure, seen);
  const { reader, since } = seen;
  reader.read();
  const among = figure.kind === "header" ? seenBy(reader, figure.device, since) : null;
  const found = findPacket(figure.want, seen, { among });
  if (!("skb" in found)) return null;
  const { skb, end } = found;
  const what = `${found.head.protocol} ${found.what}`.trim();
  if (!among) return { kind: "journey", skb, what, stops: stopsOf(found), end };
  return { kind: "header", skb, what, n: among.get(skb) ?? 0 };
}

/** Why nothing can be drawn, where that is the figure's own fault; else null. */
export function figureFault(figure: FigureSpec, { world }: Seen): string | null {
  if (figure.kind !== "table" || figure.namespace === "") return null;
  const { named } = world.machine(figure.at)?.kernel ?? { named: new Map<string, unknown>() };
  if (named.has(figure.namespace)) return null;
  const names = [...named.keys()].join(", ") || "none";
  return `${figure.at} has no network namespace "${figure.namespace}"; it has ${names}`;
}

function drawTable(
  { at, namespace, topic, text }: FigureSpec & { kind: "table" },
  { world }: Seen,
): Drawing | null {
  const machine = world.machine(at);
  const ns = namespace === "" ? machine?.netns : machine?.kernel.named.get(namespace);
  const known = TOPICS.find((one) => one === topic);
  const all = ns && known ? sectionsOf(world, ns.id, known) : [];
  const sections = all
    .map(({ title, command, rows }) => ({
      title,
      command: namespace === "" ? command : `ip netns exec ${namespace} ${command}`,
      rows: rows.filter((row) => row.kind === "line" && row.text.includes(text)),
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

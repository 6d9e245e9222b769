import { seenBy } from "../journey/sights.ts";
import type { PacketStory, Step } from "../journey/story.ts";
import type { NetNs } from "../net/netns.ts";
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
  let among: Map<number, number> | null = null;
  if (figure.kind === "header") {
    const ns = figure.at === "" ? null : netnsOf(figure, seen);
    if (ns === undefined) return null;
    among = seenBy(reader, figure.device, ns?.id ?? null, since);
  }
  const found = findPacket(figure.want, seen, { among });
  if (!("skb" in found)) return null;
  const { skb, end } = found;
  const what = `${found.head.protocol} ${found.what}`.trim();
  if (!among) return { kind: "journey", skb, what, stops: stopsOf(found), end };
  return { kind: "header", skb, what, n: among.get(skb) ?? 0 };
}

/** Why nothing can be drawn, where that is the figure's own fault; else null. */
export function figureFault(figure: FigureSpec, seen: Seen): string | null {
  if (figure.kind === "journey" || figure.at === "") return null;
  const { at, namespace } = figure;
  const ns = netnsOf(figure, seen);
  const named = seen.world.machine(at)?.kernel.named ?? new Map<string, NetNs>();
  const list = (names: Iterable<string>): string => [...names].join(", ") || "none";
  if (!ns) return `${at} has no network namespace "${namespace}"; it has ${list(named.keys())}`;
  if (figure.kind === "table" || figure.device === "" || ns.byName.has(figure.device)) return null;
  const where = namespace === "" ? at : `${namespace} on ${at}`;
  return `${where} has no device "${figure.device}"; it has ${list(ns.byName.keys())}`;
}

/** The machine's own namespace, or one that `ip netns` knows there. */
function netnsOf(
  { at, namespace }: { at: string; namespace: string },
  { world }: Seen,
): NetNs | undefined {
  const machine = world.machine(at);
  return namespace === "" ? machine?.netns : machine?.kernel.named.get(namespace);
}

function drawTable(figure: FigureSpec & { kind: "table" }, seen: Seen): Drawing | null {
  const { namespace, topic, text } = figure;
  const ns = netnsOf(figure, seen);
  const known = TOPICS.find((one) => one === topic);
  const all = ns && known ? sectionsOf(seen.world, ns.id, known) : [];
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

import type { PacketStory, Step } from "../../journey/story.ts";
import type { FilterProblem, Hop, JourneyLine, PacketLine } from "../../worker/protocol.ts";
import type { Machine } from "../state/machine.svelte.ts";
import { Poll } from "../state/poll.ts";

/** Lines asked for: what is older is of little use in a list. */
export const SHOWN = 200;
/** Between two questions, ms: the engine can make a thousand packets a second. */
const PAUSE = 220;

/** The list of journeys and what is open of it. */
export class Journeys {
  machine: Machine;
  lines = $state.raw<JourneyLine[]>([]);
  filter = $state("");
  /** What is wrong with the filter. */
  problem = $state.raw<FilterProblem | null>(null);
  /** The journey that is open; 0: the list. */
  open = $state(0);
  packets = $state.raw<PacketLine[]>([]);
  /** The packet whose story is told. */
  chosen = $state(0);
  story = $state.raw<PacketStory | null>(null);
  /** How the packet is shown. */
  view = $state<"story" | "table" | "bytes">("story");
  /** Devices on the chosen packet's way, and the namespaces that it went through. */
  hops = $state.raw<Hop[]>([]);
  spaces: Set<number> = $derived(new Set(this.hops.map((hop) => hop.ns)));
  /** Everything that was decided about the packet, in order, and where. */
  decisions: { ns: number; namespace: string; step: Step }[] = $derived(
    this.story?.legs.flatMap(({ ns, namespace, steps }) =>
      steps.map((step) => ({ ns, namespace, step })),
    ) ?? [],
  );
  /** The decision that is looked at; -1: the whole way. */
  at = $state(-1);
  decision = $derived(this.decisions[this.at] ?? null);
  /** Told which packet was opened. */
  onChoose: (skb: number) => void = () => {};
  poll = new Poll(() => this.fetch(), PAUSE);
  generation = 0;

  constructor(machine: Machine) {
    this.machine = machine;
  }

  /** To another decision about the packet; past the last one is its whole way again. */
  decide(by: number): void {
    const { length } = this.decisions;
    const next = this.at < 0 && by < 0 ? length - 1 : this.at + by;
    this.at = next >= 0 && next < length ? next : -1;
  }

  clear(): void {
    this.generation++;
    this.lines = [];
    this.leave();
  }

  refresh(): void {
    this.poll.refresh();
  }

  async fetch(): Promise<void> {
    const { generation } = this;
    const { filter } = this;
    const found = await this.machine.ask((api) => api.journeys(SHOWN, filter));
    if (!found || generation !== this.generation) return;
    this.problem = found.problem;
    // While a filter is being typed, what was last found stays.
    if (!found.problem) this.lines = found.lines;
    if (!this.open) return;
    await this.fetchPackets();
    // A story that is still being told grows with its packet.
    if (this.story?.end === "") await this.fetchStory();
  }

  async fetchPackets(): Promise<void> {
    const { open, filter } = this;
    const packets = await this.machine.ask((api) => api.packets(open, filter));
    if (!packets || open !== this.open) return;
    this.packets = packets;
    this.hops = packets.find((packet) => packet.skb === this.chosen)?.path ?? this.hops;
  }

  async fetchStory(): Promise<void> {
    const { chosen } = this;
    const story = chosen ? await this.machine.ask((api) => api.story(chosen)) : null;
    if (chosen === this.chosen) this.story = story;
  }

  /** Open a journey, with the packet that says most: one that was dropped, else its first. */
  async enter(line: JourneyLine): Promise<void> {
    this.open = line.id;
    this.packets = [];
    this.story = null;
    this.chosen = 0;
    await this.fetchPackets();
    const dropped = this.packets.find((packet) => packet.end === "dropped");
    const best = line.dropped && dropped ? dropped : this.packets[0];
    if (best && this.open === line.id) await this.choose(best);
  }

  /** Open the journey that a packet belongs to, at that packet. */
  async reveal(skb: number): Promise<void> {
    const line = this.lines.find((one) => one.id === skb || one.packets.includes(skb));
    if (!line) return;
    this.chosen = skb;
    if (this.open !== line.id) {
      this.open = line.id;
      this.packets = [];
      await this.fetchPackets();
    }
    const packet = this.packets.find((one) => one.skb === skb);
    if (packet && this.chosen === skb) await this.choose(packet);
  }

  async choose(packet: PacketLine): Promise<void> {
    this.onChoose(packet.skb);
    if (this.chosen !== packet.skb || !this.story) this.at = -1;
    this.chosen = packet.skb;
    this.hops = packet.path;
    await this.fetchStory();
  }

  setFilter(filter: string): void {
    this.filter = filter;
    this.refresh();
  }

  leave(): void {
    this.open = 0;
    this.at = -1;
    this.chosen = 0;
    this.packets = [];
    this.story = null;
    this.hops = [];
  }

  /** The line of the open journey; it may have been joined to an older one since. */
  current: JourneyLine | null = $derived(
    this.lines.find((line) => line.id === this.open || line.packets.includes(this.open)) ?? null,
  );
}

/** A span of virtual time, in the unit that suits it. */
export function span(ns: number): string {
  if (ns < 1e3) return `${Math.max(0, Math.round(ns))} ns`;
  if (ns < 1e6) return `${Math.round(ns / 1e3)} µs`;
  if (ns < 1e9) return `${(ns / 1e6).toFixed(ns < 1e7 ? 2 : 0)} ms`;
  if (ns < 60e9) return `${(ns / 1e9).toFixed(ns < 1e10 ? 1 : 0)} s`;
  if (ns < 3600e9) return `${Math.floor(ns / 60e9)} min`;
  return `${Math.floor(ns / 3600e9)} h`;
}

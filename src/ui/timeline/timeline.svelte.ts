import type { Command, Tick } from "../../worker/protocol.ts";
import type { Journeys } from "../journey/journeys.svelte.ts";
import type { Machine } from "../state/machine.svelte.ts";
import { Poll } from "../state/poll.ts";
import { Past } from "./past.svelte.ts";

/** The newest packets may still be on their way: they are asked for again. */
const UNSETTLED = 300;
/** Between two questions, ms. */
const PAUSE = 400;

/** What happened when, and the moment that is looked at. */
export class Timeline {
  machine: Machine;
  journeys: Journeys;
  past: Past;
  ticks = $state.raw<Tick[]>([]);
  commands = $state.raw<Command[]>([]);
  /** Of the tick that is looked at; -1: the present. */
  at = $state(-1);
  tick: Tick | null = $derived(this.ticks[this.at] ?? null);
  poll = new Poll(() => this.fetch(), PAUSE);
  generation = 0;

  constructor(machine: Machine, journeys: Journeys) {
    this.machine = machine;
    this.journeys = journeys;
    this.past = new Past(machine);
  }

  clear(): void {
    this.generation++;
    this.ticks = [];
    this.commands = [];
    this.at = -1;
    this.past.clear();
  }

  refresh(): void {
    this.poll.refresh();
  }

  async fetch(): Promise<void> {
    const { generation, tick, ticks } = this;
    const settled = Math.max(0, ticks.length - UNSETTLED);
    const after = ticks[settled - 1]?.skb ?? 0;
    const history = await this.machine.ask((api) => api.history(after));
    if (!history || generation !== this.generation) return;
    const gone = ticks.findIndex(({ skb }) => skb >= history.first);
    const kept = gone < 0 ? [] : ticks.slice(gone, settled);
    this.ticks = [...kept, ...history.ticks];
    this.commands = history.commands;
    // The list moves on under the one that is looked at.
    if (tick) this.at = this.ticks.findIndex((one) => one.skb === tick.skb);
  }

  /** Look at a packet: its journey opens, and the map shows its way. */
  look(index: number): void {
    this.at = Math.max(0, Math.min(index, this.ticks.length - 1));
    const { tick } = this;
    if (!tick) return;
    this.past.look(tick.at);
    void this.journeys.reveal(tick.skb);
  }

  step(by: number): void {
    this.look(this.at < 0 ? this.ticks.length - 1 : this.at + by);
  }

  /** One decision about the open packet on, or back: the tables and the map show that moment. */
  decide(by: number): void {
    const { journeys, past, tick } = this;
    journeys.decide(by);
    if (journeys.decision) past.look(journeys.decision.step.at);
    else if (tick) past.look(tick.at);
    else past.leave();
  }

  /** Back to the present. */
  leave(): void {
    this.at = -1;
    this.past.leave();
  }

  /** Commands, each at the index of the first packet after it. */
  marks: { at: number; command: Command }[] = $derived(
    this.commands.map((command) => {
      const found = this.ticks.findIndex((tick) => tick.at >= command.at);
      return { at: found < 0 ? this.ticks.length : found, command };
    }),
  );
}

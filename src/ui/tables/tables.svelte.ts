import type { MapNamespace, StateSection, StateTopic } from "../../worker/protocol.ts";
import type { Machine } from "../state/machine.svelte.ts";
import { Poll } from "../state/poll.ts";
import type { Past } from "../timeline/past.svelte.ts";
import { type Compared, compare } from "./compare.ts";

export const TOPICS: readonly StateTopic[] = [
  "rules",
  "routing",
  "connections",
  "sets",
  "sockets",
  "devices",
];
/** Between two questions, ms. */
const PAUSE = 300;

/** The tables of one namespace: as they are, or as they were at the moment that is looked at. */
export class Tables {
  machine: Machine;
  past: Past;
  topic = $state<StateTopic>("rules");
  /** The namespace that somebody chose; 0: that of the terminal in front. */
  chosen = $state(0);
  sections = $state.raw<Compared[]>([]);
  /** The moment that the sections are of, ns; null: the present. */
  of = $state<number | null>(null);
  /** Somebody sees them. */
  shown = false;
  /** What the terminal in front is on. */
  front = $state("");
  before: StateSection[] = [];
  poll = new Poll(() => this.fetch(), PAUSE);
  generation = 0;

  constructor(machine: Machine, past: Past) {
    this.machine = machine;
    this.past = past;
  }

  get spaces(): MapNamespace[] {
    return this.machine.topology?.namespaces ?? [];
  }

  /** The namespace that is shown. */
  get space(): MapNamespace | null {
    const { spaces } = this;
    return (
      spaces.find(({ id }) => id === this.chosen) ??
      spaces.find(({ machine }) => machine === this.front) ??
      spaces[0] ??
      null
    );
  }

  clear(): void {
    this.generation++;
    this.chosen = 0;
    this.sections = [];
    this.before = [];
    this.of = null;
  }

  /** Look again, when somebody sees it. */
  refresh(): void {
    if (this.shown) this.poll.refresh();
  }

  /** Something else is looked at: what was there before is no measure for what is new. */
  turn(): void {
    this.generation++;
    this.before = [];
    this.refresh();
  }

  async fetch(): Promise<void> {
    const { generation, topic, space, past } = this;
    if (!space) return;
    const now = await this.machine.ask((api) => api.tables(space.id, topic));
    const then =
      past.ready && past.engine
        ? await past.engine.api.tables(space.id, topic).catch(() => null)
        : null;
    if (!now || generation !== this.generation) return;
    this.of = then ? past.at : null;
    this.sections = then ? compare(now, then, "then") : compare(now, this.before, "fresh");
    this.before = now;
  }
}

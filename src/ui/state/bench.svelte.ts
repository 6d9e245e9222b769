import { Journeys } from "../journey/journeys.svelte.ts";
import { Flight } from "../map/flight.svelte.ts";
import { Tables } from "../tables/tables.svelte.ts";
import { Tabs } from "../terminal/tabs.svelte.ts";
import { Timeline } from "../timeline/timeline.svelte.ts";
import type { Engine } from "./engine.ts";
import { Machine } from "./machine.svelte.ts";
import type { Settings } from "./settings.svelte.ts";

/**
 * One course of events, and all that the page shows of it. The page has one that goes on, and may have
 * others that began at a moment of its past: each has a worker of its own.
 */
export class Bench {
  machine: Machine;
  tabs: Tabs;
  journeys: Journeys;
  flight: Flight;
  timeline: Timeline;
  tables: Tables;
  /** Virtual time, ns, at which it left the other; null for the one that goes on. */
  since: number | null;
  /** Tells branches apart. */
  number = 0;

  constructor(engine: Engine, settings: Settings, since: number | null = null) {
    this.since = since;
    this.machine = new Machine(engine);
    this.tabs = new Tabs(this.machine);
    this.journeys = new Journeys(this.machine);
    this.flight = new Flight(settings);
    this.timeline = new Timeline(this.machine, this.journeys);
    this.tables = new Tables(this.machine, this.timeline.past);
    this.machine.onMoves = (moves) => this.flight.add(moves);
    this.machine.onJourneys = () => {
      this.journeys.refresh();
      this.timeline.refresh();
    };
    this.machine.onNews = () => this.tables.refresh();
  }

  /** For ids in the page. */
  get name(): string {
    return this.since === null ? "live" : `branch${this.number}`;
  }

  /** Nobody will look at it again. */
  end(): void {
    this.timeline.past.clear();
    this.machine.end();
  }

  /** Everything that shows its world begins anew. */
  begin(): void {
    this.flight.clear();
    this.journeys.clear();
    this.timeline.clear();
    this.tables.clear();
    this.tabs.begin();
  }
}

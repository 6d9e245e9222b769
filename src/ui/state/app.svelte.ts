import type { OpenOptions } from "../../worker/protocol.ts";
import { Journeys } from "../journey/journeys.svelte.ts";
import { Lessons } from "../lesson/lessons.svelte.ts";
import { Flight } from "../map/flight.svelte.ts";
import { Tabs } from "../terminal/tabs.svelte.ts";
import { DEFAULT_WORLD, Machine } from "./machine.svelte.ts";
import { Settings } from "./settings.svelte.ts";

export type Area = "lesson" | "map" | "terminal" | "journeys";

/** All that the parts of the page share. */
export class App {
  settings = new Settings();
  machine = new Machine();
  tabs = new Tabs(this.machine);
  lessons = new Lessons(this.machine, this.tabs);
  journeys = new Journeys(this.machine);
  flight = new Flight(this.settings);
  /** Which area a phone shows. */
  area = $state<Area>("terminal");
  /** The journeys take the map's place too. */
  wide = $state(false);

  constructor() {
    this.machine.onMoves = (moves) => this.flight.add(moves);
    this.machine.onJourneys = () => this.journeys.refresh();
  }

  /** Open a world: everything that shows one begins anew. */
  async open(options: OpenOptions): Promise<void> {
    if (!(await this.machine.open(options))) return;
    this.flight.clear();
    this.journeys.clear();
    this.tabs.begin();
    await this.machine.listen();
  }

  /** Another world, by the chooser: the address names it, so that it can be passed on. */
  async choose(world: string): Promise<void> {
    const address = new URL(location.href);
    address.searchParams.set("world", world);
    history.replaceState(null, "", address);
    await this.open({ world });
  }

  /** The same world again, from its first moment. */
  async reset(): Promise<void> {
    await this.open({ world: this.machine.topology?.world.name ?? DEFAULT_WORLD });
  }
}

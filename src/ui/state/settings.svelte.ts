import { remember, remembered } from "./storage.ts";

export type ThemeChoice = "dark" | "light" | "system";

const bright = matchMedia("(prefers-color-scheme: light)");
const roomy = matchMedia("(min-width: 1181px) and (min-height: 860px)");
const still = matchMedia("(prefers-reduced-motion: reduce)");

/** What a person chose for the look of the page; kept by the browser. */
export class Settings {
  choice = $state<ThemeChoice>("system");
  systemIsLight = $state(bright.matches);
  /** No flights of packets: the person asked for less motion. */
  calm = $state(still.matches);
  /** There is height for the map above everything else. */
  roomy = $state(roomy.matches);
  screenReader = $state(false);
  /** Shares of the panes, each of what is divided: terminals' height, beside the journeys or with them; journeys' width. */
  terminalShare = $state(0.44);
  belowShare = $state(0.6);
  journeyShare = $state(0.42);
  lessonShare = $state(0.76);
  /** Whether the map takes the whole width; "auto": in lessons, where nodes stand side by side. */
  map = $state<"auto" | "across" | "beside">("auto");
  showArp = $state(false);

  theme: "dark" | "light" = $derived(
    this.choice === "system" ? (this.systemIsLight ? "light" : "dark") : this.choice,
  );

  constructor() {
    const choice = remembered<string>("theme", "system");
    if (choice === "dark" || choice === "light") this.choice = choice;
    this.screenReader = remembered("screenReader", false);
    this.terminalShare = share(remembered("terminalShare", this.terminalShare));
    this.belowShare = share(remembered("belowShare", this.belowShare));
    this.journeyShare = share(remembered("journeyShare", this.journeyShare));
    this.lessonShare = share(remembered("lessonShare", this.lessonShare));
    const map = remembered<string>("map", "auto");
    if (map === "across" || map === "beside") this.map = map;
    this.showArp = remembered("showArp", false);
    bright.addEventListener("change", (event) => {
      this.systemIsLight = event.matches;
    });
    roomy.addEventListener("change", (event) => {
      this.roomy = event.matches;
    });
    still.addEventListener("change", (event) => {
      this.calm = event.matches;
    });
  }

  setTheme(choice: ThemeChoice): void {
    this.choice = choice;
    remember("theme", choice);
  }

  setScreenReader(on: boolean): void {
    this.screenReader = on;
    remember("screenReader", on);
  }

  setMap(choice: "across" | "beside"): void {
    this.map = choice;
    remember("map", choice);
  }

  setShowArp(on: boolean): void {
    this.showArp = on;
    remember("showArp", on);
  }

  keepLayout(): void {
    remember("terminalShare", this.terminalShare);
    remember("belowShare", this.belowShare);
    remember("journeyShare", this.journeyShare);
    remember("lessonShare", this.lessonShare);
  }
}

/** A share of a pane that leaves something of both sides. */
export function share(value: number): number {
  return Math.min(0.85, Math.max(0.15, Number.isFinite(value) ? value : 0.5));
}

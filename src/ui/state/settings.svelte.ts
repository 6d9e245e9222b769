import { remember, remembered } from "./storage.ts";

export type ThemeChoice = "dark" | "light" | "system";

const bright = matchMedia("(prefers-color-scheme: light)");
const still = matchMedia("(prefers-reduced-motion: reduce)");

/** What a person chose for the look of the page; kept by the browser. */
export class Settings {
  choice = $state<ThemeChoice>("system");
  systemIsLight = $state(bright.matches);
  /** No flights of packets: the person asked for less motion. */
  calm = $state(still.matches);
  screenReader = $state(false);
  /** Shares of the panes, each of what is divided: terminals' height, journeys' width. */
  terminalShare = $state(0.44);
  journeyShare = $state(0.42);
  lessonShare = $state(0.76);
  showArp = $state(false);

  theme: "dark" | "light" = $derived(
    this.choice === "system" ? (this.systemIsLight ? "light" : "dark") : this.choice,
  );

  constructor() {
    const choice = remembered<string>("theme", "system");
    if (choice === "dark" || choice === "light") this.choice = choice;
    this.screenReader = remembered("screenReader", false);
    this.terminalShare = share(remembered("terminalShare", this.terminalShare));
    this.journeyShare = share(remembered("journeyShare", this.journeyShare));
    this.lessonShare = share(remembered("lessonShare", this.lessonShare));
    this.showArp = remembered("showArp", false);
    bright.addEventListener("change", (event) => {
      this.systemIsLight = event.matches;
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

  setShowArp(on: boolean): void {
    this.showArp = on;
    remember("showArp", on);
  }

  keepLayout(): void {
    remember("terminalShare", this.terminalShare);
    remember("journeyShare", this.journeyShare);
    remember("lessonShare", this.lessonShare);
  }
}

/** A share of a pane that leaves something of both sides. */
export function share(value: number): number {
  return Math.min(0.85, Math.max(0.15, Number.isFinite(value) ? value : 0.5));
}

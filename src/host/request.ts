import type { Sim } from "../sim/sim.ts";
import { WaitQueue } from "../sim/wait.ts";
import type { Process } from "./process.ts";

/** The page is asked to open a file in its editor; `edit` waits until it is closed. */
export class PageRequest {
  kind = "edit" as const;
  /** Who asks, and waits. */
  process: Process;
  /** Absolute. The page reads and saves it through `machine.fs`. */
  path: string;
  line: number;
  answer: "open" | "saved" | "closed" = "open";
  answered = new WaitQueue();

  constructor(process: Process, path: string, line: number) {
    this.process = process;
    this.path = path;
    this.line = line;
  }

  /** The page is done with it: the file was saved, or closed as it was. */
  close(sim: Sim, answer: "saved" | "closed"): void {
    this.answer = answer;
    this.answered.wakeAll(sim);
  }
}

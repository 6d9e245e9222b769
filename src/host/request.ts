import type { Sim } from "../sim/sim.ts";
import { WaitQueue } from "../sim/wait.ts";
import type { Machine } from "./machine.ts";

/** The page is asked to open a file in its editor; `edit` waits until it is closed. */
export class PageRequest {
  kind = "edit" as const;
  machine: Machine;
  /** Absolute. The page reads and saves it through `machine.fs`. */
  path: string;
  line: number;
  answer: "open" | "saved" | "closed" = "open";
  answered = new WaitQueue();

  constructor(machine: Machine, path: string, line: number) {
    this.machine = machine;
    this.path = path;
    this.line = line;
  }

  /** The page is done with it: the file was saved, or closed as it was. */
  close(sim: Sim, answer: "saved" | "closed"): void {
    this.answer = answer;
    this.answered.wakeAll(sim);
  }
}

import type { Sim } from "../sim/sim.ts";

/** A line that a container wrote. */
export interface LogLine {
  /** Virtual time, ns. */
  at: number;
  text: string;
}

/** What a container wrote, kept by its node: `kubectl logs`. */
export class ContainerLog {
  sim: Sim;
  lines: LogLine[] = [];

  constructor(sim: Sim) {
    this.sim = sim;
  }

  write(text: string): void {
    this.lines.push({ at: this.sim.now, text });
  }
}

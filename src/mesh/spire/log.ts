import type { Sim } from "../../sim/sim.ts";
import type { Output } from "../log.ts";

export type LogField = readonly [name: string, value: string | number | boolean];

/** A line of SPIRE's programs: time="…" level=info msg="…" name=value (sirupsen/logrus, TextFormatter). */
export class SpireLog {
  sim: Sim;
  output: Output;

  constructor(sim: Sim, output: Output) {
    this.sim = sim;
    this.output = output;
  }

  write(
    level: "info" | "warning" | "error",
    message: string,
    fields: readonly LogField[] = [],
  ): void {
    const time = new Date(this.sim.epoch + Math.floor(this.sim.now / 1e6)).toISOString();
    const all: LogField[] = [
      ["time", `${time.slice(0, 19)}Z`],
      ["level", level],
      ["msg", message],
      // What follows the message stands in the order of the names.
      ...[...fields].sort(([a], [b]) => (a < b ? -1 : 1)),
    ];
    const quoted = (value: LogField[1]): string =>
      /^[A-Za-z0-9\-._/@^+]+$/.test(String(value)) ? String(value) : JSON.stringify(value);
    this.output.write(all.map(([name, value]) => `${name}=${quoted(value)}`).join(" "));
  }
}

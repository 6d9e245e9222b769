import type { Sim } from "../sim/sim.ts";

/** Where a program's lines go: its container's log. */
export interface Output {
  write(text: string): void;
}

/** The virtual time of day, with microseconds: "2022-11-21T08:00:00.123456Z". */
export function timestamp(sim: Sim): string {
  const ms = sim.epoch + Math.floor(sim.now / 1e6);
  const micros = String(Math.floor(sim.now / 1e3) % 1000).padStart(3, "0");
  return new Date(ms).toISOString().replace("Z", `${micros}Z`);
}

/** A line as istio.io/pkg/log writes it; Rust's ztunnel writes the same. `scope` "" for none. */
export function logLine(sim: Sim, level: string, scope: string, text: string): string {
  return [timestamp(sim), level, ...(scope ? [scope] : []), text].join("\t");
}

/** As Go prints a time.Duration: "23h59m59.998s", "12.5ms". */
export function goDuration(ns: number): string {
  const digits = (value: number): string => String(Number(value.toFixed(9)));
  if (ns < 1e3) return ns === 0 ? "0s" : `${ns}ns`;
  if (ns < 1e6) return `${digits(ns / 1e3)}µs`;
  if (ns < 1e9) return `${digits(ns / 1e6)}ms`;
  const hours = Math.floor(ns / 3600e9);
  const minutes = Math.floor(ns / 60e9) % 60;
  const seconds = `${digits((ns % 60e9) / 1e9)}s`;
  if (hours) return `${hours}h${minutes}m${seconds}`;
  return minutes ? `${minutes}m${seconds}` : seconds;
}

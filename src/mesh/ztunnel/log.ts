import type { ContainerLog } from "../../kube/log.ts";
import type { Sim } from "../../sim/sim.ts";
import { timestamp } from "../log.ts";

export const LEVELS = ["off", "error", "warn", "info", "debug", "trace"] as const;
export type Level = (typeof LEVELS)[number];

/** A field of a line: text is quoted, what is "bare" (addresses, numbers) is not. */
export type LogField = readonly [name: string, value: string | null, kind?: "bare"];

/** Of names of servers; the library is noisy (ztunnel: src/telemetry.rs, default_filter). */
const DEFAULT_FILTER = "hickory_server::server=off,info";

/** As Rust's `{:?}` prints a string. */
export function quoted(text: string): string {
  const escaped = text
    .replaceAll("\\", "\\\\")
    .replaceAll('"', '\\"')
    .replaceAll("\n", "\\n")
    .replaceAll("\t", "\\t");
  return `"${escaped}"`;
}

/**
 * The container's log in Istio's plain format (ztunnel: src/telemetry.rs, IstioFormat): time, level,
 * target, message and fields, with tabs between them.
 */
export class ZtunnelLog {
  sim: Sim;
  container: ContainerLog;
  /** Directives in force: "level" or "target=level", comma-separated; later ones win. */
  filter = DEFAULT_FILTER;

  constructor(sim: Sim, container: ContainerLog) {
    this.sim = sim;
    this.container = container;
  }

  write(
    level: Exclude<Level, "off">,
    target: string,
    message: string,
    fields: readonly LogField[] = [],
  ): void {
    if (!this.shows(level, target)) return;
    const { sim } = this;
    const text = fields
      .filter(([, value]) => value !== null)
      .map(([name, value, kind]) => `${name}=${kind === "bare" ? value : quoted(value ?? "")}`)
      .join(" ");
    this.container.write(`${timestamp(sim)}\t${level}\t${target}\t${message}\t${text}`);
  }

  shows(level: Level, target: string): boolean {
    let limit: Level = "off";
    let specific = -1;
    for (const directive of this.filter.split(",")) {
      const [scope, value] = directive.includes("=") ? directive.split("=") : ["", directive];
      const name = (scope ?? "").replace(/^ztunnel(::|$)/, "");
      const applies = name === "" || target === name || target.startsWith(`${name}::`);
      if (!applies || name.length < specific) continue;
      specific = name.length;
      limit = value as Level;
    }
    return LEVELS.indexOf(level) <= LEVELS.indexOf(limit);
  }

  /** `POST /logging?level=…`; false when a directive names no level. */
  change(level: string, reset: boolean): boolean {
    const valid = level
      .split(",")
      .filter(Boolean)
      .every((clause) => LEVELS.includes((clause.split("=").pop() ?? "") as Level));
    if (!valid) return false;
    const start = reset ? DEFAULT_FILTER : this.filter;
    this.filter = level ? dropShadowed(`${start},${level}`) : start;
    this.write("info", "telemetry", `new log filter is ${this.filter}`);
    return true;
  }
}

/** The last word about each target stands. */
function dropShadowed(filter: string): string {
  const byTarget = new Map<string, string>();
  for (const directive of filter.split(","))
    byTarget.set(directive.includes("=") ? (directive.split("=")[0] ?? "") : "", directive);
  const plain = byTarget.get("");
  byTarget.delete("");
  return [...byTarget.values(), ...(plain ? [plain] : [])].join(",");
}

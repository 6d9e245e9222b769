import type { Sim } from "../sim/sim.ts";

/** A line of Kubernetes' own programs: "I0601 08:00:00.000123       1 proxier.go:42] text" (k8s.io/klog, formatHeader). */
export function klogLine(
  sim: Sim,
  level: "I" | "W" | "E",
  file: string,
  line: number,
  text: string,
): string {
  const iso = new Date(sim.epoch + Math.floor(sim.now / 1e6)).toISOString();
  const micros = String(Math.floor(sim.now / 1e3) % 1000).padStart(3, "0");
  const day = iso.slice(5, 10).replace("-", "");
  return `${level}${day} ${iso.slice(11, 23)}${micros}       1 ${file}:${line}] ${text}`;
}

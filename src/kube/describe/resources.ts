import type { Pod } from "../api/pod.ts";

const UNITS: Record<string, number> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
  Ti: 1024 ** 4,
};

/** A quantity as a number: cores, bytes (k8s.io/apimachinery/pkg/api/resource). */
export function amount(text: string): number {
  const [, digits = "0", unit = ""] = /^([-+]?[\d.]+)([a-zA-Z]*)$/.exec(text) ?? [];
  return Number(digits) * (UNITS[unit] ?? 1);
}

/** The canonical text of an amount. */
function amountText(name: string, value: number): string {
  if (name === "cpu")
    return Number.isInteger(value) ? String(value) : `${Math.round(value * 1000)}m`;
  for (const unit of ["Ti", "Gi", "Mi", "Ki"])
    if (value > 0 && value % (UNITS[unit] as number) === 0)
      return `${value / (UNITS[unit] as number)}${unit}`;
  return String(value);
}

/** "100m (10%)". */
export function shareText(
  name: string,
  value: number,
  allocatable: Record<string, string>,
): string {
  const all = amount(allocatable[name] ?? "0");
  return `${amountText(name, value)} (${all ? Math.floor((value / all) * 100) : 0}%)`;
}

/** What the containers of pods ask for, and may have at most, added up by resource. */
export function requestsOf(pods: readonly Pod[]): {
  requests: Record<string, number>;
  limits: Record<string, number>;
} {
  const requests: Record<string, number> = {};
  const limits: Record<string, number> = {};
  const add = (to: Record<string, number>, from: Record<string, string> = {}): void => {
    for (const [name, text] of Object.entries(from)) to[name] = (to[name] ?? 0) + amount(text);
  };
  for (const { resources } of pods.flatMap((pod) => pod.spec.containers)) {
    add(requests, { ...resources?.limits, ...resources?.requests });
    add(limits, resources?.limits);
  }
  return { requests, limits };
}

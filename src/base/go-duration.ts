const UNITS: Record<string, number> = { h: 3600, m: 60, s: 1 };

/** Go's time.ParseDuration of whole units, in s: "1h30m"; 0 for what is none. */
export function goSeconds(text: string): number {
  let sum = 0;
  for (const [, value, unit = "s"] of text.matchAll(/(\d+)([hms])/g))
    sum += Number(value) * (UNITS[unit] ?? 1);
  return sum;
}

/** "3/minute": how many, in how many seconds; null when it is no rate (libxt_limit.c, parse_rate). */
export function parseRate(text: string): { count: number; seconds: number } | null {
  const slash = text.indexOf("/");
  let seconds = 1;
  if (slash >= 0) {
    const unit = text.slice(slash + 1).toLowerCase();
    if (unit === "") return null;
    if ("second".startsWith(unit)) seconds = 1;
    else if ("minute".startsWith(unit)) seconds = 60;
    else if ("hour".startsWith(unit)) seconds = 3600;
    else if ("day".startsWith(unit)) seconds = 86400;
    else return null;
  }
  const count = Number.parseInt(text, 10);
  return Number.isNaN(count) || count === 0 ? null : { count, seconds };
}

const UNITS: readonly (readonly [string, number])[] = [
  ["day", 86400],
  ["hour", 3600],
  ["min", 60],
  ["sec", 1],
];

/** A period in 1/`scale` seconds as " 5/min", and the unit's seconds (libxt_limit.c, print_rate). */
export function rateText(period: number, scale: number): { text: string; seconds: number } {
  if (period === 0) return { text: " inf", seconds: 0 };
  let i = 1;
  for (; i < UNITS.length; i++) {
    const unit = (UNITS[i]?.[1] ?? 1) * scale;
    if (period > unit || Math.floor(unit / period) < unit % period) break;
  }
  const [name, seconds] = UNITS[i - 1] as (typeof UNITS)[number];
  return { text: ` ${Math.floor((seconds * scale) / period)}/${name}`, seconds };
}

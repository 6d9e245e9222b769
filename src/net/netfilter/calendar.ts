import { XtUsageError } from "./extension.ts";

export const WEEKDAYS = ["", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"] as const;
export const ALL_WEEKDAYS = 0xfe;
export const ALL_MONTHDAYS = 0xfffffffe;
export const LAST_SECOND = 86399;

/** YYYY[-MM[-DD[Thh[:mm[:ss]]]]] in UTC, as seconds (libxt_time.c, time_parse_date). */
export function parseDate(text: string): number {
  const found = /^(\d+)(?:-(\d+)(?:-(\d+)(?:T(\d+)(?::(\d+)(?::(\d+))?)?)?)?)?$/.exec(text);
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = (found ?? [])
    .slice(1)
    .map((part) => (part === undefined ? undefined : Number(part)));
  const sane =
    year >= 1970 &&
    year <= 2038 &&
    month <= 12 &&
    day <= 31 &&
    hour <= 23 &&
    minute <= 59 &&
    second <= 59;
  if (!found || !sane)
    throw new XtUsageError(
      `Invalid date "${text}" specified. Should be YYYY[-MM[-DD[Thh[:mm[:ss]]]]]`,
    );
  return Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
}

/** hh:mm[:ss] as seconds of the day (libxt_time.c, time_parse_minutes). */
export function parseDaytime(text: string): number {
  const [, hour = "", minute = "", second = "0"] = /^(\d+):(\d+)(?::(\d+))?$/.exec(text) ?? [];
  if (hour === "" || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59)
    throw new XtUsageError(
      `invalid time "${text}" specified, should be hh:mm[:ss] format and within the boundaries`,
    );
  return Number(hour) * 3600 + Number(minute) * 60 + Number(second);
}

export function parseMonthdays(text: string): number {
  let mask = 0;
  for (const word of text.split(",").filter((part) => part !== "")) {
    const short = word.slice(0, 2);
    const day = /^\d+$/.test(short) ? Number(short) : Number.NaN;
    if (!(day <= 31)) throw new XtUsageError(`${short} is not a valid day for --monthdays`);
    mask |= 1 << day;
  }
  return mask >>> 0;
}

export function parseWeekdays(text: string): number {
  let mask = 0;
  for (const word of text.split(",").filter((part) => part !== "")) {
    const short = word.slice(0, 3);
    if (/^\d+$/.test(short)) {
      if (Number(short) === 0) throw new XtUsageError("No, the week does NOT begin with Sunday.");
      mask |= 1 << Number(short);
      continue;
    }
    const found = WEEKDAYS.findIndex(
      (name) => name !== "" && name.slice(0, 2) === short.slice(0, 2),
    );
    if (found < 0) throw new XtUsageError(`${short} is not a valid day specifier`);
    mask |= 1 << found;
  }
  return mask;
}

export function clockText(seconds: number): string {
  const two = (n: number): string => String(n).padStart(2, "0");
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

export function monthdaysText(mask: number, ordinal: boolean): string {
  const days: string[] = [];
  const suffix = (day: number): string =>
    ordinal ? ({ 1: "st", 2: "nd", 3: "rd" }[day % 10] ?? "th") : "";
  for (let day = 1; day <= 31; day++) if ((mask >>> day) & 1) days.push(`${day}${suffix(day)}`);
  return days.join(",");
}

export function weekdaysText(mask: number): string {
  return WEEKDAYS.filter((_, i) => i > 0 && (mask >> i) & 1).join(",");
}

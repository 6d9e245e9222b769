import { SEC } from "../../sim/sim.ts";
import type { Command } from "../command.ts";
import { formatDate } from "../lib/date.ts";
import { getopt } from "../lib/options.ts";

const UNITS: Record<string, number> = {
  second: 1,
  sec: 1,
  minute: 60,
  min: 60,
  hour: 3600,
  day: 86400,
  week: 604800,
  month: 2629746,
  year: 31556952,
};

/** `@N`, `now`, `yesterday`, `2 days ago`, `+1 hour`, an ISO date; ms since 1970 or null. */
function parseDate(text: string, now: number): number | null {
  const word = text.trim();
  if (/^@-?\d+(\.\d+)?$/.test(word)) return Number(word.slice(1)) * 1000;
  if (word === "" || word === "now" || word === "today") return now;
  if (word === "yesterday") return now - 86400000;
  if (word === "tomorrow") return now + 86400000;
  const relative = [...word.matchAll(/([-+]?\s*\d+)\s*([a-z]+?)s?\b(\s+ago)?/g)];
  if (
    relative.length &&
    relative.map((match) => match[0]).join(" ").length >= word.replace(/\s+/g, " ").length - 1
  ) {
    let at = now;
    for (const [, amount = "", unit = "", ago] of relative) {
      const seconds = UNITS[unit];
      if (seconds === undefined) return null;
      at += Number(amount.replace(/\s/g, "")) * seconds * 1000 * (ago ? -1 : 1);
    }
    return at;
  }
  const zoned = /([zZ]|[-+]\d{2}:?\d{2}|UTC|GMT)$/.test(word) && /:/.test(word);
  const at = Date.parse(zoned ? word : `${word.replace(" ", "T")}${/:/.test(word) ? "Z" : ""}`);
  return Number.isNaN(at) ? null : at;
}

export const date: Command = {
  name: "date",
  summary: "print the system date and time",
  group: "system",
  man: `date [-u] [-d TEXT] [-I|-R] [+FORMAT]

Print the machine's time, which began with the world.
  -d TEXT   another time: @SECONDS, yesterday, "2 hours ago", 2022-11-21 08:00
  FORMAT    %F date  %T time  %s seconds  %N nanoseconds  %Y %m %d %H %M %S`,
  *run(p, argv) {
    const options = getopt(argv, "ud:RI::s:r:", {
      utc: "u",
      universal: "u",
      "date=": "d",
      "rfc-email": "R",
      "iso-8601=?": "I",
      "rfc-3339=": "3339",
      "set=": "s",
    });
    if (options.error) {
      yield* p.err(options.error);
      return 1;
    }
    const nowNs = p.sim.now;
    const now = p.sim.epoch + Math.floor(nowNs / (SEC / 1000));
    const text = options.get("d");
    let at = now;
    let nanoseconds = Math.floor(nowNs % SEC);
    if (text !== null) {
      const parsed = parseDate(text, now);
      if (parsed === null) {
        yield* p.err(`date: invalid date ‘${text}’\n`);
        return 1;
      }
      at = parsed;
      if (parsed !== now) nanoseconds = Math.round((((parsed % 1000) + 1000) % 1000) * 1e6);
    }
    if (options.has("s")) {
      yield* p.err("date: cannot set date: Operation not permitted\n");
      return 1;
    }
    const [format] = options.operands;
    if (format !== undefined && !format.startsWith("+")) {
      yield* p.err(`date: invalid date ‘${format}’\n`);
      return 1;
    }
    let pattern = format?.slice(1) ?? "%a %b %e %H:%M:%S %Z %Y";
    if (options.has("R")) pattern = "%a, %d %b %Y %H:%M:%S %z";
    if (options.has("I")) {
      const precision = options.get("I") ?? "date";
      pattern = precision.startsWith("s")
        ? "%FT%T%:z"
        : precision.startsWith("n")
          ? "%FT%T,%N%:z"
          : precision.startsWith("m")
            ? "%FT%H:%M%:z"
            : "%F";
    }
    if (options.has("3339")) pattern = options.get("3339")?.startsWith("d") ? "%F" : "%F %T%:z";
    yield* p.out(`${formatDate(pattern, new Date(at), nanoseconds)}\n`);
    return 0;
  },
};

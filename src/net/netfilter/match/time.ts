import {
  ALL_MONTHDAYS,
  ALL_WEEKDAYS,
  clockText,
  LAST_SECOND,
  monthdaysText,
  parseDate,
  parseDaytime,
  parseMonthdays,
  parseWeekdays,
  weekdaysText,
} from "../calendar.ts";
import { defineMatch, XtUsageError } from "../extension.ts";
import { given, value } from "../option.ts";

const FOREVER = 0x7fffffff;

interface TimeInfo {
  dateStart: number;
  dateStop: number;
  dayStart: number;
  dayStop: number;
  monthdays: number;
  weekdays: number;
  contiguous: boolean;
  kernelZone: boolean;
}

function dateText(seconds: number, separator: string): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19).replace("T", separator);
}

export default defineMatch<TimeInfo>({
  name: "time",
  linux: "net/netfilter/xt_time.c",
  help:
    "time match options:\n" +
    "    --datestart time, --datestop time    YYYY[-MM[-DD[Thh[:mm[:ss]]]]]\n" +
    "    --timestart time, --timestop time    hh:mm[:ss]\n" +
    "[!] --monthdays value                    1 to 31, separated by commas\n" +
    "[!] --weekdays value                     Mon to Sun or 1 to 7, separated by commas\n" +
    "    --contiguous                         timestop may be on the next day\n" +
    "    --kerneltz                           the kernel's time zone instead of UTC\n",
  options: [
    { name: "datestart", args: 1, invert: false },
    { name: "datestop", args: 1, invert: false },
    { name: "timestart", args: 1, invert: false },
    { name: "timestop", args: 1, invert: false },
    { name: "contiguous", args: 0, invert: false },
    { name: "weekdays", args: 1, invert: true },
    { name: "monthdays", args: 1, invert: true },
    { name: "localtz", args: 0, invert: false, excludes: ["utc"] },
    { name: "utc", args: 0, invert: false, excludes: ["localtz", "kerneltz"] },
    { name: "kerneltz", args: 0, invert: false, excludes: ["utc"] },
  ],
  parse(options, context) {
    const info: TimeInfo = {
      dateStart: 0,
      dateStop: FOREVER,
      dayStart: 0,
      dayStop: LAST_SECOND,
      monthdays: ALL_MONTHDAYS,
      weekdays: ALL_WEEKDAYS,
      contiguous: false,
      kernelZone: false,
    };
    for (const option of options)
      if (option.name === "datestart") info.dateStart = parseDate(value(option));
      else if (option.name === "datestop") info.dateStop = parseDate(value(option));
      else if (option.name === "timestart") info.dayStart = parseDaytime(value(option));
      else if (option.name === "timestop") info.dayStop = parseDaytime(value(option));
      else if (option.name === "contiguous") info.contiguous = true;
      else if (option.name === "weekdays")
        info.weekdays = parseWeekdays(value(option)) ^ (option.invert ? ALL_WEEKDAYS : 0);
      else if (option.name === "monthdays")
        info.monthdays =
          (parseMonthdays(value(option)) ^ (option.invert ? ALL_MONTHDAYS : 0)) >>> 0;
      else if (option.name !== "utc") {
        if (option.name === "localtz")
          context.warnings.push(
            'WARNING: --localtz is being replaced by --kerneltz, since "local" is ambiguous. Note the kernel timezone has caveats - see manpage for details.',
          );
        info.kernelZone = true;
      }
    if (given(options, "contiguous") && info.dayStart < info.dayStop)
      throw new XtUsageError(
        "time: --contiguous only makes sense when stoptime is smaller than starttime",
      );
    return info;
  },
  save(info) {
    const partOfDay = info.dayStart !== 0 || info.dayStop !== LAST_SECOND;
    return (
      (partOfDay
        ? ` --timestart ${clockText(info.dayStart)} --timestop ${clockText(info.dayStop)}`
        : "") +
      (info.monthdays === ALL_MONTHDAYS
        ? ""
        : ` --monthdays ${monthdaysText(info.monthdays, false)}`) +
      (info.weekdays === ALL_WEEKDAYS ? "" : ` --weekdays ${weekdaysText(info.weekdays)}`) +
      (info.dateStart === 0 ? "" : ` --datestart ${dateText(info.dateStart, "T")}`) +
      // The end of time is printed although nobody gave it: the real tool compares it with LONG_MAX.
      ` --datestop ${dateText(info.dateStop, "T")}` +
      (info.kernelZone ? " --kerneltz" : "") +
      (info.contiguous ? " --contiguous" : "")
    );
  },
  print(info) {
    const partOfDay = info.dayStart !== 0 || info.dayStop !== LAST_SECOND;
    return (
      " TIME" +
      (partOfDay ? ` from ${clockText(info.dayStart)} to ${clockText(info.dayStop)}` : "") +
      (info.weekdays === ALL_WEEKDAYS ? "" : ` on ${weekdaysText(info.weekdays)}`) +
      (info.monthdays === ALL_MONTHDAYS ? "" : ` on ${monthdaysText(info.monthdays, true)}`) +
      (info.dateStart === 0 ? "" : ` starting from ${dateText(info.dateStart, " ")}`) +
      (info.dateStop === FOREVER ? "" : ` until date ${dateText(info.dateStop, " ")}`) +
      (info.kernelZone ? "" : " UTC") +
      (info.contiguous ? " contiguous" : "")
    );
  },
  matches(info, _skb, par) {
    const { epoch, now } = par.ns.sim;
    let stamp = Math.floor(epoch / 1000 + now / 1e9);
    if (stamp < info.dateStart || stamp > info.dateStop) return false;
    const second = stamp % 86400;
    if (info.dayStart < info.dayStop) {
      if (second < info.dayStart || second > info.dayStop) return false;
    } else {
      if (second < info.dayStart && second > info.dayStop) return false;
      // After midnight a contiguous span still belongs to the day on which it began.
      if (info.contiguous && second < info.dayStop) stamp -= 86400;
    }
    const date = new Date(stamp * 1000);
    if (!((info.weekdays >> (date.getUTCDay() || 7)) & 1)) return false;
    return ((info.monthdays >>> date.getUTCDate()) & 1) === 1;
  },
  examples: [
    [
      "-m time --timestart 01:02:03 --timestop 04:05:06 --weekdays Mon,Fri",
      "-m time --timestart 01:02:03 --timestop 04:05:06 --weekdays Mon,Fri --datestop 2038-01-19T03:14:07",
    ],
    ["-m time --timestart 25:00", null],
  ],
});

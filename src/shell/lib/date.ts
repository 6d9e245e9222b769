const DAYS = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");
const MONTHS =
  "January February March April May June July August September October November December".split(
    " ",
  );

const pad = (n: number, width = 2, fill = "0") => String(n).padStart(width, fill);

/** strftime in the C locale and UTC, the time zone of every machine here. */
export function formatDate(format: string, at: Date, nanoseconds = 0): string {
  const day = at.getUTCDay();
  const hour = at.getUTCHours();
  const year = at.getUTCFullYear();
  const yearStart = Date.UTC(year, 0, 1);
  const yday = Math.floor((at.getTime() - yearStart) / 86400000);
  const one = (c: string): string => {
    switch (c) {
      case "a":
        return (DAYS[day] as string).slice(0, 3);
      case "A":
        return DAYS[day] as string;
      case "b":
      case "h":
        return (MONTHS[at.getUTCMonth()] as string).slice(0, 3);
      case "B":
        return MONTHS[at.getUTCMonth()] as string;
      case "c":
        return formatDate("%a %b %e %H:%M:%S %Y", at);
      case "C":
        return pad(Math.floor(year / 100));
      case "d":
        return pad(at.getUTCDate());
      case "D":
      case "x":
        return formatDate("%m/%d/%y", at);
      case "e":
        return pad(at.getUTCDate(), 2, " ");
      case "F":
        return formatDate("%Y-%m-%d", at);
      case "g":
        return pad(isoWeek(at).year % 100);
      case "G":
        return String(isoWeek(at).year);
      case "H":
        return pad(hour);
      case "I":
        return pad(hour % 12 || 12);
      case "j":
        return pad(yday + 1, 3);
      case "k":
        return pad(hour, 2, " ");
      case "l":
        return pad(hour % 12 || 12, 2, " ");
      case "m":
        return pad(at.getUTCMonth() + 1);
      case "M":
        return pad(at.getUTCMinutes());
      case "n":
        return "\n";
      case "N":
        return pad(nanoseconds, 9);
      case "p":
        return hour < 12 ? "AM" : "PM";
      case "P":
        return hour < 12 ? "am" : "pm";
      case "q":
        return String(Math.floor(at.getUTCMonth() / 3) + 1);
      case "r":
        return formatDate("%I:%M:%S %p", at);
      case "R":
        return formatDate("%H:%M", at);
      case "s":
        return String(Math.floor(at.getTime() / 1000));
      case "S":
        return pad(at.getUTCSeconds());
      case "t":
        return "\t";
      case "T":
      case "X":
        return formatDate("%H:%M:%S", at);
      case "u":
        return String(day || 7);
      case "U":
        return pad(Math.floor((yday + 7 - day) / 7));
      case "V":
        return pad(isoWeek(at).week);
      case "w":
        return String(day);
      case "W":
        return pad(Math.floor((yday + 7 - ((day + 6) % 7)) / 7));
      case "y":
        return pad(year % 100);
      case "Y":
        return String(year);
      case "z":
        return "+0000";
      case "Z":
        return "UTC";
      case "%":
        return "%";
    }
    return `%${c}`;
  };
  return format.replace(
    /%([-_0^#]?)(\d*)(:*)([a-zA-Z%])/g,
    (_, flag: string, width, colons, c: string) => {
      if (colons && c === "z") return colons.length === 1 ? "+00:00" : "+00:00:00";
      let text = one(c);
      if (c === "N" && width) return text.slice(0, Number(width));
      if (flag === "-") text = text.replace(/^[0 ]+(?=.)/, "");
      if (flag === "_") text = text.replace(/^0+(?=.)/, (zeros) => " ".repeat(zeros.length));
      if (flag === "^") text = text.toUpperCase();
      return width ? text.padStart(Number(width), flag === "_" ? " " : "0") : text;
    },
  );
}

function isoWeek(at: Date): { year: number; week: number } {
  const thursday = new Date(at.getTime() + (4 - (at.getUTCDay() || 7)) * 86400000);
  const year = thursday.getUTCFullYear();
  return { year, week: Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / 604800000) + 1 };
}

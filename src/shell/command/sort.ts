import type { Command } from "../command.ts";
import { readInput, splitLines } from "../lib/input.ts";
import { byLocale } from "../lib/locale.ts";
import { getopt } from "../lib/options.ts";
import { Output } from "../lib/output.ts";

interface Key {
  from: number;
  fromChar: number;
  to: number;
  toChar: number;
  flags: string;
}

function keyOf(spec: string): Key | null {
  const match = /^(\d+)(?:\.(\d+))?([a-zA-Z]*)(?:,(\d+)(?:\.(\d+))?([a-zA-Z]*))?$/.exec(spec);
  if (!match) return null;
  return {
    from: Number(match[1]),
    fromChar: Number(match[2] ?? 1),
    to: match[4] === undefined ? 0 : Number(match[4]),
    toChar: Number(match[5] ?? 0),
    flags: (match[3] ?? "") + (match[6] ?? ""),
  };
}

/** Fields with the blanks before them, or cut at the separator (POSIX sort). */
function fieldsOf(line: string, separator: string | null): [number, number][] {
  const out: [number, number][] = [];
  if (separator !== null) {
    let at = 0;
    for (;;) {
      const end = line.indexOf(separator, at);
      out.push([at, end < 0 ? line.length : end]);
      if (end < 0) return out;
      at = end + 1;
    }
  }
  for (const match of line.matchAll(/[ \t]*[^ \t]+/g))
    out.push([match.index, match.index + match[0].length]);
  return out;
}

function extract(line: string, key: Key, separator: string | null): string {
  const fields = fieldsOf(line, separator);
  const first = fields[key.from - 1];
  if (!first) return "";
  let start = first[0];
  if (key.flags.includes("b")) while (/[ \t]/.test(line[start] ?? "")) start++;
  start += key.fromChar - 1;
  if (key.to === 0) return line.slice(start);
  const last = fields[key.to - 1];
  if (!last) return line.slice(start);
  return line.slice(start, key.toChar === 0 ? last[1] : last[0] + key.toChar);
}

const UNITS = " KMGTPE";

function numberOf(text: string, flags: string): number {
  const match = /^\s*(-?\d*(?:\.\d+)?)([KMGTPEk]?)/.exec(text);
  if (flags.includes("g")) {
    const value = Number.parseFloat(text);
    return Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value;
  }
  const value = Number(match?.[1] || 0) || 0;
  if (!flags.includes("h")) return value;
  const unit = UNITS.indexOf((match?.[2] ?? "").toUpperCase());
  return unit > 0 ? value * 1024 ** unit : value;
}

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

function version(a: string, b: string): number {
  const x = a.match(/\d+|\D+/g) ?? [];
  const y = b.match(/\d+|\D+/g) ?? [];
  for (let i = 0; i < Math.max(x.length, y.length); i++) {
    const s = x[i] ?? "";
    const t = y[i] ?? "";
    if (s === t) continue;
    if (/^\d/.test(s) && /^\d/.test(t) && Number(s) !== Number(t)) return Number(s) - Number(t);
    return byLocale(s, t);
  }
  return 0;
}

function compareBy(a: string, b: string, flags: string): number {
  if (/[ngh]/.test(flags)) return numberOf(a, flags) - numberOf(b, flags) || 0;
  if (flags.includes("M")) {
    const month = (text: string) => MONTHS.indexOf(text.trim().slice(0, 3).toUpperCase());
    return month(a) - month(b);
  }
  if (flags.includes("V")) return version(a, b);
  if (flags.includes("d")) {
    a = a.replace(/[^A-Za-z0-9 \t]/g, "");
    b = b.replace(/[^A-Za-z0-9 \t]/g, "");
  }
  if (flags.includes("f")) {
    a = a.toUpperCase();
    b = b.toUpperCase();
  }
  return byLocale(a, b);
}

export const sort: Command = {
  name: "sort",
  summary: "sort lines of text files",
  group: "text",
  man: `sort [OPTION]... [FILE]...

Print the lines of all FILEs in order.
  -n numbers   -h 2K, 1M   -V versions   -M months   -f ignore case   -r backwards
  -k POS1[,POS2]  sort by a field, e.g. -k2,2n     -t CHAR  fields are cut at CHAR
  -u each only once   -s stable   -c check only   -o FILE write there`,
  *run(p, argv) {
    const options = getopt(argv, "bcCdfghiMnrRuVsmk:t:o:z", {
      "ignore-leading-blanks": "b",
      check: "c",
      "dictionary-order": "d",
      "ignore-case": "f",
      "general-numeric-sort": "g",
      "human-numeric-sort": "h",
      "month-sort": "M",
      "numeric-sort": "n",
      reverse: "r",
      unique: "u",
      "version-sort": "V",
      stable: "s",
      "key=": "k",
      "field-separator=": "t",
      "output=": "o",
    });
    if (options.error) {
      yield* p.err(options.error);
      return 2;
    }
    const global = options.list
      .map(([letter]) => letter)
      .filter((c) => "bdfghMnrVi".includes(c))
      .join("");
    const keys: Key[] = [];
    for (const spec of options.all("k")) {
      const key = keyOf(spec);
      if (!key || key.from === 0) {
        yield* p.err(
          key
            ? `sort: field number is zero: invalid field specification ‘${spec}’\n`
            : `sort: invalid number at field start: invalid count at start of ‘${spec}’\n`,
        );
        return 2;
      }
      if (key.flags === "") key.flags = global;
      keys.push(key);
    }
    const separator = options.get("t");
    if (separator !== null && separator.length !== 1 && separator !== "\\0") {
      yield* p.err(`sort: multi-character tab ‘${separator}’\n`);
      return 2;
    }
    let lines: string[] = [];
    for (const name of options.operands.length ? options.operands : ["-"]) {
      const text =
        name === "-" || p.machine.fs.exists(p.path(name), p)
          ? yield* readInput(p, name, "sort: read failed")
          : null;
      if (text === null) {
        if (name === "-" || p.machine.fs.exists(p.path(name), p)) return 2;
        yield* p.err(`sort: cannot read: ${name}: No such file or directory\n`);
        return 2;
      }
      lines = lines.concat(splitLines(text));
    }
    const byKeys = (a: string, b: string): number => {
      if (keys.length === 0) {
        const order = compareBy(a, b, global);
        return global.includes("r") ? -order : order;
      }
      for (const key of keys) {
        const order = compareBy(extract(a, key, separator), extract(b, key, separator), key.flags);
        if (order) return key.flags.includes("r") ? -order : order;
      }
      return 0;
    };
    // Equal keys: the whole line decides, unless -s or -u.
    const whole = (a: string, b: string) =>
      global.includes("r") ? byLocale(b, a) : byLocale(a, b);
    const last = options.has("s", "u");
    const compare = (a: string, b: string) => byKeys(a, b) || (last ? 0 : whole(a, b));
    if (options.has("c", "C")) {
      for (let i = 1; i < lines.length; i++) {
        const order = compare(lines[i - 1] as string, lines[i] as string);
        if (order < 0 || (order === 0 && !options.has("u"))) continue;
        const name = options.operands[0] ?? "-";
        if (options.has("c")) yield* p.err(`sort: ${name}:${i + 1}: disorder: ${lines[i]}\n`);
        return 1;
      }
      return 0;
    }
    lines.sort(compare);
    if (options.has("u"))
      lines = lines.filter((line, i) => i === 0 || byKeys(lines[i - 1] as string, line) !== 0);
    const file = options.get("o");
    if (file !== null) {
      p.machine.fs.writeFile(p.path(file), lines.map((line) => `${line}\n`).join(""), undefined, p);
      return 0;
    }
    const out = new Output(p);
    for (const line of lines) yield* out.write(`${line}\n`);
    yield* out.flush();
    return 0;
  },
};

import { SysError } from "../../base/errno.ts";
import type { Stat } from "../../host/fs.ts";
import type { Process, Run } from "../../host/process.ts";
import type { Command } from "../command.ts";
import { inColumns } from "../complete.ts";
import { formatDate } from "../lib/date.ts";
import { byLocale } from "../lib/locale.ts";
import { getopt, type Parsed } from "../lib/options.ts";
import { quoteWord } from "../quote.ts";
import { groupName, userName } from "./identity.ts";

const HALF_YEAR = 15778476 * 1000;

/** `drwxr-xr-x` */
export function modeString(stat: Stat): string {
  const kind = { directory: "d", symlink: "l", device: "c", file: "-" }[stat.kind];
  const bits = ["x", "w", "r"];
  let out = "";
  for (let i = 8; i >= 0; i--) out += (stat.mode >> i) & 1 ? bits[i % 3] : "-";
  if (stat.mode & 0o1000) out = out.slice(0, 8) + (out[8] === "x" ? "t" : "T");
  if (stat.mode & 0o4000) out = `${out.slice(0, 2)}${out[2] === "x" ? "s" : "S"}${out.slice(3)}`;
  return kind + out;
}

/** `4.0K`, as ls -h and du -h round up. */
export function human(bytes: number): string {
  if (bytes < 1024) return String(bytes);
  let value = bytes;
  let unit = -1;
  while (value >= 1024 && unit < 4) {
    value /= 1024;
    unit++;
  }
  const rounded = value < 10 ? Math.ceil(value * 10) / 10 : Math.ceil(value);
  return `${value < 10 ? rounded.toFixed(1) : rounded}${"KMGTP"[unit]}`;
}

interface Entry {
  name: string;
  path: string;
  stat: Stat;
}

const COLORS = { directory: "01;34", symlink: "01;36", device: "40;33;01", file: "" };

class Listing {
  p: Process;
  options: Parsed;
  color: boolean;

  constructor(p: Process, options: Parsed) {
    this.p = p;
    this.options = options;
    const color = options.list.filter(([name]) => name === "color").pop();
    this.color = color
      ? color[1] === null || color[1] === "always" || (color[1] === "auto" && p.isTty(1))
      : p.isTty(1);
  }

  /** A terminal gets names that can be typed; a pipe gets them as they are. */
  shown(entry: Entry): string {
    const { name, stat } = entry;
    let text = name;
    if (this.p.isTty(1) && /[^\w@%+=:,./{}~^[\]-]/.test(name) && /[\s'"$`\\*?&;|<>()!#]/.test(name))
      text = quoteWord(name);
    if (this.color) {
      const code = COLORS[stat.kind] || (stat.kind === "file" && stat.mode & 0o111 ? "01;32" : "");
      if (code) text = `\x1b[${code}m${text}\x1b[0m`;
    }
    if (this.options.has("F", "p")) {
      if (stat.kind === "directory") text += "/";
      else if (this.options.has("F") && stat.kind === "symlink" && !this.options.has("l"))
        text += "@";
      else if (this.options.has("F") && stat.kind === "file" && stat.mode & 0o111) text += "*";
    }
    return text;
  }

  sort(entries: Entry[]): Entry[] {
    const { options } = this;
    if (options.has("U", "f")) return entries;
    const names = (a: Entry, b: Entry) => byLocale(a.name, b.name);
    entries.sort((a, b) => {
      if (options.has("S")) return b.stat.size - a.stat.size || names(a, b);
      if (options.has("t")) return b.stat.mtime - a.stat.mtime || names(a, b);
      return names(a, b);
    });
    return options.has("r") ? entries.reverse() : entries;
  }

  *print(entries: Entry[]): Run<void> {
    const { p, options } = this;
    if (options.has("l", "n", "g", "o")) {
      yield* this.long(entries);
      return;
    }
    const inode = (entry: Entry) => (options.has("i") ? `${entry.stat.ino} ` : "");
    if (options.has("m")) yield* p.out(`${entries.map((entry) => this.shown(entry)).join(", ")}\n`);
    else if (p.isTty(1) && !options.has("1")) {
      const plain = entries.map((entry) => inode(entry) + entry.name);
      const shown = entries.map((entry) => inode(entry) + this.shown(entry));
      yield* p.out(columnsOf(plain, shown, p.tty?.columns ?? 80));
    } else yield* p.out(entries.map((entry) => `${inode(entry)}${this.shown(entry)}\n`).join(""));
  }

  *long(entries: Entry[]): Run<void> {
    const { p, options } = this;
    const rows = entries.map((entry) => {
      const { stat } = entry;
      const size = options.has("h") ? human(stat.size) : String(stat.size);
      const numeric = options.has("n");
      const time = p.sim.epoch + stat.mtime / 1e6;
      const now = p.sim.epoch + p.sim.now / 1e6;
      const recent = Math.abs(now - time) < HALF_YEAR;
      const full = options.has("full-time");
      const date = formatDate(
        full ? "%F %T.000000000 +0000" : recent ? "%b %e %H:%M" : "%b %e  %Y",
        new Date(time),
      );
      const target = stat.kind === "symlink" ? ` -> ${stat.target}` : "";
      return [
        ...(options.has("i") ? [String(stat.ino)] : []),
        modeString(stat),
        String(stat.nlink),
        ...(options.has("g") ? [] : [numeric ? String(stat.uid) : userName(p, stat.uid)]),
        ...(options.has("o") ? [] : [numeric ? String(stat.gid) : groupName(p, stat.gid)]),
        size,
        date,
        this.shown(entry) + target,
      ];
    });
    const widths =
      rows[0]?.map((_, i) => Math.max(...rows.map((row) => (row[i] as string).length))) ?? [];
    for (const row of rows) {
      const cells = row.map((cell, i) => {
        if (i >= row.length - 2) return cell;
        const right = /^[\d.]+[KMGTP]?$/.test(cell);
        return right ? cell.padStart(widths[i] as number) : cell.padEnd(widths[i] as number);
      });
      yield* p.out(`${cells.join(" ")}\n`);
    }
  }

  *directory(path: string, shown: string, title: boolean, first: boolean): Run {
    const { p, options } = this;
    const { fs } = p.machine;
    let status = 0;
    const entries: Entry[] = [];
    const real = p.path(path);
    const names = fs.readdir(real, p);
    if (options.has("a", "f")) names.push(".", "..");
    for (const name of names) {
      if (name.startsWith(".") && !options.has("a", "A", "f")) continue;
      const stat = fs.tryStat(`${real}/${name}`, p, options.has("L"));
      if (stat) entries.push({ name, path: `${path.replace(/\/$/, "")}/${name}`, stat });
    }
    if (title) yield* p.out(`${first ? "" : "\n"}${shown}:\n`);
    this.sort(entries);
    if (options.has("l", "n", "g", "o", "s")) {
      const blocks = entries.reduce((sum, { stat }) => sum + Math.ceil(stat.size / 4096) * 4, 0);
      yield* p.out(
        `total ${options.has("h") ? human(blocks * 1024).replace(/^0$/, "0") : blocks}\n`,
      );
    }
    yield* this.print(entries);
    if (options.has("R"))
      for (const entry of entries)
        if (entry.stat.kind === "directory" && entry.name !== "." && entry.name !== "..")
          status = Math.max(
            status,
            yield* this.directory(
              entry.path,
              `${shown.replace(/\/$/, "")}/${entry.name}`,
              true,
              false,
            ),
          );
    return status;
  }
}

function columnsOf(plain: string[], shown: string[], width: number): string {
  if (plain.join("") === shown.join("")) return inColumns(plain, width);
  const table = inColumns(
    plain.map((name, i) => String.fromCharCode(0xe000 + i).padEnd(name.length, "\ue7ff")),
    width,
  );
  return table.replace(
    /[\ue000-\ue7fe]\ue7ff*/g,
    (cell) => shown[cell.charCodeAt(0) - 0xe000] ?? cell,
  );
}

export const ls: Command = {
  name: "ls",
  aliases: ["dir"],
  summary: "list directory contents",
  group: "files",
  man: `ls [OPTION]... [FILE]...

List FILEs, or what is in the current directory.
  -l long   -a hidden ones, too   -A without . and ..   -1 one a line   -d directories themselves
  -h sizes like 4.0K   -R what is below   -t newest first   -S largest first   -r backwards
  -F mark kinds   -i inode numbers   -n numbers for owners`,
  *run(p, argv) {
    const options = getopt(argv, "aAlhRd1tSrFpiLnogUfsmCxkcuvXQNbBGI:w:", {
      all: "a",
      "almost-all": "A",
      directory: "d",
      classify: "F",
      "human-readable": "h",
      inode: "i",
      recursive: "R",
      reverse: "r",
      "color=?": "color",
      "group-directories-first": "gdf",
      "time-style=": "ts",
      "full-time": "full-time",
      "numeric-uid-gid": "n",
    });
    if (options.error) {
      yield* p.err(options.error);
      return 2;
    }
    if (options.has("full-time")) options.list.push(["l", null]);
    const listing = new Listing(p, options);
    const { fs } = p.machine;
    const files: Entry[] = [];
    const directories: string[] = [];
    let status = 0;
    const operands = options.operands.length ? options.operands : ["."];
    for (const name of operands) {
      try {
        const follow = !options.has("l", "d", "n") || name.endsWith("/");
        let stat = fs.tryStat(p.path(name), p, follow);
        stat ??= fs.lstat(p.path(name), p);
        if (stat.kind === "directory" && !options.has("d")) directories.push(name);
        else files.push({ name, path: name, stat });
      } catch (error) {
        if (!(error instanceof SysError)) throw error;
        yield* p.err(`ls: cannot access ${quoteWord(name)}: ${error.message}\n`);
        status = 2;
      }
    }
    if (files.length) yield* listing.print(listing.sort(files));
    const title = operands.length > 1 || options.has("R");
    directories.sort(byLocale);
    if (options.has("r")) directories.reverse();
    for (const [i, name] of directories.entries())
      status = Math.max(
        status,
        yield* listing.directory(name, name, title, i === 0 && files.length === 0),
      );
    return status;
  },
};

import { SysError } from "../../base/errno.ts";
import { fromUtf8 } from "../../base/text.ts";
import type { Run } from "../../host/process.ts";
import { SEC } from "../../sim/sim.ts";
import { Lines } from "../lib/input.ts";
import { getopt } from "../lib/options.ts";
import type { Shell } from "../shell.ts";
import type { Builtin } from "./builtin.ts";

interface Got {
  /** Pairs of a character and whether a backslash stood before it. */
  text: string;
  escaped: boolean[];
  eof: boolean;
  timedOut: boolean;
}

/** Read up to the delimiter, byte by byte: the rest is for whoever reads next. */
function* readRaw(
  sh: Shell,
  fd: number,
  raw: boolean,
  delimiter: number,
  max: number,
  until: number,
): Run<Got> {
  const bytes: number[] = [];
  const marks: boolean[] = [];
  const file = sh.p.fd(fd);
  let backslash = false;
  const end = (eof: boolean, timedOut = false): Got => {
    const text = fromUtf8(Uint8Array.from(bytes));
    // Marks are per byte; only ASCII separators are ever looked up, so character positions will do.
    const escaped: boolean[] = [];
    bytes.forEach((byte, i) => {
      if ((byte & 0xc0) !== 0x80) escaped.push(marks[i] ?? false);
    });
    return { text, escaped, eof, timedOut };
  };
  for (;;) {
    if (bytes.length >= max) return end(false);
    const data = file.read(1);
    if (data === "EOF") return end(true);
    if (data === "EAGAIN") {
      yield { on: [file.readable], until };
      if (sh.p.sim.now >= until) return end(false, true);
      if (sh.p.pending.length) return end(false, false);
      continue;
    }
    const byte = data[0] as number;
    if (backslash) {
      backslash = false;
      if (byte !== 10) {
        bytes.push(byte);
        marks.push(true);
      }
    } else if (byte === 92 && !raw) backslash = true;
    else if (byte === delimiter) return end(false);
    else {
      bytes.push(byte);
      marks.push(false);
    }
  }
}

/** Cut a line into `count` fields by IFS; the last takes the rest (POSIX read). */
export function splitFields(
  text: string,
  escaped: boolean[],
  ifs: string,
  count: number,
): string[] {
  const isSep = (i: number) => ifs.includes(text[i] as string) && !escaped[i];
  const isSpace = (i: number) => isSep(i) && /[ \t\n]/.test(text[i] as string);
  const out: string[] = [];
  let i = 0;
  const n = text.length;
  while (i < n && isSpace(i)) i++;
  while (i < n) {
    if (out.length === count - 1) {
      let end = n;
      while (end > i && isSpace(end - 1)) end--;
      // A single separator at the end of the last field goes, too.
      if (end > i && isSep(end - 1)) {
        let other = false;
        for (let j = i; j < end - 1; j++) if (isSep(j) && !isSpace(j)) other = true;
        if (!other) {
          end--;
          while (end > i && isSpace(end - 1)) end--;
        }
      }
      out.push(text.slice(i, end));
      return out;
    }
    const from = i;
    while (i < n && !isSep(i)) i++;
    out.push(text.slice(from, i));
    while (i < n && isSpace(i)) i++;
    if (i < n && isSep(i)) {
      i++;
      while (i < n && isSpace(i)) i++;
    }
  }
  return out;
}

const read: Builtin = function* (sh, argv) {
  const options = getopt(argv, "+a:d:ei:n:N:p:rst:u:");
  if (options.error) {
    yield* sh.complain(options.error.replace(/\nTry.*\n/, "\n").trimEnd());
    return 2;
  }
  const fd = Number(options.get("u") ?? 0);
  if (!sh.p.fds[fd]) {
    yield* sh.complain(`read: ${fd}: invalid file descriptor: Bad file descriptor`);
    return 1;
  }
  const prompt = options.get("p");
  if (prompt !== null && sh.p.isTty(fd)) yield* sh.p.err(prompt);
  const timeout = options.get("t");
  const until = timeout === null ? Number.POSITIVE_INFINITY : sh.p.sim.now + Number(timeout) * SEC;
  const exact = options.get("N");
  const max = Number(exact ?? options.get("n") ?? Number.POSITIVE_INFINITY);
  const delimiter = options.get("d");
  const end =
    exact !== null ? -1 : delimiter === null ? 10 : delimiter === "" ? 0 : delimiter.charCodeAt(0);
  const tty = sh.p.isTty(fd) ? sh.p.tty : null;
  const mode = tty && { canonical: tty.canonical, echo: tty.echo, signals: tty.signals };
  if (tty && (options.has("s") || max !== Number.POSITIVE_INFINITY))
    tty.setMode(max === Number.POSITIVE_INFINITY, !options.has("s"), true, true);
  let got: Got;
  try {
    got = yield* readRaw(sh, fd, options.has("r"), end, max, until);
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    yield* sh.complain(`read: read error: ${fd}: ${error.message}`);
    return 1;
  } finally {
    if (tty && mode) tty.setMode(mode.canonical, mode.echo, mode.signals);
  }
  const ifs = exact !== null ? "" : (sh.get("IFS") ?? " \t\n");
  const array = options.get("a");
  const names = options.operands;
  for (const name of names)
    if (!/^[A-Za-z_]\w*(\[.*\])?$/.test(name)) {
      yield* sh.complain(`read: \`${name}': not a valid identifier`);
      return 1;
    }
  if (array !== null)
    sh.setList(array, splitFields(got.text, got.escaped, ifs, Number.POSITIVE_INFINITY));
  else if (names.length === 0) sh.set("REPLY", got.text);
  else {
    const fields = splitFields(got.text, got.escaped, ifs, names.length);
    names.forEach((name, i) => {
      const element = /^(\w+)\[(.*)\]$/.exec(name);
      if (element) sh.setElement(element[1] as string, element[2] as string, fields[i] ?? "");
      else sh.set(name, fields[i] ?? "");
    });
  }
  if (got.timedOut) return 142;
  return got.eof ? 1 : 0;
};

const mapfile: Builtin = function* (sh, argv) {
  const options = getopt(argv, "+d:n:O:s:tu:C:c:");
  if (options.error) {
    yield* sh.complain(options.error.replace(/\nTry.*\n/, ""));
    return 2;
  }
  const name = options.operands[0] ?? "MAPFILE";
  const delimiter = options.get("d");
  const end = delimiter === null ? "\n" : delimiter === "" ? "\0" : (delimiter[0] as string);
  const lines = new Lines(sh.p, Number(options.get("u") ?? 0), end);
  const skip = Number(options.get("s") ?? 0);
  const max = Number(options.get("n") ?? 0) || Number.POSITIVE_INFINITY;
  const items: string[] = [];
  for (let i = 0; items.length < max; i++) {
    const line = yield* lines.next();
    if (line === null) break;
    if (i >= skip) items.push(options.has("t") || lines.partial ? line : line + end);
  }
  const origin = options.get("O");
  if (origin === null) sh.setList(name, items);
  else
    items.forEach((item, i) => {
      sh.setElement(name, String(Number(origin) + i), item);
    });
  return 0;
};

export const reading: Record<string, Builtin> = { read, mapfile, readarray: mapfile };

import { SysError } from "../../base/errno.ts";
import { fromUtf8 } from "../../base/text.ts";
import type { Process, Run } from "../../host/process.ts";

/** Lines of a descriptor, as they come; each without its newline. */
export class Lines {
  p: Process;
  fd: number;
  /** Where lines end: newline, or NUL for `-z` and `-0`. */
  end: string;
  buffer = "";
  parts: Uint8Array[] = [];
  from = 0;
  ended = false;
  /** Did the last line lack its newline? */
  partial = false;

  constructor(p: Process, fd: number, end = "\n") {
    this.p = p;
    this.fd = fd;
    this.end = end;
  }

  /** The next line; null at the end. */
  *next(): Run<string | null> {
    for (;;) {
      const at = this.buffer.indexOf(this.end, this.from);
      if (at >= 0) {
        const line = this.buffer.slice(this.from, at);
        this.from = at + 1;
        return line;
      }
      if (this.ended) {
        const rest = this.buffer.slice(this.from);
        this.buffer = "";
        this.from = 0;
        if (rest === "") return null;
        this.partial = true;
        return rest;
      }
      const data = yield* this.p.read(this.fd);
      const rest = this.buffer.slice(this.from);
      this.from = 0;
      if (data === null) {
        this.ended = true;
        this.buffer = rest + decode(this.parts);
        this.parts = [];
        continue;
      }
      // Only whole characters are decoded: what comes after the last newline waits.
      const cut = data.lastIndexOf(this.end.charCodeAt(0)) + 1;
      if (cut === 0) {
        this.parts.push(data);
        this.buffer = rest;
        continue;
      }
      this.parts.push(data.subarray(0, cut));
      this.buffer = rest + decode(this.parts);
      this.parts = cut < data.length ? [data.subarray(cut)] : [];
    }
  }
}

function decode(parts: Uint8Array[]): string {
  if (parts.length === 0) return "";
  if (parts.length === 1) return fromUtf8(parts[0] as Uint8Array);
  let length = 0;
  for (const part of parts) length += part.length;
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return fromUtf8(all);
}

/** One line, byte by byte, so that what follows is left for the next reader (`read`). */
export function* readLine(p: Process, fd: number, end = 10): Run<string | null> {
  const bytes: number[] = [];
  for (;;) {
    const data = yield* p.read(fd, 1);
    if (data === null) return bytes.length ? fromUtf8(Uint8Array.from(bytes)) : null;
    const byte = data[0] as number;
    if (byte === end) return fromUtf8(Uint8Array.from(bytes));
    bytes.push(byte);
  }
}

/** Open an operand: `-` is standard input. The error text when it cannot be. */
export function openInput(p: Process, name: string): number | string {
  if (name === "-") return 0;
  try {
    const path = p.path(name);
    if (p.machine.fs.isDirectory(path, p)) return new SysError("EISDIR").message;
    return p.open(name);
  } catch (error) {
    if (error instanceof SysError) return error.message;
    throw error;
  }
}

export function closeInput(p: Process, fd: number): void {
  if (fd > 0) p.close(fd);
}

/** The whole text of an operand; null after telling why not, as `name: file: reason`. */
export function* readInput(p: Process, name: string, tool: string): Run<string | null> {
  const fd = openInput(p, name);
  if (typeof fd === "string") {
    yield* p.err(`${tool}: ${name}: ${fd}\n`);
    return null;
  }
  const text = fromUtf8(yield* p.readAll(fd));
  closeInput(p, fd);
  return text;
}

/** Lines of a text: the newline at its end makes no further one. */
export function splitLines(text: string): string[] {
  if (text === "") return [];
  const lines = text.split("\n");
  if (lines[lines.length - 1] === "") lines.pop();
  return lines;
}

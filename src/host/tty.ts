import { concatBytes, utf8 } from "../base/text.ts";
import { MSEC, type Sim, type Timer, type Wakeable } from "../sim/sim.ts";
import { WaitQueue } from "../sim/wait.ts";
import type { OpenFile } from "./file.ts";
import type { Machine } from "./machine.ts";
import type { Signal } from "./process.ts";

/** What a terminal writes per virtual millisecond: `yes` must not drown the page. */
const BYTES_PER_MS = 2048;
const BURST = 65536;

const CONTROL: Record<number, Signal> = { 3: "SIGINT", 26: "SIGTSTP", 28: "SIGQUIT" };

/**
 * A terminal: the line discipline between who types and who reads (POSIX chapter 11; linux:
 * drivers/tty/n_tty.c). All of it is data; whoever shows it calls `drain`.
 */
export class Tty implements OpenFile, Wakeable {
  sim: Sim;
  machine: Machine;
  name: string;
  readonly isTty = true;
  readable = new WaitQueue();
  writable = new WaitQueue();
  /** termios: canonical mode (ICANON), ECHO, ISIG, and CR to NL on input (ICRNL), ONLCR. */
  canonical = true;
  echo = true;
  signals = true;
  icrnl = true;
  onlcr = true;
  rows = 24;
  columns = 80;
  /** The process group that Ctrl-C reaches, and the session leader's process id. */
  foreground = 0;
  session = 0;
  /** Complete input, line by line (canonical) or as it came; null is an end of file. */
  input: (Uint8Array | null)[] = [];
  /** The line being typed. */
  line: number[] = [];
  output: Uint8Array[] = [];
  /** Bytes written since the terminal was made. */
  written = 0;
  credit = BURST;
  creditAt = 0;
  refill: Timer | null = null;
  hungUp = false;

  constructor(machine: Machine, name = "pts/0") {
    this.machine = machine;
    this.sim = machine.sim;
    this.name = name;
  }

  hold(): void {}

  release(): void {}

  // The side of who types and looks.

  /** Bytes typed. */
  type(data: Uint8Array | string): void {
    const bytes = typeof data === "string" ? utf8(data) : data;
    if (!this.canonical && !this.signals && !this.echo) {
      if (bytes.length) this.input.push(bytes.slice());
    } else for (const byte of bytes) this.receive(byte);
    this.readable.wakeAll(this.sim);
  }

  /** What was written since the last time. */
  drain(): Uint8Array {
    const all = concatBytes(this.output);
    this.output = [];
    return all;
  }

  resize(rows: number, columns: number): void {
    if (rows === this.rows && columns === this.columns) return;
    this.rows = rows;
    this.columns = columns;
    this.signal("SIGWINCH");
  }

  hangUp(): void {
    this.hungUp = true;
    this.signal("SIGHUP");
    this.readable.wakeAll(this.sim);
  }

  signal(signal: Signal): void {
    for (const process of [...this.machine.processes.values()])
      if (process.pgid === this.foreground && process.tty === this) process.kill(signal);
  }

  private receive(byte: number): void {
    if (byte === 13 && this.icrnl) byte = 10;
    const signal = this.signals ? CONTROL[byte] : undefined;
    if (signal) {
      this.line = [];
      this.input = [];
      if (this.echo) this.print(`^${String.fromCharCode(byte + 64)}`);
      this.signal(signal);
      return;
    }
    if (!this.canonical) {
      if (this.echo) this.echoByte(byte);
      this.input.push(Uint8Array.of(byte));
      return;
    }
    switch (byte) {
      case 127:
      case 8:
        this.erase(1);
        return;
      case 21:
        this.erase(this.line.length);
        return;
      case 23: {
        let at = this.line.length;
        while (at > 0 && this.line[at - 1] === 32) at--;
        while (at > 0 && this.line[at - 1] !== 32) at--;
        this.erase(this.line.length - at);
        return;
      }
      case 4:
        this.input.push(this.line.length ? Uint8Array.from(this.line) : null);
        this.line = [];
        return;
      default:
        this.line.push(byte);
        if (this.echo) this.echoByte(byte);
        if (byte === 10) {
          this.input.push(Uint8Array.from(this.line));
          this.line = [];
        }
    }
  }

  private erase(count: number): void {
    for (let i = 0; i < count; i++) {
      let byte = this.line.pop();
      if (byte === undefined) return;
      const wide = byte < 32 ? 2 : 1;
      // The bytes of one UTF-8 character go together.
      while (byte !== undefined && byte >= 0x80 && byte < 0xc0) byte = this.line.pop();
      if (this.echo) this.print("\b \b".repeat(wide));
    }
  }

  /** Echo goes out even when the writers have to wait. */
  private print(text: string): void {
    this.output.push(utf8(text));
  }

  /** ECHOCTL: control characters are shown as ^X. */
  private echoByte(byte: number): void {
    if (byte === 10) this.print("\r\n");
    else if (byte === 127) this.print("^?");
    else if (byte < 32 && byte !== 9) this.print(`^${String.fromCharCode(byte + 64)}`);
    else this.output.push(Uint8Array.of(byte));
  }

  // The side of programs.

  /** linux: a change from canonical mode makes the unfinished line readable. */
  setMode(canonical: boolean, echo: boolean, signals: boolean, icrnl = canonical): void {
    if (this.canonical && !canonical && this.line.length) {
      this.input.push(Uint8Array.from(this.line));
      this.line = [];
    }
    this.canonical = canonical;
    this.echo = echo;
    this.signals = signals;
    this.icrnl = icrnl;
    if (this.input.length) this.readable.wakeAll(this.sim);
  }

  read(max: number): Uint8Array | "EAGAIN" | "EOF" {
    if (this.input.length === 0) return this.hungUp ? "EOF" : "EAGAIN";
    const first = this.input[0] ?? null;
    if (first === null) {
      this.input.shift();
      return "EOF";
    }
    if (first.length > max) {
      this.input[0] = first.subarray(max);
      return first.slice(0, max);
    }
    this.input.shift();
    return first;
  }

  write(data: Uint8Array): number | "EPIPE" {
    const now = this.sim.now;
    this.credit = Math.min(BURST, this.credit + ((now - this.creditAt) / MSEC) * BYTES_PER_MS);
    this.creditAt = now;
    if (this.credit < 1) {
      this.refill ??= this.sim.after(4 * MSEC, this, "refill");
      return 0;
    }
    const part = data.subarray(0, Math.floor(this.credit));
    this.credit -= part.length;
    this.output.push(this.onlcr ? withReturns(part) : part.slice());
    this.written += part.length;
    return part.length;
  }

  /** There is room again. */
  wake(): void {
    this.refill = null;
    this.writable.wakeAll(this.sim);
  }
}

function withReturns(data: Uint8Array): Uint8Array {
  let count = 0;
  for (const byte of data) if (byte === 10) count++;
  if (count === 0) return data.slice();
  const out = new Uint8Array(data.length + count);
  let at = 0;
  for (const byte of data) {
    if (byte === 10) out[at++] = 13;
    out[at++] = byte;
  }
  return out;
}

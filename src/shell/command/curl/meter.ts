import type { Process, Run } from "../../../host/process.ts";
import { SEC } from "../../../sim/sim.ts";

const HEADING = `  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current
                                 Dload  Upload   Total   Spent    Left  Speed
`;

/** Five characters for a number of bytes (tool: lib/progress.c, max5data). */
function max5(bytes: number): string {
  const value = Math.floor(bytes);
  if (value < 100_000) return String(value).padStart(5);
  const kilo = 1024;
  if (value < 10_000 * kilo) return `${String(Math.floor(value / kilo)).padStart(4)}k`;
  const mega = kilo * kilo;
  if (value < 100 * mega)
    return `${String(Math.floor(value / mega)).padStart(2)}.${Math.floor((value % mega) / (mega / 10))}M`;
  if (value < 10_000 * mega) return `${String(Math.floor(value / mega)).padStart(4)}M`;
  const giga = kilo * mega;
  return `${String(Math.floor(value / giga)).padStart(2)}.${Math.floor((value % giga) / (giga / 10))}G`;
}

function clock(seconds: number): string {
  if (seconds <= 0) return "--:--:--";
  const h = String(Math.floor(seconds / 3600)).padStart(2);
  const m = String(Math.floor((seconds % 3600) / 60)).padStart(2, "0");
  return `${h}:${m}:${String(seconds % 60).padStart(2, "0")}`;
}

/** The table on standard error while data goes elsewhere than to the terminal. */
export class Meter {
  p: Process;
  on: boolean;
  started = 0;
  received = 0;
  expected = 0;
  sent = 0;
  headed = false;
  next = 0;

  constructor(p: Process, on: boolean) {
    this.p = p;
    this.on = on;
  }

  *begin(): Run<void> {
    this.started = this.p.sim.now;
    this.received = 0;
    this.expected = 0;
    this.sent = 0;
    this.next = this.started + SEC;
    if (!this.on) return;
    if (!this.headed) yield* this.p.err(HEADING);
    this.headed = true;
    yield* this.line();
  }

  /** The line again when a second has passed. */
  *tick(): Run<void> {
    if (!this.on || this.p.sim.now < this.next) return;
    this.next += SEC;
    yield* this.line();
  }

  *end(): Run<void> {
    if (!this.on) return;
    yield* this.line();
    yield* this.p.err("\n");
  }

  *line(): Run<void> {
    const passed = Math.max((this.p.sim.now - this.started) / SEC, 1e-6);
    const total = (this.expected || this.received) + this.sent;
    const moved = this.received + this.sent;
    const percent = (part: number, whole: number): string =>
      String(whole ? Math.floor((part * 100) / whole) : 0).padStart(3);
    const down = this.received / passed;
    const up = this.sent / passed;
    const left = this.expected && down ? (this.expected - this.received) / down : 0;
    const estimate = this.expected && down ? Math.floor(this.expected / down) : 0;
    const times = [clock(estimate), clock(Math.floor(passed)), clock(Math.floor(left))].join(" ");
    yield* this.p.err(
      `\r${percent(moved, total)} ${max5(total)}  ${percent(this.received, this.expected)} ${max5(this.received)}` +
        `  ${percent(this.sent, this.sent)} ${max5(this.sent)}  ${max5(down)}  ${max5(up)} ${times} ${max5(down)}`,
    );
  }
}

import type { Tick } from "../../worker/protocol.ts";

/** A pause from which on two packets stand apart, ns. */
const PAUSE = 20e6;
/** Room of the longest pause, in ticks. */
const WIDEST = 14;

/**
 * Where each tick stands, from 0 to 1. Packets come in bursts of microseconds with seconds between
 * them: each has the same room, and a pause has some more, by its length's order of magnitude.
 */
export function places(ticks: readonly Tick[]): number[] {
  let sum = 0;
  let before: Tick | undefined;
  const found = ticks.map((tick) => {
    if (before) sum += 1 + pause(tick.at - before.at);
    before = tick;
    return sum;
  });
  return found.map((place) => (sum ? place / sum : 0.5));
}

function pause(gap: number): number {
  return gap < PAUSE ? 0 : Math.min(WIDEST, 4 + 4 * Math.log10(gap / PAUSE));
}

/** The tick that stands nearest to a place. */
export function nearest(list: readonly number[], place: number): number {
  let low = 0;
  let high = list.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle] ?? 0) < place) low = middle + 1;
    else high = middle;
  }
  const before = low - 1;
  return before >= 0 && place - (list[before] ?? 0) < (list[low] ?? 1) - place ? before : low;
}

/** Virtual time as people read it: "1:05.314730". */
export function moment(ns: number): string {
  const micros = Math.floor(ns / 1e3);
  const minutes = Math.floor(micros / 60e6);
  const seconds = String(Math.floor(micros / 1e6) % 60).padStart(2, "0");
  return `${minutes}:${seconds}.${String(micros % 1e6).padStart(6, "0")}`;
}

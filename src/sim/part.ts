/**
 * Parts of the engine's own code that come when a world needs them: the page loads them as they are asked
 * for, the lab has everything from the start. What has not come yet makes the whole simulation stand
 * still, in the middle of an event (Sim.hold), so that no world can tell when it came.
 */
const there = new Set<string>();

/** A part has come: what it holds is known from now on. */
export function arrive(part: string): void {
  there.add(part);
}

export function hasPart(part: string): boolean {
  return there.has(part);
}

/** Something needs a part that has not come, where nobody can wait for it. */
export class Absent extends Error {
  part: string;

  constructor(part: string) {
    super(`the part "${part}" has not been loaded`);
    this.part = part;
  }
}

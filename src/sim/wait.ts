import { type Sim, USEC, type Wakeable } from "./sim.ts";

/** From "the data is there" to "the process runs": a context switch. */
export const WAKE_LATENCY = 5 * USEC;

/** Who waits for a socket, a pipe, a terminal, a child (linux: include/linux/wait.h). */
export class WaitQueue {
  waiters: Wakeable[] = [];

  add(who: Wakeable): void {
    if (!this.waiters.includes(who)) this.waiters.push(who);
  }

  remove(who: Wakeable): void {
    const at = this.waiters.indexOf(who);
    if (at >= 0) this.waiters.splice(at, 1);
  }

  /**
   * Wake everybody who waits, once, a context switch later; never from inside the caller. Each has
   * to look for itself whether what it waits for is there, and to `add` itself again if not.
   */
  wakeAll(sim: Sim): void {
    const waiters = this.waiters;
    if (waiters.length === 0) return;
    this.waiters = [];
    for (const who of waiters) sim.after(WAKE_LATENCY, who, "ready", this);
  }
}

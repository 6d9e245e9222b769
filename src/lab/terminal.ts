import type { Machine } from "../host/machine.ts";
import { openSession } from "../shell/session.ts";

/** Between turns when nothing is typed, ms. */
const TURN = 10;
/** Events of one turn: a key must get through in between. */
const CHUNK = 20_000;

/**
 * This terminal as a terminal of `machine`: virtual time runs with the wall clock, and ends when the
 * shell does. Answers its exit status.
 */
export function interactive(machine: Machine): Promise<number> {
  const { stdin, stdout } = process;
  const { sim } = machine;
  const size = (): { rows: number; columns: number } => ({
    rows: stdout.rows ?? 24,
    columns: stdout.columns ?? 80,
  });
  const session = openSession(machine, size());
  const begun = performance.now();
  const start = sim.now;
  return new Promise((done) => {
    stdin.setRawMode?.(true);
    stdin.on("data", (data) => {
      session.terminal.type(new Uint8Array(data));
      turn();
    });
    stdin.on("end", () => session.terminal.hangUp());
    stdout.on("resize", () => {
      const { rows, columns } = size();
      session.terminal.resize(rows, columns);
    });
    const turn = (): void => {
      const until = start + (performance.now() - begun) * 1e6;
      let count = 0;
      while (session.status === null && count++ < CHUNK && sim.step(until));
      if (count <= CHUNK && sim.now < until) sim.now = until;
      stdout.write(session.terminal.drain());
      if (session.status === null) return;
      clearInterval(timer);
      stdin.setRawMode?.(false);
      stdin.pause();
      done(session.status);
    };
    const timer = setInterval(turn, TURN);
    turn();
  });
}

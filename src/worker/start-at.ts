import type { CommandSpec } from "../lesson/spec.ts";
import { SEC } from "../sim/sim.ts";
import type { WorldSession } from "./session.ts";

/** A command of a solution may take this long in virtual time. */
const LIMIT = 300 * SEC;
const ROWS = 24;
const COLUMNS = 80;

/** Let the world go on until the terminal's shell is at its prompt. */
function wait(on: WorldSession, terminal: number): void {
  const { sim } = on.world;
  const shell = on.terminals.get(terminal);
  const limit = sim.now + LIMIT;
  while (shell && !shell.atRest && shell.status === null && sim.step(limit));
  // What was shown here is shown to nobody.
  shell?.terminal.drain();
}

/**
 * Do the solutions of the steps before `step` of the open lesson, as typed input that stands in the log,
 * in terminals that are closed again.
 */
export function startAt(on: WorldSession, step: number): void {
  const { lesson, world } = on;
  if (!lesson) return;
  const terminals = new Map<string, number>();
  const terminalOf = (at: string): number => {
    const name = world.machine(at)?.name ?? at;
    const open = terminals.get(name) ?? on.openTerminal(name, ROWS, COLUMNS);
    if (!terminals.has(name)) wait(on, open);
    terminals.set(name, open);
    return open;
  };
  const type = ({ at, run }: CommandSpec): void => {
    const terminal = terminalOf(at);
    if (!terminal) return;
    on.input({ kind: "type", terminal, text: `${run}\r` });
    wait(on, terminal);
  };
  for (const { solution } of lesson.spec.steps.slice(0, step))
    for (const one of solution) type(one);
  for (const terminal of terminals.values()) on.input({ kind: "close", terminal });
  // What moved then has moved: the map shows the present.
  on.moves.next = world.sim.trace.next;
}

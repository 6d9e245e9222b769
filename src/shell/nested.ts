import type { Machine } from "../host/machine.ts";
import type { Process, Run } from "../host/process.ts";
import type { Tty } from "../host/tty.ts";
import { Session, type SessionOptions } from "./session.ts";

/**
 * An interactive shell on the terminal that `p` runs on: the terminal goes over to it (and, for
 * `kubectl exec`, to its machine), and comes back when it is done. Its exit status.
 */
export function* nestedShell(p: Process, tty: Tty, machine: Machine, options: SessionOptions): Run {
  const before = { machine: tty.machine, session: tty.session, foreground: tty.foreground };
  tty.machine = machine;
  const inner = new Session(machine, tty, options);
  try {
    while (inner.status === null) {
      yield { on: [inner.exited], until: Number.POSITIVE_INFINITY };
      // Ctrl-C is the inner shell's; what else is meant for us ends us, and it.
      p.took("SIGINT");
    }
    return inner.status;
  } finally {
    if (inner.status === null) inner.exit(129);
    Object.assign(tty, before);
  }
}

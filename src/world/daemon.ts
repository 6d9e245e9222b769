import type { Machine } from "../host/machine.ts";
import { Process } from "../host/process.ts";

/** A process that is a state machine woken by events: it stands in the process table, it has no program. */
export function daemon(machine: Machine, argv: string[], uid = 0): Process {
  const process = new Process(machine, null, argv);
  process.uid = uid;
  process.gid = uid;
  return process;
}

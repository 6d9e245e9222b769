import { fromUtf8 } from "../base/text.ts";
import type { OpenFile } from "../host/file.ts";
import type { Machine } from "../host/machine.ts";
import { Process } from "../host/process.ts";
import type { NetNs } from "../net/netns.ts";
import { Absent } from "../sim/part.ts";
import { WaitQueue } from "../sim/wait.ts";
import { findProgram, runProgram } from "./spawn.ts";

/** Turns that a command may take: one that waits for something is not for looking. */
const TURNS = 64;

/** Takes what a command prints. */
class Paper implements OpenFile {
  readonly isTty = false;
  readonly readable = new WaitQueue();
  readonly writable = new WaitQueue();
  text = "";

  read(): "EOF" {
    return "EOF";
  }

  write(data: Uint8Array): number {
    this.text += fromUtf8(data);
    return data.length;
  }

  hold(): void {}
  release(): void {}
}

/**
 * What a command that only looks would print on `machine`, in `netns`, at this moment: its standard
 * output, "" where there is no such program. The machine does not notice: no time passes, no process
 * number is used, nothing is written into the trace. Throws Absent.
 */
export function peek(machine: Machine, netns: NetNs, argv: readonly string[]): string {
  const { nextPid } = machine;
  const { trace, seq } = machine.sim;
  const recording = trace.on;
  trace.on = false;
  const p = new Process(machine, null, [...argv]);
  p.netns = netns;
  const out = new Paper();
  p.fds = [new Paper(), out, new Paper()];
  try {
    const program = runProgram(p, p.argv, findProgram(p, argv[0] ?? ""));
    for (let turns = 0; turns < TURNS; turns++) {
      const turn = program.next();
      if (turn.done) break;
      if (turn.value.part !== undefined) throw new Absent(turn.value.part);
    }
    program.return(0);
  } finally {
    machine.processes.delete(p.pid);
    machine.nextPid = nextPid;
    machine.sim.seq = seq;
    trace.on = recording;
  }
  return out.text;
}

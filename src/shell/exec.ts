import { fromUtf8 } from "../base/text.ts";
import type { Exec } from "../host/exec.ts";
import type { Machine } from "../host/machine.ts";
import { Capture } from "../host/open.ts";
import type { Process } from "../host/process.ts";
import type { Wakeable } from "../sim/sim.ts";
import { runScript } from "./script.ts";

/** Waits for one script and passes on what it left. */
class Errand implements Wakeable {
  child: Process;
  stdout: Capture;
  stderr: Capture;
  done: Wakeable;
  reason: string;

  constructor(child: Process, stdout: Capture, stderr: Capture, done: Wakeable, reason: string) {
    this.child = child;
    this.stdout = stdout;
    this.stderr = stderr;
    this.done = done;
    this.reason = reason;
  }

  wake(): void {
    const { status } = this.child;
    if (status === null) {
      this.child.exited.add(this);
      return;
    }
    const stdout = fromUtf8(this.stdout.take());
    this.done.wake(this.reason, { status, stdout, stderr: fromUtf8(this.stderr.take()) });
  }
}

/** Runs agents' commands through the machine's shell, as `sh -c` would. */
export class ShellExec implements Exec {
  start(machine: Machine, script: string, done: Wakeable, reason: string, stdin?: string): void {
    const stdout = new Capture();
    const stderr = new Capture();
    const options = {
      name: "sh",
      stdout,
      stderr,
      cwd: "/",
      ...(stdin === undefined ? {} : { stdin }),
    };
    const child = runScript(machine, script, options);
    child.exited.add(new Errand(child, stdout, stderr, done, reason));
  }
}

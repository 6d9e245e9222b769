import type { Wakeable } from "../sim/sim.ts";
import type { Machine } from "./machine.ts";

/**
 * How agents (istio-cni, kube-proxy, kubelet) run commands: through the machine's own shell, as a
 * process that takes its time. The shell's room supplies it.
 */
export interface Exec {
  /**
   * Run `script` as `sh -c` would on `machine`, with `stdin` to read.
   * `done.wake(reason, { status, stdout, stderr })` is called when it has ended.
   */
  start(machine: Machine, script: string, done: Wakeable, reason: string, stdin?: string): void;
}

import { SysError } from "../base/errno.ts";
import type { OpenFile } from "./file.ts";
import type { Machine } from "./machine.ts";
import { Held } from "./open.ts";
import type { Process } from "./process.ts";

/** /dev/null, zero, full, urandom (linux: drivers/char/mem.c). */
class MemoryDevice extends Held {
  which: string;
  machine: Machine;

  constructor(which: string, machine: Machine) {
    super();
    this.which = which;
    this.machine = machine;
  }

  override read(max: number): Uint8Array | "EOF" {
    if (this.which === "null") return "EOF";
    if (this.which === "urandom") return this.machine.sim.rng("urandom").bytes(max);
    return new Uint8Array(max);
  }

  override write(data: Uint8Array): number {
    if (this.which === "full") throw new SysError("ENOSPC");
    return data.length;
  }
}

/** What opening a device of /dev answers. /dev/stdin and its kind share the caller's descriptor. */
export function openDevice(which: string, p: Process | null, machine: Machine): OpenFile {
  if (which === "tty") {
    const tty = p?.tty;
    if (!tty) throw new SysError("ENXIO");
    tty.hold();
    return tty;
  }
  if (which.startsWith("fd")) {
    const file = p?.fds[Number(which.slice(2))];
    if (!file) throw new SysError("ENXIO");
    file.hold();
    return file;
  }
  return new MemoryDevice(which, machine);
}

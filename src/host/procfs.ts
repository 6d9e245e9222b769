import { SysError } from "../base/errno.ts";
import { fromUtf8, utf8 } from "../base/text.ts";
import type { NetNs } from "../net/netns.ts";
import { procNetList, procNetRead } from "../net/procnet.ts";
import { sysctlIsDirectory, sysctlList, sysctlRead, sysctlWrite } from "../net/sysctl.ts";
import { SEC } from "../sim/sim.ts";
import type { Machine } from "./machine.ts";
import type { Mount, MountStat } from "./mount.ts";
import type { Process } from "./process.ts";

const DIRECTORY: MountStat = { kind: "directory", mode: 0o555 };
const FILE: MountStat = { kind: "file", mode: 0o444 };
const WRITABLE: MountStat = { kind: "file", mode: 0o644 };

/** What follows the release in /proc/version. */
const BUILD =
  "(debian-kernel@lists.debian.org) (gcc-12 (Debian 12.2.0-14) 12.2.0, GNU ld (GNU Binutils for Debian) 2.40) #1 SMP PREEMPT_DYNAMIC Debian 6.1.128-1 (2025-02-07)";
const CPUINFO = `processor\t: 0
vendor_id\t: Hopscope
cpu family\t: 6
model\t\t: 1
model name\t: Emulated CPU
cpu MHz\t\t: 1000.000
cpu cores\t: 1
`;
const MEMINFO = `MemTotal:        2097152 kB
MemFree:         1572864 kB
MemAvailable:    1835008 kB
Buffers:           16384 kB
Cached:           262144 kB
SwapTotal:             0 kB
SwapFree:              0 kB
`;
const MOUNTS = `overlay / overlay rw,relatime 0 0
proc /proc proc rw,nosuid,nodev,noexec,relatime 0 0
tmpfs /dev tmpfs rw,nosuid,size=65536k,mode=755 0 0
devpts /dev/pts devpts rw,nosuid,noexec,relatime,gid=5,mode=620,ptmxmode=666 0 0
sysfs /sys sysfs rw,nosuid,nodev,noexec,relatime 0 0
`;

/** Files of /proc that are the same for everybody who asks. */
const FIXED = ["cpuinfo", "loadavg", "meminfo", "mounts", "uptime", "version"];
/** Files of /proc/PID. */
const OF_PROCESS = ["cmdline", "comm", "stat", "status"];
const KERNEL_SYSCTLS = ["hostname", "osrelease", "ostype", "pid_max"];

/**
 * /proc (linux: fs/proc). /proc/net and /proc/sys/net show the network namespace of who asks;
 * that part is the net room's.
 */
export class ProcFs implements Mount {
  machine: Machine;

  constructor(machine: Machine) {
    this.machine = machine;
  }

  private ns(p: Process | null): NetNs {
    return p?.netns ?? this.machine.netns;
  }

  private processOf(name: string): Process | null {
    return /^\d+$/.test(name) ? (this.machine.processes.get(Number(name)) ?? null) : null;
  }

  stat(p: Process | null, path: string): MountStat | null {
    if (path === "" || path === "sys") return DIRECTORY;
    if (path === "self") return { kind: "symlink", mode: 0o777, target: String(p?.pid ?? 1) };
    if (path === "net") return { kind: "symlink", mode: 0o777, target: "self/net" };
    if (FIXED.includes(path)) return FILE;
    if (path.startsWith("sys/")) return this.statSysctl(this.ns(p), path.slice(4));
    const [pid = "", what = "", name = "", ...rest] = path.split("/");
    // Without a process (the machine itself asks) /proc/self is process 1.
    const process = this.processOf(pid);
    if ((!process && !(p === null && pid === "1")) || rest.length) return null;
    if (what === "") return DIRECTORY;
    if (OF_PROCESS.includes(what) && name === "") return FILE;
    if (what !== "net") return null;
    if (name === "") return DIRECTORY;
    return procNetList(process?.netns ?? this.machine.netns).includes(name) ? FILE : null;
  }

  private statSysctl(ns: NetNs, key: string): MountStat | null {
    if (key === "kernel") return DIRECTORY;
    if (key.startsWith("kernel/")) return KERNEL_SYSCTLS.includes(key.slice(7)) ? WRITABLE : null;
    if (sysctlIsDirectory(ns, key)) return DIRECTORY;
    return sysctlRead(ns, key) === null ? null : WRITABLE;
  }

  list(p: Process | null, path: string): string[] {
    if (path === "")
      return [...[...this.machine.processes.keys()].map(String), ...FIXED, "net", "self", "sys"];
    if (path === "sys") return ["kernel", ...(sysctlList(this.ns(p), "") ?? ["net"])];
    if (path === "sys/kernel") return KERNEL_SYSCTLS;
    if (path.startsWith("sys/")) return sysctlList(this.ns(p), path.slice(4)) ?? [];
    const [pid = "", what = ""] = path.split("/");
    if (what === "net") return procNetList(this.processOf(pid)?.netns ?? this.machine.netns);
    return [...OF_PROCESS, "net"].sort();
  }

  read(p: Process | null, path: string): Uint8Array {
    const text = this.text(p, path);
    if (text === null) throw new SysError("ENOENT");
    return utf8(text);
  }

  private text(p: Process | null, path: string): string | null {
    const seconds = this.machine.sim.now / SEC;
    switch (path) {
      case "cpuinfo":
        return CPUINFO;
      case "loadavg":
        return `0.00 0.00 0.00 1/${this.machine.processes.size} ${this.machine.nextPid - 1}\n`;
      case "meminfo":
        return MEMINFO;
      case "mounts":
        return MOUNTS;
      case "uptime":
        return `${seconds.toFixed(2)} ${seconds.toFixed(2)}\n`;
      case "version":
        return `Linux version ${this.machine.kernel.release} ${BUILD}\n`;
      case "sys/kernel/hostname":
        return `${this.machine.hostname}\n`;
      case "sys/kernel/osrelease":
        return `${this.machine.kernel.release}\n`;
      case "sys/kernel/ostype":
        return "Linux\n";
      case "sys/kernel/pid_max":
        return "4194304\n";
    }
    if (path.startsWith("sys/")) {
      const value = sysctlRead(this.ns(p), path.slice(4));
      return value === null ? null : `${value}\n`;
    }
    const [pid = "", what = "", name = ""] = path.split("/");
    const process = this.processOf(pid);
    if (what === "net") return procNetRead(process?.netns ?? this.machine.netns, name);
    return process ? aboutProcess(process, what) : null;
  }

  write(p: Process | null, path: string, data: Uint8Array): void {
    const text = fromUtf8(data).replace(/\n$/, "");
    if (path === "sys/kernel/hostname") {
      this.machine.hostname = text;
      return;
    }
    if (!path.startsWith("sys/") || path.startsWith("sys/kernel/")) throw new SysError("EACCES");
    const error = sysctlWrite(this.ns(p), path.slice(4), text);
    if (error) throw new SysError(error);
  }
}

function aboutProcess(one: Process, what: string): string | null {
  const state = one.stopped ? "T" : one.running ? "R" : "S";
  const name = one.comm;
  switch (what) {
    case "cmdline":
      return one.argv.map((word) => `${word}\0`).join("");
    case "comm":
      return `${name}\n`;
    case "stat":
      return `${one.pid} (${name}) ${state} ${one.parent?.pid ?? 0} ${one.pgid} ${one.sid} 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 ${Math.floor(one.started / 1e7)}\n`;
    case "status": {
      const words = { R: "running", S: "sleeping", T: "stopped" };
      const { uid, gid } = one;
      return `Name:\t${name}\nState:\t${state} (${words[state]})\nTgid:\t${one.pid}\nPid:\t${one.pid}\nPPid:\t${one.parent?.pid ?? 0}\nUid:\t${uid}\t${uid}\t${uid}\t${uid}\nGid:\t${gid}\t${gid}\t${gid}\t${gid}\n`;
    }
  }
  return null;
}

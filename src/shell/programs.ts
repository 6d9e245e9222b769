import { SysError } from "../base/errno.ts";
import { utf8 } from "../base/text.ts";
import type { Machine } from "../host/machine.ts";
import type { Mount, MountStat } from "../host/mount.ts";
import type { Process } from "../host/process.ts";
import { commandNames, findCommand } from "./registry.ts";

/** Shows the programs of the registry as the files of /usr/bin or /usr/sbin. */
class ProgramDirectory implements Mount {
  sbin: boolean;

  constructor(sbin: boolean) {
    this.sbin = sbin;
  }

  has(name: string): boolean {
    const command = findCommand(name);
    return command !== null && (command.sbin ?? false) === this.sbin;
  }

  stat(_p: Process | null, path: string): MountStat | null {
    if (path === "") return { kind: "directory", mode: 0o755 };
    return this.has(path) ? { kind: "file", mode: 0o755 } : null;
  }

  list(): string[] {
    return commandNames().filter((name) => this.has(name));
  }

  read(_p: Process | null, path: string): Uint8Array {
    return utf8(`\x7fELF ${path}\n`);
  }

  write(): void {
    throw new SysError("EROFS");
  }
}

/** Give the machine its /usr/bin and /usr/sbin. Doing it twice does nothing. */
export function installPrograms(machine: Machine): void {
  if (machine.fs.exists("/usr/bin")) return;
  machine.fs.mount("/usr/bin", new ProgramDirectory(false));
  machine.fs.mount("/usr/sbin", new ProgramDirectory(true));
}

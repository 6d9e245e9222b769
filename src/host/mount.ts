import type { Process } from "./process.ts";

export interface MountStat {
  kind: "file" | "directory" | "symlink";
  mode: number;
  /** Of a symlink. */
  target?: string;
}

/**
 * A part of the tree whose files are made when somebody looks: /proc, the programs in /usr/bin.
 * Paths are relative to the mount point and have no slash at either end ("" is the mount point).
 * What is there may depend on who asks (/proc/sys/net shows the caller's network namespace); a
 * null process is the machine itself. Implementations throw SysError.
 */
export interface Mount {
  stat(p: Process | null, path: string): MountStat | null;
  list(p: Process | null, path: string): string[];
  read(p: Process | null, path: string): Uint8Array;
  write(p: Process | null, path: string, data: Uint8Array): void;
}

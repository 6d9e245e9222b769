import { SysError } from "../base/errno.ts";
import { WaitQueue } from "../sim/wait.ts";
import type { OpenFile } from "./file.ts";
import type { OpenFlags } from "./fs.ts";
import type { Inode } from "./inode.ts";
import type { Machine } from "./machine.ts";
import type { Mount } from "./mount.ts";
import type { Process } from "./process.ts";

/** What open file descriptions have in common: the count of holders and two queues. */
export abstract class Held implements OpenFile {
  isTty = false;
  readable = new WaitQueue();
  writable = new WaitQueue();
  holders = 1;

  abstract read(max: number): Uint8Array | "EAGAIN" | "EOF";
  abstract write(data: Uint8Array): number | "EPIPE";

  hold(): void {
    this.holders++;
  }

  release(): void {
    if (--this.holders === 0) this.close();
  }

  /** The last holder let go. */
  close(): void {}
}

/** A file (or a directory, which cannot be read this way) with a position of its own. */
export class RegularFile extends Held {
  machine: Machine;
  inode: Inode;
  flags: OpenFlags;
  position = 0;

  constructor(machine: Machine, inode: Inode, flags: OpenFlags) {
    super();
    this.machine = machine;
    this.inode = inode;
    this.flags = flags;
  }

  override read(max: number): Uint8Array | "EOF" {
    if (!this.flags.read) throw new SysError("EBADF");
    if (this.inode.kind === "directory") throw new SysError("EISDIR");
    if (this.position >= this.inode.size) return "EOF";
    const end = Math.min(this.position + max, this.inode.size);
    const data = this.inode.data.slice(this.position, end);
    this.position = end;
    return data;
  }

  override write(data: Uint8Array): number {
    if (!this.flags.write) throw new SysError("EBADF");
    if (this.flags.append) this.position = this.inode.size;
    if (this.position + data.length > MAX_FILE) throw new SysError("ENOSPC");
    this.inode.put(this.position, data);
    this.position += data.length;
    this.inode.mtime = this.machine.sim.now;
    return data.length;
  }
}

/** A page must survive `yes > file`. */
const MAX_FILE = 64 * 1024 * 1024;

/** A file of /proc: its text is made when it is first read; each write is one request. */
export class MountFile extends Held {
  mount: Mount;
  process: Process | null;
  rel: string;
  flags: OpenFlags;
  data: Uint8Array | null = null;
  position = 0;

  constructor(mount: Mount, process: Process | null, rel: string, flags: OpenFlags) {
    super();
    this.mount = mount;
    this.process = process;
    this.rel = rel;
    this.flags = flags;
    const stat = mount.stat(process, rel);
    if (flags.write && stat && (stat.mode & 0o222) === 0) throw new SysError("EACCES");
  }

  override read(max: number): Uint8Array | "EOF" {
    if (!this.flags.read) throw new SysError("EBADF");
    this.data ??= this.mount.read(this.process, this.rel);
    if (this.position >= this.data.length) return "EOF";
    const part = this.data.slice(this.position, this.position + max);
    this.position += part.length;
    return part;
  }

  override write(data: Uint8Array): number {
    if (!this.flags.write) throw new SysError("EBADF");
    this.mount.write(this.process, this.rel, data);
    return data.length;
  }
}

/** Text that is read once: a here-document. */
export class TextFile extends Held {
  data: Uint8Array;
  position = 0;

  constructor(data: Uint8Array) {
    super();
    this.data = data;
  }

  override read(max: number): Uint8Array | "EOF" {
    if (this.position >= this.data.length) return "EOF";
    const part = this.data.slice(this.position, this.position + max);
    this.position += part.length;
    return part;
  }

  override write(): number {
    throw new SysError("EBADF");
  }
}

/** Keeps what is written: how the lab and agents take a command's output. */
export class Capture extends Held {
  chunks: Uint8Array[] = [];
  length = 0;

  override read(): "EOF" {
    return "EOF";
  }

  override write(data: Uint8Array): number {
    this.chunks.push(data.slice());
    this.length += data.length;
    return data.length;
  }

  /** What was written since the last time. */
  take(): Uint8Array {
    const all = new Uint8Array(this.length);
    let at = 0;
    for (const chunk of this.chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    this.chunks = [];
    this.length = 0;
    return all;
  }
}

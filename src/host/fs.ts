import { SysError } from "../base/errno.ts";
import { utf8 } from "../base/text.ts";
import { openDevice } from "./device.ts";
import type { OpenFile } from "./file.ts";
import { Inode, type Kind } from "./inode.ts";
import type { Machine } from "./machine.ts";
import type { Mount } from "./mount.ts";
import { MountFile, RegularFile } from "./open.ts";
import type { Process } from "./process.ts";
import { makeSkeleton } from "./skeleton.ts";

/** How a file is opened (linux: include/uapi/asm-generic/fcntl.h). */
export interface OpenFlags {
  read?: boolean;
  write?: boolean;
  append?: boolean;
  create?: boolean;
  truncate?: boolean;
  /** With `create`: fail when it is there (`set -C`). */
  exclusive?: boolean;
}

export interface Stat {
  kind: Kind;
  mode: number;
  uid: number;
  gid: number;
  size: number;
  mtime: number;
  ino: number;
  nlink: number;
  target: string;
}

/** Where a path leads: an inode, or a path within a mount, or a name that is free. */
export interface Spot {
  inode: Inode;
  mount: Mount | null;
  rel: string;
  name: string;
}

export interface Walk {
  spot: Spot | null;
  parent: Spot;
  name: string;
  path: string;
}

const MAX_LINKS = 40;

/** `path` as seen from directory `cwd`, made absolute; `.`, `..` and links are left in. */
export function absolute(path: string, cwd: string): string {
  return path.startsWith("/") ? path : `${cwd === "/" ? "" : cwd}/${path}`;
}

/**
 * The files of one machine, in memory (POSIX 4.13 pathname resolution). Paths are absolute; a
 * process resolves its own against its working directory (`Process.path`). Whatever fails throws
 * SysError.
 */
export class FileSystem {
  machine: Machine;
  root: Inode;
  nextIno = 2;

  constructor(machine: Machine) {
    this.machine = machine;
    this.root = this.make("directory", 0o755);
    makeSkeleton(this, machine);
  }

  get now(): number {
    return this.machine.sim.now;
  }

  make(kind: Kind, mode: number): Inode {
    return new Inode(this.nextIno++, kind, mode, this.machine.sim.now);
  }

  /** Follow `path` as far as it goes; the last component need not exist. */
  walk(path: string, p: Process | null = null, follow = true): Walk {
    if (path === "") throw new SysError("ENOENT");
    const top: Spot = { inode: this.root, mount: null, rel: "", name: "" };
    const stack: Spot[] = [top];
    const todo = path.split("/").reverse();
    let links = 0;
    let missing: string | null = null;
    while (todo.length) {
      const name = todo.pop() as string;
      if (name === "" || name === ".") {
        if (missing !== null && todo.some((rest) => rest !== "")) throw new SysError("ENOENT");
        continue;
      }
      if (missing !== null) throw new SysError("ENOENT");
      const here = stack[stack.length - 1] as Spot;
      if (this.kindOf(here, p) !== "directory") throw new SysError("ENOTDIR");
      if (name === "..") {
        if (stack.length > 1) stack.pop();
        continue;
      }
      const child = this.child(here, name, p);
      if (!child) {
        missing = name;
        continue;
      }
      const target = this.linkTarget(child, p);
      // A slash behind the last name follows it, too.
      if (target !== null && (follow || todo.length > 0)) {
        if (++links > MAX_LINKS) throw new SysError("ELOOP");
        if (target.startsWith("/")) stack.length = 1;
        todo.push(...target.split("/").reverse());
        continue;
      }
      stack.push(child);
    }
    const end = stack[stack.length - 1] as Spot;
    const names = stack.slice(1).map((spot) => spot.name);
    if (missing !== null)
      return { spot: null, parent: end, name: missing, path: `/${[...names, missing].join("/")}` };
    const parent = stack[stack.length - 2] ?? top;
    return { spot: end, parent, name: end.name, path: `/${names.join("/")}` };
  }

  private child(spot: Spot, name: string, p: Process | null): Spot | null {
    if (spot.mount) {
      const rel = spot.rel === "" ? name : `${spot.rel}/${name}`;
      return spot.mount.stat(p, rel) ? { inode: spot.inode, mount: spot.mount, rel, name } : null;
    }
    const inode = spot.inode.entries?.get(name);
    return inode ? { inode, mount: inode.mount, rel: "", name } : null;
  }

  private kindOf(spot: Spot, p: Process | null): Kind {
    if (spot.mount && spot.rel !== "") return spot.mount.stat(p, spot.rel)?.kind ?? "file";
    return spot.inode.kind;
  }

  private linkTarget(spot: Spot, p: Process | null): string | null {
    if (spot.mount) {
      const stat = spot.rel === "" ? null : spot.mount.stat(p, spot.rel);
      return stat?.kind === "symlink" ? (stat.target ?? "") : null;
    }
    return spot.inode.kind === "symlink" ? spot.inode.target : null;
  }

  private found(path: string, p: Process | null, follow = true): Spot {
    const { spot } = this.walk(path, p, follow);
    if (!spot) throw new SysError("ENOENT");
    return spot;
  }

  private statOf(spot: Spot, p: Process | null): Stat {
    if (spot.mount && spot.rel !== "") {
      const stat = spot.mount.stat(p, spot.rel);
      if (!stat) throw new SysError("ENOENT");
      const { kind, mode } = stat;
      const fixed = { uid: 0, gid: 0, size: 0, mtime: 0, ino: 1, nlink: 1 };
      return { kind, mode, ...fixed, target: stat.target ?? "" };
    }
    const { kind, mode, uid, gid, mtime, ino, nlink, target } = spot.inode;
    const size = kind === "directory" ? 4096 : kind === "symlink" ? target.length : spot.inode.size;
    return { kind, mode, uid, gid, size, mtime, ino, nlink, target };
  }

  stat(path: string, p: Process | null = null): Stat {
    return this.statOf(this.found(path, p), p);
  }

  lstat(path: string, p: Process | null = null): Stat {
    return this.statOf(this.found(path, p, false), p);
  }

  /** The same, null when it is not there. */
  tryStat(path: string, p: Process | null = null, follow = true): Stat | null {
    try {
      // An error that nobody sees costs a stack trace: a free name is no error here.
      const { spot } = this.walk(path, p, follow);
      return spot ? this.statOf(spot, p) : null;
    } catch (error) {
      if (error instanceof SysError) return null;
      throw error;
    }
  }

  exists(path: string, p: Process | null = null): boolean {
    return this.tryStat(path, p) !== null;
  }

  isDirectory(path: string, p: Process | null = null): boolean {
    return this.tryStat(path, p)?.kind === "directory";
  }

  /** Without links, `.` and `..`. */
  realpath(path: string, p: Process | null = null): string {
    const { spot, path: real } = this.walk(path, p);
    if (!spot) throw new SysError("ENOENT");
    return real;
  }

  readdir(path: string, p: Process | null = null): string[] {
    const spot = this.found(path, p);
    if (this.kindOf(spot, p) !== "directory") throw new SysError("ENOTDIR");
    if (spot.mount) return spot.mount.list(p, spot.rel);
    return [...(spot.inode.entries as Map<string, Inode>).keys()];
  }

  readFile(path: string, p: Process | null = null): Uint8Array {
    const spot = this.found(path, p);
    const kind = this.kindOf(spot, p);
    if (kind === "directory") throw new SysError("EISDIR");
    if (spot.mount) return spot.mount.read(p, spot.rel);
    if (kind === "device") throw new SysError("EINVAL");
    return spot.inode.content().slice();
  }

  writeFile(
    path: string,
    data: Uint8Array | string,
    mode?: number,
    p: Process | null = null,
  ): void {
    const bytes = typeof data === "string" ? utf8(data) : data;
    const file = this.open(path, { write: true, create: true, truncate: true }, mode ?? 0o644, p);
    for (let rest = bytes; rest.length; ) {
      const wrote = file.write(rest);
      if (wrote === "EPIPE" || wrote === 0) throw new SysError("EIO");
      rest = rest.subarray(wrote);
    }
    file.release();
    if (mode !== undefined && !this.walk(path, p).spot?.mount) this.chmod(path, mode, p);
  }

  /** Where a new name can be made; the parent must be an ordinary directory. */
  private free(walk: Walk, p: Process | null): Map<string, Inode> {
    if (walk.spot) throw new SysError("EEXIST");
    return this.entriesOf(walk.parent, p);
  }

  private entriesOf(spot: Spot, p: Process | null): Map<string, Inode> {
    if (this.kindOf(spot, p) !== "directory") throw new SysError("ENOTDIR");
    if (spot.mount) throw new SysError("EROFS");
    spot.inode.mtime = this.now;
    return spot.inode.entries as Map<string, Inode>;
  }

  mkdir(path: string, mode = 0o755, p: Process | null = null): void {
    const walk = this.walk(path, p);
    const inode = this.make("directory", mode);
    this.free(walk, p).set(walk.name, inode);
    walk.parent.inode.nlink++;
  }

  /** With all parents; nothing happens when it is there. */
  mkdirp(path: string, mode = 0o755, p: Process | null = null): void {
    let at = "";
    for (const name of path.split("/")) {
      if (name === "") continue;
      at += `/${name}`;
      const stat = this.tryStat(at, p);
      if (!stat) this.mkdir(at, mode, p);
      else if (stat.kind !== "directory")
        throw new SysError(at === path.replace(/\/+$/, "") ? "EEXIST" : "ENOTDIR");
    }
  }

  symlink(target: string, path: string, p: Process | null = null): void {
    const walk = this.walk(path, p, false);
    const inode = this.make("symlink", 0o777);
    inode.target = target;
    this.free(walk, p).set(walk.name, inode);
  }

  link(target: string, path: string, p: Process | null = null): void {
    const spot = this.found(target, p, false);
    if (spot.mount) throw new SysError("EXDEV");
    if (spot.inode.kind === "directory") throw new SysError("EPERM");
    const walk = this.walk(path, p, false);
    this.free(walk, p).set(walk.name, spot.inode);
    spot.inode.nlink++;
  }

  unlink(path: string, p: Process | null = null): void {
    const walk = this.walk(path, p, false);
    if (!walk.spot) throw new SysError("ENOENT");
    if (this.kindOf(walk.spot, p) === "directory") throw new SysError("EISDIR");
    this.entriesOf(walk.parent, p).delete(walk.name);
    walk.spot.inode.nlink--;
  }

  rmdir(path: string, p: Process | null = null): void {
    const walk = this.walk(path, p, false);
    if (!walk.spot) throw new SysError("ENOENT");
    if (this.kindOf(walk.spot, p) !== "directory") throw new SysError("ENOTDIR");
    if (walk.spot.inode.mount || walk.spot.inode === this.root) throw new SysError("EBUSY");
    if (walk.spot.inode.entries?.size) throw new SysError("ENOTEMPTY");
    this.entriesOf(walk.parent, p).delete(walk.name);
    walk.parent.inode.nlink--;
  }

  rename(from: string, to: string, p: Process | null = null): void {
    const source = this.walk(from, p, false);
    if (!source.spot) throw new SysError("ENOENT");
    const target = this.walk(to, p, false);
    const inode = source.spot.inode;
    const old = target.spot?.inode;
    if (old === inode) return;
    if (inode.kind === "directory" && `${target.path}/`.startsWith(`${source.path}/`))
      throw new SysError("EINVAL");
    if (old && old.kind === "directory" && inode.kind !== "directory") throw new SysError("EISDIR");
    if (old && old.kind !== "directory" && inode.kind === "directory")
      throw new SysError("ENOTDIR");
    if (old?.entries?.size) throw new SysError("ENOTEMPTY");
    const into = this.entriesOf(target.parent, p);
    this.entriesOf(source.parent, p).delete(source.name);
    into.set(target.name, inode);
  }

  chmod(path: string, mode: number, p: Process | null = null): void {
    const spot = this.found(path, p);
    if (spot.mount && spot.rel !== "") throw new SysError("EPERM");
    spot.inode.mode = mode & 0o7777;
  }

  chown(path: string, uid: number, gid: number, p: Process | null = null): void {
    const spot = this.found(path, p);
    if (spot.mount && spot.rel !== "") throw new SysError("EPERM");
    if (uid >= 0) spot.inode.uid = uid;
    if (gid >= 0) spot.inode.gid = gid;
  }

  /** Set the time of change (virtual ns); the file is made when it is not there. */
  touch(path: string, mtime: number, p: Process | null = null): void {
    const { spot } = this.walk(path, p);
    if (!spot) this.open(path, { write: true, create: true }, 0o644, p).release();
    const inode = this.found(path, p).inode;
    inode.mtime = mtime;
  }

  /** Everything below `path` is what `mount` says. */
  mount(path: string, mount: Mount): void {
    this.mkdirp(path);
    this.found(path, null).inode.mount = mount;
  }

  device(path: string, which: string): void {
    const walk = this.walk(path, null);
    const inode = this.make("device", 0o666);
    inode.target = which;
    this.free(walk, null).set(walk.name, inode);
  }

  open(path: string, flags: OpenFlags, mode = 0o644, p: Process | null = null): OpenFile {
    const fd = /^\/(?:dev|proc\/self)\/fd\/(\d+)$/.exec(path);
    if (fd) return openDevice(`fd${fd[1]}`, p, this.machine);
    const walk = this.walk(path, p);
    let spot = walk.spot;
    if (!spot) {
      if (!flags.create || path.endsWith("/"))
        throw new SysError(flags.create ? "EISDIR" : "ENOENT");
      const inode = this.make("file", mode & ~(p?.umask ?? 0o022) & 0o777);
      inode.uid = p?.uid ?? 0;
      inode.gid = p?.gid ?? 0;
      this.entriesOf(walk.parent, p).set(walk.name, inode);
      spot = { inode, mount: null, rel: "", name: walk.name };
    } else if (flags.create && flags.exclusive && this.kindOf(spot, p) === "file")
      throw new SysError("EEXIST");
    const kind = this.kindOf(spot, p);
    if (kind === "directory") {
      if (flags.write) throw new SysError("EISDIR");
      return new RegularFile(this.machine, spot.inode, flags);
    }
    if (spot.mount) return new MountFile(spot.mount, p, spot.rel, flags);
    if (p && p.uid !== 0) this.mayAccess(spot.inode, p, flags);
    if (kind === "device") return openDevice(spot.inode.target, p, this.machine);
    if (flags.truncate && flags.write) {
      spot.inode.truncate();
      spot.inode.mtime = this.now;
    }
    return new RegularFile(this.machine, spot.inode, flags);
  }

  /** linux: fs/namei.c, acl_permission_check */
  private mayAccess(inode: Inode, p: Process, flags: OpenFlags): void {
    const shift = inode.uid === p.uid ? 6 : inode.gid === p.gid ? 3 : 0;
    const want = (flags.read ? 4 : 0) | (flags.write ? 2 : 0);
    if (((inode.mode >> shift) & want) !== want) throw new SysError("EACCES");
  }
}

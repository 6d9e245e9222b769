import type { Mount } from "./mount.ts";

export type Kind = "file" | "directory" | "symlink" | "device";

/** linux: struct inode. Which fields mean something depends on `kind`. */
export class Inode {
  ino: number;
  kind: Kind;
  /** Permission bits only. */
  mode: number;
  uid = 0;
  gid = 0;
  /** Virtual ns since the world began. */
  mtime: number;
  nlink = 1;
  /** file: a buffer that may be longer than `size`. */
  data: Uint8Array = new Uint8Array(0);
  size = 0;
  /** directory */
  entries: Map<string, Inode> | null = null;
  mount: Mount | null = null;
  /** symlink: where to; device: which. */
  target = "";

  constructor(ino: number, kind: Kind, mode: number, mtime: number) {
    this.ino = ino;
    this.kind = kind;
    this.mode = mode;
    this.mtime = mtime;
    if (kind === "directory") {
      this.entries = new Map();
      this.nlink = 2;
    }
  }

  content(): Uint8Array {
    return this.data.subarray(0, this.size);
  }

  /** Write `data` at `offset`, growing by doubling so that many small appends stay cheap. */
  put(offset: number, data: Uint8Array): void {
    const end = offset + data.length;
    if (end > this.data.length) {
      const grown = new Uint8Array(Math.max(end, Math.min(this.data.length * 2, end + 1048576)));
      grown.set(this.content());
      this.data = grown;
    }
    if (offset > this.size) this.data.fill(0, this.size, offset);
    this.data.set(data, offset);
    if (end > this.size) this.size = end;
  }

  truncate(size = 0): void {
    if (size > this.size) this.put(size, new Uint8Array(0));
    if (size === 0) this.data = new Uint8Array(0);
    this.size = size;
  }
}

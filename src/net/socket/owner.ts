import type { SockOwner } from "./sock.ts";

/** Who `process` is, for the sockets that it opens. The shape is what `Process` of room host has. */
export function ownerOf(process: {
  pid: number;
  uid: number;
  gid: number;
  argv: readonly string[];
}): SockOwner {
  const path = process.argv[0] ?? "";
  const command = path.slice(path.lastIndexOf("/") + 1).slice(0, 15);
  return { pid: process.pid, uid: process.uid, gid: process.gid, command };
}

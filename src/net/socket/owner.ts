import type { SockOwner } from "./sock.ts";

/** Who process `p` is, for the sockets that it opens. The shape is what `Process` of room host has. */
export function ownerOf(p: {
  pid: number;
  uid: number;
  gid: number;
  argv: readonly string[];
}): SockOwner {
  const path = p.argv[0] ?? "";
  const command = path.slice(path.lastIndexOf("/") + 1).slice(0, 15);
  return { pid: p.pid, uid: p.uid, gid: p.gid, command };
}

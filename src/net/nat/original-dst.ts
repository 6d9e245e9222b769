import { IPPROTO_TCP } from "../../wire/ipv4.ts";
import type { NetNs } from "../netns.ts";
import type { Sock } from "../socket/sock.ts";

/** SO_ORIGINAL_DST: where the client wanted to go before DNAT (linux: nf_conntrack_proto.c, getorigdst). */
export function originalDst(ns: NetNs, sock: Sock): { address: number; port: number } | null {
  const found = ns.conntrack.find({
    src: sock.src,
    srcPort: sock.srcPort,
    dst: sock.dst,
    dstPort: sock.dstPort,
    protocol: IPPROTO_TCP,
  });
  if (!found) return null;
  const tuple = found.ct.tuples[0];
  return { address: tuple.dst, port: tuple.dstPort };
}

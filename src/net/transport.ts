import { Absent } from "../sim/part.ts";
import type { NetNs } from "./netns.ts";
import type { Skb } from "./skb.ts";

/** What IP hands packets and errors of a protocol to (linux: struct net_protocol). */
export interface Transport {
  receive(ns: NetNs, skb: Skb): void;
  /** An ICMP error about a packet of ours; addresses and ports as that packet had them. */
  error(
    ns: NetNs,
    src: number,
    srcPort: number,
    dst: number,
    dstPort: number,
    type: number,
    code: number,
    info: number,
  ): void;
}

/**
 * By protocol number. A protocol comes with its sockets, and without them nobody sends its packets: so it
 * is no state of a world.
 */
const transports = new Map<number, Transport>();

export function installTransport(protocol: number, transport: Transport): void {
  transports.set(protocol, transport);
}

/** Throws Absent. */
export function transportOf(protocol: number): Transport {
  const found = transports.get(protocol);
  if (!found) throw new Absent("tcp");
  return found;
}

import type { Errno } from "../../base/errno.ts";
import { WaitQueue } from "../../sim/wait.ts";
import type { NetDevice } from "../device/device.ts";
import type { NetNs } from "../netns.ts";
import type { Skb } from "../skb.ts";

/** Who opened it, for `ss -p` and `-m owner`. */
export interface SockOwner {
  pid: number;
  uid: number;
  gid: number;
  command: string;
}

/** What all sockets have (linux: struct sock, struct inet_sock). Addresses and ports in host order. */
export abstract class Sock {
  abstract readonly protocol: number;
  /** Unique in the world; the trace points at it. */
  id: number;
  ns: NetNs;
  /** Bound or chosen local address; 0 is any. */
  src = 0;
  srcPort = 0;
  /** Connected peer; 0 when not connected. */
  dst = 0;
  dstPort = 0;
  /** SO_MARK: what packets sent start with. */
  mark = 0;
  /** IP_TRANSPARENT: may bind to, and accept for, addresses that are not ours. */
  transparent = false;
  /** IP_FREEBIND */
  freebind = false;
  /** SO_DONTROUTE: nothing that goes by a gateway. */
  dontRoute = false;
  /** SO_BINDTODEVICE */
  boundDevice: NetDevice | null = null;
  reuseAddr = false;
  reusePort = false;
  broadcast = false;
  ttl = 64;
  tos = 0;
  priority = 0;
  /** bind() named an address (SOCK_BINDADDR_LOCK), so connect keeps it. */
  boundAddress = false;
  owner: SockOwner = { pid: 0, uid: 0, gid: 0, command: "" };
  /** The pending error that the next call returns (SO_ERROR). */
  error: Errno | null = null;
  readable = new WaitQueue();
  writable = new WaitQueue();
  closed = false;

  constructor(ns: NetNs) {
    this.ns = ns;
    this.id = ns.kernel.ids.sock++;
    ns.trace.catalogue.sockets.set(this.id, this);
  }

  /** The pending error, once. */
  takeError(): Errno | null {
    const error = this.error;
    this.error = null;
    return error;
  }

  /** A packet for this socket: skb.transport is set, checksums are checked by the protocol. */
  abstract receive(skb: Skb): void;

  /** An ICMP error about a packet that it sent; `info` is the MTU of "fragmentation needed". */
  abstract icmpError(type: number, code: number, info: number): void;

  abstract close(): void;
}

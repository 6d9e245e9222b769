import type { NetNs } from "../netns.ts";
import type { Sock } from "./sock.ts";

/** A hash key of a connected pair; four numbers, one string. */
function pairKey(src: number, srcPort: number, dst: number, dstPort: number): string {
  return `${src}:${srcPort}:${dst}:${dstPort}`;
}

function insert(map: Map<number, Sock[]>, sock: Sock): void {
  const list = map.get(sock.srcPort);
  if (list) list.push(sock);
  else map.set(sock.srcPort, [sock]);
}

function remove(map: Map<number, Sock[]>, sock: Sock): void {
  const list = map.get(sock.srcPort);
  const at = list?.indexOf(sock) ?? -1;
  if (!list || at < 0) return;
  list.splice(at, 1);
  if (list.length === 0) map.delete(sock.srcPort);
}

/** Sockets of one protocol: connected ones by their pair, bound ones by local port. */
export class ProtocolSockets {
  connected = new Map<string, Sock>();
  /** Local port -> listeners (TCP) or bound sockets (UDP), oldest first. */
  bound = new Map<number, Sock[]>();
  /** Local port -> every socket that uses it, in any state (linux: struct inet_bind_bucket). */
  buckets = new Map<number, Sock[]>();

  find(src: number, srcPort: number, dst: number, dstPort: number): Sock | undefined {
    return this.connected.get(pairKey(src, srcPort, dst, dstPort));
  }

  connect(sock: Sock): void {
    this.connected.set(pairKey(sock.src, sock.srcPort, sock.dst, sock.dstPort), sock);
  }

  disconnect(sock: Sock): void {
    const key = pairKey(sock.src, sock.srcPort, sock.dst, sock.dstPort);
    if (this.connected.get(key) === sock) this.connected.delete(key);
  }

  bind(sock: Sock): void {
    insert(this.bound, sock);
  }

  unbind(sock: Sock): void {
    remove(this.bound, sock);
  }

  /** The port is used from now on (linux: inet_bind_hash). */
  hold(sock: Sock): void {
    if (!this.buckets.get(sock.srcPort)?.includes(sock)) insert(this.buckets, sock);
  }

  release(sock: Sock): void {
    remove(this.buckets, sock);
  }
}

/** All sockets of a namespace. */
export class SocketTable {
  ns: NetNs;
  tcp = new ProtocolSockets();
  udp = new ProtocolSockets();
  /** Raw and ping sockets, oldest first: each sees every packet of its protocol. */
  raw: Sock[] = [];
  /** Everything that is open, for `ss`. */
  all = new Set<Sock>();

  constructor(ns: NetNs) {
    this.ns = ns;
  }
}

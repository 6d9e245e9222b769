import type { NetNs } from "../netns.ts";
import type { Sock } from "./sock.ts";

/** A hash key of a connected pair; four numbers, one string. */
function pairKey(src: number, srcPort: number, dst: number, dstPort: number): string {
  return `${src}:${srcPort}:${dst}:${dstPort}`;
}

/** Sockets of one protocol: connected ones by their pair, bound ones by local port. */
export class ProtocolSockets {
  connected = new Map<string, Sock>();
  /** Local port -> listeners (TCP) or bound sockets (UDP), oldest first. */
  bound = new Map<number, Sock[]>();

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
    const list = this.bound.get(sock.srcPort);
    if (list) list.push(sock);
    else this.bound.set(sock.srcPort, [sock]);
  }

  unbind(sock: Sock): void {
    const list = this.bound.get(sock.srcPort);
    const at = list?.indexOf(sock) ?? -1;
    if (!list || at < 0) return;
    list.splice(at, 1);
    if (list.length === 0) this.bound.delete(sock.srcPort);
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

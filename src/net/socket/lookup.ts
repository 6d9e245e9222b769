import type { NetDevice } from "../device/device.ts";
import type { NetNs } from "../netns.ts";
import type { Sock } from "./sock.ts";

/** linux: include/net/inet_sock.h, inet_sk_bound_dev_eq */
function deviceFits(sock: Sock, dev: NetDevice | null): boolean {
  return sock.boundDevice === null || sock.boundDevice === dev;
}

/** One of a group that shares a port (SO_REUSEPORT): the same flow always gets the same one. */
function pickReusePort(
  group: Sock[],
  src: number,
  sport: number,
  dst: number,
  dport: number,
): Sock {
  let hash = Math.imul(src ^ Math.imul(dst, 0x9e3779b1), 0x85ebca6b);
  hash = Math.imul(hash ^ ((sport << 16) | dport), 0xc2b2ae35);
  return group[(hash >>> 8) % group.length] as Sock;
}

/** The connected socket, request or TIME-WAIT of a segment (linux: __inet_lookup_established). */
export function tcpLookupEstablished(
  ns: NetNs,
  src: number,
  sport: number,
  dst: number,
  dport: number,
  dev: NetDevice | null = null,
): Sock | null {
  const found = ns.sockets.tcp.find(dst, dport, src, sport);
  return found && deviceFits(found, dev) ? found : null;
}

/**
 * The listener for a destination (linux: net/ipv4/inet_hashtables.c, __inet_lookup_listener,
 * compute_score): one bound to the address beats one bound to any, then one bound to the device.
 */
export function tcpLookupListener(
  ns: NetNs,
  dst: number,
  dport: number,
  dev: NetDevice | null = null,
  src = 0,
  sport = 0,
): Sock | null {
  const list = ns.sockets.tcp.bound.get(dport);
  if (!list) return null;
  for (const address of dst === 0 ? [0] : [dst, 0]) {
    let best: Sock | null = null;
    for (const sock of list) {
      if (sock.src !== address || !deviceFits(sock, dev)) continue;
      if (!best || (sock.boundDevice && !best.boundDevice)) best = sock;
    }
    if (!best) continue;
    if (!best.reusePort) return best;
    const group = list.filter(
      (s) => s.reusePort && s.src === address && s.boundDevice === best.boundDevice,
    );
    return pickReusePort(group, src, sport, dst, dport);
  }
  return null;
}

/** linux: include/net/inet_hashtables.h, __inet_lookup */
export function tcpLookup(
  ns: NetNs,
  src: number,
  sport: number,
  dst: number,
  dport: number,
  dev: NetDevice | null = null,
): Sock | null {
  return (
    tcpLookupEstablished(ns, src, sport, dst, dport, dev) ??
    tcpLookupListener(ns, dst, dport, dev, src, sport)
  );
}

/** How well a UDP socket fits (linux: net/ipv4/udp.c, compute_score); -1: not at all. */
function udpScore(sock: Sock, src: number, sport: number, dev: NetDevice | null): number {
  let score = 1;
  if (sock.dst !== 0) {
    if (sock.dst !== src) return -1;
    score += 4;
  }
  if (sock.dstPort !== 0) {
    if (sock.dstPort !== sport) return -1;
    score += 4;
  }
  if (!deviceFits(sock, dev)) return -1;
  return sock.boundDevice ? score + 4 : score;
}

/** linux: net/ipv4/udp.c, __udp4_lib_lookup: bound to the address first, then bound to any. */
export function udpLookup(
  ns: NetNs,
  src: number,
  sport: number,
  dst: number,
  dport: number,
  dev: NetDevice | null = null,
): Sock | null {
  const list = ns.sockets.udp.bound.get(dport);
  if (!list) return null;
  for (const address of [dst, 0]) {
    let best: Sock | null = null;
    let bestScore = 0;
    // The newest of equals wins: Linux adds to the head of the chain.
    for (let i = list.length - 1; i >= 0; i--) {
      const sock = list[i] as Sock;
      if (sock.src !== address) continue;
      const score = udpScore(sock, src, sport, dev);
      if (score > bestScore) {
        best = sock;
        bestScore = score;
      }
    }
    if (!best) continue;
    if (!best.reusePort || best.dst) return best;
    const group = list.filter((s) => s.reusePort && s.src === address && s.dst === 0);
    return pickReusePort(group, src, sport, dst, dport);
  }
  return null;
}

import { SysError } from "../../base/errno.ts";
import type { NetNs } from "../netns.ts";
import type { Sock } from "./sock.ts";
import type { ProtocolSockets } from "./table.ts";

/** The ports that are given out: [low, high] (net.ipv4.ip_local_port_range). */
export function localPortRange(ns: NetNs): [number, number] {
  const [low = 32768, high = 60999] = ns.sysctl.numbers("ip_local_port_range");
  return [low, high];
}

/** Ports that are never given out (net.ipv4.ip_local_reserved_ports): "8080,9000-9100". */
function isReserved(ns: NetNs, port: number): boolean {
  const text = ns.sysctl.text("ip_local_reserved_ports");
  if (text === "") return false;
  return text.split(",").some((part) => {
    const [from = "", to = from] = part.split("-");
    return port >= Number(from) && port <= Number(to);
  });
}

/**
 * May `sock` use a port of its own accord? (linux: net/ipv4/inet_connection_sock.c,
 * inet_bind_conflict; net/ipv4/udp.c, udp_lib_lport_inuse). `listening` says whether the other one
 * is a TCP listener: SO_REUSEADDR does not help against those.
 */
export function bindConflict(
  sock: Sock,
  other: Sock,
  address: number,
  listening: (other: Sock) => boolean,
): boolean {
  if (other === sock) return false;
  const devices = sock.boundDevice && other.boundDevice && sock.boundDevice !== other.boundDevice;
  if (devices) return false;
  if (other.src !== 0 && address !== 0 && other.src !== address) return false;
  if (sock.reusePort && other.reusePort && sock.owner.uid === other.owner.uid) return false;
  return !(sock.reuseAddr && other.reuseAddr && !listening(other));
}

/** A free port for bind(…, 0): Linux looks at the odd ones first, leaving even ones to connect(). */
export function ephemeralPort(
  ns: NetNs,
  free: (port: number) => boolean,
  parity: 0 | 1,
): number | null {
  const [low, high] = localPortRange(ns);
  const half = (high - low + 1) >> 1;
  if (half < 1) return free(low) ? low : null;
  const start = ns.sim.rng(`ports/${ns.id}`).below(half);
  for (const wanted of [parity, 1 - parity])
    for (let i = 0; i < half; i++) {
      const even = low + 2 * ((start + i) % half);
      const port = (even & 1) === wanted ? even : even + 1;
      if (port <= high && !isReserved(ns, port) && free(port)) return port;
    }
  return null;
}

/** May `sock` bind to `address` at all? (linux: net/ipv4/af_inet.c, __inet_bind) */
export function checkBindAddress(sock: Sock, address: number, port: number): void {
  const ns = sock.ns;
  const first = ns.sysctl.number("ip_unprivileged_port_start");
  if (port !== 0 && port < first && sock.owner.uid !== 0) throw new SysError("EACCES");
  if (address === 0 || sock.freebind || sock.transparent) return;
  if (ns.sysctl.number("ip_nonlocal_bind")) return;
  const type = ns.fib.addressType(address);
  if (type !== "local" && type !== "multicast" && type !== "broadcast")
    throw new SysError("EADDRNOTAVAIL");
}

/** Bind to a port, or to a free one; throws EADDRINUSE (linux: inet_csk_get_port, udp_v4_get_port). */
export function choosePort(
  sock: Sock,
  table: ProtocolSockets,
  address: number,
  port: number,
  listening: (other: Sock) => boolean,
): number {
  const free = (candidate: number): boolean => {
    const users = table.buckets.get(candidate);
    if (!users) return true;
    // An explicit bind may share; a free port is one that nobody has.
    return port !== 0 && !users.some((other) => bindConflict(sock, other, address, listening));
  };
  if (port !== 0) {
    if (!free(port)) throw new SysError("EADDRINUSE");
    return port;
  }
  const chosen = ephemeralPort(sock.ns, free, 1);
  if (chosen === null) throw new SysError("EADDRINUSE");
  return chosen;
}

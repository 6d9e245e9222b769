import { type Errno, SysError } from "../../base/errno.ts";
import { ipRouteOutput } from "../fib/output.ts";
import { Flow, RouteError, type RouteResult, RT_SCOPE_LINK } from "../fib/route.ts";
import type { Sock } from "./sock.ts";

/**
 * The route from `sock` to `dst` (linux: include/net/route.h, ip_route_connect, ip_route_newports).
 * A transparent socket may send from an address that is not ours (inet_sk_flowi_flags).
 * `skb` is the id of the packet whose story the lookup belongs to; 0 for none.
 */
export function sockRoute(
  sock: Sock,
  dst: number,
  dstPort: number,
  src = sock.src,
  skb = 0,
): RouteResult | RouteError {
  const key = new Flow();
  key.src = src;
  key.dst = dst;
  key.oif = sock.boundDevice?.ifindex ?? 0;
  key.mark = sock.mark;
  key.tos = sock.tos & 0x1c;
  key.protocol = sock.protocol;
  key.srcPort = sock.srcPort;
  key.dstPort = dstPort;
  key.uid = sock.owner.uid;
  if (sock.dontRoute) key.scope = RT_SCOPE_LINK;
  key.anySrc = sock.transparent || sock.freebind;
  return ipRouteOutput(sock.ns, key, skb);
}

/** The same for a system call: no route is the errno that the call fails with. */
export function sockRouteOrThrow(
  sock: Sock,
  dst: number,
  dstPort: number,
  src = sock.src,
): RouteResult {
  const route = sockRoute(sock, dst, dstPort, src);
  if (route instanceof RouteError) throw new SysError(route.errno);
  return route;
}

/** linux: net/ipv4/icmp.c, icmp_err_convert: the errno of each code of "destination unreachable". */
const UNREACH_ERRNO: readonly { errno: Errno; fatal: boolean }[] = [
  { errno: "ENETUNREACH", fatal: false },
  { errno: "EHOSTUNREACH", fatal: false },
  { errno: "ENOPROTOOPT", fatal: true },
  { errno: "ECONNREFUSED", fatal: true },
  { errno: "EMSGSIZE", fatal: false },
  { errno: "EOPNOTSUPP", fatal: false },
  { errno: "ENETUNREACH", fatal: true },
  { errno: "EHOSTDOWN", fatal: true },
  { errno: "EHOSTUNREACH", fatal: true },
  { errno: "ENETUNREACH", fatal: true },
  { errno: "EHOSTUNREACH", fatal: true },
  { errno: "ENETUNREACH", fatal: false },
  { errno: "EHOSTUNREACH", fatal: false },
  { errno: "EHOSTUNREACH", fatal: true },
  { errno: "EHOSTUNREACH", fatal: true },
  { errno: "EHOSTUNREACH", fatal: true },
];

/** What an ICMP error means to the socket whose packet caused it; null: nothing. */
export function icmpErrno(type: number, code: number): { errno: Errno; fatal: boolean } | null {
  if (type === 3) return UNREACH_ERRNO[code] ?? null;
  if (type === 11) return { errno: "EHOSTUNREACH", fatal: false };
  if (type === 12) return { errno: "EPROTO", fatal: true };
  return null;
}

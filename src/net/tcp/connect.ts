import { SysError } from "../../base/errno.ts";
import { Rng } from "../../base/rng.ts";
import { TH_SYN } from "../../wire/tcp.ts";
import { RouteError, type RouteResult } from "../fib/route.ts";
import { pathMtu } from "../ipv4/output.ts";
import type { NetNs } from "../netns.ts";
import { ephemeralPort } from "../socket/port.ts";
import { sockRoute } from "../socket/route.ts";
import { connectionOver } from "./close.ts";
import { initSendState, syncMss, transmitSegment } from "./output.ts";
import { TxSegment } from "./queue.ts";
import { seqAdd } from "./seq.ts";
import type { TcpSock } from "./sock.ts";
import { setState } from "./state.ts";
import { TimeWaitSock } from "./time-wait.ts";
import { resetXmitTimer } from "./timer.ts";
import { fullSpace, selectInitialWindow } from "./window.ts";

/** The MSS that we announce: what fits the path (linux: net/ipv4/route.c, ipv4_default_advmss). */
export function advertisedMss(ns: NetNs, route: RouteResult, dst: number, userMss = 0): number {
  const given = route.route?.metrics.advmss ?? 0;
  const mtu = Math.min(pathMtu(ns, route, dst), 65535);
  const mss = given || Math.min(Math.max(mtu - 40, 256), 65495);
  return userMss && userMss < mss ? userMss : mss;
}

/** An initial sequence number (RFC 6528; linux: net/core/secure_seq.c, secure_tcp_seq). */
export function initialSequence(ns: NetNs): number {
  return ns.sim.rng(`tcp-isn/${ns.id}`).u32();
}

/** What is added to the clock in timestamps: the same for a pair of hosts (secure_tcp_ts_off). */
export function timestampOffset(ns: NetNs, src: number, dst: number): number {
  return new Rng(ns.sim.seed, `tcp-ts/${ns.id}/${src}/${dst}`).u32();
}

/** linux: net/ipv4/tcp_ipv4.c, tcp_v4_connect */
export function tcpConnect(sock: TcpSock, address: number, port: number): void {
  const { ns } = sock;
  if (sock.isConnecting) throw new SysError("EALREADY");
  if (sock.isConnected) throw new SysError("EISCONN");
  if (sock.state === "LISTEN" || sock.closed) throw new SysError("EISCONN");
  const wasBound = sock.src;
  const route = sockRoute(sock, address, port);
  if (route instanceof RouteError) {
    if (route.errno === "ENETUNREACH") ns.mib.IpOutNoRoutes++;
    throw new SysError(route.errno);
  }
  if (route.type === "broadcast" || route.type === "multicast") throw new SysError("ENETUNREACH");
  sock.src ||= route.src;
  sock.dst = address || sock.src;
  sock.dstPort = port;
  try {
    choosePair(sock);
  } catch (error) {
    sock.src = wasBound;
    sock.dst = 0;
    sock.dstPort = 0;
    throw error;
  }
  sock.retransStamp = ns.sim.now || 1;
  sock.iss = initialSequence(ns);
  sock.tsOffset = timestampOffset(ns, sock.src, sock.dst);
  sock.ipId = ns.sim.rng(`tcp-isn/${ns.id}`).u32() & 0xffff;
  setState(sock, "SYN-SENT");
  sendSyn(sock, route);
}

/**
 * Take a port, and a pair of addresses that no other connection has (linux:
 * net/ipv4/inet_hashtables.c, __inet_hash_connect, __inet_check_established). A TIME-WAIT of the
 * same pair gives way when its timestamps are over a second old (tcp_twsk_unique).
 */
function choosePair(sock: TcpSock): void {
  const { tcp } = sock.ns.sockets;
  const unique = (port: number): boolean => {
    const other = tcp.find(sock.src, port, sock.dst, sock.dstPort);
    if (!other) return true;
    return other instanceof TimeWaitSock && sock.srcPort !== 0 && other.mayBeReused();
  };
  if (sock.srcPort !== 0) {
    if (!unique(sock.srcPort)) throw new SysError("EADDRNOTAVAIL");
  } else {
    const free = (port: number): boolean =>
      !(tcp.buckets.get(port) ?? []).some((other) => other.dst === 0) && unique(port);
    const port = ephemeralPort(sock.ns, free, 0);
    if (port === null) throw new SysError("EADDRNOTAVAIL");
    sock.srcPort = port;
  }
  const old = tcp.find(sock.src, sock.srcPort, sock.dst, sock.dstPort);
  if (old instanceof TimeWaitSock) old.close();
  tcp.hold(sock);
  tcp.connect(sock);
}

/** linux: net/ipv4/tcp_output.c, tcp_connect_init, tcp_connect */
function sendSyn(sock: TcpSock, route: RouteResult): void {
  const { ns } = sock;
  sock.advmss = advertisedMss(ns, route, sock.dst, sock.userMss);
  sock.mssClamp = sock.userMss || 65535;
  sock.timestamps = ns.sysctl.number("tcp_timestamps") !== 0;
  sock.sackOk = ns.sysctl.number("tcp_sack") !== 0;
  sock.scaling = ns.sysctl.number("tcp_window_scaling") !== 0;
  syncMss(sock, pathMtu(ns, route, sock.dst));
  const [, , rmemMax = 6_291_456] = ns.sysctl.numbers("tcp_rmem");
  const chosen = selectInitialWindow(fullSpace(sock), sock.advmss, sock.scaling, rmemMax);
  sock.rcvWnd = chosen.window;
  sock.rcvSsthresh = chosen.window;
  sock.windowClamp = chosen.clamp;
  sock.rcvWscale = chosen.scale;
  sock.sndWnd = 0;
  initSendState(sock);
  sock.writeSeq = seqAdd(sock.iss, 1);
  sock.pushedSeq = sock.writeSeq;
  const syn = new TxSegment(sock.iss, TH_SYN, new Uint8Array(0));
  sock.rtxQueue.push(syn);
  sock.sndNxt = sock.writeSeq;
  const failed = transmitSegment(sock, syn, "socket");
  ns.mib.TcpActiveOpens++;
  if (failed === "ECONNREFUSED") {
    connectionOver(sock, null);
    throw new SysError(failed);
  }
  resetXmitTimer(sock, "retransmit", sock.rtt.rto);
}

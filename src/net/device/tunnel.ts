import { Ev } from "../../sim/trace.ts";
import { ETH_HLEN, ETH_P_IP } from "../../wire/ethernet.ts";
import { IPPROTO_UDP, IPV4_HLEN, Ipv4 } from "../../wire/ipv4.ts";
import { UDP_HLEN, Udp } from "../../wire/udp.ts";
import { learnPathMtu } from "../fib/exception.ts";
import { ipRouteOutput } from "../fib/output.ts";
import { flow, RouteError } from "../fib/route.ts";
import { ipLocalOut, pathMtu } from "../ipv4/output.ts";
import { drop } from "../kernel.ts";
import type { NetNs } from "../netns.ts";
import type { Skb } from "../skb.ts";
import { UdpSock } from "../udp/sock.ts";
import type { NetDevice } from "./device.ts";
import { netifReceive } from "./receive.ts";
import { scrub } from "./transmit.ts";

/** A packet may cross this many tunnel devices before it must leave the machine (linux: XMIT_RECURSION_LIMIT). */
const RECURSION_LIMIT = 8;

/** The kernel's own UDP socket of a tunnel port: every device with that port shares it. */
export class TunnelSock extends UdpSock {
  devices: UdpTunnel[] = [];

  /** linux: drivers/net/geneve.c geneve_udp_encap_recv, drivers/net/vxlan/vxlan_core.c vxlan_rcv */
  override encapReceive(skb: Skb): boolean {
    for (const device of this.devices) if (device.receiveOuter(skb)) return true;
    drop(this.ns, skb, "GENEVE_VNI_NOT_FOUND");
    return true;
  }
}

export interface UdpTunnel extends NetDevice {
  /** Take the packet if it is ours: skb.transport is at the outer UDP header. */
  receiveOuter(skb: Skb): boolean;
}

/** The shared socket on `port`, made on first use; `join`/`leave` count its devices. */
export function joinTunnelSock(ns: NetNs, port: number, device: UdpTunnel): TunnelSock {
  for (const sock of ns.sockets.udp.bound.get(port) ?? [])
    if (sock instanceof TunnelSock) {
      sock.devices.push(device);
      return sock;
    }
  const sock = new TunnelSock(ns);
  sock.bind(0, port);
  sock.devices.push(device);
  return sock;
}

export function leaveTunnelSock(sock: TunnelSock, device: UdpTunnel): void {
  sock.devices = sock.devices.filter((other) => other !== device);
  if (sock.devices.length === 0) sock.close();
}

/** Source port from the inner flow, so that routers can spread flows (linux: udp_flow_src_port). */
export function flowSourcePort(ns: NetNs, skb: Skb): number {
  const at = skb.head + 14;
  let hash = 0x811c9dc5 ^ ns.id;
  const mix = (from: number, to: number): void => {
    for (let i = from; i < to && i < skb.tail; i++)
      hash = Math.imul(hash ^ (skb.data[i] as number), 0x01000193);
  };
  mix(at + 9, at + 10);
  mix(at + 12, at + 24);
  return ((hash >>> 0) % 65535) + 1;
}

export interface OuterFields {
  remote: number;
  local: number;
  port: number;
  /** Tunnel header, ready to be put before the inner frame. */
  header: Uint8Array;
  ttl: number;
  tos: number;
  checksum: boolean;
  dontFragment: boolean;
  /** Index into TUNNELS. */
  kind: number;
  vni: number;
}

/**
 * Put UDP and IPv4 around the frame at skb.head and send it (linux: geneve_xmit_skb,
 * udp_tunnel_xmit_skb, iptunnel_xmit). The mark stays on the packet, so the outer route sees it.
 */
export function tunnelXmit(dev: UdpTunnel, skb: Skb, outer: OuterFields): void {
  const ns = dev.ns;
  if (++skb.xmitDepth > RECURSION_LIMIT) return drop(ns, skb, "TUNNEL_LOOP");
  const srcPort = flowSourcePort(ns, skb);
  const key = flow({
    dst: outer.remote,
    src: outer.local,
    mark: skb.mark,
    protocol: IPPROTO_UDP,
    tos: outer.tos & 0x1c,
    srcPort,
    dstPort: outer.port,
  });
  // Who sends more than fits is told for the next time; this one goes in fragments (skb_tunnel_check_pmtu).
  const routed = skb.route !== null && skb.protocol === ETH_P_IP && skb.network >= 0;
  scrub(skb, ns, ns);
  const src = outer.local;
  ns.trace.emit(Ev.ENCAP, ns.id, skb.id, dev.ifindex, outer.kind, outer.vni, outer.remote, src);
  const route = ipRouteOutput(ns, key, skb.id);
  if (route instanceof RouteError) {
    dev.stats.txErrors++;
    return drop(ns, skb, "IP_OUTNOROUTES");
  }
  if (route.dev === dev) {
    dev.stats.collisions++;
    return drop(ns, skb, "TUNNEL_LOOP");
  }
  const room = pathMtu(ns, route, outer.remote) - IPV4_HLEN - UDP_HLEN - outer.header.length;
  if (routed && skb.tail - skb.network > room - ETH_HLEN)
    learnPathMtu(ns, skb.ip.dst, room - ETH_HLEN);
  const header = skb.push(outer.header.length);
  skb.data.set(outer.header, header);
  const udp = skb.push(UDP_HLEN);
  Udp.write(skb.data, udp, skb.tail, {
    srcPort,
    dstPort: outer.port,
    src: src || route.src,
    dst: outer.remote,
    checksum: outer.checksum,
  });
  const at = skb.push(IPV4_HLEN);
  Ipv4.write(skb.data, at, {
    tos: outer.tos,
    totalLength: skb.tail - at,
    id: ns.nextIpId(),
    fragment: outer.dontFragment ? 0x4000 : 0,
    ttl: outer.ttl || 64,
    protocol: IPPROTO_UDP,
    src: src || route.src,
    dst: outer.remote,
  });
  skb.network = at;
  skb.mac = -1;
  skb.protocol = ETH_P_IP;
  skb.route = route;
  skb.dev = null;
  skb.iif = null;
  ipLocalOut(ns, skb);
}

/** The outer headers are off; the frame inside comes in by `dev`. The mark stays (same namespace). */
export function tunnelReceive(
  dev: UdpTunnel,
  skb: Skb,
  inner: number,
  kind: number,
  vni: number,
): void {
  const ns = dev.ns;
  ns.trace.emit(Ev.DECAP, ns.id, skb.id, dev.ifindex, kind, vni, inner - skb.mac);
  scrub(skb, ns, ns);
  skb.head = inner;
  skb.xmitDepth = 0;
  netifReceive(dev, skb);
}

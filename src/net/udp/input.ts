import { ICMP_DEST_UNREACH, ICMP_PORT_UNREACH } from "../../wire/icmp.ts";
import { Udp } from "../../wire/udp.ts";
import { icmpSend } from "../ipv4/icmp.ts";
import { drop } from "../kernel.ts";
import type { NetNs } from "../netns.ts";
import type { Skb } from "../skb.ts";
import { udpLookup } from "../socket/lookup.ts";
import type { Sock } from "../socket/sock.ts";

/** linux: net/ipv4/udp.c, __udp4_lib_rcv */
export function udpRcv(ns: NetNs, skb: Skb): void {
  if (!Udp.check(skb.data, skb.transport, skb.tail)) {
    ns.mib.UdpInErrors++;
    return drop(ns, skb, "PKT_TOO_SMALL");
  }
  const udp = new Udp(skb.data, skb.transport);
  skb.tail = udp.end;
  const ip = skb.ip;
  if (!skb.checksumTrusted && !udp.checksumValid(ip.src, ip.dst)) {
    ns.mib.UdpInCsumErrors++;
    ns.mib.UdpInErrors++;
    return drop(ns, skb, "UDP_CSUM");
  }
  if (skb.skAssigned && skb.sk) return skb.sk.receive(skb);
  const type = skb.route?.type;
  if (type === "broadcast" || type === "multicast") return udpMulticastDeliver(ns, skb, udp);
  const sock = udpLookup(ns, ip.src, udp.srcPort, ip.dst, udp.dstPort, skb.dev);
  if (sock) return sock.receive(skb);
  ns.mib.UdpNoPorts++;
  // The answer is no part of its connection until somebody looks (nf_reset_ct).
  skb.ct = null;
  skb.ctinfo = 0;
  icmpSend(ns, skb, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, 0);
  drop(ns, skb, "NO_SOCKET");
}

/** Every socket that it fits gets a copy (linux: __udp4_lib_mcast_deliver, __udp_is_mcast_sock). */
function udpMulticastDeliver(ns: NetNs, skb: Skb, udp: Udp): void {
  const ip = skb.ip;
  const fits = (sock: Sock): boolean =>
    (sock.src === 0 || sock.src === ip.dst) &&
    (sock.dst === 0 || sock.dst === ip.src) &&
    (sock.dstPort === 0 || sock.dstPort === udp.srcPort) &&
    (sock.boundDevice === null || sock.boundDevice === skb.dev);
  const list = (ns.sockets.udp.bound.get(udp.dstPort) ?? []).filter(fits);
  const last = list.pop();
  if (!last) {
    ns.mib.UdpIgnoredMulti++;
    return drop(ns, skb, "NO_SOCKET");
  }
  for (const sock of list) sock.receive(ns.kernel.cloneSkb(ns, skb));
  last.receive(skb);
}

/** An ICMP error about a datagram that we sent from (srcIp, srcPort). */
export function udpIcmpError(
  ns: NetNs,
  srcIp: number,
  srcPort: number,
  dstIp: number,
  dstPort: number,
  type: number,
  code: number,
  info: number,
): void {
  udpLookup(ns, dstIp, dstPort, srcIp, srcPort)?.icmpError(type, code, info);
}

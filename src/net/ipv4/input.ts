import { formatIpv4, formatMac } from "../../wire/address.ts";
import {
  ICMP_DEST_UNREACH,
  ICMP_HOST_UNREACH,
  ICMP_NET_UNREACH,
  ICMP_PARAMETER_PROBLEM,
  ICMP_PKT_FILTERED,
  ICMP_PROT_UNREACH,
} from "../../wire/icmp.ts";
import {
  IPPROTO_ICMP,
  IPPROTO_IGMP,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPV4_HLEN,
  Ipv4,
} from "../../wire/ipv4.ts";
import { TCP_HLEN } from "../../wire/tcp.ts";
import type { NetDevice } from "../device/device.ts";
import type { DropReason } from "../drop.ts";
import { ipRouteInput } from "../fib/input.ts";
import { memberOf, type RouteResult } from "../fib/route.ts";
import { drop } from "../kernel.ts";
import { nfHook } from "../netfilter/hook.ts";
import type { NetNs } from "../netns.ts";
import type { Skb } from "../skb.ts";
import { rawDeliver } from "../socket/raw.ts";
import { transportOf } from "../transport.ts";
import { udpRcv } from "../udp/input.ts";
import { ipForward } from "./forward.ts";
import { icmpRcv, icmpSend, mayAnswerError } from "./icmp.ts";
import { readOptions } from "./options.ts";
import { countGroup } from "./output.ts";

/*
 * A packet that came in:
 *
 *   netifReceive -> ipRcv -> PREROUTING -> ipRcvFinish -> routing -+-> ipLocalDeliver -> INPUT -> tcpRcv, udpRcv, icmpRcv
 *                                                                 +-> ipForward -> FORWARD -> ipOutput -> POSTROUTING -> neighbour -> device
 */

/** What the sender says of congestion (RFC 3168 §5), by its two bits. */
const IN_ECN = ["IpExtInNoECTPkts", "IpExtInECT1Pkts", "IpExtInECT0Pkts", "IpExtInCEPkts"] as const;

/** linux: net/ipv4/ip_input.c, ip_rcv */
export function ipRcv(ns: NetNs, skb: Skb, dev: NetDevice): void {
  if (skb.pktType === "OTHERHOST") return drop(ns, skb, "OTHERHOST");
  skb.network = skb.head;
  const length = skb.tail - skb.network;
  ns.mib.IpInReceives++;
  ns.mib.IpExtInOctets += length;
  // What was noted on its way here, through loopback, is of that way (IPCB is cleared).
  skb.options = null;
  skb.forwarded = false;
  skb.fragMaxSize = 0;
  skb.forgetPieces();
  skb.fragDf = false;
  skb.ignoreDf = false;
  if (!Ipv4.check(skb.data, skb.network, skb.tail)) {
    const whole = Ipv4.check(skb.data, skb.network, Number.POSITIVE_INFINITY);
    const truncated = length >= IPV4_HLEN && whole;
    ns.mib[truncated ? "IpExtInTruncatedPkts" : "IpInHdrErrors"]++;
    return drop(ns, skb, "IP_INHDR");
  }
  const ip = skb.ip;
  ns.mib[IN_ECN[ip.tos & 3] as "IpExtInNoECTPkts"]++;
  if (!ip.checksumValid) {
    ns.mib.IpExtInCsumErrors++;
    ns.mib.IpInHdrErrors++;
    return drop(ns, skb, "IP_CSUM");
  }
  skb.tail = ip.end;
  skb.transport = ip.payload;
  // What a bridge has shown to PREROUTING is not shown again (linux: ip_sabotage_in).
  if (skb.bridged) skb.bridged = false;
  else if (nfHook(ns, "PREROUTING", skb, dev, null) !== "ACCEPT") return;
  ipRcvFinish(ns, skb, dev);
}

/** linux: net/ipv4/ip_input.c, ip_rcv_finish; the routing decision of everything that comes in. */
export function ipRcvFinish(ns: NetNs, skb: Skb, dev: NetDevice): void {
  // Early demultiplexing looks at TCP's header, socket or not (tcp_v4_early_demux).
  if (skb.route === null && skb.ip.protocol === IPPROTO_TCP) skb.pullTransport(TCP_HLEN);
  if (skb.route === null) {
    const routed = ipRouteInput(ns, skb, dev);
    if (typeof routed === "string") {
      if (routed === "IP_RPFILTER") ns.mib.TcpExtIPReversePathFilter++;
      logMartian(ns, skb, dev, routed);
      return drop(ns, skb, routed);
    }
    skb.route = routed;
  }
  const route = skb.route;
  // We have sent it to a group that we are not in (linux: net/ipv4/route.c, rt_dst_alloc, dst_discard).
  if (!route.input && route.type === "multicast" && !memberOf(skb.ip.dst))
    return drop(ns, skb, "NOT_SPECIFIED");
  const unicast = route.type !== "broadcast" && route.type !== "multicast";
  if (skb.ip.headerLength > IPV4_HLEN && !rcvOptions(ns, skb)) return;
  countGroup(ns, skb, route, "In");
  // To one host, in a frame to all: RFC 1122 §3.3.6 would not have it.
  if (unicast && skb.pktType !== "HOST" && ns.sysctl.or(dev.conf, "drop_unicast_in_l2_multicast"))
    return drop(ns, skb, "UNICAST_IN_L2_MULTICAST");
  if (route.error !== null) return ipError(ns, skb, dev, route);
  if (route.type === "local" || route.type === "broadcast" || route.type === "multicast")
    return ipLocalDeliver(ns, skb);
  ipForward(ns, skb);
}

/** linux: net/ipv4/ip_input.c, ip_rcv_options. False: it went no further. */
function rcvOptions(ns: NetNs, skb: Skb): boolean {
  const options = readOptions(ns, skb);
  if (typeof options === "number") {
    icmpSend(ns, skb, ICMP_PARAMETER_PROBLEM, 0, options << 24);
    ns.mib.IpInHdrErrors++;
    drop(ns, skb, "IP_INHDR");
    return false;
  }
  // Routes that a sender chooses are refused, as all systems do by default (accept_source_route).
  if (options.sourceRoute) drop(ns, skb, "NOT_SPECIFIED");
  return !options.sourceRoute;
}

/** What we say of a packet that has no route (linux: net/ipv4/route.c, ip_error). */
function ipError(ns: NetNs, skb: Skb, dev: NetDevice, route: RouteResult): void {
  const unreachable: DropReason =
    route.type === "blackhole"
      ? "BLACKHOLE"
      : route.type === "prohibit"
        ? "PROHIBIT"
        : "IP_INNOROUTES";
  if (route.error === "ENETUNREACH") ns.mib.IpExtInNoRoutes++;
  if (!dev.conf.forwarding) {
    if (route.error === "EHOSTUNREACH") ns.mib.IpInAddrErrors++;
    const reason = route.error === "ENETUNREACH" ? "IP_INNOROUTES" : "IP_INADDRERRORS";
    return drop(ns, skb, route.error === "EINVAL" ? unreachable : reason);
  }
  if (route.error !== "EINVAL" && !mayAnswerError(ns, skb.ip.src))
    return drop(ns, skb, unreachable);
  if (route.error === "EHOSTUNREACH") icmpSend(ns, skb, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0);
  else if (route.error === "ENETUNREACH") icmpSend(ns, skb, ICMP_DEST_UNREACH, ICMP_NET_UNREACH, 0);
  else if (route.error === "EACCES") icmpSend(ns, skb, ICMP_DEST_UNREACH, ICMP_PKT_FILTERED, 0);
  drop(ns, skb, unreachable);
}

/** linux: net/ipv4/route.c, ip_handle_martian_source; only with log_martians. */
function logMartian(ns: NetNs, skb: Skb, dev: NetDevice, reason: DropReason): void {
  if (!ns.sysctl.or(dev.conf, "log_martians")) return;
  const ip = skb.ip;
  if (reason === "IP_INVALID_DEST" || reason === "IP_LOCALNET")
    ns.kernel.printk(
      `IPv4: martian destination ${formatIpv4(ip.dst)} from ${formatIpv4(ip.src)}, dev ${dev.name}`,
    );
  else {
    ns.kernel.printk(
      `IPv4: martian source ${formatIpv4(ip.dst)} from ${formatIpv4(ip.src)}, on dev ${dev.name}`,
    );
    if (skb.mac >= 0)
      ns.kernel.printk(
        `ll header: 00000000: ${formatMac(skb.data, skb.mac).replaceAll(":", " ")} ${formatMac(skb.data, skb.mac + 6).replaceAll(":", " ")} 08 00`,
      );
  }
}

/** linux: net/ipv4/ip_input.c, ip_local_deliver */
export function ipLocalDeliver(ns: NetNs, skb: Skb): void {
  if (skb.ip.isFragment) {
    const whole = ns.fragments.add(skb, "LOCAL_DELIVER");
    if (whole === null) return;
    skb = whole;
  }
  if (nfHook(ns, "INPUT", skb, skb.dev, null) !== "ACCEPT") return;
  ipLocalDeliverFinish(ns, skb);
}

/** IGMP and PIM are known too (linux: igmp_rcv, pim_rcv), and without groups and multicast routes not answered. */
const KNOWN: ReadonlySet<number> = new Set([
  IPPROTO_ICMP,
  IPPROTO_IGMP,
  IPPROTO_TCP,
  IPPROTO_UDP,
  103,
]);

/** Raw sockets first, then the protocol (linux: net/ipv4/ip_input.c, ip_protocol_deliver_rcu). */
function ipLocalDeliverFinish(ns: NetNs, skb: Skb): void {
  const ip = skb.ip;
  skb.transport = ip.payload;
  skb.head = ip.payload;
  const raw = rawDeliver(ns, skb);
  const known = KNOWN.has(ip.protocol);
  if (known || raw) ns.mib.IpInDelivers++;
  switch (ip.protocol) {
    case IPPROTO_ICMP:
      return icmpRcv(ns, skb);
    case IPPROTO_TCP:
      return transportOf(IPPROTO_TCP).receive(ns, skb);
    case IPPROTO_UDP:
      return udpRcv(ns, skb);
  }
  if (raw) return;
  if (known) return drop(ns, skb, "NOT_SPECIFIED");
  ns.mib.IpInUnknownProtos++;
  icmpSend(ns, skb, ICMP_DEST_UNREACH, ICMP_PROT_UNREACH, 0);
  drop(ns, skb, "IP_NOPROTO");
}

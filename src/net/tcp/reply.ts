import type { Cause } from "../../sim/trace.ts";
import { IPPROTO_TCP } from "../../wire/ipv4.ts";
import { TCP_HLEN, Tcp, TH_ACK, TH_RST } from "../../wire/tcp.ts";
import { ipRouteOutput } from "../fib/output.ts";
import { flow, RouteError } from "../fib/route.ts";
import { echoOptions } from "../ipv4/options.ts";
import { countDiscard, ipQueueXmit } from "../ipv4/output.ts";
import type { NetNs } from "../netns.ts";
import type { Skb } from "../skb.ts";
import type { Sock } from "../socket/sock.ts";
import type { Segment } from "./segment.ts";

/** A segment without data that no connection sends. */
export interface ControlFields {
  /** On whose behalf, when there is somebody. */
  sock: Sock | null;
  /** The packet that it answers. */
  parent: number;
  cause: Cause;
  src: number;
  srcPort: number;
  dst: number;
  dstPort: number;
  seq: number;
  ack: number;
  flags: number;
  window: number;
  options: Uint8Array;
  mark: number;
  tos: number;
  oif?: number;
  echo?: ReturnType<typeof echoOptions>;
}

/**
 * linux: net/ipv4/ip_output.c, ip_send_unicast_reply; ip_build_and_send_pkt for SYN-ACKs. The route is
 * looked for first: without one there is no packet, though a reply counts as sent (tcp_v4_send_reset).
 */
export function sendControl(ns: NetNs, fields: ControlFields): void {
  const { sock, src, dst, srcPort, dstPort, options } = fields;
  const skb = ns.kernel.newSkb(ns, TCP_HLEN + options.length, fields.cause, sock, fields.parent);
  Tcp.write(skb.data, skb.head, skb.tail, {
    srcPort,
    dstPort,
    seq: fields.seq,
    ack: fields.ack,
    flags: fields.flags,
    window: fields.window,
    options,
    src,
    dst,
  });
  const key = flow({
    src,
    dst,
    oif: sock?.boundDevice?.ifindex ?? fields.oif ?? 0,
    mark: fields.mark,
    tos: fields.tos & 0x1c,
    protocol: IPPROTO_TCP,
    srcPort,
    dstPort,
    uid: sock?.owner.uid ?? 0,
    anySrc: sock ? sock.transparent || sock.freebind : false,
  });
  const route = ipRouteOutput(ns, key, skb.id);
  if (!sock || !(route instanceof RouteError)) ns.mib.TcpOutSegs++;
  if (route instanceof RouteError) {
    ns.kernel.unmakeSkb(skb);
    // That there is none is told with the packet that gets no answer.
    ipRouteOutput(ns, key, fields.parent);
    return;
  }
  // What came to nobody (0.0.0.0) is answered by whom routing chooses; the checksum stays as it was made.
  const failed = ipQueueXmit(ns, skb, route, {
    src: src || route.src,
    dst,
    protocol: IPPROTO_TCP,
    tos: fields.tos,
    ttl: ns.sysctl.number("ip_default_ttl"),
    dontFragment: true,
    sk: sock,
    mark: fields.mark,
    id: 0,
    echo: fields.echo ?? null,
  });
  // linux: ip_send_unicast_reply
  if (!sock) countDiscard(ns, failed);
}

/**
 * RFC 9293 §3.10.7.1: "If the ACK bit is off, sequence number zero is used, <SEQ=0>
 * <ACK=SEG.SEQ+SEG.LEN> <CTL=RST,ACK>. If the ACK bit is on, <SEQ=SEG.ACK> <CTL=RST>" (linux:
 * net/ipv4/tcp_ipv4.c, tcp_v4_send_reset). Never in answer to a reset.
 */
export function sendResetFor(ns: NetNs, skb: Skb, seg: Segment, sock: Sock | null): void {
  if (seg.flags & TH_RST) return;
  // Only to what was really for us: not to what was broadcast.
  const type = skb.route?.type;
  if (!sock && type !== "local") return;
  const acked = (seg.flags & TH_ACK) !== 0;
  ns.mib.TcpOutRsts++;
  sendControl(ns, {
    sock,
    parent: skb.id,
    cause: "reset",
    src: seg.dst,
    srcPort: seg.dstPort,
    dst: seg.src,
    dstPort: seg.srcPort,
    seq: acked ? seg.ack : 0,
    ack: acked ? 0 : seg.end,
    flags: acked ? TH_RST : TH_RST | TH_ACK,
    window: 0,
    options: new Uint8Array(0),
    mark: sock ? sock.mark : ns.sysctl.number("fwmark_reflect") ? skb.mark : 0,
    // As it was asked, without what is said of congestion.
    tos: skb.ip.tos & ~3,
    echo: echoOptions(ns, skb),
  });
}

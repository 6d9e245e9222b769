import type { Bytes } from "../wire/bytes.ts";
import { Ipv4 } from "../wire/ipv4.ts";
import type { Conntrack } from "./conntrack/entry.ts";
import type { NetDevice } from "./device/device.ts";
import type { RouteResult } from "./fib/route.ts";
import type { IpOptions } from "./ipv4/options.ts";
import type { Sock } from "./socket/sock.ts";

/** Room in front of a locally made packet: Ethernet + IPv4 + UDP + Geneve with options + Ethernet. */
export const HEADROOM = 192;

/** linux: include/uapi/linux/if_packet.h, PACKET_* */
export type PacketType = "HOST" | "BROADCAST" | "MULTICAST" | "OTHERHOST" | "OUTGOING" | "LOOPBACK";

/** linux: include/uapi/linux/netfilter/nf_conntrack_common.h, enum ip_conntrack_info */
export const IP_CT_ESTABLISHED = 0;
export const IP_CT_RELATED = 1;
export const IP_CT_NEW = 2;
export const IP_CT_IS_REPLY = 3;
export const IP_CT_ESTABLISHED_REPLY = 3;
export const IP_CT_RELATED_REPLY = 4;
export const IP_CT_UNTRACKED = 7;

/** What a packet was put together from; its copies share them (linux: skb_shinfo(skb)->frag_list). */
export interface Pieces {
  lengths: number[];
  /** Packets that have them: while there are several, none may send them as they are (skb_shared). */
  holders: number;
}

/**
 * A packet in flight (linux: struct sk_buff).
 *
 *     data:  [ headroom | mac header | network header | transport header | payload | tailroom ]
 *                        ^mac         ^network         ^transport                   ^tail
 *                        ^head moves along these as layers push and pull
 *
 * Push and pull move `head`; encapsulation never copies what is inside.
 */
export class Skb {
  /** Unique in the world; the same through every namespace and tunnel that it crosses. */
  id: number;
  data: Bytes;
  head: number;
  tail: number;
  /** Offsets into `data`; -1 when that header is not (or no more) there. */
  mac = -1;
  network = -1;
  transport = -1;
  /** EtherType of what `network` points at. */
  protocol = 0;
  pktType: PacketType = "HOST";
  dev: NetDevice | null = null;
  /** The device that it came in by (skb->skb_iif). */
  iif: NetDevice | null = null;
  mark = 0;
  priority = 0;
  ct: Conntrack | null = null;
  ctinfo = 0;
  /** What a rule's target CT has said of its connection, until that is looked for. */
  template: Conntrack | null = null;
  /** The routing decision (skb_dst). */
  route: RouteResult | null = null;
  /** The socket that sent it, or (early, by TPROXY) that will get it. */
  sk: Sock | null = null;
  /** `sk` was set by TPROXY or early demux: local delivery uses it instead of a lookup. */
  skAssigned = false;
  /** The packet that this one answers, or was cloned from; 0 for none. */
  parent = 0;
  /** A rule of raw/PREROUTING or raw/OUTPUT said TRACE. */
  nfTrace = false;
  /** Forwarded at least once (IPSKB_FORWARDED): ICMP redirects and pmtu behave otherwise. */
  forwarded = false;
  /** It came through `ip_defrag`: the largest fragment's size limits what we send on. */
  fragMaxSize = 0;
  /** The fragments that it was put together from: it is cut the same way again. */
  pieces: Pieces | null = null;
  /** Its fragments had DF, the largest among them: so have those that we send (IPSKB_FRAG_PMTU). */
  fragDf = false;
  /** Put together on the way: it may be cut again although it says DF (skb->ignore_df). */
  ignoreDf = false;
  /** Somebody has added up its transport checksum (CHECKSUM_COMPLETE), and it was right (csum_valid). */
  summed = false;
  sumRight = false;
  /** Its TCP checksum is the device's business: as yet it is the pseudo header's sum (CHECKSUM_PARTIAL). */
  partialSum = false;
  /** What its IP options ask for, once they were read (IPCB(skb)->opt). */
  options: IpOptions | null = null;
  /** Tunnel devices crossed on this node without leaving it: guards against loops (dev_xmit_recursion). */
  xmitDepth = 0;
  /** The bridge port it came in by, while the bridge's netfilter hooks see it. */
  physIn: NetDevice | null = null;
  physOut: NetDevice | null = null;
  /** The hooks of a bridge have shown it to iptables: PREROUTING is behind it. */
  bridged = false;
  /** Transport checksums were verified by whoever built it (CHECKSUM_UNNECESSARY). */
  checksumTrusted = false;
  /** Classful priority set by CLASSIFY, traffic control class. */
  tcIndex = 0;

  constructor(id: number, data: Bytes, head: number, tail: number) {
    this.id = id;
    this.data = data;
    this.head = head;
    this.tail = tail;
  }

  get length(): number {
    return this.tail - this.head;
  }

  /** The IPv4 header; only where `network` is known to be one. */
  get ip(): Ipv4 {
    return new Ipv4(this.data, this.network);
  }

  /** Make room for `bytes` in front (skb_push); grows the buffer when the headroom is used up. */
  push(bytes: number): number {
    if (this.head < bytes) this.grow(bytes);
    this.head -= bytes;
    return this.head;
  }

  pull(bytes: number): void {
    this.head += bytes;
  }

  /**
   * Somebody needs so many bytes after the IP header in one piece: what was put together from
   * fragments loses its seams there (linux: pskb_may_pull, skb_ensure_writable).
   */
  pullTransport(bytes: number): void {
    const { pieces } = this;
    if (pieces && (pieces.lengths[0] as number) < bytes) this.forgetPieces();
  }

  forgetPieces(): void {
    if (this.pieces) this.pieces.holders--;
    this.pieces = null;
  }

  grow(bytes: number): void {
    const extra = HEADROOM + bytes;
    const data = new Uint8Array(this.tail + extra);
    data.set(this.data.subarray(0, this.tail), extra);
    this.data = data;
    this.head += extra;
    this.tail += extra;
    if (this.mac >= 0) this.mac += extra;
    if (this.network >= 0) this.network += extra;
    if (this.transport >= 0) this.transport += extra;
  }

  /** A copy with bytes of its own and another id (skb_copy). */
  clone(id: number): Skb {
    const copy = new Skb(id, this.data.slice(), this.head, this.tail);
    copy.mac = this.mac;
    copy.network = this.network;
    copy.transport = this.transport;
    copy.protocol = this.protocol;
    copy.pktType = this.pktType;
    copy.dev = this.dev;
    copy.iif = this.iif;
    copy.mark = this.mark;
    copy.priority = this.priority;
    copy.ct = this.ct;
    copy.ctinfo = this.ctinfo;
    copy.route = this.route;
    copy.parent = this.id;
    copy.nfTrace = this.nfTrace;
    copy.forwarded = this.forwarded;
    copy.fragMaxSize = this.fragMaxSize;
    copy.pieces = this.pieces;
    if (copy.pieces) copy.pieces.holders++;
    copy.fragDf = this.fragDf;
    copy.ignoreDf = this.ignoreDf;
    copy.options = this.options && { ...this.options };
    copy.summed = this.summed;
    copy.sumRight = this.sumRight;
    copy.xmitDepth = this.xmitDepth;
    copy.checksumTrusted = this.checksumTrusted;
    copy.physIn = this.physIn;
    copy.bridged = this.bridged;
    return copy;
  }
}

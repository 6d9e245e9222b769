import { SysError } from "../../base/errno.ts";
import { Ev } from "../../sim/trace.ts";
import { isMulticast } from "../../wire/address.ts";
import { IPPROTO_UDP, IPV4_HLEN } from "../../wire/ipv4.ts";
import { UDP_HLEN, Udp } from "../../wire/udp.ts";
import { RouteError, type RouteResult } from "../fib/route.ts";
import { countDiscard, ipQueueXmit, pathMtu } from "../ipv4/output.ts";
import { drop } from "../kernel.ts";
import type { NetNs } from "../netns.ts";
import type { Skb } from "../skb.ts";
import { checkBindAddress, choosePort } from "../socket/port.ts";
import { icmpErrno, sockRoute } from "../socket/route.ts";
import { Sock, type SockOwner } from "../socket/sock.ts";

/** What a datagram costs of the receive buffer besides its bytes (linux: SKB_TRUESIZE). */
const OVERHEAD = 768;
/** net.core.rmem_default */
const RECEIVE_BUFFER = 212_992;
const MAX_PAYLOAD = 65507;

export interface Datagram {
  data: Uint8Array;
  address: number;
  port: number;
  /** Where it was sent to (IP_PKTINFO, IP_RECVORIGDSTADDR). */
  localAddress: number;
  ttl: number;
}

/** A UDP socket (linux: net/ipv4/udp.c). */
export class UdpSock extends Sock {
  readonly protocol: number = IPPROTO_UDP;
  queue: Datagram[] = [];
  queuedBytes = 0;
  drops = 0;
  /** IP_RECVERR: hear of ICMP errors that are not fatal, also when not connected. */
  receiveErrors = false;
  /** SO_NO_CHECK turned around: compute checksums of what is sent. */
  checksum = true;
  /** IP_PMTUDISC_DO */
  dontFragment = false;
  /** connect() chose the address, so disconnecting forgets it. */
  autoAddress = false;

  constructor(ns: NetNs, owner?: SockOwner) {
    super(ns);
    if (owner) this.owner = owner;
    ns.sockets.all.add(this);
  }

  /** linux: net/ipv4/af_inet.c, inet_bind */
  bind(address: number, port: number): void {
    if (this.srcPort !== 0) throw new SysError("EINVAL");
    checkBindAddress(this, address, port);
    const table = this.ns.sockets.udp;
    const chosen = choosePort(this, table, address, port, () => false);
    this.boundAddress = address !== 0;
    this.setLocal(address, chosen);
  }

  /** linux: net/ipv4/datagram.c, __ip4_datagram_connect */
  connect(address: number, port: number): void {
    const route = this.route(address, port);
    if (this.refuses(route)) throw new SysError("EACCES");
    if (this.srcPort === 0) this.bindAuto();
    if (this.src === 0) {
      this.setLocal(route.src, this.srcPort);
      this.autoAddress = true;
    }
    this.dst = address || route.src;
    this.dstPort = port;
  }

  /** connect() with AF_UNSPEC: forget the peer. */
  disconnect(): void {
    this.dst = 0;
    this.dstPort = 0;
    if (this.autoAddress) this.setLocal(0, this.srcPort);
    this.autoAddress = false;
  }

  /** Send one datagram; without address to the connected peer (linux: udp_sendmsg). */
  sendTo(data: Uint8Array, address = this.dst, port = this.dstPort): number {
    if (this.closed) throw new SysError("EBADF");
    const pending = this.takeError();
    if (pending) throw new SysError(pending);
    if (data.length > MAX_PAYLOAD) throw new SysError("EMSGSIZE");
    if (port === 0) throw new SysError(this.dst === 0 ? "EDESTADDRREQ" : "EINVAL");
    if (this.srcPort === 0) this.bindAuto();
    this.transmit(data, this.src, address, port);
    return data.length;
  }

  /**
   * One datagram on its way, from any source address: servers answer from where they were asked. What
   * is refused is so before there is a packet (linux: udp_sendmsg; ip_output.c, __ip_append_data).
   */
  transmit(data: Uint8Array, src: number, address: number, port: number): void {
    const ns = this.ns;
    const skb = ns.kernel.newSkb(ns, UDP_HLEN + data.length, "socket", this);
    const route = sockRoute(this, address, port, src, skb.id);
    if (route instanceof RouteError) {
      ns.kernel.unmakeSkb(skb);
      this.unreachable(route);
    }
    const from = src || route.src;
    const to = address || from;
    const size = IPV4_HLEN + UDP_HLEN + data.length;
    const mtu = pathMtu(ns, route, to);
    const tooLong = this.dontFragment && size > mtu;
    if (tooLong || this.refuses(route)) {
      ns.kernel.unmakeSkb(skb);
      throw new SysError(this.refuses(route) ? "EACCES" : "EMSGSIZE");
    }
    skb.data.set(data, skb.head + UDP_HLEN);
    Udp.write(skb.data, skb.head, skb.tail, {
      srcPort: this.srcPort,
      dstPort: port,
      src: from,
      dst: to,
      checksum: this.checksum,
    });
    const failed = ipQueueXmit(ns, skb, route, {
      src: from,
      dst: to,
      protocol: IPPROTO_UDP,
      tos: this.tos,
      ttl: isMulticast(to) ? 1 : this.ttl,
      // IP_PMTUDISC_WANT: whole datagrams say "do not fragment", larger ones are fragmented here.
      dontFragment: this.dontFragment || size <= mtu,
      sk: this,
      mark: this.mark,
      priority: this.priority,
    });
    countDiscard(ns, failed);
    if (failed) throw new SysError(failed);
    ns.mib.UdpOutDatagrams++;
  }

  /** The oldest datagram; null: wait for `readable`. */
  recvFrom(): Datagram | null {
    const pending = this.takeError();
    if (pending) throw new SysError(pending);
    const first = this.queue.shift();
    if (!first) return null;
    this.queuedBytes -= first.data.length + OVERHEAD;
    this.ns.mib.UdpInDatagrams++;
    return first;
  }

  override close(): void {
    if (this.closed) return;
    this.closed = true;
    const { udp, all } = this.ns.sockets;
    if (this.srcPort !== 0) {
      udp.unbind(this);
      udp.release(this);
    }
    all.delete(this);
    this.queue = [];
    this.readable.wakeAll(this.ns.sim);
  }

  /** Kernel sockets of tunnels take the packet over here (linux: udp_encap_rcv). */
  encapReceive(_skb: Skb): boolean {
    return false;
  }

  /** linux: net/ipv4/udp.c, udp_queue_rcv_one_skb; skb.transport is a whole, right header. */
  override receive(skb: Skb): void {
    const ns = this.ns;
    if (this.encapReceive(skb)) {
      ns.mib.UdpInDatagrams++;
      return;
    }
    const udp = new Udp(skb.data, skb.transport);
    const size = udp.length - UDP_HLEN + OVERHEAD;
    if (this.queuedBytes + size > RECEIVE_BUFFER) {
      this.drops++;
      ns.mib.UdpRcvbufErrors++;
      ns.mib.UdpInErrors++;
      return drop(ns, skb, "SOCKET_RCVBUFF");
    }
    const ip = skb.ip;
    ns.trace.emit(Ev.SOCK, ns.id, skb.id, this.id);
    this.queuedBytes += size;
    this.queue.push({
      data: skb.data.slice(udp.payload, udp.end),
      address: ip.src,
      port: udp.srcPort,
      localAddress: ip.dst,
      ttl: ip.ttl,
    });
    this.readable.wakeAll(ns.sim);
  }

  /** linux: net/ipv4/udp.c, __udp4_lib_err */
  override icmpError(type: number, code: number, _info: number): void {
    const error = icmpErrno(type, code);
    if (!error) return;
    const connected = this.dst !== 0;
    if (!this.receiveErrors && (!connected || !error.fatal)) return;
    if (error.errno === "EMSGSIZE" && !this.dontFragment && !this.receiveErrors) return;
    this.error = error.errno;
    this.readable.wakeAll(this.ns.sim);
    this.writable.wakeAll(this.ns.sim);
  }

  route(address: number, port: number): RouteResult {
    const route = sockRoute(this, address, port);
    if (route instanceof RouteError) this.unreachable(route);
    return route;
  }

  /** linux: __ip4_datagram_connect, udp_sendmsg */
  unreachable({ errno }: RouteError): never {
    if (errno === "ENETUNREACH") this.ns.mib.IpOutNoRoutes++;
    throw new SysError(errno);
  }

  /** To all on the link goes only what asked for it (SO_BROADCAST). */
  refuses(route: RouteResult): boolean {
    return route.type === "broadcast" && !this.broadcast;
  }

  /** linux: net/ipv4/af_inet.c, inet_autobind */
  bindAuto(): void {
    this.setLocal(
      this.src,
      choosePort(this, this.ns.sockets.udp, this.src, 0, () => false),
    );
  }

  setLocal(address: number, port: number): void {
    const { udp } = this.ns.sockets;
    if (this.srcPort !== 0) {
      udp.unbind(this);
      udp.release(this);
    }
    this.src = address;
    this.srcPort = port;
    udp.bind(this);
    udp.hold(this);
  }
}

import { type Errno, SysError } from "../../base/errno.ts";
import { Ev } from "../../sim/trace.ts";
import { isMulticast } from "../../wire/address.ts";
import { set16 } from "../../wire/bytes.ts";
import { finish, sum } from "../../wire/checksum.ts";
import { IPPROTO_ICMP, IPV4_HLEN, Ipv4 } from "../../wire/ipv4.ts";
import { RouteError } from "../fib/route.ts";
import { countDiscard, icmpOutCount, ipLocalOut, ipQueueXmit, pathMtu } from "../ipv4/output.ts";
import { setMark } from "../mark.ts";
import type { NetNs } from "../netns.ts";
import type { Skb } from "../skb.ts";
import { checkBindAddress } from "./port.ts";
import { icmpErrno, sockRoute, sockRouteOrThrow } from "./route.ts";
import { Sock, type SockOwner } from "./sock.ts";

/** How a raw socket treats the path MTU (linux: IP_PMTUDISC_*). */
export type PmtuDiscovery = "dont" | "want" | "do";

const RECEIVE_BUFFER = 212_992;
const OVERHEAD = 768;

/** A packet that came to a raw socket: all of it, from the IP header on. */
export interface RawPacket {
  packet: Uint8Array;
  /** When it came: SO_TIMESTAMP. */
  at: number;
}

/** An entry of the error queue (IP_RECVERR): what an ICMP error said about which of our packets. */
export interface RawError {
  /** Who sent the error. */
  from: number;
  type: number;
  code: number;
  info: number;
  /** Our packet, from its IP header on, as far as it was quoted. */
  quoted: Uint8Array;
  at: number;
}

/** A raw IPv4 socket (linux: net/ipv4/raw.c). */
export class RawSock extends Sock {
  readonly protocol: number;
  /** IP_HDRINCL: what is sent begins with an IP header. */
  headerIncluded = false;
  pmtuDiscovery: PmtuDiscovery = "want";
  queue: RawPacket[] = [];
  errors: RawError[] = [];
  queuedBytes = 0;
  drops = 0;
  /** IP_RECVERR */
  receiveErrors = false;

  constructor(ns: NetNs, protocol: number, owner?: SockOwner) {
    super(ns);
    this.protocol = protocol;
    this.srcPort = protocol;
    if (owner) this.owner = owner;
    ns.sockets.raw.push(this);
    ns.sockets.all.add(this);
  }

  bind(address: number): void {
    checkBindAddress(this, address, 0);
    this.src = address;
    this.boundAddress = address !== 0;
  }

  connect(address: number): void {
    const route = sockRouteOrThrow(this, address, 0);
    if (route.type === "broadcast" && !this.broadcast) throw new SysError("EACCES");
    if (this.src === 0) this.src = route.src;
    this.dst = address;
  }

  /** linux: net/ipv4/raw.c, raw_sendmsg; `data` begins at the transport header (or the IP header). */
  sendTo(data: Uint8Array, address = this.dst): void {
    const ns = this.ns;
    const pending = this.takeError();
    if (pending) throw new SysError(pending);
    if (address === 0 && !this.headerIncluded) throw new SysError("EDESTADDRREQ");
    const skb = ns.kernel.newSkb(ns, data.length, "socket", this);
    skb.data.set(data, skb.head);
    const route = sockRoute(this, address, 0, this.src, skb.id);
    const refused = this.refuses(route, address, data.length);
    if (route instanceof RouteError || refused) {
      ns.kernel.unmakeSkb(skb);
      throw new SysError(refused as Errno);
    }
    // linux: __ip_make_skb, raw_send_hdrinc
    const type = data[this.headerIncluded ? ((data[0] as number) & 15) * 4 : 0];
    if (this.protocol === IPPROTO_ICMP && type !== undefined) icmpOutCount(ns, type);
    const fits = data.length + IPV4_HLEN <= pathMtu(ns, route, address);
    const failed = this.headerIncluded
      ? this.sendWithHeader(skb, route)
      : ipQueueXmit(ns, skb, route, {
          src: this.src || route.src,
          dst: address,
          protocol: this.protocol,
          tos: this.tos,
          ttl: isMulticast(address) ? 1 : this.ttl,
          dontFragment: this.pmtuDiscovery === "do" || (this.pmtuDiscovery === "want" && fits),
          sk: this,
          mark: this.mark,
          priority: this.priority,
        });
    countDiscard(ns, failed);
    if (failed) throw new SysError(failed);
  }

  /** What fails before there is a packet (linux: raw_sendmsg, raw_send_hdrinc, __ip_append_data). */
  refuses(route: ReturnType<typeof sockRoute>, address: number, length: number): Errno | null {
    if (route instanceof RouteError) return route.errno;
    if (route.type === "broadcast" && !this.broadcast) return "EACCES";
    const size = length + (this.headerIncluded ? 0 : IPV4_HLEN);
    const whole = this.pmtuDiscovery === "do" || this.headerIncluded;
    return whole && size > pathMtu(this.ns, route, address) ? "EMSGSIZE" : null;
  }

  /** Total length and checksum are always filled in, id and source when zero (raw_send_hdrinc). */
  sendWithHeader(skb: Skb, route: Exclude<ReturnType<typeof sockRoute>, RouteError>) {
    const ns = this.ns;
    const at = skb.head;
    set16(skb.data, at + 2, skb.tail - at);
    set16(skb.data, at + 10, 0);
    if (!Ipv4.check(skb.data, at, skb.tail)) throw new SysError("EINVAL");
    const ip = new Ipv4(skb.data, at);
    set16(skb.data, at + 10, finish(sum(skb.data, at, at + ip.headerLength)));
    if (ip.src === 0) ip.src = route.src;
    skb.network = at;
    skb.route = route;
    setMark(ns, skb, this.mark);
    return ipLocalOut(ns, skb);
  }

  recv(): RawPacket | null {
    const pending = this.takeError();
    if (pending) throw new SysError(pending);
    const first = this.queue.shift();
    if (!first) return null;
    this.queuedBytes -= first.packet.length + OVERHEAD;
    return first;
  }

  recvError(): RawError | null {
    const first = this.errors.shift() ?? null;
    if (first) this.error = null;
    return first;
  }

  override receive(skb: Skb): void {
    const ns = this.ns;
    const size = skb.tail - skb.network + OVERHEAD;
    if (this.queuedBytes + size > RECEIVE_BUFFER) {
      this.drops++;
      return;
    }
    ns.trace.emit(Ev.SOCK, ns.id, skb.id, this.id);
    this.queuedBytes += size;
    this.queue.push({ packet: skb.data.slice(skb.network, skb.tail), at: ns.sim.now });
    this.readable.wakeAll(ns.sim);
  }

  override icmpError(type: number, code: number, _info: number): void {
    const error = icmpErrno(type, code);
    if (!error || (!error.fatal && !this.receiveErrors)) return;
    if (!this.receiveErrors && this.dst === 0) return;
    this.error = error.errno;
    this.readable.wakeAll(this.ns.sim);
  }

  override close(): void {
    if (this.closed) return;
    this.closed = true;
    const { raw, all } = this.ns.sockets;
    const at = raw.indexOf(this);
    if (at >= 0) raw.splice(at, 1);
    all.delete(this);
    this.queue = [];
  }
}

/** linux: net/ipv4/raw.c, raw_v4_match */
function matches(sock: Sock, protocol: number, src: number, dst: number, skb: Skb): boolean {
  return (
    sock.protocol === protocol &&
    (sock.dst === 0 || sock.dst === src) &&
    (sock.src === 0 || sock.src === dst) &&
    (sock.boundDevice === null || sock.boundDevice === skb.dev)
  );
}

/** A copy to every raw socket of the packet's protocol; was there one? (linux: raw_local_deliver) */
export function rawDeliver(ns: NetNs, skb: Skb): boolean {
  const list = ns.sockets.raw;
  if (list.length === 0) return false;
  const ip = skb.ip;
  const { protocol, src, dst } = ip;
  let delivered = false;
  for (const sock of list.slice()) {
    if (!matches(sock, protocol, src, dst, skb)) continue;
    sock.receive(skb);
    delivered = true;
  }
  return delivered;
}

/** An ICMP error about `quoted`, a packet that we sent (linux: net/ipv4/raw.c, raw_icmp_error). */
export function rawIcmpError(
  ns: NetNs,
  skb: Skb,
  quoted: Ipv4,
  type: number,
  code: number,
  info: number,
): boolean {
  const concerned = rawConcerned(ns, quoted);
  for (const sock of concerned) {
    if (sock.receiveErrors)
      sock.errors.push({
        from: skb.ip.src,
        type,
        code,
        info,
        quoted: skb.data.slice(quoted.off, skb.tail),
        at: ns.sim.now,
      });
    sock.icmpError(type, code, info);
  }
  return concerned.length > 0;
}

/** The sockets that may have sent the quoted packet. */
export function rawConcerned(ns: NetNs, quoted: Ipv4): RawSock[] {
  const found: RawSock[] = [];
  for (const sock of ns.sockets.raw)
    if (
      sock instanceof RawSock &&
      sock.protocol === quoted.protocol &&
      (sock.dst === 0 || sock.dst === quoted.dst) &&
      (sock.src === 0 || sock.src === quoted.src)
    )
      found.push(sock);
  return found;
}

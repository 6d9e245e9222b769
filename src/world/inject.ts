import type { NetDevice } from "../net/device/device.ts";
import { netifReceive } from "../net/device/receive.ts";
import { ipRouteOutput } from "../net/fib/output.ts";
import { flow, RouteError } from "../net/fib/route.ts";
import { ipLocalOut } from "../net/ipv4/output.ts";
import { drop } from "../net/kernel.ts";
import { setMark } from "../net/mark.ts";
import type { NetNs } from "../net/netns.ts";
import { type Bytes, set8 } from "../wire/bytes.ts";
import { ETH_HLEN, ETH_P_IP, Ethernet } from "../wire/ethernet.ts";
import { ICMP_ECHO, ICMP_HLEN, Icmp } from "../wire/icmp.ts";
import { IPPROTO_ICMP, IPPROTO_TCP, IPPROTO_UDP, IPV4_HLEN, Ipv4 } from "../wire/ipv4.ts";
import { TCP_HLEN, Tcp, TH_SYN } from "../wire/tcp.ts";
import { UDP_HLEN, Udp } from "../wire/udp.ts";

/** A packet that nobody sent: what would become of it is asked. Addresses in host order. */
export interface ImaginedPacket {
  protocol: "TCP" | "UDP" | "ICMP";
  src: number;
  dst: number;
  /** ICMP has none. */
  srcPort: number;
  dstPort: number;
  /** skb->mark as it begins. */
  mark: number;
}

const PROTOCOLS = { TCP: IPPROTO_TCP, UDP: IPPROTO_UDP, ICMP: IPPROTO_ICMP } as const;
const LENGTHS = { TCP: TCP_HLEN, UDP: UDP_HLEN, ICMP: ICMP_HLEN } as const;
const TTL = 64;

/** A SYN, an empty datagram, an echo request; `at` is where its IP header begins. */
function write(data: Bytes, at: number, packet: ImaginedPacket): void {
  const { protocol, src, dst, srcPort, dstPort } = packet;
  const transport = at + IPV4_HLEN;
  const end = transport + LENGTHS[protocol];
  if (protocol === "TCP")
    Tcp.write(data, transport, end, {
      ...{ srcPort, dstPort, src, dst },
      ...{ seq: 1, ack: 0, flags: TH_SYN, window: 64240, options: new Uint8Array(0) },
    });
  else if (protocol === "UDP")
    Udp.write(data, transport, end, { srcPort, dstPort, src, dst, checksum: true });
  else Icmp.write(data, transport, end, ICMP_ECHO, 0, 0x00010001);
  Ipv4.write(data, at, {
    ...{ tos: 0, totalLength: end - at, id: 1, fragment: 0, ttl: TTL },
    ...{ protocol: PROTOCOLS[protocol], src, dst },
  });
}

/** Let it come in by `dev`, or, where that is null, be made in the namespace itself. Answers the skb's id. */
export function inject(ns: NetNs, dev: NetDevice | null, packet: ImaginedPacket): number {
  const length = IPV4_HLEN + LENGTHS[packet.protocol] + (dev ? ETH_HLEN : 0);
  const skb = ns.kernel.newSkb(ns, length, "injected");
  const at = skb.head + (dev ? ETH_HLEN : 0);
  write(skb.data, at, packet);
  setMark(ns, skb, packet.mark);
  if (dev) {
    const sender = new Uint8Array(6);
    // A locally administered address: nobody's.
    set8(sender, 0, 2);
    Ethernet.write(skb.data, skb.head, dev.mac, sender, ETH_P_IP);
    netifReceive(dev, skb);
    return skb.id;
  }
  const { src, dst, srcPort, dstPort, mark, protocol } = packet;
  const key = flow({ src, dst, srcPort, dstPort, mark, protocol: PROTOCOLS[protocol] });
  const route = ipRouteOutput(ns, { ...key, anySrc: true }, skb.id);
  if (route instanceof RouteError) drop(ns, skb, "IP_OUTNOROUTES");
  else {
    skb.network = at;
    skb.route = route;
    ipLocalOut(ns, skb);
  }
  return skb.id;
}

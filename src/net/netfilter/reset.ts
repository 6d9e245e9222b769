import { ETH_P_IP } from "../../wire/ethernet.ts";
import { IP_DF, IPPROTO_TCP, IPV4_HLEN, Ipv4 } from "../../wire/ipv4.ts";
import { TCP_HLEN, Tcp, TH_ACK, TH_FIN, TH_RST, TH_SYN } from "../../wire/tcp.ts";
import { attach } from "../conntrack/entry.ts";
import { tcpSetClosing } from "../conntrack/tcp.ts";
import { ipLocalOut, ipRouteMeHarder } from "../ipv4/output.ts";
import { drop } from "../kernel.ts";
import type { NetNs } from "../netns.ts";
import type { Skb } from "../skb.ts";
import { checksumRight } from "./checksum.ts";
import type { Hook } from "./extension.ts";

/** Answer a TCP segment with a reset (linux: net/ipv4/netfilter/nf_reject_ipv4.c, nf_send_reset). */
export function sendReset(ns: NetNs, skb: Skb, hook: Hook): void {
  const ip = skb.ip;
  if (ip.fragmentOffset !== 0 || !Tcp.check(skb.data, ip.payload, skb.tail)) return;
  const tcp = new Tcp(skb.data, ip.payload);
  if (tcp.flags & TH_RST) return;
  if (!checksumRight(skb, hook, IPPROTO_TCP)) return;
  const type = skb.route?.type;
  if (type === "broadcast" || type === "multicast") return;
  const answer = ns.kernel.newSkb(ns, IPV4_HLEN + TCP_HLEN, "reset", null, skb.id);
  answer.protocol = ETH_P_IP;
  Ipv4.write(answer.data, answer.network, {
    tos: 0,
    totalLength: IPV4_HLEN + TCP_HLEN,
    id: 0,
    fragment: IP_DF,
    ttl: ns.sysctl.number("ip_default_ttl"),
    protocol: IPPROTO_TCP,
    src: ip.dst,
    dst: ip.src,
  });
  answer.transport = answer.network + IPV4_HLEN;
  const syn = tcp.flags & TH_SYN ? 1 : 0;
  const fin = tcp.flags & TH_FIN ? 1 : 0;
  const acked = (tcp.flags & TH_ACK) !== 0;
  const end = (tcp.seq + syn + fin + ip.end - tcp.payload) >>> 0;
  Tcp.write(answer.data, answer.transport, answer.tail, {
    srcPort: tcp.dstPort,
    dstPort: tcp.srcPort,
    seq: acked ? tcp.ack : 0,
    ack: acked ? 0 : end,
    flags: acked ? TH_RST : TH_RST | TH_ACK,
    window: 0,
    options: new Uint8Array(0),
    src: ip.dst,
    dst: ip.src,
  });
  if (ns.sysctl.number("fwmark_reflect")) answer.mark = skb.mark;
  if (!ipRouteMeHarder(ns, answer)) return drop(ns, answer, "IP_OUTNOROUTES");
  attach(skb, answer);
  answer.partialSum = true;
  if (skb.ct) tcpSetClosing(ns, skb.ct);
  ipLocalOut(ns, answer);
}

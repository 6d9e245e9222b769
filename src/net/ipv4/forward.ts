import { Ev } from "../../sim/trace.ts";
import { ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, ICMP_TIME_EXCEEDED } from "../../wire/icmp.ts";
import type { RouteResult } from "../fib/route.ts";
import { drop } from "../kernel.ts";
import { nfHook } from "../netfilter/hook.ts";
import type { NetNs } from "../netns.ts";
import type { Skb } from "../skb.ts";
import { icmpSend, sendRedirect } from "./icmp.ts";
import { forwardOptions } from "./options.ts";
import { ipOutput, packetMtu } from "./output.ts";

/** A packet that is not for us (linux: net/ipv4/ip_forward.c, ip_forward). */
export function ipForward(ns: NetNs, skb: Skb): void {
  const route = skb.route as RouteResult;
  if (skb.pktType !== "HOST") return drop(ns, skb, "IP_INVALID_DEST");
  if (skb.sk) return drop(ns, skb, "NOT_SPECIFIED");
  const ip = skb.ip;
  if (ip.ttl <= 1) {
    ns.mib.IpInHdrErrors++;
    icmpSend(ns, skb, ICMP_TIME_EXCEEDED, 0, 0);
    return drop(ns, skb, "TTL_EXCEEDED");
  }
  ns.mib.IpForwDatagrams++;
  skb.forwarded = true;
  skb.summed = false;
  const mtu = packetMtu(ns, skb);
  if (exceedsMtu(skb, mtu)) {
    ns.mib.IpFragFails++;
    icmpSend(ns, skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, mtu);
    return drop(ns, skb, "PKT_TOO_BIG");
  }
  ns.trace.emit(Ev.TTL, ns.id, skb.id, ip.ttl, ip.ttl - 1);
  ip.ttl = ip.ttl - 1;
  if (route.redirect) sendRedirect(ns, skb, route.gateway || ip.dst);
  const input = skb.dev;
  if (nfHook(ns, "FORWARD", skb, input, route.dev) !== "ACCEPT") return;
  forwardOptions(ns, skb);
  ipOutput(ns, skb);
}

/** linux: ip_exceeds_mtu */
function exceedsMtu(skb: Skb, mtu: number): boolean {
  const ip = skb.ip;
  if (ip.totalLength <= mtu || !ip.dontFragment) return false;
  return skb.fragMaxSize > mtu || !skb.ignoreDf;
}

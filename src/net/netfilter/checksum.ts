import { finish, pseudo, sum } from "../../wire/checksum.ts";
import { IPPROTO_TCP, IPPROTO_UDP } from "../../wire/ipv4.ts";
import type { Skb } from "../skb.ts";
import type { Hook } from "./extension.ts";

/**
 * Is a packet's transport checksum right? Who asks first adds it up; from then on it is taken for right
 * where nobody can change that any more, until it is sent on (linux: net/netfilter/utils.c,
 * nf_ip_checksum; skb_forward_csum).
 */
export function checksumRight(skb: Skb, hook: Hook, protocol: number): boolean {
  if (skb.checksumTrusted) return true;
  if (skb.summed && (skb.sumRight || (hook !== "PREROUTING" && hook !== "INPUT"))) return true;
  const ip = skb.ip;
  const covered = protocol === IPPROTO_TCP || protocol === IPPROTO_UDP;
  const start = covered ? pseudo(ip.src, ip.dst, protocol, ip.end - ip.payload) : 0;
  skb.summed = true;
  // With the IP header, whose own sum is nothing.
  skb.sumRight = finish(sum(skb.data, skb.network, ip.end, start)) === 0;
  return skb.sumRight;
}

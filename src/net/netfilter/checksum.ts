import { finish, pseudo, sum } from "../../wire/checksum.ts";
import { IPPROTO_TCP, IPPROTO_UDP } from "../../wire/ipv4.ts";
import type { Skb } from "../skb.ts";

/**
 * Is a packet's transport checksum right? Once it was found so, nobody adds it up again, whatever was
 * written into the header since (linux: net/netfilter/utils.c, nf_ip_checksum; skb->csum_valid).
 */
export function checksumRight(skb: Skb, protocol: number): boolean {
  if (skb.checksumTrusted || skb.sumRight) return true;
  const ip = skb.ip;
  const covered = protocol === IPPROTO_TCP || protocol === IPPROTO_UDP;
  const start = covered ? pseudo(ip.src, ip.dst, protocol, ip.end - ip.payload) : 0;
  // With the IP header, whose own sum is nothing.
  skb.sumRight = finish(sum(skb.data, skb.network, ip.end, start)) === 0;
  return skb.sumRight;
}

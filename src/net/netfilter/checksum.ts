import { finish, pseudo, sum } from "../../wire/checksum.ts";
import { IPPROTO_TCP, IPPROTO_UDP } from "../../wire/ipv4.ts";
import type { Skb } from "../skb.ts";
import type { Hook } from "./extension.ts";

/**
 * Is a packet's transport checksum right, as far as anybody can tell at this hook? The first who asks
 * adds it up; on the way through, nobody does so again (linux: net/netfilter/utils.c, nf_ip_checksum).
 */
export function checksumRight(skb: Skb, hook: Hook, protocol: number): boolean {
  if (skb.checksumTrusted) return true;
  if (skb.summed && hook !== "PREROUTING" && hook !== "INPUT") return true;
  skb.summed = true;
  const ip = skb.ip;
  const covered = protocol === IPPROTO_TCP || protocol === IPPROTO_UDP;
  const start = covered ? pseudo(ip.src, ip.dst, protocol, ip.end - ip.payload) : 0;
  // With the IP header, whose own sum is nothing.
  return finish(sum(skb.data, skb.network, ip.end, start)) === 0;
}

import type { HashType } from "./hash.ts";
import { swap32 } from "./jhash.ts";
import { netText } from "./text.ts";

/** linux: net/netfilter/ipset/ip_set_hash_netnet.c; two addresses, padding, nomatch, the two lengths */
export const hashNetNet: HashType = {
  name: "hash:net,net",
  revision: 4,
  parts: ["net", "net2"],
  words: (e) => [swap32(e.ip), swap32(e.ip2), e.cidr | (e.cidr2 << 8), 0],
  text: (e) => `${netText(e.ip, e.cidr)},${netText(e.ip2, e.cidr2)}`,
  baseSize: 608,
  elementSize: 16,
};

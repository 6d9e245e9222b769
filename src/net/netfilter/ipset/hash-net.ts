import type { HashType } from "./hash.ts";
import { swap32 } from "./jhash.ts";
import { netText } from "./text.ts";

/** linux: net/netfilter/ipset/ip_set_hash_net.c; behind the address: padding (2), nomatch (1), cidr (1) */
export const hashNet: HashType = {
  name: "hash:net",
  revision: 7,
  parts: ["net"],
  words: (e) => [swap32(e.ip), e.cidr << 24],
  text: (e) => netText(e.ip, e.cidr),
  baseSize: 456,
  elementSize: 8,
};

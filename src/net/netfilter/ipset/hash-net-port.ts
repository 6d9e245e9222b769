import type { HashType } from "./hash.ts";
import { swap16, swap32 } from "./jhash.ts";
import { netText, portText } from "./text.ts";

/** linux: net/netfilter/ipset/ip_set_hash_netport.c; port (2), protocol (1), cidr - 1 (7 bits), nomatch */
export const hashNetPort: HashType = {
  name: "hash:net,port",
  revision: 8,
  parts: ["net", "port"],
  words: (e) => [swap32(e.ip), swap16(e.port) | (e.protocol << 16) | ((e.cidr - 1) << 24)],
  text: (e) => `${netText(e.ip, e.cidr)},${portText(e)}`,
  baseSize: 456,
  elementSize: 8,
};

import type { HashType } from "./hash.ts";
import { swap16, swap32 } from "./jhash.ts";
import { netText, portText } from "./text.ts";

/** linux: net/netfilter/ipset/ip_set_hash_netportnet.c; port (2), the two lengths, padding (2), nomatch, protocol */
export const hashNetPortNet: HashType = {
  name: "hash:net,port,net",
  revision: 3,
  parts: ["net", "port", "net2"],
  zero: true,
  words: (e) => [
    swap32(e.ip),
    swap32(e.ip2),
    (swap16(e.port) | (e.cidr << 16) | (e.cidr2 << 24)) >>> 0,
    (e.protocol << 24) >>> 0,
  ],
  text: (e) => `${netText(e.ip, e.cidr)},${portText(e)},${netText(e.ip2, e.cidr2)}`,
  baseSize: 608,
  elementSize: 16,
};

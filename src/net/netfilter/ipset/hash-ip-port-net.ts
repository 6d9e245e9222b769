import { formatIpv4 } from "../../../wire/address.ts";
import type { HashType } from "./hash.ts";
import { swap16, swap32 } from "./jhash.ts";
import { netText, portText } from "./text.ts";

/** linux: net/netfilter/ipset/ip_set_hash_ipportnet.c; port (2), cidr - 1 (7 bits), nomatch, protocol (1) */
export const hashIpPortNet: HashType = {
  name: "hash:ip,port,net",
  revision: 8,
  parts: ["ip", "port", "net2"],
  words: (e) => [
    swap32(e.ip),
    swap32(e.ip2),
    swap16(e.port) | ((e.cidr2 - 1) << 16) | (e.protocol << 24),
  ],
  text: (e) => `${formatIpv4(e.ip)},${portText(e)},${netText(e.ip2, e.cidr2)}`,
  baseSize: 464,
  elementSize: 12,
};

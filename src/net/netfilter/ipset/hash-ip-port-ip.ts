import { formatIpv4 } from "../../../wire/address.ts";
import type { HashType } from "./hash.ts";
import { swap16, swap32 } from "./jhash.ts";
import { portText } from "./text.ts";

/** linux: net/netfilter/ipset/ip_set_hash_ipportip.c */
export const hashIpPortIp: HashType = {
  name: "hash:ip,port,ip",
  revision: 6,
  parts: ["ip", "port", "ip2"],
  words: (e) => [swap32(e.ip), swap32(e.ip2), swap16(e.port) | (e.protocol << 16)],
  text: (e) => `${formatIpv4(e.ip)},${portText(e)},${formatIpv4(e.ip2)}`,
  baseSize: 208,
  elementSize: 12,
};

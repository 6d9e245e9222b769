import { formatIpv4 } from "../../../wire/address.ts";
import type { HashType } from "./hash.ts";
import { swap32 } from "./jhash.ts";

/** linux: net/netfilter/ipset/ip_set_hash_ip.c */
export const hashIp: HashType = {
  name: "hash:ip",
  revision: 6,
  parts: ["ip"],
  words: (e) => [swap32(e.ip)],
  text: (e) => formatIpv4(e.ip),
  baseSize: 216,
  elementSize: 4,
  refuses: (e) => (e.ip === 0 ? "ELEM" : null),
};

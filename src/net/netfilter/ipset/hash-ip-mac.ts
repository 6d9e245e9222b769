import { formatIpv4, formatMac, MAC_ZERO } from "../../../wire/address.ts";
import type { HashType } from "./hash.ts";
import { macWords } from "./hash-mac.ts";
import { swap32 } from "./jhash.ts";

/** linux: net/netfilter/ipset/ip_set_hash_ipmac.c; the address, six bytes and two of padding */
export const hashIpMac: HashType = {
  name: "hash:ip,mac",
  revision: 1,
  parts: ["ip", "mac"],
  refuses: (e) => (e.mac === formatMac(MAC_ZERO) ? "ELEM" : null),
  words: (e) => [swap32(e.ip), ...macWords(e.mac)],
  text: (e) => `${formatIpv4(e.ip)},${e.mac.toUpperCase()}`,
  baseSize: 208,
  elementSize: 12,
};

import { formatIpv4 } from "../../../wire/address.ts";
import type { HashType } from "./hash.ts";
import { swap16, swap32 } from "./jhash.ts";
import { portText } from "./text.ts";

/** linux: net/netfilter/ipset/ip_set_hash_ipport.c; behind the address: port (2), protocol (1), padding (1) */
export const hashIpPort: HashType = {
  name: "hash:ip,port",
  revision: 7,
  parts: ["ip", "port"],
  words: (e) => [swap32(e.ip), swap16(e.port) | (e.protocol << 16)],
  text: (e) => `${formatIpv4(e.ip)},${portText(e)}`,
  baseSize: 216,
  elementSize: 8,
  refuses: (e) => (e.ip === 0 ? "EINVAL" : null),
};

import type { HashType } from "./hash.ts";
import { swap32 } from "./jhash.ts";
import { netText } from "./text.ts";

/** linux: net/netfilter/ipset/ip_set_hash_netiface.c; hashed: the address, physdev, cidr, nomatch, and a one */
export const hashNetIface: HashType = {
  name: "hash:net,iface",
  revision: 8,
  parts: ["net", "iface"],
  zero: true,
  words: (e) => [swap32(e.ip), (e.physdev ? 1 : 0) | (e.cidr << 8) | (1 << 24)],
  text: (e) => `${netText(e.ip, e.cidr)},${e.physdev ? "physdev:" : ""}${e.iface}`,
  baseSize: 488,
  elementSize: 28,
};

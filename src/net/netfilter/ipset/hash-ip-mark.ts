import { hex } from "../../../base/text.ts";
import { formatIpv4 } from "../../../wire/address.ts";
import type { HashType } from "./hash.ts";
import { swap32 } from "./jhash.ts";

/** linux: net/netfilter/ipset/ip_set_hash_ipmark.c */
export const hashIpMark: HashType = {
  name: "hash:ip,mark",
  revision: 3,
  parts: ["ip", "mark"],
  words: (e) => [swap32(e.ip), e.mark],
  text: (e) => `${formatIpv4(e.ip)},0x${hex(e.mark, 8)}`,
  head: ({ markmask }) => `family inet markmask 0x${hex(markmask, 8)} `,
  baseSize: 200,
  elementSize: 8,
};

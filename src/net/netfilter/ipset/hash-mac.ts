import { parseMac } from "../../../wire/address.ts";
import type { HashType } from "./hash.ts";

/** linux: net/netfilter/ipset/ip_set_hash_mac.c; six bytes and two of padding */
export const hashMac: HashType = {
  name: "hash:mac",
  revision: 1,
  parts: ["mac"],
  head: () => "",
  refuses: (e) => (e.mac === "00:00:00:00:00:00" ? "ELEM" : null),
  words(e) {
    const [a = 0, b = 0, c = 0, d = 0, f = 0, g = 0] = parseMac(e.mac) ?? [];
    return [(a | (b << 8) | (c << 16) | (d << 24)) >>> 0, f | (g << 8)];
  },
  text: (e) => e.mac.toUpperCase(),
  baseSize: 200,
  elementSize: 8,
};

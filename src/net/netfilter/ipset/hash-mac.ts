import { parseMac } from "../../../wire/address.ts";
import type { HashType } from "./hash.ts";

/** As it lies in memory, filled up to eight bytes. */
export function macWords(mac: string): number[] {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = parseMac(mac) ?? [];
  return [(a | (b << 8) | (c << 16) | (d << 24)) >>> 0, e | (f << 8)];
}

/** linux: net/netfilter/ipset/ip_set_hash_mac.c; six bytes and two of padding */
export const hashMac: HashType = {
  name: "hash:mac",
  revision: 1,
  parts: ["mac"],
  head: () => "",
  refuses: (e) => (e.mac === "00:00:00:00:00:00" ? "ELEM" : null),
  words: (e) => macWords(e.mac),
  text: (e) => e.mac.toUpperCase(),
  baseSize: 200,
  elementSize: 8,
};

import { sha256 } from "@noble/hashes/sha2.js";
import { utf8 } from "../base/text.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** Base32 (RFC 4648, section 6) without its padding. */
export function base32(bytes: Uint8Array): string {
  let out = "";
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = (value << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) out += ALPHABET[(value >>> (bits - 5)) & 31];
    value &= (1 << bits) - 1;
  }
  if (bits) out += ALPHABET[(value << (5 - bits)) & 31];
  return out;
}

/**
 * How programs in Go name chains after what is in them: base32 of sha256, 16 characters (kube-proxy:
 * pkg/proxy/iptables/proxier.go, portProtoHash; kube-router does the same).
 */
export function chainHash(text: string): string {
  return base32(sha256(utf8(text))).slice(0, 16);
}

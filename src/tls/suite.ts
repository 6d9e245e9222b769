import { gcm } from "@noble/ciphers/aes.js";
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { sha256, sha384 } from "@noble/hashes/sha2.js";
import type { Bytes } from "../wire/bytes.ts";

/** RFC 8446 appendix B.4, in the order of preference of OpenSSL and rustls. */
export const SUITES = {
  TLS_AES_256_GCM_SHA384: 0x1302,
  TLS_CHACHA20_POLY1305_SHA256: 0x1303,
  TLS_AES_128_GCM_SHA256: 0x1301,
} as const;
export type SuiteName = keyof typeof SUITES;

const NAMES: ReadonlyMap<number, SuiteName> = new Map(
  Object.entries(SUITES).map(([name, number]) => [number, name as SuiteName]),
);

export function suiteName(number: number): SuiteName | null {
  return NAMES.get(number) ?? null;
}

/** The hash of a suite's transcript and key schedule. */
export function suiteHash(suite: SuiteName): typeof sha256 | typeof sha384 {
  return suite === "TLS_AES_256_GCM_SHA384" ? sha384 : sha256;
}

export function hashLength(suite: SuiteName): 32 | 48 {
  return suite === "TLS_AES_256_GCM_SHA384" ? 48 : 32;
}

export function keyLength(suite: SuiteName): number {
  return suite === "TLS_AES_128_GCM_SHA256" ? 16 : 32;
}

/** The nonce of every suite. */
export const IV_LENGTH = 12;
/** The authentication tag of every suite. */
export const TAG_LENGTH = 16;

function cipher(suite: SuiteName, key: Bytes, nonce: Bytes, header: Bytes) {
  return suite === "TLS_CHACHA20_POLY1305_SHA256"
    ? chacha20poly1305(key, nonce, header)
    : gcm(key, nonce, header);
}

export function seal(
  suite: SuiteName,
  key: Bytes,
  nonce: Bytes,
  header: Bytes,
  text: Bytes,
): Bytes {
  return cipher(suite, key, nonce, header).encrypt(text);
}

/** Null when the tag is not that of the text. */
export function unseal(
  suite: SuiteName,
  key: Bytes,
  nonce: Bytes,
  header: Bytes,
  text: Bytes,
): Bytes | null {
  if (text.length < TAG_LENGTH) return null;
  try {
    return cipher(suite, key, nonce, header).decrypt(text);
  } catch {
    return null;
  }
}

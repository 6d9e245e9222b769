import { expand, extract } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { hexToBytes } from "@noble/hashes/utils.js";
import { concatBytes, utf8 } from "../base/text.ts";
import type { Bytes } from "../wire/bytes.ts";
import { n16, vec8 } from "./codec.ts";
import { hashLength, IV_LENGTH, keyLength, type SuiteName, suiteHash } from "./suite.ts";

/** RFC 8446 §4.4.1: the hash of messages. */
export function hashOf(suite: SuiteName, messages: readonly Bytes[]): Bytes {
  return suiteHash(suite)(concatBytes(messages));
}

/** RFC 8446 §7.1, HKDF-Expand-Label. */
export function expandLabel(
  suite: SuiteName,
  secret: Bytes,
  label: string,
  context: Bytes,
  length: number,
): Bytes {
  const info = concatBytes([n16(length), vec8(utf8(`tls13 ${label}`)), vec8(context)]);
  return expand(suiteHash(suite), secret, info, length);
}

/** RFC 8446 §7.1, Derive-Secret, of a transcript that is already hashed. */
export function deriveSecret(suite: SuiteName, secret: Bytes, label: string, hash: Bytes): Bytes {
  return expandLabel(suite, secret, label, hash, hashLength(suite));
}

function derived(suite: SuiteName, secret: Bytes): Bytes {
  return deriveSecret(suite, secret, "derived", hashOf(suite, []));
}

/**
 * RFC 8446 §7.1: the salt of the Handshake Secret, derived from the Early Secret. Without a PSK it is
 * the same in every handshake.
 */
const DERIVED_WITHOUT_PSK: Readonly<Record<32 | 48, string>> = {
  32: "6f2615a108c702c5678f54fc9dbab69716c076189c48250cebeac3576c3611ba",
  48: "1591dac5cbbf0330a4a84de9c753330e92d01f0a88214b4464972fd668049e93e52f2b16fad922fdc0584478428f282b",
};

/** From the key exchange to the Handshake Secret; there is never a PSK here. */
export function handshakeSecret(suite: SuiteName, shared: Bytes): Bytes {
  return extract(suiteHash(suite), shared, hexToBytes(DERIVED_WITHOUT_PSK[hashLength(suite)]));
}

export function masterSecret(suite: SuiteName, handshake: Bytes): Bytes {
  const zeros = new Uint8Array(hashLength(suite));
  return extract(suiteHash(suite), zeros, derived(suite, handshake));
}

/** RFC 8446 §4.4.4: what Finished must hold. */
export function finishedData(suite: SuiteName, secret: Bytes, hash: Bytes): Bytes {
  const key = expandLabel(suite, secret, "finished", new Uint8Array(0), hashLength(suite));
  return hmac(suiteHash(suite), key, hash);
}

/** What protects the records of one direction (RFC 8446 §7.3). */
export interface TrafficKeys {
  suite: SuiteName;
  secret: Bytes;
  key: Bytes;
  iv: Bytes;
  /** Of the next record. */
  sequence: number;
}

export function trafficKeys(suite: SuiteName, secret: Bytes): TrafficKeys {
  const nothing = new Uint8Array(0);
  return {
    suite,
    secret,
    key: expandLabel(suite, secret, "key", nothing, keyLength(suite)),
    iv: expandLabel(suite, secret, "iv", nothing, IV_LENGTH),
    sequence: 0,
  };
}

/** RFC 8446 §7.2: the keys after a KeyUpdate. */
export function nextTrafficKeys(keys: TrafficKeys): TrafficKeys {
  const { suite, secret } = keys;
  const next = expandLabel(suite, secret, "traffic upd", new Uint8Array(0), hashLength(suite));
  return trafficKeys(suite, next);
}

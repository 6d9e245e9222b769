import { ed25519 } from "@noble/curves/ed25519.js";
import { p256 } from "@noble/curves/nist.js";
import { sha384, sha512 } from "@noble/hashes/sha2.js";
import type { Bytes } from "../../wire/bytes.ts";
import {
  bitString,
  context,
  DerError,
  DerReader,
  der,
  integer,
  NULL,
  OCTET_STRING,
  octetString,
  oid,
  SEQUENCE,
  sequence,
} from "./der.ts";
import {
  EC_PUBLIC_KEY,
  ECDSA_SHA256,
  ECDSA_SHA384,
  ECDSA_SHA512,
  ED25519,
  PRIME256V1,
} from "./oid.ts";
import { fromPem, toPem } from "./pem.ts";

// The table of the base point's multiples: the library's own choice (8) takes longer to fill than a
// world's first fifty signatures take with this one.
p256.Point.BASE.precompute(5);

/** The keys that we sign and verify with; certificates may hold others, which are only shown. */
export type KeyType = "p256" | "ed25519";

export interface PublicKey {
  type: KeyType;
  /** P-256: the SEC1 point; Ed25519: 32 octets. */
  bytes: Bytes;
}

export interface PrivateKey {
  type: KeyType;
  /** The scalar, or Ed25519's seed: 32 octets. */
  secret: Bytes;
  public: PublicKey;
}

/** Where random octets come from: a stream of the world's seed. */
export interface RandomSource {
  bytes(length: number): Bytes;
}

/** The key of a secret; null when no key has that secret. */
export function privateKey(type: KeyType, secret: Bytes): PrivateKey | null {
  if (type === "ed25519") {
    if (secret.length !== 32) return null;
    return { type, secret, public: { type, bytes: ed25519.getPublicKey(secret) } };
  }
  if (!p256.utils.isValidSecretKey(secret)) return null;
  return { type, secret, public: { type, bytes: p256.getPublicKey(secret, false) } };
}

export function generateKey(type: KeyType, random: RandomSource): PrivateKey {
  // One draw in 2^32 is not below P-256's order.
  for (;;) {
    const key = privateKey(type, Uint8Array.from(random.bytes(32)));
    if (key) return key;
  }
}

/** ECDSA with SHA-256 (deterministic, RFC 6979; in DER), or Ed25519. */
export function sign(key: PrivateKey, message: Bytes): Bytes {
  if (key.type === "ed25519") return ed25519.sign(message, key.secret);
  return p256.sign(message, key.secret, { format: "der" });
}

/** The algorithm that `sign` uses, dotted. */
export function signatureOid(type: KeyType): string {
  return type === "ed25519" ? ED25519 : ECDSA_SHA256;
}

/** Whether `signature`, made by the algorithm of this OID, is the key's over the message. */
export function verify(
  key: PublicKey,
  algorithm: string,
  message: Bytes,
  signature: Bytes,
): boolean {
  try {
    if (key.type === "ed25519")
      return (
        algorithm === ED25519 && ed25519.verify(signature, message, key.bytes, { zip215: false })
      );
    const options = { format: "der", lowS: false } as const;
    if (algorithm === ECDSA_SHA256) return p256.verify(signature, message, key.bytes, options);
    const hash = algorithm === ECDSA_SHA384 ? sha384 : algorithm === ECDSA_SHA512 ? sha512 : null;
    if (!hash) return false;
    return p256.verify(signature, hash(message), key.bytes, { ...options, prehash: false });
  } catch {
    // A signature or key that is none.
    return false;
  }
}

function algorithmOf(type: KeyType): Bytes {
  return type === "ed25519"
    ? sequence(oid(ED25519))
    : sequence(oid(EC_PUBLIC_KEY), oid(PRIME256V1));
}

/** SubjectPublicKeyInfo (RFC 5280 §4.1.2.7; RFC 5480, RFC 8410). */
export function encodePublicKey(key: PublicKey): Bytes {
  return sequence(algorithmOf(key.type), bitString(key.bytes));
}

/** What stands in a SubjectPublicKeyInfo. */
export interface PublicKeyInfo {
  algorithm: string;
  /** The named curve, where the algorithm has one. */
  curve: string;
  bits: Bytes;
  /** Null when it is a key of a kind that we do not compute with, or no point of its curve. */
  key: PublicKey | null;
}

export function readPublicKeyInfo(spki: Bytes): PublicKeyInfo {
  const info = new DerReader(spki).enter(SEQUENCE);
  const identifier = info.enter(SEQUENCE);
  const algorithm = identifier.oid();
  const curve = algorithm === EC_PUBLIC_KEY ? identifier.oid() : "";
  const bits = info.bitString();
  info.finish();
  let key: PublicKey | null = null;
  if (algorithm === ED25519 && bits.length === 32) key = { type: "ed25519", bytes: bits };
  if (curve === PRIME256V1 && p256.utils.isValidPublicKey(bits))
    key = { type: "p256", bytes: bits };
  return { algorithm, curve, bits, key };
}

/** ECPrivateKey of RFC 5915. */
function encodeEcPrivateKey(key: PrivateKey, named: boolean): Bytes {
  const curve = named ? [der(context(0), oid(PRIME256V1))] : [];
  const publicBits = der(context(1), bitString(key.public.bytes));
  return sequence(integer(1), octetString(key.secret), ...curve, publicBits);
}

/** PKCS#8 (RFC 5958, version 0), as `openssl genpkey` writes it. */
export function encodePrivateKey(key: PrivateKey): Bytes {
  const inner = key.type === "ed25519" ? octetString(key.secret) : encodeEcPrivateKey(key, false);
  return sequence(integer(0), algorithmOf(key.type), octetString(inner));
}

function readEcPrivateKey(bytes: Bytes): PrivateKey | null {
  const outer = new DerReader(bytes).enter(SEQUENCE);
  if (outer.number() !== 1) return null;
  const secret = outer.content(OCTET_STRING);
  if (outer.peek() === context(0) && outer.enter().oid() !== PRIME256V1) return null;
  return privateKey("p256", secret);
}

/** A key of PKCS#8; null when it is malformed or of another kind. */
export function readPrivateKey(bytes: Bytes): PrivateKey | null {
  try {
    const outer = new DerReader(bytes).enter(SEQUENCE);
    if (outer.number() > 1) return null;
    const identifier = outer.enter(SEQUENCE);
    const algorithm = identifier.oid();
    const inner = outer.content(OCTET_STRING);
    if (algorithm === ED25519)
      return privateKey("ed25519", new DerReader(inner).content(OCTET_STRING));
    if (algorithm !== EC_PUBLIC_KEY || identifier.oid() !== PRIME256V1) return null;
    return readEcPrivateKey(inner);
  } catch (error) {
    if (error instanceof DerError) return null;
    throw error;
  }
}

/** The first private key of a PEM text: PKCS#8, or the older EC PRIVATE KEY. */
export function privateKeyFromPem(text: string): PrivateKey | null {
  for (const block of fromPem(text)) {
    if (block.label === "PRIVATE KEY") return readPrivateKey(block.der);
    if (block.label !== "EC PRIVATE KEY") continue;
    try {
      return readEcPrivateKey(block.der);
    } catch (error) {
      if (error instanceof DerError) return null;
      throw error;
    }
  }
  return null;
}

export function privateKeyToPem(key: PrivateKey): string {
  return toPem("PRIVATE KEY", encodePrivateKey(key));
}

/** An AlgorithmIdentifier's OID and parameters, checked where the algorithm says what they are. */
export function readSignatureAlgorithm(reader: DerReader): string {
  const identifier = reader.enter(SEQUENCE);
  const algorithm = identifier.oid();
  if (!identifier.done && identifier.peek() !== NULL) identifier.enter(SEQUENCE);
  return algorithm;
}

import { x25519 } from "@noble/curves/ed25519.js";
import { p256 } from "@noble/curves/nist.js";
import type { Bytes } from "../wire/bytes.ts";
import { generateKey, type RandomSource } from "./x509/key.ts";

/** RFC 8446 §4.2.7: the groups of the key exchange. */
export const GROUPS = { x25519: 0x001d, secp256r1: 0x0017 } as const;
export type GroupName = keyof typeof GROUPS;

const NAMES: ReadonlyMap<number, GroupName> = new Map(
  Object.entries(GROUPS).map(([name, number]) => [number, name as GroupName]),
);

export function groupName(number: number): GroupName | null {
  return NAMES.get(number) ?? null;
}

/** Our half of a key exchange. */
export interface KeyShare {
  group: GroupName;
  secret: Bytes;
  /** X25519: 32 octets; P-256: the uncompressed point (RFC 8446 §4.2.8.2). */
  public: Bytes;
}

export function makeKeyShare(group: GroupName, random: RandomSource): KeyShare {
  if (group === "secp256r1") {
    const key = generateKey("p256", random);
    return { group, secret: key.secret, public: key.public.bytes };
  }
  const secret = Uint8Array.from(random.bytes(32));
  return { group, secret, public: x25519.getPublicKey(secret) };
}

/** The shared secret; null when the peer's half is no key of the group (RFC 8446 §4.2.8.2, §7.4.2). */
export function agree(share: KeyShare, peer: Bytes): Bytes | null {
  try {
    if (share.group === "x25519") return x25519.getSharedSecret(share.secret, peer);
    if (peer.length !== 65 || peer[0] !== 4) return null;
    return p256.getSharedSecret(share.secret, peer).subarray(1);
  } catch {
    return null;
  }
}

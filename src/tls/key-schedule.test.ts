import { extract } from "@noble/hashes/hkdf.js";
import { describe, expect, it } from "vitest";
import { deriveSecret, handshakeSecret, hashOf } from "./key-schedule.ts";
import { hashLength, SUITES, type SuiteName, suiteHash } from "./suite.ts";

describe("the key schedule", () => {
  for (const suite of Object.keys(SUITES) as SuiteName[])
    it(`starts ${suite} from no PSK, as RFC 8446 §7.1 computes it`, () => {
      const hash = suiteHash(suite);
      const zeros = new Uint8Array(hashLength(suite));
      const early = extract(hash, zeros, zeros);
      const salt = deriveSecret(suite, early, "derived", hashOf(suite, []));
      const shared = zeros.map((_, i) => i);
      expect(handshakeSecret(suite, shared)).toEqual(extract(hash, shared, salt));
    });
});

import { describe, expect, it } from "vitest";
import { Rng } from "../../base/rng.ts";
import { generateKey } from "../../tls/x509/key.ts";
import { makeName } from "../../tls/x509/name.ts";
import { makeRequest } from "../../tls/x509/request.ts";
import { CA_TTL, SpireAuthority, SVID_TTL } from "./authority.ts";

const START = Date.parse("2026-06-01T08:00:00Z");
const ID = "spiffe://example.org/ns/default/sa/curl";

function make(): { authority: SpireAuthority; csr: Uint8Array } {
  const random = new Rng(1, "spire");
  const ttl = { ca: CA_TTL, svid: SVID_TTL };
  const authority = new SpireAuthority("example.org", ttl, random, START);
  const csr = makeRequest({ subject: makeName([]) }, generateKey("p256", random)).der;
  return { authority, csr };
}

describe("a SPIRE server's authority", () => {
  it("signs for an hour, from ten seconds ago, and never for longer than it lives itself", () => {
    const { authority, csr } = make();
    const svid = authority.sign(csr, ID, 0, START);
    expect(svid?.notBefore).toBe(START - 10_000);
    expect(svid?.notAfter).toBe(START + SVID_TTL);
    expect(authority.sign(csr, ID, 60, START)?.notAfter).toBe(START + 60_000);
    const late = authority.sign(csr, ID, 0, START + CA_TTL - 60_000);
    expect(late?.notAfter).toBe(START + CA_TTL);
  });

  it("signs nothing that nobody asked for", () => {
    const { authority, csr } = make();
    const broken = Uint8Array.from(csr);
    broken[broken.length - 1]! ^= 1;
    expect(authority.sign(broken, ID, 0, START)).toBeNull();
    expect(authority.sign(new Uint8Array(3), ID, 0, START)).toBeNull();
  });

  it("is followed by another, which is believed long before it signs", () => {
    const { authority, csr } = make();
    const [first] = authority.bundle;
    expect(authority.rotate(START + CA_TTL / 2 - 60_000)).toBe(false);
    expect(authority.rotate(START + CA_TTL / 2)).toBe(true);
    expect(authority.bundle).toHaveLength(2);
    expect(authority.current.certificate).toBe(first);
    expect(authority.rotate(START + (CA_TTL * 5) / 6 - 60_000)).toBe(false);
    expect(authority.rotate(START + (CA_TTL * 5) / 6)).toBe(true);
    expect(authority.bundle).toHaveLength(1);
    expect(authority.bundle[0]).not.toBe(first);
    expect(authority.sign(csr, ID, 0, START + CA_TTL)?.notAfter).toBe(START + CA_TTL + SVID_TTL);
  });
});

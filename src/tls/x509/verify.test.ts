import { describe, expect, it } from "vitest";
import { NOW, PAGE, Pki } from "../../../test/tls/kit.ts";
import { Rng } from "../../base/rng.ts";
import type { Certificate } from "./certificate.ts";
import { issue, issueSelfSigned, randomSerial } from "./issue.ts";
import { generateKey, verify } from "./key.ts";
import { makeName } from "./name.ts";
import { type ExpectedName, SignatureCache, verifyChain } from "./verify.ts";

const pki = new Pki();
const { root, ca } = pki;
const leaf = pki.leaf(PAGE, {
  alternativeNames: [
    { kind: "uri", value: PAGE },
    { kind: "dns", value: "page.example" },
    { kind: "dns", value: "*.wild.example" },
    { kind: "ip", value: "10.4.3.20" },
  ],
});
const [end] = leaf.chain as [Certificate];

function check(
  presented: readonly Certificate[],
  more: { anchors?: Certificate[]; now?: number; expected?: ExpectedName } = {},
) {
  return verifyChain(presented, { anchors: pki.anchors, now: NOW, purpose: "server", ...more });
}

describe("a chain", () => {
  it("is built to an anchor, in whatever order the others come, and with more than it needs", () => {
    const other = new Pki("p256", 9).ca.certificate;
    const built = check([end, other, root.certificate, ca.certificate]);
    expect([built.error, built.chain]).toEqual([null, [end, ca.certificate, root.certificate]]);
  });

  it("may end at an intermediate, or at itself, when that is the anchor", () => {
    expect(check([end], { anchors: [ca.certificate] }).error).toBe(null);
    expect(check([end], { anchors: [end] }).chain).toEqual([end]);
  });

  it("says what is missing", () => {
    expect(check([end])).toMatchObject({ error: "no-issuer", depth: 0 });
    expect(check([end, ca.certificate], { anchors: [] })).toMatchObject({
      error: "no-issuer",
      depth: 1,
    });
    const all = [end, ca.certificate, root.certificate];
    expect(check(all, { anchors: [] })).toMatchObject({ error: "self-signed-root", depth: 2 });
    expect(check([root.certificate], { anchors: [] }).error).toBe("self-signed");
    expect(check([]).error).toBe("no-issuer");
  });

  it("does not go round in circles", () => {
    const name = makeName([["CN", "round"]]);
    const keys = [generateKey("p256", pki.random), generateKey("p256", pki.random)] as const;
    const fields = {
      subject: name,
      notBefore: 0,
      notAfter: NOW * 2,
      serial: randomSerial(pki.random),
    };
    const a = issueSelfSigned({ ...fields, ca: true }, keys[0]);
    const b = issue(
      { ...fields, ca: true, publicKey: keys[1].public, serial: randomSerial(pki.random) },
      { certificate: a, key: keys[0] },
    );
    expect(check([b, a, b, a]).error).not.toBe(null);
  });

  it("needs the signature of the one that it names", () => {
    const forged = { ...ca, key: generateKey("p256", pki.random) };
    const { chain } = pki.leaf(PAGE, { by: forged });
    expect(check([...chain, ca.certificate])).toMatchObject({ error: "signature", depth: 0 });
  });

  it("is valid from its first to its last second", () => {
    const at = (now: number) => check([...leaf.chain], { now }).error;
    expect([at(end.notBefore - 1), at(end.notBefore)]).toEqual(["not-yet-valid", null]);
    expect([at(end.notAfter + 999), at(end.notAfter + 1000)]).toEqual([null, "expired"]);
  });

  it("is not longer than its authorities allow", () => {
    const deeper = pki.authority("deeper", ca);
    const { chain } = pki.leaf(PAGE, { by: deeper });
    const error = check([...chain, deeper.certificate, ca.certificate]);
    expect(error).toMatchObject({ error: "path-length", depth: 2 });
  });

  it("has only authorities that may sign", () => {
    const mute = pki.authority("mute", root, { keyUsage: ["CRL Sign"] });
    const { chain } = pki.leaf(PAGE, { by: mute });
    expect(check([...chain, mute.certificate])).toMatchObject({ error: "no-cert-sign", depth: 1 });
    const none = pki.authority("none", root, { ca: false });
    const below = pki.leaf(PAGE, { by: none });
    expect(check([...below.chain, none.certificate])).toMatchObject({
      error: "not-a-ca",
      depth: 1,
    });
  });

  it("has no critical extension that we do not know", () => {
    const strange = { ...end, unknownCritical: "1.2.3" };
    expect(check([strange, ca.certificate]).error).toBe("critical-extension");
  });

  it("names whom we expect, by DNS, address, identity or trust domain", () => {
    const cases: [ExpectedName, string | null][] = [
      [{ dnsName: "page.example" }, null],
      [{ dnsName: "PAGE.example." }, null],
      [{ dnsName: "a.wild.example" }, null],
      [{ dnsName: "a.b.wild.example" }, "hostname"],
      [{ dnsName: "wild.example" }, "hostname"],
      [{ dnsName: "other.example" }, "hostname"],
      [{ ipAddress: "10.4.3.20" }, null],
      [{ ipAddress: "10.4.3.21" }, "ip-address"],
      [{ spiffeIds: ["spiffe://x/y", PAGE] }, null],
      [{ spiffeIds: [] }, "identity"],
      [{ spiffeIds: [`${PAGE}2`] }, "identity"],
      [{ trustDomain: "cluster.local" }, null],
      [{ trustDomain: "cluster" }, "identity"],
    ];
    for (const [expected, error] of cases)
      expect([expected, check([...leaf.chain], { expected }).error]).toEqual([expected, error]);
  });

  it("is verified once where it is remembered, and a bad one is not remembered", () => {
    const cache = new SignatureCache();
    const options = { anchors: pki.anchors, now: NOW, purpose: "server", cache } as const;
    verifyChain(leaf.chain, options);
    expect(cache.good.size).toBe(2);
    // A signature that is not looked at any more cannot be found wrong.
    const known = { ...end, signature: new Uint8Array(3) };
    expect(verifyChain([known, ca.certificate], options).error).toBe(null);
    const changed = { ...end, der: Uint8Array.from(end.der), signature: new Uint8Array(3) };
    changed.der[changed.der.length - 1]! ^= 1;
    expect(verifyChain([changed, ca.certificate], options).error).toBe("signature");
    expect(verifyChain(leaf.chain, { ...options, now: NOW * 2 }).error).toBe("expired");
    expect(cache.good.size).toBe(2);
  });
});

describe("a signature", () => {
  it("is of one key, one message and one algorithm", () => {
    const random = new Rng(2, "keys");
    const keys = [generateKey("p256", random), generateKey("ed25519", random)];
    expect(
      keys.map((key) => verify(key.public, "1.2.3", new Uint8Array(1), new Uint8Array(64))),
    ).toEqual([false, false]);
    const { publicKey, signatureAlgorithm, tbs, signature } = root.certificate;
    expect(verify(publicKey.key!, signatureAlgorithm, tbs, signature)).toBe(true);
    expect(verify(keys[0]!.public, signatureAlgorithm, tbs, signature)).toBe(false);
    expect(verify(publicKey.key!, signatureAlgorithm, tbs.subarray(1), signature)).toBe(false);
    expect(verify(publicKey.key!, "1.2.840.10045.4.3.3", tbs, signature)).toBe(false);
  });
});

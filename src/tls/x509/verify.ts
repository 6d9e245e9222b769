import { sha256 } from "@noble/hashes/sha2.js";
import { toBase64 } from "../../base/base64.ts";
import { concatBytes } from "../../base/text.ts";
import type { Bytes } from "../../wire/bytes.ts";
import { type Certificate, uriNames } from "./certificate.ts";
import { verify } from "./key.ts";
import { ANY_EXTENDED_KEY_USAGE, CLIENT_AUTH, SERVER_AUTH } from "./oid.ts";

/** Why a chain is not accepted: OpenSSL's number and words (X509_verify_cert_error_string). */
export const CHAIN_ERRORS = {
  signature: [7, "certificate signature failure"],
  "not-yet-valid": [9, "certificate is not yet valid"],
  expired: [10, "certificate has expired"],
  "self-signed": [18, "self-signed certificate"],
  "self-signed-root": [19, "self-signed certificate in certificate chain"],
  "no-issuer": [20, "unable to get local issuer certificate"],
  "too-long": [22, "certificate chain too long"],
  "path-length": [25, "path length constraint exceeded"],
  purpose: [26, "unsuitable certificate purpose"],
  "no-cert-sign": [32, "key usage does not include certificate signing"],
  "critical-extension": [34, "unhandled critical extension"],
  hostname: [62, "hostname mismatch"],
  "ip-address": [64, "IP address mismatch"],
  "not-a-ca": [79, "invalid CA certificate"],
  identity: [50, "application verification failure"],
} as const;
export type ChainError = keyof typeof CHAIN_ERRORS;

/** Whom the leaf must name; each that is given must hold. */
export interface ExpectedName {
  /** RFC 9525: a DNS alternative name, its first label may be a wildcard. */
  dnsName?: string;
  ipAddress?: string;
  /** One of these URIs. */
  spiffeIds?: readonly string[];
  /** A SPIFFE identity of this trust domain. */
  trustDomain?: string;
}

export interface VerifyOptions {
  anchors: readonly Certificate[];
  /** ms since 1970. */
  now: number;
  purpose: "server" | "client";
  expected?: ExpectedName;
  cache?: SignatureCache | null;
}

export interface Verification {
  error: ChainError | null;
  /** Which certificate of the chain the error is about. */
  depth: number;
  /** Leaf to anchor, as far as it could be built. */
  chain: Certificate[];
}

/** Signatures of certificates that were found good: facts that need no second look. */
export class SignatureCache {
  good = new Set<string>();
  limit: number;

  constructor(limit = 4096) {
    this.limit = limit;
  }

  add(key: string): void {
    if (this.good.size >= this.limit) this.good.clear();
    this.good.add(key);
  }
}

const MAX_CHAIN = 10;

export function sameBytes(a: Bytes, b: Bytes): boolean {
  return a.length === b.length && a.every((octet, i) => octet === b[i]);
}

function signedBy(child: Certificate, issuer: Certificate, cache: SignatureCache | null): boolean {
  const { key } = issuer.publicKey;
  if (!key) return false;
  const id = cache ? toBase64(sha256(concatBytes([child.der, issuer.spki]))) : "";
  if (cache?.good.has(id)) return true;
  const good = verify(key, child.signatureAlgorithm, child.tbs, child.signature);
  if (good) cache?.add(id);
  return good;
}

/** Whether the names say that `issuer` issued `child`. */
function namedIssuer(child: Certificate, issuer: Certificate): boolean {
  const { authorityKeyId } = child;
  const { subjectKeyId } = issuer;
  if (authorityKeyId && subjectKeyId && !sameBytes(authorityKeyId, subjectKeyId)) return false;
  return sameBytes(child.issuer.der, issuer.subject.der);
}

function build(presented: readonly Certificate[], options: VerifyOptions): Verification {
  const { anchors } = options;
  const chain = presented.slice(0, 1);
  for (;;) {
    const depth = chain.length - 1;
    const last = chain[depth];
    if (!last) return { error: "no-issuer", depth: 0, chain };
    if (anchors.some((anchor) => sameBytes(anchor.der, last.der)))
      return { error: null, depth, chain };
    if (chain.length > MAX_CHAIN) return { error: "too-long", depth, chain };
    const named = [...anchors, ...presented].filter(
      (c) => namedIssuer(last, c) && !chain.some((known) => sameBytes(known.der, c.der)),
    );
    if (named.length === 0) {
      const selfSigned = namedIssuer(last, last);
      const unknown = depth === 0 ? "self-signed" : "self-signed-root";
      return { error: selfSigned ? unknown : "no-issuer", depth, chain };
    }
    const issuer = named.find((c) => signedBy(last, c, options.cache ?? null));
    if (!issuer) return { error: "signature", depth, chain };
    chain.push(issuer);
  }
}

function allows(certificate: Certificate, purpose: "server" | "client"): boolean {
  const { extendedKeyUsage } = certificate;
  const wanted = purpose === "server" ? SERVER_AUTH : CLIENT_AUTH;
  return (
    extendedKeyUsage === null ||
    extendedKeyUsage.includes(wanted) ||
    extendedKeyUsage.includes(ANY_EXTENDED_KEY_USAGE)
  );
}

/** RFC 5280 §6.1.4: what the one at `depth` may do. */
function constraintError(
  chain: readonly Certificate[],
  depth: number,
  purpose: "server" | "client",
): ChainError | null {
  const certificate = chain[depth]!;
  const anchor = depth > 0 && depth === chain.length - 1;
  if (certificate.unknownCritical) return "critical-extension";
  if (!anchor && !allows(certificate, purpose)) return "purpose";
  if (depth === 0)
    // RFC 8446 §4.4.2.2: the key must be allowed to sign CertificateVerify.
    return certificate.keyUsage?.includes("Digital Signature") === false ? "purpose" : null;
  // A root of X.509 version 1 has no extensions to say that it is one.
  if (!certificate.basic?.ca && !(anchor && certificate.version === 1)) return "not-a-ca";
  if (certificate.keyUsage?.includes("Certificate Sign") === false) return "no-cert-sign";
  const limit = certificate.basic?.pathLength ?? null;
  const below = chain.slice(1, depth).filter((c) => !sameBytes(c.issuer.der, c.subject.der)).length;
  return limit !== null && below > limit ? "path-length" : null;
}

function matchesHost(pattern: string, host: string): boolean {
  const [first = "", ...rest] = pattern.toLowerCase().split(".");
  const [label = "", ...others] = host.toLowerCase().replace(/\.$/, "").split(".");
  if (rest.join(".") !== others.join(".")) return false;
  return first === label || (first === "*" && label !== "" && rest.length > 1);
}

function nameError(leaf: Certificate, expected: ExpectedName): ChainError | null {
  const { dnsName, ipAddress, spiffeIds, trustDomain } = expected;
  const has = (kind: "dns" | "ip", test: (value: string) => boolean): boolean =>
    leaf.alternativeNames.some((name) => name.kind === kind && test(name.value));
  if (dnsName !== undefined && !has("dns", (value) => matchesHost(value, dnsName)))
    return "hostname";
  if (ipAddress !== undefined && !has("ip", (value) => value === ipAddress)) return "ip-address";
  const uris = uriNames(leaf);
  if (spiffeIds && !uris.some((uri) => spiffeIds.includes(uri))) return "identity";
  if (trustDomain !== undefined && !uris.some((uri) => uri.startsWith(`spiffe://${trustDomain}/`)))
    return "identity";
  return null;
}

/**
 * Whether the presented certificates (leaf first, the others in any order) lead to an anchor, may do
 * what they do, are valid now and name whom we expect (RFC 5280 §6). No revocation, no name
 * constraints: a certificate with critical ones is refused.
 */
export function verifyChain(
  presented: readonly Certificate[],
  options: VerifyOptions,
): Verification {
  const built = build(presented, options);
  if (built.error) return built;
  const { chain } = built;
  for (let depth = chain.length - 1; depth >= 0; depth--) {
    const { notBefore, notAfter } = chain[depth]!;
    const error =
      constraintError(chain, depth, options.purpose) ??
      (options.now < notBefore ? "not-yet-valid" : null) ??
      // notAfter names a whole second (RFC 5280 §4.1.2.5: through it, inclusive).
      (options.now >= notAfter + 1000 ? "expired" : null);
    if (error) return { error, depth, chain };
  }
  const error = nameError(chain[0]!, options.expected ?? {});
  return { error, depth: 0, chain };
}

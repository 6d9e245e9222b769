import type { Bytes } from "../../wire/bytes.ts";
import { context, DerError, DerReader, implicit, readTime, SEQUENCE } from "./der.ts";
import { type Constraints, type Extension, readConstraints, readExtensions } from "./extension.ts";
import { type PublicKeyInfo, readPublicKeyInfo, readSignatureAlgorithm } from "./key.ts";
import { type Name, readName } from "./name.ts";
import { fromPem, toPem } from "./pem.ts";

/** A certificate (RFC 5280 §4.1), read; `der` is what was signed, sent and is compared. */
export interface Certificate extends Constraints {
  der: Bytes;
  /** The signed part. */
  tbs: Bytes;
  /** 1 or 3. */
  version: number;
  serial: Bytes;
  /** Dotted. */
  signatureAlgorithm: string;
  issuer: Name;
  subject: Name;
  /** ms since 1970; valid at both. */
  notBefore: number;
  notAfter: number;
  spki: Bytes;
  publicKey: PublicKeyInfo;
  extensions: Extension[];
  signature: Bytes;
}

function read(der: Bytes): Certificate {
  const outer = new DerReader(der);
  const certificate = outer.enter(SEQUENCE);
  outer.finish();
  const tbs = certificate.whole(SEQUENCE);
  const signatureAlgorithm = readSignatureAlgorithm(certificate);
  const signature = certificate.bitString();
  certificate.finish();

  const fields = new DerReader(tbs).enter(SEQUENCE);
  const version = fields.peek() === context(0) ? fields.enter().number() + 1 : 1;
  const serial = fields.integer();
  // RFC 5280 §4.1.1.2: the same algorithm, inside and outside of what is signed.
  if (readSignatureAlgorithm(fields) !== signatureAlgorithm) throw new DerError("algorithms");
  const issuer = readName(fields);
  const validity = fields.enter(SEQUENCE);
  const notBefore = readTime(validity);
  const notAfter = readTime(validity);
  validity.finish();
  const subject = readName(fields);
  const spki = fields.whole(SEQUENCE);
  const publicKey = readPublicKeyInfo(spki);
  for (const unique of [1, 2]) if (fields.peek() === implicit(unique)) fields.enter();
  const extensions = fields.peek() === context(3) ? readExtensions(fields.enter()) : [];
  fields.finish();
  if (version > 3 || (extensions.length > 0 && version !== 3)) throw new DerError("version");
  return {
    der,
    tbs,
    version,
    serial,
    signatureAlgorithm,
    issuer,
    subject,
    notBefore,
    notAfter,
    spki,
    publicKey,
    extensions,
    signature,
    ...readConstraints(extensions),
  };
}

/** The certificate of some DER; null when that is none. */
export function readCertificate(der: Bytes): Certificate | null {
  try {
    return read(der);
  } catch (error) {
    if (error instanceof DerError) return null;
    throw error;
  }
}

/** Every certificate of a PEM text, in order; malformed ones are left out. */
export function certificatesFromPem(text: string): Certificate[] {
  return fromPem(text)
    .filter((block) => block.label === "CERTIFICATE" || block.label === "X509 CERTIFICATE")
    .map((block) => readCertificate(block.der))
    .filter((certificate) => certificate !== null);
}

export function certificateToPem(certificate: Certificate): string {
  return toPem("CERTIFICATE", certificate.der);
}

/** The URIs among the alternative names; a SPIFFE identity is the only one (X.509-SVID §2). */
export function uriNames(certificate: Certificate): string[] {
  return certificate.alternativeNames.flatMap((name) => (name.kind === "uri" ? [name.value] : []));
}

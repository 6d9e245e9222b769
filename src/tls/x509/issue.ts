import { sha1 } from "@noble/hashes/legacy.js";
import type { Bytes } from "../../wire/bytes.ts";
import { type Certificate, readCertificate } from "./certificate.ts";
import {
  bitString,
  context,
  der,
  implicit,
  integer,
  octetString,
  oid,
  sequence,
  time,
} from "./der.ts";
import { type ExtensionFields, encodeExtensions, makeExtensions } from "./extension.ts";
import {
  encodePublicKey,
  type PrivateKey,
  type PublicKey,
  type RandomSource,
  readPublicKeyInfo,
  sign,
  signatureOid,
} from "./key.ts";
import type { Name } from "./name.ts";
import { AUTHORITY_KEY_ID, SUBJECT_KEY_ID } from "./oid.ts";

/** What a certificate to be issued shall say. */
export interface CertificateFields extends ExtensionFields {
  subject: Name;
  publicKey: PublicKey;
  notBefore: number;
  notAfter: number;
  serial: Bytes;
  /** A CA always names its key; a leaf only when this says so. */
  subjectKeyId?: boolean;
}

/** Who signs: a certificate with its key. */
export interface Issuer {
  certificate: Certificate;
  key: PrivateKey;
}

/** 128 random bits, positive, as Go's and Istio's issuers draw them. */
export function randomSerial(random: RandomSource): Bytes {
  const serial = Uint8Array.from(random.bytes(16));
  serial[0]! &= 0x7f;
  return serial;
}

/** RFC 5280 §4.2.1.2, method 1: the SHA-1 of the key's bits. */
function keyId(bits: Bytes): Bytes {
  return sha1(bits);
}

function issueAs(
  fields: CertificateFields,
  issuer: Name,
  issuerKeyId: Bytes | null,
  key: PrivateKey,
): Certificate {
  const algorithm = sequence(oid(signatureOid(key.type)));
  const spki = encodePublicKey(fields.publicKey);
  const extensions = makeExtensions({
    ...fields,
    alternativeNamesCritical: fields.alternativeNamesCritical ?? fields.subject.rdns.length === 0,
  });
  // RFC 5280 §4.2.1.2: every CA says its key's name; leaves need none, as Istio's have none.
  if (fields.ca || fields.subjectKeyId)
    extensions.push({
      oid: SUBJECT_KEY_ID,
      critical: false,
      value: octetString(keyId(readPublicKeyInfo(spki).bits)),
    });
  if (issuerKeyId)
    extensions.push({
      oid: AUTHORITY_KEY_ID,
      critical: false,
      value: sequence(der(implicit(0), issuerKeyId)),
    });
  const tbs = sequence(
    ...(extensions.length ? [der(context(0), integer(2))] : []),
    integer(fields.serial),
    algorithm,
    issuer.der,
    sequence(time(fields.notBefore), time(fields.notAfter)),
    fields.subject.der,
    spki,
    ...(extensions.length ? [der(context(3), encodeExtensions(extensions))] : []),
  );
  const certificate = readCertificate(sequence(tbs, algorithm, bitString(sign(key, tbs))));
  if (!certificate) throw new Error("issue: these fields make no certificate");
  return certificate;
}

/** A certificate signed by its own key: the root of a hierarchy. */
export function issueSelfSigned(
  fields: Omit<CertificateFields, "publicKey">,
  key: PrivateKey,
): Certificate {
  return issueAs({ ...fields, publicKey: key.public }, fields.subject, null, key);
}

/** A certificate signed by an issuer. */
export function issue(fields: CertificateFields, issuer: Issuer): Certificate {
  const { subject, subjectKeyId } = issuer.certificate;
  return issueAs(fields, subject, subjectKeyId, issuer.key);
}

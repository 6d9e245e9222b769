import type { Bytes } from "../wire/bytes.ts";
import { type AlertName, Fatal } from "./alert.ts";
import { n16, Reader, vec16 } from "./codec.ts";
import type { Identity } from "./config.ts";
import type { TlsConnection } from "./connection.ts";
import { finishedData } from "./key-schedule.ts";
import {
  CERTIFICATE_VERIFY,
  encodeCertificateMessage,
  FINISHED,
  message,
  readCertificateMessage,
  SCHEMES,
  verifyContent,
} from "./message.ts";
import { type Certificate, readCertificate } from "./x509/certificate.ts";
import { sign, signatureOid, verify } from "./x509/key.ts";
import {
  CHAIN_ERRORS,
  type ChainError,
  type ExpectedName,
  sameBytes,
  verifyChain,
} from "./x509/verify.ts";

/*
 * RFC 8446 §4.4: Certificate, CertificateVerify and Finished, which both sides send and check alike.
 */

/** The scheme that an identity's key signs with. */
function schemeOf(identity: Identity): number {
  return identity.key.type === "ed25519" ? SCHEMES.ed25519 : SCHEMES.ecdsa_secp256r1_sha256;
}

/** Whether the peer can verify what the identity signs. */
export function canAuthenticate(identity: Identity, schemes: readonly number[]): boolean {
  return schemes.includes(schemeOf(identity));
}

export function sendCertificate(
  connection: TlsConnection,
  identity: Identity | null,
  context: Bytes,
): void {
  const chain = identity?.chain.map((certificate) => certificate.der) ?? [];
  connection.sendMessage(encodeCertificateMessage(context, chain));
}

export function sendCertificateVerify(connection: TlsConnection, identity: Identity): void {
  const content = verifyContent(connection.role, connection.transcriptHash());
  const signature = vec16(sign(identity.key, content));
  connection.sendMessage(message(CERTIFICATE_VERIFY, n16(schemeOf(identity)), signature));
}

export function sendFinished(connection: TlsConnection, secret: Bytes): void {
  const data = finishedData(connection.suite, secret, connection.transcriptHash());
  connection.sendMessage(message(FINISHED, data));
}

/** The peer's certificates as it sent them; in the handshake their context is empty. */
export function receiveCertificate(body: Bytes): Certificate[] {
  const { context, entries } = readCertificateMessage(body);
  if (context.length > 0)
    throw new Fatal("illegal_parameter", "certificate with a context in the handshake");
  return entries.map(({ der, extensions }) => {
    // We offered no extension that an entry could answer.
    if (extensions.length > 0)
      throw new Fatal("unsupported_extension", "certificate with an extension nobody asked for");
    const certificate = readCertificate(der);
    if (!certificate) throw new Fatal("bad_certificate", "certificate is malformed");
    return certificate;
  });
}

/** RFC 8446 §6.2: how a chain's fault is said to the peer. */
function alertOf(error: ChainError): AlertName {
  switch (error) {
    case "expired":
    case "not-yet-valid":
      return "certificate_expired";
    case "no-issuer":
    case "self-signed":
    case "self-signed-root":
    case "not-a-ca":
    case "path-length":
    case "no-cert-sign":
    case "too-long":
      return "unknown_ca";
    case "purpose":
    case "critical-extension":
      return "unsupported_certificate";
    case "signature":
    case "hostname":
    case "ip-address":
    case "identity":
      return "bad_certificate";
  }
}

/** Judge the peer's chain, and keep the judgement. */
export function verifyPeer(
  connection: TlsConnection,
  chain: readonly Certificate[],
  expected: ExpectedName,
): void {
  const { settings } = connection;
  const verification = verifyChain(chain, {
    anchors: settings.anchors ?? [],
    now: settings.now,
    purpose: connection.role === "client" ? "server" : "client",
    expected,
    cache: settings.signatures ?? null,
  });
  connection.verification = verification;
  const { error } = verification;
  if (error && settings.verifyPeer !== false)
    throw new Fatal(alertOf(error), CHAIN_ERRORS[error][1]);
}

/** The peer has the key of its certificate. */
export function receiveCertificateVerify(connection: TlsConnection, body: Bytes): void {
  const reader = new Reader(body);
  const scheme = reader.u16();
  const signature = reader.vector16();
  reader.finish();
  const key = connection.peerCertificates[0]?.publicKey.key ?? null;
  if (!key) throw new Fatal("unsupported_certificate", "certificate's key is of an unknown kind");
  const expected = key.type === "ed25519" ? SCHEMES.ed25519 : SCHEMES.ecdsa_secp256r1_sha256;
  if (scheme !== expected)
    throw new Fatal("illegal_parameter", "signature scheme is not that of the certificate");
  const role = connection.role === "client" ? "server" : "client";
  const content = verifyContent(role, connection.transcriptHash());
  if (!verify(key, signatureOid(key.type), content, signature))
    throw new Fatal("decrypt_error", "signature of the handshake is wrong");
  connection.peerScheme = scheme;
}

export function receiveFinished(connection: TlsConnection, body: Bytes, secret: Bytes): void {
  const data = finishedData(connection.suite, secret, connection.transcriptHash());
  if (body.length !== data.length) throw new Fatal("decode_error", "finished is of another length");
  if (!sameBytes(body, data)) throw new Fatal("decrypt_error", "finished is wrong");
}

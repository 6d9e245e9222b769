import type { Bytes } from "../../wire/bytes.ts";
import type { Certificate } from "./certificate.ts";
import { DerError, DerReader, SEQUENCE } from "./der.ts";
import type { Extension } from "./extension.ts";
import type { PublicKeyInfo } from "./key.ts";
import { nameText } from "./name.ts";
import { EC_PUBLIC_KEY, ED25519, objectName, PRIME256V1, RSA_ENCRYPTION } from "./oid.ts";
import type { CertificateRequest } from "./request.ts";
import { extensionText } from "./text-extension.ts";

/*
 * `openssl x509 -text` and `openssl req -text`, as OpenSSL 3.0 prints them (openssl:
 * crypto/x509/t_x509.c, X509_print_ex).
 */

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `Nov 21 04:18:11 2026 GMT` (openssl: ASN1_TIME_print). */
export function timeText(ms: number): string {
  const date = new Date(ms);
  const clock = date.toISOString().slice(11, 19);
  const day = String(date.getUTCDate()).padStart(2);
  return `${MONTHS[date.getUTCMonth()]} ${day} ${clock} ${date.getUTCFullYear()} GMT`;
}

function octets(bytes: Bytes): string[] {
  return [...bytes].map((octet) => octet.toString(16).padStart(2, "0"));
}

/** `0a:0b:…`, `width` octets a line, each but the last ending in a colon. */
function block(bytes: Bytes, indent: number, width: number): string[] {
  const all = octets(bytes);
  const lines: string[] = [];
  for (let at = 0; at < all.length; at += width) {
    const more = at + width < all.length ? ":" : "";
    lines.push(" ".repeat(indent) + all.slice(at, at + width).join(":") + more);
  }
  return lines;
}

/** `4660 (0x1234)`, or octets on a line of their own when it is no 64-bit number. */
function serialLines(serial: Bytes): string[] {
  const magnitude = serial[0] === 0 && serial.length > 1 ? serial.subarray(1) : serial;
  if (magnitude.length > 8 || (magnitude.length === 8 && magnitude[0]! >= 0x80))
    return ["        Serial Number:", `            ${octets(magnitude).join(":")}`];
  const value = magnitude.reduce((sum, octet) => sum * 256n + BigInt(octet), 0n);
  return [`        Serial Number: ${value} (0x${value.toString(16)})`];
}

/** RSAPublicKey (RFC 8017 appendix A.1.1); null when it is none. */
function rsaNumbers(bits: Bytes): { modulus: Bytes; exponent: number } | null {
  try {
    const numbers = new DerReader(bits).enter(SEQUENCE);
    return { modulus: numbers.integer(), exponent: numbers.number() };
  } catch (error) {
    if (error instanceof DerError) return null;
    throw error;
  }
}

function keyLines(info: PublicKeyInfo): string[] {
  const pad = " ".repeat(16);
  const head = [
    "        Subject Public Key Info:",
    `            Public Key Algorithm: ${objectName(info.algorithm).long}`,
  ];
  if (info.algorithm === ED25519)
    return [...head, `${pad}ED25519 Public-Key:`, `${pad}pub:`, ...block(info.bits, 20, 15)];
  if (info.algorithm === EC_PUBLIC_KEY) {
    const p256 = info.curve === PRIME256V1;
    return [
      ...head,
      `${pad}Public-Key: (${p256 ? 256 : 384} bit)`,
      `${pad}pub:`,
      ...block(info.bits, 20, 15),
      `${pad}ASN1 OID: ${objectName(info.curve).short}`,
      `${pad}NIST CURVE: ${p256 ? "P-256" : "P-384"}`,
    ];
  }
  const rsa = info.algorithm === RSA_ENCRYPTION ? rsaNumbers(info.bits) : null;
  if (!rsa) return [...head, `${pad}Unable to load Public Key`];
  const { modulus, exponent } = rsa;
  const bits = (modulus.length - 1) * 8 + (32 - Math.clz32(modulus[0] ?? 0));
  return [
    ...head,
    `${pad}Public-Key: (${bits} bit)`,
    `${pad}Modulus:`,
    ...block(modulus, 20, 15),
    `${pad}Exponent: ${exponent} (0x${exponent.toString(16)})`,
  ];
}

function extensionLines(extensions: readonly Extension[], indent: number): string[] {
  const pad = " ".repeat(indent);
  return extensions.flatMap((extension) => [
    `${pad}${objectName(extension.oid).long}: ${extension.critical ? "critical" : ""}`,
    ...extensionText(extension).map((line) => `${pad}    ${line}`),
  ]);
}

/** The short names by which `-ext` asks for extensions. */
const SHORT: Record<string, string> = {
  subjectAltName: "X509v3 Subject Alternative Name",
  keyUsage: "X509v3 Key Usage",
  extendedKeyUsage: "X509v3 Extended Key Usage",
  basicConstraints: "X509v3 Basic Constraints",
  subjectKeyIdentifier: "X509v3 Subject Key Identifier",
  authorityKeyIdentifier: "X509v3 Authority Key Identifier",
};

/** What `openssl x509 -noout -ext NAMES` prints; "" when there is none of them. */
export function extensionsText(extensions: readonly Extension[], names: readonly string[]): string {
  const wanted = extensions.filter((extension) =>
    names.some((name) => SHORT[name] === objectName(extension.oid).long),
  );
  return extensionLines(wanted, 0)
    .map((line) => `${line}\n`)
    .join("");
}

function signatureLines(algorithm: string, signature: Bytes): string[] {
  return [
    `    Signature Algorithm: ${objectName(algorithm).long}`,
    "    Signature Value:",
    ...block(signature, 8, 18),
  ];
}

/** What `openssl x509 -text -noout` prints. */
export function certificateText(certificate: Certificate): string {
  const { version, extensions } = certificate;
  const lines = [
    "Certificate:",
    "    Data:",
    `        Version: ${version} (0x${(version - 1).toString(16)})`,
    ...serialLines(certificate.serial),
    `        Signature Algorithm: ${objectName(certificate.signatureAlgorithm).long}`,
    `        Issuer: ${nameText(certificate.issuer)}`,
    "        Validity",
    `            Not Before: ${timeText(certificate.notBefore)}`,
    `            Not After : ${timeText(certificate.notAfter)}`,
    `        Subject: ${nameText(certificate.subject)}`,
    ...keyLines(certificate.publicKey),
    ...(extensions.length ? ["        X509v3 extensions:"] : []),
    ...extensionLines(extensions, 12),
    ...signatureLines(certificate.signatureAlgorithm, certificate.signature),
  ];
  return `${lines.join("\n")}\n`;
}

/** What `openssl req -text -noout` prints. */
export function requestText(request: CertificateRequest): string {
  const lines = [
    "Certificate Request:",
    "    Data:",
    "        Version: 1 (0x0)",
    `        Subject: ${nameText(request.subject)}`,
    ...keyLines(request.publicKey),
    "        Attributes:",
    ...(request.extensions.length ? [] : ["            (none)"]),
    "            Requested Extensions:",
    ...extensionLines(request.extensions, 16),
    ...signatureLines(request.signatureAlgorithm, request.signature),
  ];
  return `${lines.join("\n")}\n`;
}

import { fromBase64, toBase64 } from "../../base/base64.ts";
import type { Bytes } from "../../wire/bytes.ts";

/** One block of a PEM file (RFC 7468). */
export interface PemBlock {
  /** "CERTIFICATE", "PRIVATE KEY", … */
  label: string;
  der: Bytes;
}

/** PEM as OpenSSL writes it: 64 characters a line. */
export function toPem(label: string, der: Bytes): string {
  const lines = toBase64(der).match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

/** Every well-formed block of a text, in order; what is between them is commentary. */
export function fromPem(text: string): PemBlock[] {
  const blocks: PemBlock[] = [];
  const pattern = /-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \1-----/g;
  for (const [, label = "", body = ""] of text.matchAll(pattern)) {
    const der = fromBase64(body);
    if (der) blocks.push({ label, der });
  }
  return blocks;
}

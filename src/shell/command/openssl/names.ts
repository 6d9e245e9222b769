import type { AlertName } from "../../../tls/alert.ts";
import { ALERTS } from "../../../tls/alert.ts";

/** What OpenSSL calls signature schemes (openssl: apps/lib/s_cb.c, do_print_sigalgs). */
const SCHEMES: Record<number, string> = {
  1027: "ECDSA+SHA256",
  1283: "ECDSA+SHA384",
  1539: "ECDSA+SHA512",
  2055: "ed25519",
  2056: "ed448",
  2052: "RSA-PSS+SHA256",
  2053: "RSA-PSS+SHA384",
  2054: "RSA-PSS+SHA512",
  1025: "RSA+SHA256",
  1281: "RSA+SHA384",
  1537: "RSA+SHA512",
};

export function schemesText(schemes: readonly number[]): string {
  return schemes.map((scheme) => SCHEMES[scheme] ?? `0x${scheme.toString(16)}`).join(":");
}

/** Alerts that came with TLS 1.0 and 1.3; the others are as old as SSL 3.0 (openssl: ssl/ssl_err.c). */
const TLS1 = [
  "unknown_ca",
  "access_denied",
  "decode_error",
  "decrypt_error",
  "protocol_version",
  "insufficient_security",
  "internal_error",
  "inappropriate_fallback",
  "user_canceled",
  "no_application_protocol",
  "unrecognized_name",
];
const TLS13 = ["missing_extension", "certificate_required"];

/** The line in OpenSSL's error queue for an alert of the peer; `thread` is the number it begins with. */
export function alertError(alert: AlertName, thread: string): string {
  const number = ALERTS[alert];
  const family = TLS13.includes(alert) ? "tlsv13" : TLS1.includes(alert) ? "tlsv1" : "sslv3";
  const reason = (0x0a000000 + 1000 + number).toString(16).toUpperCase().padStart(8, "0");
  return `${thread}:error:${reason}:SSL routines:ssl3_read_bytes:${family} alert ${alert.replaceAll("_", " ")}:../ssl/record/rec_layer_s3.c:1601:SSL alert number ${number}\n`;
}

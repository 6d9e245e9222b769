/** RFC 8446 §6: every alert of TLS 1.3 by its number. */
export const ALERTS = {
  close_notify: 0,
  unexpected_message: 10,
  bad_record_mac: 20,
  record_overflow: 22,
  handshake_failure: 40,
  bad_certificate: 42,
  unsupported_certificate: 43,
  certificate_revoked: 44,
  certificate_expired: 45,
  certificate_unknown: 46,
  illegal_parameter: 47,
  unknown_ca: 48,
  access_denied: 49,
  decode_error: 50,
  decrypt_error: 51,
  protocol_version: 70,
  insufficient_security: 71,
  internal_error: 80,
  inappropriate_fallback: 86,
  user_canceled: 90,
  missing_extension: 109,
  unsupported_extension: 110,
  unrecognized_name: 112,
  bad_certificate_status_response: 113,
  unknown_psk_identity: 115,
  certificate_required: 116,
  no_application_protocol: 120,
} as const;
export type AlertName = keyof typeof ALERTS;

const NAMES: ReadonlyMap<number, AlertName> = new Map(
  Object.entries(ALERTS).map(([name, number]) => [number, name as AlertName]),
);

/** The name of an alert's number; `alert 255` for what RFC 8446 does not name. */
export function alertName(number: number): AlertName | `alert ${number}` {
  return NAMES.get(number) ?? `alert ${number}`;
}

/** RFC 8446 §6: 1 for the two that say goodbye, 2 for those that say what went wrong. */
export function alertLevel(name: AlertName): number {
  return name === "close_notify" || name === "user_canceled" ? 1 : 2;
}

/**
 * The connection must end with this alert. Thrown inside of this room only: a connection's methods
 * catch it, send the alert and go to `failed`.
 */
export class Fatal extends Error {
  alert: AlertName;

  constructor(alert: AlertName, reason: string) {
    super(reason);
    this.alert = alert;
  }
}

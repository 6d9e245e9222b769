import { hex } from "../base/text.ts";
import type { Bytes } from "../wire/bytes.ts";
import type { KeyLog } from "./config.ts";

function hexOf(bytes: Bytes): string {
  return Array.from(bytes, (octet) => hex(octet, 2)).join("");
}

/** RFC 9850 §2: a label, the client's random, the secret. */
export function logSecret(log: KeyLog, label: string, clientRandom: Bytes, secret: Bytes): void {
  const line = `${label} ${hexOf(clientRandom)} ${hexOf(secret)}`;
  if (Array.isArray(log)) log.push(line);
  else log.add(line);
}

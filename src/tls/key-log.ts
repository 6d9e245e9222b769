import { bytesToHex } from "@noble/hashes/utils.js";
import type { Bytes } from "../wire/bytes.ts";
import type { KeyLog } from "./config.ts";

/** RFC 9850 §2: a label, the client's random, the secret. */
export function logSecret(log: KeyLog, label: string, clientRandom: Bytes, secret: Bytes): void {
  const line = `${label} ${bytesToHex(clientRandom)} ${bytesToHex(secret)}`;
  if (Array.isArray(log)) log.push(line);
  else log.add(line);
}

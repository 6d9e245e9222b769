import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes } from "../../base/text.ts";

/** A short name for some content: the same content has the same, other content another. */
export function digest(parts: readonly Uint8Array[]): string {
  return [...sha256(concatBytes(parts)).subarray(0, 8)]
    .map((octet) => octet.toString(16).padStart(2, "0"))
    .join("");
}

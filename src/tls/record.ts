import { concatBytes } from "../base/text.ts";
import { type Bytes, set16, u8, u16 } from "../wire/bytes.ts";
import { Pieces } from "../wire/pieces.ts";
import { Fatal } from "./alert.ts";
import type { TrafficKeys } from "./key-schedule.ts";
import { IV_LENGTH, seal, TAG_LENGTH, unseal } from "./suite.ts";

/*
 * RFC 8446 §5.1:
 *
 *   | type (8) | legacy_record_version (16) | length (16) | fragment |
 */
export const RECORD_HEADER = 5;
/** The largest fragment of a plaintext record. */
export const MAX_FRAGMENT = 1 << 14;
/** RFC 8446 §5.2: what protection may add. */
const MAX_CIPHERTEXT = MAX_FRAGMENT + 256;

export const CHANGE_CIPHER_SPEC = 20;
export const ALERT = 21;
export const HANDSHAKE = 22;
export const APPLICATION_DATA = 23;

export interface TlsRecord {
  type: number;
  fragment: Bytes;
}

/** Bytes of a connection until they are whole records. */
export class RecordReader extends Pieces {
  /** Whether the record at the front is all here; the header may be spread over pieces. */
  front(): Bytes | null {
    if (this.length < RECORD_HEADER) return null;
    let [all = new Uint8Array(0)] = this.pieces;
    if (all.length < RECORD_HEADER) all = this.join();
    const length = u16(all, 3);
    const type = u8(all, 0);
    if (type < CHANGE_CIPHER_SPEC || type > APPLICATION_DATA)
      throw new Fatal("unexpected_message", `no TLS record: content type ${type}`);
    if (length > (type === APPLICATION_DATA ? MAX_CIPHERTEXT : MAX_FRAGMENT))
      throw new Fatal("record_overflow", `record of ${length} bytes`);
    const whole = RECORD_HEADER + length;
    if (this.length < whole) return null;
    if (all.length < whole) all = this.join();
    return all.subarray(0, whole);
  }

  /** The next whole record with its header, taken; null when there is none yet. */
  next(): Bytes | null {
    const record = this.front();
    if (!record) return null;
    const [first = record, ...others] = this.pieces;
    const rest = first.subarray(record.length);
    this.pieces = rest.length ? [rest, ...others] : others;
    this.length -= record.length;
    return record;
  }
}

/** An unprotected record. */
export function plainRecord(type: number, fragment: Bytes, version: number): Bytes {
  const head = new Uint8Array(RECORD_HEADER);
  head[0] = type;
  set16(head, 1, version);
  set16(head, 3, fragment.length);
  return concatBytes([head, fragment]);
}

/** RFC 8446 §5.3: the IV, its end combined with the sequence number. */
function nonce(keys: TrafficKeys): Bytes {
  const out = Uint8Array.from(keys.iv);
  let left = keys.sequence;
  for (let i = IV_LENGTH - 1; left > 0; i--) {
    out[i]! ^= left % 256;
    left = Math.floor(left / 256);
  }
  return out;
}

/** A protected record (RFC 8446 §5.2) of content, its type and zeros; counts it. */
export function protect(keys: TrafficKeys, type: number, content: Bytes, padding = 0): Bytes {
  const inner = new Uint8Array(content.length + 1 + padding);
  inner.set(content);
  inner[content.length] = type;
  const head = new Uint8Array(RECORD_HEADER);
  head[0] = APPLICATION_DATA;
  set16(head, 1, 0x0303);
  set16(head, 3, inner.length + TAG_LENGTH);
  const sealed = seal(keys.suite, keys.key, nonce(keys), head, inner);
  keys.sequence++;
  return concatBytes([head, sealed]);
}

/** What a protected record holds; null when its tag is wrong. Counts it when it is right. */
export function unprotect(keys: TrafficKeys, record: Bytes): TlsRecord | null {
  const head = record.subarray(0, RECORD_HEADER);
  const sealed = record.subarray(RECORD_HEADER);
  const inner = unseal(keys.suite, keys.key, nonce(keys), head, sealed);
  if (!inner) return null;
  keys.sequence++;
  if (inner.length > MAX_FRAGMENT + 1)
    throw new Fatal("record_overflow", "protected content is too long");
  let end = inner.length - 1;
  while (end >= 0 && inner[end] === 0) end--;
  if (end < 0) throw new Fatal("unexpected_message", "record has no content type");
  return { type: u8(inner, end), fragment: inner.subarray(0, end) };
}

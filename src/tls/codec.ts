import { concatBytes } from "../base/text.ts";
import { type Bytes, u8, u16, u24 } from "../wire/bytes.ts";
import { Fatal } from "./alert.ts";

/** Reads the presentation language of RFC 8446 §3; what is too short is a decode_error. */
export class Reader {
  bytes: Bytes;
  at = 0;

  constructor(bytes: Bytes) {
    this.bytes = bytes;
  }

  get left(): number {
    return this.bytes.length - this.at;
  }

  need(length: number): number {
    if (this.left < length) throw new Fatal("decode_error", "message is too short");
    this.at += length;
    return this.at - length;
  }

  u8(): number {
    return u8(this.bytes, this.need(1));
  }
  u16(): number {
    return u16(this.bytes, this.need(2));
  }
  u24(): number {
    return u24(this.bytes, this.need(3));
  }
  take(length: number): Bytes {
    const at = this.need(length);
    return this.bytes.subarray(at, at + length);
  }
  /** `opaque <min..2^8-1>`. */
  vector8(min = 0): Bytes {
    return this.sized(this.u8(), min);
  }
  vector16(min = 0): Bytes {
    return this.sized(this.u16(), min);
  }
  vector24(min = 0): Bytes {
    return this.sized(this.u24(), min);
  }
  sized(length: number, min: number): Bytes {
    if (length < min) throw new Fatal("decode_error", "vector is too short");
    return this.take(length);
  }
  /** A vector of 16-bit numbers behind its length. */
  numbers16(min = 0): number[] {
    const inner = new Reader(this.vector16(min));
    const numbers: number[] = [];
    while (inner.left) numbers.push(inner.u16());
    return numbers;
  }
  finish(): void {
    if (this.left) throw new Fatal("decode_error", "message has trailing bytes");
  }
}

export function n8(value: number): Bytes {
  return Uint8Array.of(value);
}
export function n16(value: number): Bytes {
  return Uint8Array.of(value >> 8, value);
}
export function n24(value: number): Bytes {
  return Uint8Array.of(value >> 16, value >> 8, value);
}
/** Parts behind their length in 8 bits. */
export function vec8(...parts: Bytes[]): Bytes {
  const body = concatBytes(parts);
  return concatBytes([n8(body.length), body]);
}
export function vec16(...parts: Bytes[]): Bytes {
  const body = concatBytes(parts);
  return concatBytes([n16(body.length), body]);
}
export function vec24(...parts: Bytes[]): Bytes {
  const body = concatBytes(parts);
  return concatBytes([n24(body.length), body]);
}

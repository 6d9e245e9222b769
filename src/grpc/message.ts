import { concatBytes } from "../base/text.ts";
import { type Bytes, set32, u8, u32 } from "../wire/bytes.ts";
import { Pieces } from "../wire/pieces.ts";
import type { Status } from "./status.ts";

/** Compressed-Flag and Message-Length. */
const PREFIX = 5;
/** grpc-go's and grpc-js's limit of what is received. */
export const MAX_MESSAGE = 4 * 1024 * 1024;

/** A Length-Prefixed-Message (grpc: PROTOCOL-HTTP2.md), never compressed. */
export function encodeMessage(data: Bytes): Bytes {
  const prefix = new Uint8Array(PREFIX);
  set32(prefix, 1, data.length);
  return concatBytes([prefix, data]);
}

/** Takes messages out of the data of a stream, in whatever pieces it comes. */
export class MessageReader {
  pieces = new Pieces();
  limit: number;
  /** grpc-encoding of the other side. */
  encoding: string;
  role: "client" | "server";

  constructor(role: "client" | "server", encoding: string, limit = MAX_MESSAGE) {
    this.role = role;
    this.encoding = encoding;
    this.limit = limit;
  }

  push(data: Bytes): void {
    this.pieces.push(data);
  }

  /** The stream has ended: did it end in the middle of a message? */
  get isPartial(): boolean {
    return this.pieces.length > 0;
  }

  /** The next whole message; null when it is not here yet; what is wrong with it (grpc-go: recvMsg, checkRecvPayload). */
  next(): Bytes | Status | null {
    if (this.pieces.length < PREFIX) return null;
    const all = this.pieces.join();
    const flag = u8(all, 0);
    const length = u32(all, 1);
    const fault = this.fault(flag, length);
    if (fault) return fault;
    if (all.length < PREFIX + length) return null;
    this.pieces = new Pieces();
    this.pieces.push(all.subarray(PREFIX + length));
    return all.slice(PREFIX, PREFIX + length);
  }

  fault(flag: number, length: number): Status | null {
    if (length > this.limit)
      return {
        code: "RESOURCE_EXHAUSTED",
        message: `grpc: received message larger than max (${length} vs. ${this.limit})`,
      };
    if (flag === 0) return null;
    if (flag !== 1)
      return {
        code: "INTERNAL",
        message: `grpc: received unexpected payload format ${flag}`,
      };
    if (this.encoding === "" || this.encoding === "identity")
      return {
        code: "INTERNAL",
        message: "grpc: compressed flag set with identity or empty encoding",
      };
    return {
      code: this.role === "server" ? "UNIMPLEMENTED" : "INTERNAL",
      message: `grpc: Decompressor is not installed for grpc-encoding "${this.encoding}"`,
    };
  }
}

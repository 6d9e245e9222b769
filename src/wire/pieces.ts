import { concatBytes } from "../base/text.ts";
import type { Bytes } from "./bytes.ts";

/** Bytes of a connection that have come and were not taken yet: in pieces, so that a slow sender costs no copies. */
export class Pieces {
  pieces: Bytes[] = [];
  length = 0;

  push(bytes: Bytes): void {
    if (bytes.length === 0) return;
    // Our own copy: the caller may use its buffer again.
    this.pieces.push(new Uint8Array(bytes));
    this.length += bytes.length;
  }

  /** All of them in one. */
  join(): Bytes {
    const [first] = this.pieces;
    if (first && this.pieces.length === 1) return first;
    const all = concatBytes(this.pieces);
    this.pieces = [all];
    return all;
  }
}

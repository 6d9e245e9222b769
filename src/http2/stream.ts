import type { Bytes } from "../wire/bytes.ts";
import type { Field } from "./hpack.ts";

/** One exchange (RFC 9113 §5.1). It is there from its first HEADERS until both sides have closed it. */
export class Stream {
  id: number;
  /** We have sent END_STREAM. */
  localClosed = false;
  /** The peer has. */
  remoteClosed = false;
  /** The peer's request, or its final response, has come. */
  headersReceived = false;
  /** The request was HEAD or the response has a status without content. */
  noContent = false;
  /** Of a CONNECT: it carries data and nothing else. */
  tunnel = false;
  /** What content-length promised; null when nothing did. */
  expected: number | null = null;
  contentReceived = 0;
  /** What we may still send (RFC 9113 §6.9); may be negative (§6.9.2). */
  sendWindow: number;
  /** What the peer may still send. */
  receiveWindow: number;
  /** Received and consumed, but not yet given back to the peer. */
  consumed = 0;
  /** Data that waits for a window. */
  queue: Bytes[] = [];
  queued = 0;
  /** END_STREAM goes with the last of the queue, or with these. */
  ending = false;
  trailers: readonly Field[] | null = null;

  constructor(id: number, sendWindow: number, receiveWindow: number) {
    this.id = id;
    this.sendWindow = sendWindow;
    this.receiveWindow = receiveWindow;
  }

  /** The next `limit` bytes of the queue, taken. */
  take(limit: number): Bytes {
    const [first = new Uint8Array(0)] = this.queue;
    const part = first.subarray(0, limit);
    if (part.length < first.length) this.queue[0] = first.subarray(part.length);
    else this.queue.shift();
    this.queued -= part.length;
    return part;
  }
}

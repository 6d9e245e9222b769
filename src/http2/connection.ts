import { concatBytes } from "../base/text.ts";
import { type Bytes, u8, u32 } from "../wire/bytes.ts";
import { frameLimit, type Http2Config, Http2Endpoint, MAX_WINDOW } from "./endpoint.ts";
import { type ErrorName, errorName, Http2Error } from "./error.ts";
import { fieldsFault, fieldValue } from "./fields.ts";
import {
  ACK,
  CONTINUATION,
  DATA,
  END_HEADERS,
  END_STREAM,
  FRAME_HEADER,
  type Frame,
  FrameReader,
  GOAWAY,
  HEADERS,
  PADDED,
  PING,
  PREFACE,
  PRIORITY,
  PUSH_PROMISE,
  RST_STREAM,
  readSettings,
  SETTINGS,
  WINDOW_UPDATE,
  WITH_PRIORITY,
} from "./frame.ts";
import type { Field } from "./hpack.ts";
import type { Stream } from "./stream.ts";

/** A field block may not be larger, nor come in more frames: it is decoded only when it is whole. */
const MAX_BLOCK = 1 << 18;
const MAX_BLOCK_FRAMES = 512;

/** HEADERS whose CONTINUATION is awaited. */
interface Block {
  stream: number;
  flags: number;
  parts: Bytes[];
  length: number;
}

/**
 * HTTP/2 (RFC 9113) without I/O: bytes in by `receive`, events out by `takeEvents`, bytes out by
 * `takeOutput`. What the peer sends never throws: it ends a stream or the connection with the code
 * that the RFC names. There is no push.
 */
export class Http2Connection extends Http2Endpoint {
  reader = new FrameReader();
  /** The client's preface, and the SETTINGS that come before all else (RFC 9113 §3.4). */
  prefaceDue: boolean;
  settingsDue = true;
  block: Block | null = null;

  constructor(role: "client" | "server", config: Http2Config = {}) {
    super(role, config);
    this.prefaceDue = role === "server";
  }

  receive(bytes: Bytes): void {
    if (this.state !== "open") return;
    this.reader.push(bytes);
    while (this.state === "open") {
      try {
        if (!this.step()) break;
      } catch (error) {
        if (!(error instanceof Http2Error)) throw error;
        this.fault(error);
      }
    }
    this.flush();
  }

  /** The transport has ended: so have all streams. */
  receiveEnd(): void {
    if (this.state !== "open") return;
    this.state = "closed";
    this.endStreams(() => true, "CANCEL", "peer", "connection closed");
  }

  /** One frame, when it is here. */
  step(): boolean {
    if (this.prefaceDue) return this.preface();
    const limit = frameLimit(this.config);
    if (this.reader.peekLength() + FRAME_HEADER > limit)
      throw new Http2Error("FRAME_SIZE_ERROR", "frame is larger than we allow");
    const frame = this.reader.next();
    if (!frame) return false;
    if (this.settingsDue && (frame.type !== SETTINGS || frame.flags & ACK))
      throw new Http2Error("PROTOCOL_ERROR", "no SETTINGS first");
    this.settingsDue = false;
    const { block } = this;
    if (block && (frame.type !== CONTINUATION || frame.stream !== block.stream))
      throw new Http2Error("PROTOCOL_ERROR", "a frame inside of a field block");
    this.frameIn(frame);
    return true;
  }

  preface(): boolean {
    const count = Math.min(this.reader.length, PREFACE.length);
    if (count === 0) return false;
    const start = this.reader.join().subarray(0, count);
    if (start.some((octet, i) => octet !== PREFACE[i]))
      throw new Http2Error("PROTOCOL_ERROR", "no HTTP/2 connection preface");
    if (count < PREFACE.length) return false;
    this.reader.take(count);
    this.prefaceDue = false;
    return true;
  }

  /** An error of a stream ends that stream, one of the connection everything (RFC 9113 §5.4). */
  fault(error: Http2Error): void {
    if (error.stream) {
      const { stream, code, message } = error;
      if (!this.streams.has(stream)) this.newStream(stream);
      this.resetStream(stream, code);
      this.events.push({ kind: "reset", stream, code, by: "us", reason: message });
      return;
    }
    this.goAway(error.code, error.message);
    this.state = "failed";
    this.error = error.code;
    this.failure = error.message;
    this.reader = new FrameReader();
    this.block = null;
    this.endStreams(() => true, error.code, "us", error.message);
  }

  endStreams(
    which: (id: number) => boolean,
    code: ErrorName,
    by: "peer" | "us",
    reason: string,
  ): void {
    for (const stream of [...this.streams.keys()].filter(which)) {
      this.streams.delete(stream);
      this.events.push({ kind: "reset", stream, code, by, reason });
    }
  }

  frameIn(frame: Frame): void {
    switch (frame.type) {
      case DATA:
        return this.data(frame);
      case HEADERS:
        return this.headersIn(frame);
      case PRIORITY:
        return this.priority(frame);
      case RST_STREAM:
        return this.rstStream(frame);
      case SETTINGS:
        return this.settings(frame);
      case PUSH_PROMISE:
        throw new Http2Error("PROTOCOL_ERROR", "push is not enabled");
      case PING:
        return this.pingIn(frame);
      case GOAWAY:
        return this.goAwayIn(frame);
      case WINDOW_UPDATE:
        return this.windowUpdate(frame);
      case CONTINUATION:
        return this.continuation(frame);
    }
    // RFC 9113 §5.5: unknown types are ignored.
  }

  /** A stream that is there; null when it is over; an idle one is a fault. */
  known(id: number): Stream | null {
    const stream = this.streams.get(id);
    if (stream) return stream;
    const last = this.fromPeer(id) ? this.lastPeer : this.lastLocal;
    if (id === 0 || id > last) throw new Http2Error("PROTOCOL_ERROR", "a frame on an idle stream");
    return null;
  }

  /** RFC 9113 §6.1: the payload without its padding. */
  unpadded(frame: Frame): Bytes {
    if (!(frame.flags & PADDED)) return frame.payload;
    if (frame.payload.length === 0)
      throw new Http2Error("FRAME_SIZE_ERROR", "no room for the length of the padding");
    const padding = u8(frame.payload, 0);
    if (padding >= frame.payload.length)
      throw new Http2Error("PROTOCOL_ERROR", "padding is longer than its frame");
    return frame.payload.subarray(1, frame.payload.length - padding);
  }

  data(frame: Frame): void {
    const { length } = frame.payload;
    const content = this.unpadded(frame);
    const stream = this.known(frame.stream);
    if (length > this.receiveWindow)
      throw new Http2Error("FLOW_CONTROL_ERROR", "more data than the connection's window");
    this.receiveWindow -= length;
    if (!stream || stream.remoteClosed || !stream.headersReceived) {
      this.consume(0, length);
      if (stream?.remoteClosed)
        throw new Http2Error("STREAM_CLOSED", "data after the end", stream.id);
      if (stream) throw new Http2Error("PROTOCOL_ERROR", "data before headers", stream.id);
      if (this.reset.has(frame.stream)) return;
      throw new Http2Error("STREAM_CLOSED", "data on a closed stream");
    }
    if (length > stream.receiveWindow) {
      this.consume(0, length);
      throw new Http2Error("FLOW_CONTROL_ERROR", "more data than the stream's window", stream.id);
    }
    stream.receiveWindow -= length;
    stream.contentReceived += content.length;
    const end = (frame.flags & END_STREAM) !== 0;
    // What is over in padding nobody else will consume.
    this.consume(stream.id, this.config.autoConsume ? length : length - content.length);
    if (end) this.checkContent(stream);
    if (content.length || end)
      this.events.push({ kind: "data", stream: stream.id, data: content, end });
    if (end) this.closeRemote(stream);
  }

  /** RFC 9113 §8.1.1: content is as long as content-length says. */
  checkContent(stream: Stream): void {
    const { expected, contentReceived, noContent } = stream;
    if (expected === null || expected === contentReceived) return;
    if (noContent && contentReceived === 0) return;
    throw new Http2Error("PROTOCOL_ERROR", "content-length is not that of the content", stream.id);
  }

  closeRemote(stream: Stream): void {
    stream.remoteClosed = true;
    if (stream.localClosed) this.streams.delete(stream.id);
  }

  headersIn(frame: Frame): void {
    if (frame.stream === 0) throw new Http2Error("PROTOCOL_ERROR", "HEADERS on stream 0");
    let fragment = this.unpadded(frame);
    if (frame.flags & WITH_PRIORITY) {
      if (fragment.length < 5) throw new Http2Error("FRAME_SIZE_ERROR", "HEADERS is cut short");
      fragment = fragment.subarray(5);
    }
    this.block = { stream: frame.stream, flags: frame.flags, parts: [], length: 0 };
    this.addToBlock(this.block, fragment, frame.flags);
  }

  continuation(frame: Frame): void {
    if (!this.block) throw new Http2Error("PROTOCOL_ERROR", "CONTINUATION of nothing");
    this.addToBlock(this.block, frame.payload, frame.flags);
  }

  addToBlock(block: Block, fragment: Bytes, flags: number): void {
    block.parts.push(fragment);
    block.length += fragment.length;
    if (block.length > MAX_BLOCK || block.parts.length > MAX_BLOCK_FRAMES)
      throw new Http2Error("ENHANCE_YOUR_CALM", "field block is too large");
    if (!(flags & END_HEADERS)) return;
    this.block = null;
    // Decoded whatever becomes of it: the table is the connection's.
    const fields = this.decoder.decode(concatBytes(block.parts));
    this.fieldsIn(block.stream, fields, (block.flags & END_STREAM) !== 0);
  }

  fieldsIn(id: number, fields: readonly Field[], end: boolean): void {
    if (this.role === "server" && this.fromPeer(id) && id > this.lastPeer) {
      this.newRequest(id, fields, end);
      return;
    }
    const stream = this.known(id);
    if (!stream) {
      if (this.reset.has(id)) return;
      throw new Http2Error("STREAM_CLOSED", "HEADERS on a closed stream");
    }
    if (stream.remoteClosed) throw new Http2Error("STREAM_CLOSED", "HEADERS after the end", id);
    if (stream.headersReceived) this.trailersIn(stream, fields, end);
    else this.response(stream, fields, end);
  }

  newRequest(id: number, fields: readonly Field[], end: boolean): void {
    this.lastPeer = id;
    // RFC 9113 §6.8: what comes after our GOAWAY was not for us.
    if (this.goAwaySent) {
      this.rememberReset(id);
      return;
    }
    const limit = this.config.settings?.maxConcurrentStreams ?? Number.POSITIVE_INFINITY;
    if (this.streams.size >= limit)
      throw new Http2Error("REFUSED_STREAM", "too many streams at once", id);
    const stream = this.newStream(id);
    this.begin(stream, fields, "request");
    stream.tunnel = fieldValue(fields, ":method") === "CONNECT";
    if (end) this.checkContent(stream);
    this.events.push({ kind: "headers", stream: id, fields, end });
    if (end) this.closeRemote(stream);
  }

  begin(stream: Stream, fields: readonly Field[], kind: "request" | "response"): void {
    const fault = fieldsFault(fields, kind);
    if (fault) throw new Http2Error("PROTOCOL_ERROR", fault, stream.id);
    const length = fieldValue(fields, "content-length");
    stream.expected = length === null ? null : Number(length);
    stream.headersReceived = true;
  }

  response(stream: Stream, fields: readonly Field[], end: boolean): void {
    const { id } = stream;
    this.begin(stream, fields, "response");
    const status = fieldValue(fields, ":status") ?? "";
    if (status.startsWith("1")) {
      stream.headersReceived = false;
      if (end) throw new Http2Error("PROTOCOL_ERROR", `the end with a status of ${status}`, id);
      this.events.push({ kind: "informational", stream: id, fields });
      return;
    }
    if (status === "204" || status === "304") stream.noContent = true;
    if (end) this.checkContent(stream);
    this.events.push({ kind: "headers", stream: id, fields, end });
    if (end) this.closeRemote(stream);
  }

  trailersIn(stream: Stream, fields: readonly Field[], end: boolean): void {
    // RFC 9113 §8.5: a tunnel carries data and nothing else.
    if (stream.tunnel) throw new Http2Error("PROTOCOL_ERROR", "HEADERS in a tunnel", stream.id);
    const fault = end ? fieldsFault(fields, "trailers") : "HEADERS in the middle of the content";
    if (fault) throw new Http2Error("PROTOCOL_ERROR", fault, stream.id);
    this.checkContent(stream);
    this.events.push({ kind: "trailers", stream: stream.id, fields });
    this.closeRemote(stream);
  }

  /** RFC 9113 §5.3.2: read over. */
  priority(frame: Frame): void {
    if (frame.stream === 0) throw new Http2Error("PROTOCOL_ERROR", "PRIORITY on stream 0");
    if (frame.payload.length === 5) return;
    if (this.streams.has(frame.stream))
      throw new Http2Error("FRAME_SIZE_ERROR", "PRIORITY is not 5 bytes", frame.stream);
    throw new Http2Error("FRAME_SIZE_ERROR", "PRIORITY is not 5 bytes");
  }

  rstStream(frame: Frame): void {
    if (frame.payload.length !== 4)
      throw new Http2Error("FRAME_SIZE_ERROR", "RST_STREAM is not 4 bytes");
    const stream = this.known(frame.stream);
    if (!stream) return;
    this.streams.delete(stream.id);
    const code = errorName(u32(frame.payload, 0));
    this.events.push({ kind: "reset", stream: stream.id, code, by: "peer", reason: "" });
  }

  settings(frame: Frame): void {
    if (frame.stream !== 0) throw new Http2Error("PROTOCOL_ERROR", "SETTINGS on a stream");
    if (frame.flags & ACK) {
      if (frame.payload.length)
        throw new Http2Error("FRAME_SIZE_ERROR", "SETTINGS with ACK and a payload");
      this.settingsConfirmed();
      return;
    }
    if (frame.payload.length % 6)
      throw new Http2Error("FRAME_SIZE_ERROR", "SETTINGS is not a multiple of 6 bytes");
    for (const [name, value] of readSettings(frame.payload)) this.setting(name, value);
    this.acknowledgeSettings();
    this.events.push({ kind: "settings" });
  }

  pingIn(frame: Frame): void {
    if (frame.stream !== 0) throw new Http2Error("PROTOCOL_ERROR", "PING on a stream");
    if (frame.payload.length !== 8) throw new Http2Error("FRAME_SIZE_ERROR", "PING is not 8 bytes");
    if (frame.flags & ACK) this.events.push({ kind: "pong", data: frame.payload });
    else this.frame(PING, ACK, 0, frame.payload);
  }

  goAwayIn(frame: Frame): void {
    if (frame.stream !== 0) throw new Http2Error("PROTOCOL_ERROR", "GOAWAY on a stream");
    if (frame.payload.length < 8) throw new Http2Error("FRAME_SIZE_ERROR", "GOAWAY is cut short");
    this.goAwayReceived = true;
    const last = u32(frame.payload, 0) & 0x7fffffff;
    const code = errorName(u32(frame.payload, 4));
    this.events.push({ kind: "goaway", last, code, debug: frame.payload.subarray(8) });
    // RFC 9113 §6.8: the peer has not seen them; they may be tried elsewhere.
    this.endStreams(
      (id) => !this.fromPeer(id) && id > last,
      "REFUSED_STREAM",
      "peer",
      "after GOAWAY",
    );
  }

  windowUpdate(frame: Frame): void {
    if (frame.payload.length !== 4)
      throw new Http2Error("FRAME_SIZE_ERROR", "WINDOW_UPDATE is not 4 bytes");
    const increment = u32(frame.payload, 0) & 0x7fffffff;
    const stream = frame.stream ? this.known(frame.stream) : null;
    if (frame.stream && !stream) return;
    const id = stream?.id ?? 0;
    if (increment === 0) throw new Http2Error("PROTOCOL_ERROR", "WINDOW_UPDATE of 0", id);
    const owner = stream ?? this;
    if (owner.sendWindow + increment > MAX_WINDOW)
      throw new Http2Error("FLOW_CONTROL_ERROR", "a window over 2^31-1", id);
    owner.sendWindow += increment;
  }
}

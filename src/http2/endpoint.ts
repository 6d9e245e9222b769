import { concatBytes, utf8 } from "../base/text.ts";
import type { Bytes } from "../wire/bytes.ts";
import { ERROR_CODES, type ErrorName, Http2Error } from "./error.ts";
import { fieldValue } from "./fields.ts";
import {
  ACK,
  CONTINUATION,
  DATA,
  END_HEADERS,
  END_STREAM,
  encodeFrame,
  encodeSettings,
  FRAME_HEADER,
  GOAWAY,
  HEADERS,
  n32,
  PING,
  PREFACE,
  RST_STREAM,
  SETTINGS,
  type SettingName,
  WINDOW_UPDATE,
} from "./frame.ts";
import { type Field, HpackDecoder, HpackEncoder } from "./hpack.ts";
import { Stream } from "./stream.ts";

/** What has come from the peer, or has happened to a stream. */
export type Http2Event =
  /** A request (on a server) or the final response (on a client). */
  | { kind: "headers"; stream: number; fields: readonly Field[]; end: boolean }
  /** A response of 1xx. */
  | { kind: "informational"; stream: number; fields: readonly Field[] }
  | { kind: "data"; stream: number; data: Bytes; end: boolean }
  /** They end the stream. */
  | { kind: "trailers"; stream: number; fields: readonly Field[] }
  /** The stream ended before its time, by whom `by` says. */
  | { kind: "reset"; stream: number; code: ErrorName; by: "peer" | "us"; reason: string }
  /** All that was given to `sendData` has gone out. */
  | { kind: "drained"; stream: number }
  | { kind: "settings" }
  | { kind: "pong"; data: Bytes }
  | { kind: "goaway"; last: number; code: ErrorName; debug: Bytes };

export interface Http2Config {
  /** What the peer may do; RFC 9113 §6.5.2's defaults otherwise. */
  settings?: Partial<Record<SettingName, number>>;
  /** How much the peer may have under way on all streams together; 65535 by default and at least. */
  connectionWindow?: number;
  /** Give windows back as data comes, without waiting for `consume`. */
  autoConsume?: boolean;
}

export const DEFAULT_WINDOW = 65_535;
export const MAX_WINDOW = 0x7fffffff;
export const MIN_FRAME_SIZE = 16_384;
/** How many streams that we have reset are remembered, whose last frames are no fault. */
const MAX_RESET = 256;

/** What a connection sends and keeps (RFC 9113): the half that reads no frames. */
export class Http2Endpoint {
  role: "client" | "server";
  config: Http2Config;
  state: "open" | "closed" | "failed" = "open";
  /** Of the connection, when it has failed. */
  error: ErrorName | null = null;
  failure = "";
  goAwaySent = false;
  goAwayReceived = false;

  streams = new Map<number, Stream>();
  /** Streams of ours that were reset by us, oldest first. */
  reset = new Set<number>();
  lastLocal: number;
  lastPeer = 0;
  encoder = new HpackEncoder();
  decoder: HpackDecoder;
  /** What the peer allows. */
  peer: Record<SettingName, number> = {
    headerTableSize: 4096,
    enablePush: 1,
    maxConcurrentStreams: Number.POSITIVE_INFINITY,
    initialWindowSize: DEFAULT_WINDOW,
    maxFrameSize: MIN_FRAME_SIZE,
    maxHeaderListSize: Number.POSITIVE_INFINITY,
  };
  /** Our SETTINGS_INITIAL_WINDOW_SIZE, in force once the peer has acknowledged it. */
  initialReceiveWindow = DEFAULT_WINDOW;
  settingsAcknowledged = false;
  sendWindow = DEFAULT_WINDOW;
  receiveWindow = DEFAULT_WINDOW;
  consumed = 0;
  output: Bytes[] = [];
  events: Http2Event[] = [];

  constructor(role: "client" | "server", config: Http2Config = {}) {
    this.role = role;
    this.config = config;
    this.lastLocal = role === "client" ? -1 : 0;
    const settings = { ...config.settings };
    if (role === "client") settings.enablePush = 0;
    this.decoder = new HpackDecoder(settings.headerTableSize ?? 4096);
    if (role === "client") this.output.push(PREFACE);
    this.frame(SETTINGS, 0, 0, encodeSettings(settings));
    const more = (config.connectionWindow ?? DEFAULT_WINDOW) - DEFAULT_WINDOW;
    if (more > 0) {
      this.receiveWindow += more;
      this.frame(WINDOW_UPDATE, 0, 0, n32(more));
    }
  }

  /** Frames for the transport. */
  takeOutput(): Bytes {
    if (this.output.length === 0) return new Uint8Array(0);
    const bytes = concatBytes(this.output);
    this.output = [];
    return bytes;
  }

  takeEvents(): Http2Event[] {
    const { events } = this;
    this.events = [];
    return events;
  }

  /** Whether the peer would take another request now. */
  get canRequest(): boolean {
    const ours = [...this.streams.keys()].filter((id) => !this.fromPeer(id)).length;
    return (
      this.role === "client" &&
      this.state === "open" &&
      !this.goAwayReceived &&
      !this.goAwaySent &&
      ours < this.peer.maxConcurrentStreams &&
      this.lastLocal < MAX_WINDOW - 2
    );
  }

  /** Start an exchange; its stream, or 0 when that cannot be (see `canRequest`). */
  request(fields: readonly Field[], end: boolean): number {
    if (!this.canRequest) return 0;
    this.lastLocal += 2;
    const stream = this.newStream(this.lastLocal);
    const method = fieldValue(fields, ":method");
    stream.noContent = method === "HEAD";
    stream.tunnel = method === "CONNECT";
    this.headers(stream, fields, end);
    return stream.id;
  }

  /** The response to a request; one of 1xx is followed by another. False when the stream is gone. */
  respond(id: number, fields: readonly Field[], end: boolean): boolean {
    const stream = this.writable(id);
    if (!stream) return false;
    this.headers(stream, fields, end);
    return true;
  }

  /** Data, as the windows allow; the rest waits. False when the stream takes none any more. */
  sendData(id: number, data: Bytes, end: boolean): boolean {
    const stream = this.writable(id);
    if (!stream) return false;
    if (data.length) {
      stream.queue.push(new Uint8Array(data));
      stream.queued += data.length;
    }
    stream.ending = end;
    this.flush();
    return true;
  }

  /** Fields after the data; they end our side. */
  sendTrailers(id: number, fields: readonly Field[]): boolean {
    const stream = this.writable(id);
    if (!stream) return false;
    stream.trailers = fields;
    stream.ending = true;
    this.flush();
    return true;
  }

  /** How much of a stream's data waits for a window. */
  queued(id: number): number {
    return this.streams.get(id)?.queued ?? 0;
  }

  /** End a stream at once. */
  resetStream(id: number, code: ErrorName): void {
    const stream = this.streams.get(id);
    if (!stream) return;
    this.frame(RST_STREAM, 0, id, n32(ERROR_CODES[code]));
    this.streams.delete(id);
    this.rememberReset(id);
  }

  rememberReset(id: number): void {
    this.reset.add(id);
    for (const oldest of this.reset) {
      if (this.reset.size <= MAX_RESET) break;
      this.reset.delete(oldest);
    }
  }

  ping(data: Bytes): void {
    const payload = new Uint8Array(8);
    payload.set(data.subarray(0, 8));
    this.frame(PING, 0, 0, payload);
  }

  /** No new streams; those that are there may finish (RFC 9113 §6.8). */
  goAway(code: ErrorName = "NO_ERROR", debug = ""): void {
    if (this.state !== "open") return;
    this.goAwaySent = true;
    const payload = concatBytes([n32(this.lastPeer), n32(ERROR_CODES[code]), utf8(debug)]);
    this.frame(GOAWAY, 0, 0, payload);
  }

  /** The application is done with `length` bytes of a stream's data: the peer may send as many. */
  consume(id: number, length: number): void {
    this.consumed += length;
    const whole = Math.max(DEFAULT_WINDOW, this.config.connectionWindow ?? 0);
    if (this.consumed * 2 >= whole) {
      this.frame(WINDOW_UPDATE, 0, 0, n32(this.consumed));
      this.receiveWindow += this.consumed;
      this.consumed = 0;
    }
    const stream = this.streams.get(id);
    if (!stream || stream.remoteClosed) return;
    stream.consumed += length;
    this.giveBack(stream);
  }

  /** A window update, when there is half a window to give: not one for each frame. */
  giveBack(stream: Stream): void {
    if (stream.consumed === 0 || stream.consumed * 2 < this.initialReceiveWindow) return;
    this.frame(WINDOW_UPDATE, 0, stream.id, n32(stream.consumed));
    stream.receiveWindow += stream.consumed;
    stream.consumed = 0;
  }

  fromPeer(id: number): boolean {
    return (id % 2 === 1) === (this.role === "server");
  }

  newStream(id: number): Stream {
    const stream = new Stream(id, this.peer.initialWindowSize, this.initialReceiveWindow);
    this.streams.set(id, stream);
    return stream;
  }

  writable(id: number): Stream | null {
    const stream = this.streams.get(id);
    return stream && !stream.localClosed && !stream.ending && this.state === "open" ? stream : null;
  }

  frame(type: number, flags: number, stream: number, payload: Bytes): void {
    if (this.state === "open") this.output.push(encodeFrame(type, flags, stream, payload));
  }

  /** RFC 9113 §6.5.2. */
  setting(name: SettingName, value: number): void {
    if (name === "enablePush" && (value > 1 || (value === 1 && this.role === "client")))
      throw new Http2Error("PROTOCOL_ERROR", `SETTINGS_ENABLE_PUSH of ${value}`);
    if (name === "maxFrameSize" && (value < MIN_FRAME_SIZE || value > 0xffffff))
      throw new Http2Error("PROTOCOL_ERROR", `SETTINGS_MAX_FRAME_SIZE of ${value}`);
    if (name === "initialWindowSize") {
      if (value > MAX_WINDOW)
        throw new Http2Error("FLOW_CONTROL_ERROR", `SETTINGS_INITIAL_WINDOW_SIZE of ${value}`);
      // RFC 9113 §6.9.2: it moves the windows that there are.
      for (const stream of this.streams.values()) {
        stream.sendWindow += value - this.peer.initialWindowSize;
        if (stream.sendWindow > MAX_WINDOW)
          throw new Http2Error("FLOW_CONTROL_ERROR", "a window over 2^31-1");
      }
    }
    if (name === "headerTableSize") this.encoder.limit(value);
    this.peer[name] = value;
  }

  /** The peer goes by our settings from here on. */
  settingsConfirmed(): void {
    if (this.settingsAcknowledged) return;
    this.settingsAcknowledged = true;
    const size = this.config.settings?.initialWindowSize ?? DEFAULT_WINDOW;
    const change = size - this.initialReceiveWindow;
    this.initialReceiveWindow = size;
    for (const stream of this.streams.values()) {
      stream.receiveWindow += change;
      // What was little of the old window may be much of the new one.
      if (!stream.remoteClosed) this.giveBack(stream);
    }
  }

  acknowledgeSettings(): void {
    this.frame(SETTINGS, ACK, 0, new Uint8Array(0));
  }

  /** A field block in as many frames as it needs (RFC 9113 §4.3). */
  headers(stream: Stream, fields: readonly Field[], end: boolean): void {
    const block = this.encoder.encode(fields);
    const limit = this.peer.maxFrameSize;
    let at = 0;
    do {
      const part = block.subarray(at, at + limit);
      const flags =
        (at === 0 && end ? END_STREAM : 0) | (at + limit >= block.length ? END_HEADERS : 0);
      this.frame(at === 0 ? HEADERS : CONTINUATION, flags, stream.id, part);
      at += limit;
    } while (at < block.length);
    if (end) this.closeLocal(stream);
  }

  closeLocal(stream: Stream): void {
    stream.localClosed = true;
    stream.ending = true;
    if (stream.remoteClosed) this.streams.delete(stream.id);
  }

  /** Send what waits, a frame of each stream in turn, while windows allow. */
  flush(): void {
    for (let sent = true; sent; ) {
      sent = false;
      for (const stream of [...this.streams.values()]) sent = this.flushOne(stream) || sent;
    }
  }

  /** A frame of a stream; whether there was one. */
  flushOne(stream: Stream): boolean {
    if (stream.localClosed) return false;
    const { trailers } = stream;
    if (stream.queued === 0) {
      if (!stream.ending) return false;
      if (trailers) this.headers(stream, trailers, true);
      else {
        this.frame(DATA, END_STREAM, stream.id, new Uint8Array(0));
        this.closeLocal(stream);
      }
      return true;
    }
    const room = Math.min(this.sendWindow, stream.sendWindow, this.peer.maxFrameSize);
    if (room <= 0) return false;
    const data = stream.take(room);
    this.sendWindow -= data.length;
    stream.sendWindow -= data.length;
    const last = stream.queued === 0 && stream.ending && !trailers;
    this.frame(DATA, last ? END_STREAM : 0, stream.id, data);
    if (stream.queued === 0) this.events.push({ kind: "drained", stream: stream.id });
    if (last) this.closeLocal(stream);
    return true;
  }
}

/** The most that one frame of the peer may hold, with its header. */
export function frameLimit(config: Http2Config): number {
  return Math.max(MIN_FRAME_SIZE, config.settings?.maxFrameSize ?? 0) + FRAME_HEADER;
}

import { PREFACE } from "../http2/frame.ts";
import { HpackDecoder } from "../http2/hpack.ts";
import { nextTrafficKeys, type TrafficKeys, trafficKeys } from "../tls/key-schedule.ts";
import { ALERT, APPLICATION_DATA, HANDSHAKE, unprotect } from "../tls/record.ts";
import { type SuiteName, suiteName } from "../tls/suite.ts";
import { type Bytes, u8, u16, u24 } from "../wire/bytes.ts";
import { TH_SYN } from "../wire/tcp.ts";
import { type FrameHeaders, frameHeaders } from "./frame.ts";
import { http1 } from "./http1.ts";
import { frame, frameLength, magic } from "./http2.ts";
import { ByteStream } from "./stream.ts";
import { alert, contentType, handshake, recordHeader } from "./tls.ts";
import { type Dissection, hexBytes, type Layer, Tree } from "./tree.ts";

/** Secrets by label and client random, as a key log has them (RFC 9850). */
export class KeyLogIndex {
  secrets = new Map<string, string>();
  read = 0;

  /** Lines that came since the last time are added. */
  update(lines: readonly string[]): void {
    for (; this.read < lines.length; this.read++) {
      const [label = "", random = "", secret = ""] = (lines[this.read] ?? "").split(" ");
      this.secrets.set(`${label} ${random}`, secret);
    }
  }

  find(label: string, random: string): Bytes | null {
    const digits = this.secrets.get(`${label} ${random}`);
    if (!digits) return null;
    return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  }
}

/** HTTP/2 in one direction: frames that are whole, and the state of its compression. */
class Http2Reader {
  held: Bytes = new Uint8Array(0);
  hpack = new HpackDecoder(1 << 16);
  isFirst = true;
}

/** One direction of a connection. */
class Direction {
  stream = new ByteStream();
  keys: TrafficKeys | null = null;
  http2 = new Http2Reader();
  /** The label of the secrets that come after the handshake's. */
  isClient: boolean;
  broken = false;

  constructor(isClient: boolean) {
    this.isClient = isClient;
  }
}

type Kind = "unknown" | "tls" | "http2" | "other";

class Connection {
  kind: Kind = "unknown";
  directions: [Direction, Direction] = [new Direction(true), new Direction(false)];
  random = "";
  suite: SuiteName | null = null;
}

/**
 * Reads the frames of one place in the order in which they were there, and knows therefore what goes
 * on in each connection: TLS is decrypted with the key log, HTTP/2 decompressed.
 */
export class Conversations {
  keyLog = new KeyLogIndex();
  connections = new Map<string, Connection>();

  /** The next frame. What it holds, down to what the application says. */
  push(bytes: Bytes, withEthernet = true): Dissection {
    const headers = frameHeaders(bytes, withEthernet);
    const out: Dissection = { sources: [{ name: "Frame", bytes }], layers: headers.layers };
    if (headers.segment) this.segment(out, headers.segment);
    return out;
  }

  segment(out: Dissection, segment: NonNullable<FrameHeaders["segment"]>): void {
    const { tcp, src, dst, path, at, end } = segment;
    const here = `${src}:${tcp.srcPort}`;
    const there = `${dst}:${tcp.dstPort}`;
    const isSyn = (tcp.flags & TH_SYN) !== 0;
    const isOpening = isSyn && (tcp.flags & 0x10) === 0;
    let connection = this.connections.get(`${path}${here} ${there}`);
    let isClient = true;
    if (
      !connection ||
      (isOpening && connection.directions[0].stream.next !== (tcp.seq + 1) >>> 0)
    ) {
      const reverse = isOpening ? undefined : this.connections.get(`${path}${there} ${here}`);
      isClient = reverse === undefined;
      connection = reverse ?? new Connection();
      if (!reverse) this.connections.set(`${path}${here} ${there}`, connection);
    }
    const direction = connection.directions[isClient ? 0 : 1];
    if (isSyn) direction.stream.open(tcp.seq);
    const bytes = out.sources[0]?.bytes as Bytes;
    const isNew = direction.stream.push(tcp.seq, bytes.subarray(at, end), at);
    if (end > at && !isNew) return this.rest(out, at, end);
    if (connection.kind === "unknown" && end > at) connection.kind = kindOf(bytes, at, end);
    if (connection.kind === "tls") this.tls(out, connection, direction);
    else if (connection.kind === "http2") this.http2(out, direction, null);
    else this.rest(out, at, end);
  }

  /** What stands here by itself: a line of HTTP/1, or bytes. */
  rest(out: Dissection, at: number, end: number, source = 0): void {
    if (end <= at) return;
    const bytes = out.sources[source]?.bytes as Bytes;
    const http = http1(bytes, at, end, source);
    out.layers.push(http ?? bytesLayer(bytes, at, end, source, "Data"));
  }

  /** Records that are whole with this segment. */
  tls(out: Dissection, connection: Connection, direction: Direction): void {
    const { stream } = direction;
    while (stream.held.length >= 5 && !direction.broken) {
      const whole = 5 + u16(stream.held, 3);
      if (stream.held.length < whole) break;
      const start = stream.inFrame(0);
      const record = stream.held.slice(0, whole);
      let source = 0;
      let at = start;
      if (start < 0) {
        source = out.sources.push({ name: "Reassembled TLS record", bytes: record }) - 1;
        at = 0;
      }
      stream.take(whole);
      this.record(out, connection, direction, record, source, at);
    }
    if (stream.held.length && stream.fresh) {
      const at = stream.inFrame(stream.held.length - stream.fresh);
      const title = "TLS record that goes on in the next segment";
      const frame = out.sources[0]?.bytes as Bytes;
      out.layers.push(bytesLayer(frame, at, at + stream.fresh, 0, title));
    }
  }

  record(
    out: Dissection,
    connection: Connection,
    direction: Direction,
    record: Bytes,
    source: number,
    at: number,
  ): void {
    const bytes = out.sources[source]?.bytes as Bytes;
    const tree = new Tree(bytes);
    const end = recordHeader(tree, at);
    const type = u8(record, 0);
    const layer: Layer = {
      protocol: "tls",
      title: `TLS Record: ${contentType(type)}`,
      source,
      at,
      length: end - at,
      fields: tree.fields,
    };
    out.layers.push(layer);
    if (type === HANDSHAKE) {
      this.hello(connection, record);
      out.layers.push(...handshake(bytes, at + 5, end, source));
    } else if (type === ALERT) out.layers.push(alert(bytes, at + 5, end, source));
    else if (type === APPLICATION_DATA) {
      const inner = this.decrypt(out, connection, direction, record, layer);
      // A record of the handshake is protected as if it were one of the application.
      if (inner === null || inner === APPLICATION_DATA)
        tree.bytes("tls.app_data", "Encrypted Application Data", at + 5, end - at - 5);
    }
  }

  /** What the hellos say in the clear: the random by which secrets are found, and the suite. */
  hello(connection: Connection, record: Bytes): void {
    if (record.length < 5 + 38) return;
    const message = u8(record, 5);
    if (message === 1) connection.random = hexBytes(record.subarray(11, 43));
    if (message === 2) {
      const suiteAt = 44 + u8(record, 43);
      if (record.length >= suiteAt + 2) connection.suite = suiteName(u16(record, suiteAt));
      for (const direction of connection.directions)
        direction.keys = this.keysOf(connection, direction, "HANDSHAKE_TRAFFIC_SECRET");
    }
  }

  keysOf(connection: Connection, direction: Direction, label: string): TrafficKeys | null {
    const name = `${direction.isClient ? "CLIENT" : "SERVER"}_${label}`;
    const secret = this.keyLog.find(name, connection.random);
    return secret && connection.suite ? trafficKeys(connection.suite, secret) : null;
  }

  /** The type of what is inside; null when it cannot be opened. */
  decrypt(
    out: Dissection,
    connection: Connection,
    direction: Direction,
    record: Bytes,
    layer: Layer,
  ): number | null {
    const { keys } = direction;
    if (!keys) return null;
    let inner: ReturnType<typeof unprotect> = null;
    try {
      inner = unprotect(keys, record);
    } catch {
      direction.broken = true;
    }
    if (!inner) return null;
    const { type, fragment } = inner;
    layer.title = `TLS Record: ${contentType(type)}, decrypted`;
    const source = out.sources.push({ name: "Decrypted TLS record", bytes: fragment }) - 1;
    if (type === HANDSHAKE) {
      out.layers.push(...handshake(fragment, 0, fragment.length, source));
      this.handshakeDone(connection, direction, fragment);
    } else if (type === ALERT) out.layers.push(alert(fragment, 0, fragment.length, source));
    else if (type === APPLICATION_DATA) this.application(out, direction, source);
    return type;
  }

  /** After Finished come the keys of the application; after KeyUpdate, the next. */
  handshakeDone(connection: Connection, direction: Direction, content: Bytes): void {
    for (let at = 0; at + 4 <= content.length; at += 4 + u24(content, at + 1)) {
      const message = u8(content, at);
      if (message === 20) direction.keys = this.keysOf(connection, direction, "TRAFFIC_SECRET_0");
      if (message === 24 && direction.keys) direction.keys = nextTrafficKeys(direction.keys);
    }
  }

  application(out: Dissection, direction: Direction, source: number): void {
    const bytes = out.sources[source]?.bytes as Bytes;
    const reader = direction.http2;
    const isHttp2 =
      !reader.isFirst || startsWithPreface(bytes) || (bytes.length >= 9 && u8(bytes, 3) === 4);
    if (isHttp2) this.http2(out, direction, source);
    else this.rest(out, 0, bytes.length, source);
  }

  /** Frames that are whole: of a decrypted record, or of the connection itself. */
  http2(out: Dissection, direction: Direction, decrypted: number | null): void {
    const reader = direction.http2;
    const { stream } = direction;
    let source = decrypted ?? 0;
    let base = 0;
    let bytes: Bytes;
    if (decrypted !== null) {
      const fresh = out.sources[decrypted]?.bytes as Bytes;
      if (reader.held.length) {
        bytes = new Uint8Array(reader.held.length + fresh.length);
        bytes.set(reader.held);
        bytes.set(fresh, reader.held.length);
        source = out.sources.push({ name: "Reassembled HTTP/2", bytes }) - 1;
      } else bytes = fresh;
    } else if (stream.inFrame(0) >= 0) {
      bytes = out.sources[0]?.bytes as Bytes;
      base = stream.inFrame(0);
    } else {
      bytes = stream.held.slice();
      source = out.sources.push({ name: "Reassembled HTTP/2", bytes }) - 1;
    }
    const end = decrypted === null && source === 0 ? base + stream.held.length : bytes.length;
    let at = base;
    if (reader.isFirst && startsWithPreface(bytes, at)) {
      out.layers.push(magic(bytes, at, source));
      at += PREFACE.length;
    }
    reader.isFirst = false;
    for (;;) {
      const length = frameLength(bytes, at, end);
      if (length === null || at + length > end) break;
      out.layers.push(frame(bytes, at, source, reader.hpack));
      if (u8(bytes, at + 3) === 0 && length > 9) {
        const http = http1(bytes, at + 9, at + length, source);
        if (http) out.layers.push(http);
      }
      at += length;
    }
    if (decrypted === null) stream.take(at - base);
    else reader.held = bytes.slice(at, end);
  }
}

function startsWithPreface(bytes: Bytes, at = 0): boolean {
  return bytes.length - at >= PREFACE.length && PREFACE.every((byte, i) => bytes[at + i] === byte);
}

/** By its first bytes. */
function kindOf(bytes: Bytes, at: number, end: number): Kind {
  if (end - at >= 3 && u8(bytes, at) === HANDSHAKE && u8(bytes, at + 1) === 3) return "tls";
  return startsWithPreface(bytes.subarray(0, end), at) ? "http2" : "other";
}

function bytesLayer(bytes: Bytes, at: number, end: number, source: number, title: string): Layer {
  const tree = new Tree(bytes);
  tree.bytes("data.data", "Data", at, end - at);
  return {
    protocol: "data",
    title: `${title} (${end - at} bytes)`,
    source,
    at,
    length: end - at,
    fields: tree.fields,
  };
}

import { ERROR_CODES } from "../http2/error.ts";
import {
  ACK,
  CONTINUATION,
  DATA,
  END_HEADERS,
  END_STREAM,
  FRAME_HEADER,
  GOAWAY,
  HEADERS,
  PADDED,
  PING,
  PREFACE,
  RST_STREAM,
  SETTINGS,
  WINDOW_UPDATE,
  WITH_PRIORITY,
} from "../http2/frame.ts";
import type { HpackDecoder } from "../http2/hpack.ts";
import { type Bytes, u8, u16, u24, u32 } from "../wire/bytes.ts";
import { readable } from "./http1.ts";
import { flag, hex, type Layer, Tree, text } from "./tree.ts";

const TYPES: Readonly<Record<number, string>> = {
  0: "DATA",
  1: "HEADERS",
  2: "PRIORITY",
  3: "RST_STREAM",
  4: "SETTINGS",
  5: "PUSH_PROMISE",
  6: "PING",
  7: "GOAWAY",
  8: "WINDOW_UPDATE",
  9: "CONTINUATION",
};
const SETTING_LABELS: Readonly<Record<number, [name: string, label: string]>> = {
  1: ["header_table_size", "Header table size"],
  2: ["enable_push", "Enable PUSH"],
  3: ["max_concurrent_streams", "Max concurrent streams"],
  4: ["initial_window_size", "Initial Windows Size"],
  5: ["max_frame_size", "Max frame size"],
  6: ["max_header_list_size", "Max header list size"],
};
const ERRORS = new Map<number, string>(
  Object.entries(ERROR_CODES).map(([name, code]) => [code, name]),
);
/** Fields that Wireshark knows by a name of their own. */
const NAMES: Readonly<Record<string, string>> = {
  ":method": "http2.headers.method",
  ":authority": "http2.headers.authority",
  ":path": "http2.headers.path",
  ":scheme": "http2.headers.scheme",
  ":status": "http2.headers.status",
  "content-type": "http2.headers.content_type",
  "user-agent": "http2.headers.user_agent",
};

/** What a client says before its first frame (RFC 9113 §3.4). */
export function magic(buf: Bytes, at: number, source: number): Layer {
  const tree = new Tree(buf);
  const value = text(PREFACE).replaceAll("\r\n", "\\r\\n");
  tree.add("http2.magic", "Magic", at, PREFACE.length, value);
  const title = "HyperText Transfer Protocol 2, Stream: Magic";
  return { protocol: "http2", title, source, at, length: PREFACE.length, fields: tree.fields };
}

function errorCode(code: number): string {
  return `${ERRORS.get(code) ?? "Unknown"} (${code})`;
}

/** A whole frame at `at` (RFC 9113 §4.1, §6). `hpack` is its direction's; null: what it compresses is not read. */
export function frame(buf: Bytes, at: number, source: number, hpack: HpackDecoder | null): Layer {
  const tree = new Tree(buf);
  const length = tree.u24("http2.length", "Length", at);
  const type = tree.u8("http2.type", "Type", at + 3, (n) => `${TYPES[n] ?? "Unknown"} (${n})`);
  const flags = u8(buf, at + 4);
  const field = tree.add("http2.flags", "Flags", at + 4, 1, hex(flags, 2));
  const bits = tree.inside(field);
  const bit = (name: string, label: string, mask: number): void => {
    bits.add(name, label, at + 4, 1, flag((flags & mask) !== 0));
  };
  if (type === SETTINGS) bit("http2.flags.ack.settings", "ACK", ACK);
  if (type === PING) bit("http2.flags.ack.ping", "ACK", ACK);
  if (type === DATA || type === HEADERS) bit("http2.flags.end_stream", "End Stream", END_STREAM);
  if (type === HEADERS || type === CONTINUATION) bit("http2.flags.eh", "End Headers", END_HEADERS);
  const stream = u32(buf, at + 5) & 0x7fffffff;
  tree.add("http2.streamid", "Stream Identifier", at + 5, 4, String(stream));
  const from = at + FRAME_HEADER;
  const what = payload(tree, type, flags, from, from + length, hpack);
  const title = `HyperText Transfer Protocol 2, Stream: ${TYPES[type] ?? type}, Stream ID: ${stream}${what && `, ${what}`}`;
  return {
    protocol: "http2",
    title,
    source,
    at,
    length: FRAME_HEADER + length,
    fields: tree.fields,
  };
}

/** The length of the frame that begins here, header included; null when that is not to be seen yet. */
export function frameLength(buf: Bytes, at: number, end: number): number | null {
  return end - at < FRAME_HEADER ? null : FRAME_HEADER + u24(buf, at);
}

/** Fields of the payload; what the title says of it. */
function payload(
  tree: Tree,
  type: number,
  flags: number,
  at: number,
  end: number,
  hpack: HpackDecoder | null,
): string {
  const { buf } = tree;
  switch (type) {
    case DATA:
      if (end > at)
        tree.add("http2.data.data", "Data", at, end - at, readable(buf.subarray(at, end)));
      return `${end - at} bytes`;
    case HEADERS:
    case CONTINUATION:
      return headers(tree, type, flags, at, end, hpack);
    case SETTINGS:
      for (let i = at; i + 6 <= end; i += 6) {
        const id = u16(buf, i);
        const [name, label] = SETTING_LABELS[id] ?? ["unknown", `Unknown (${id})`];
        const value = String(u32(buf, i + 2));
        tree.add(`http2.settings.${name}`, label, i + 2, 4, value);
      }
      return flags & ACK ? "ACK" : "";
    case RST_STREAM:
      if (end - at >= 4) tree.u32("http2.rst_stream.error", "Error", at, errorCode);
      return end - at >= 4 ? errorCode(u32(buf, at)) : "";
    case GOAWAY:
      if (end - at < 8) return "";
      tree.u32("http2.goaway.last_stream_id", "Promised-Stream-ID", at);
      tree.u32("http2.goaway.error", "Error", at + 4, errorCode);
      return errorCode(u32(buf, at + 4));
    case PING:
      tree.bytes("http2.ping", "Ping", at, end - at);
      return flags & ACK ? "ACK" : "";
    case WINDOW_UPDATE:
      if (end - at < 4) return "";
      tree.u32("http2.window_update.window_size_increment", "Window Size Increment", at);
      return `+${u32(buf, at)}`;
    default:
      if (end > at) tree.bytes("http2.unknown", "Payload", at, end - at);
      return "";
  }
}

/** A block of compressed field lines (RFC 7541). One that goes on in the next frame is not read. */
function headers(
  tree: Tree,
  type: number,
  flags: number,
  from: number,
  to: number,
  hpack: HpackDecoder | null,
): string {
  const { buf } = tree;
  let at = from;
  let end = to;
  if (type === HEADERS && flags & PADDED) {
    end -= u8(buf, at);
    at++;
  }
  if (type === HEADERS && flags & WITH_PRIORITY) at += 5;
  if (!hpack || type !== HEADERS || !(flags & END_HEADERS) || end < at) return "";
  const spans: [number, number][] = [];
  let fields: ReturnType<HpackDecoder["decode"]>;
  try {
    fields = hpack.decode(buf.subarray(at, end), spans);
  } catch {
    tree.add("_ws.malformed", "Malformed", at, end - at, "header block cannot be read");
    return "";
  }
  fields.forEach(([name, value], i) => {
    const [start = 0, stop = 0] = spans[i] ?? [];
    tree.add(NAMES[name] ?? "http2.header", name, at + start, stop - start, value);
  });
  const of = (wanted: string): string => fields.find(([name]) => name === wanted)?.[1] ?? "";
  return of(":method") ? `${of(":method")} ${of(":authority") || of(":path")}` : of(":status");
}

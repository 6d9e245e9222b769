import type { Bytes } from "../wire/bytes.ts";
import { hexBytes, type Layer, Tree, text } from "./tree.ts";

const REQUEST = /^([A-Z]{3,7}) (\S+) (HTTP\/1\.[01])$/;
const RESPONSE = /^(HTTP\/1\.[01]) (\d{3}) ?(.*)$/;
/** Header fields that Wireshark knows by a name of their own. */
const NAMES: Readonly<Record<string, string>> = {
  host: "http.host",
  "user-agent": "http.user_agent",
  accept: "http.accept",
  "content-type": "http.content_type",
  "content-length": "http.content_length_header",
  server: "http.server",
  date: "http.date",
  connection: "http.connection",
};

/** Where the line that begins at `at` ends, without CR LF; -1 when it does not. */
function lineEnd(buf: Bytes, at: number, end: number): number {
  for (let i = at; i + 1 < end; i++) if (buf[i] === 13 && buf[i + 1] === 10) return i;
  return -1;
}

/** A request or response whose first line stands here (RFC 9112); null when none does. */
export function http1(buf: Bytes, at: number, end: number, source = 0): Layer | null {
  const stop = lineEnd(buf, at, Math.min(end, at + 4096));
  if (stop < 0) return null;
  const line = text(buf.subarray(at, stop));
  const request = REQUEST.exec(line);
  const response = request ? null : RESPONSE.exec(line);
  if (!request && !response) return null;
  const tree = new Tree(buf);
  if (request) {
    const [, method = "", uri = "", version = ""] = request;
    tree.add("http.request.method", "Request Method", at, method.length, method);
    tree.add("http.request.uri", "Request URI", at + method.length + 1, uri.length, uri);
    const last = stop - version.length;
    tree.add("http.request.version", "Request Version", last, version.length, version);
  } else if (response) {
    const [, version = "", code = "", phrase = ""] = response;
    tree.add("http.response.version", "Response Version", at, version.length, version);
    tree.add("http.response.code", "Status Code", at + version.length + 1, 3, code);
    const last = stop - phrase.length;
    tree.add("http.response.phrase", "Response Phrase", last, phrase.length, phrase);
  }
  let next = stop + 2;
  for (;;) {
    const close = lineEnd(buf, next, end);
    if (close < 0) break;
    if (close === next) {
      next += 2;
      break;
    }
    const [name = "", ...rest] = text(buf.subarray(next, close)).split(":");
    const known = NAMES[name.toLowerCase()] ?? "http.header";
    tree.add(known, name, next, close + 2 - next, rest.join(":").trim());
    next = close + 2;
  }
  if (next < end) {
    const body = buf.subarray(next, end);
    tree.add("http.file_data", "File Data", next, end - next, readable(body));
  }
  return {
    protocol: "http",
    title: `Hypertext Transfer Protocol, ${line}`,
    source,
    at,
    length: end - at,
    fields: tree.fields,
  };
}

/** Text where it is text, else digits. */
export function readable(bytes: Bytes): string {
  const shown = bytes.subarray(0, 200);
  const plain = shown.every((b) => (b >= 32 && b < 127) || b === 10 || b === 13 || b === 9);
  return plain ? text(shown) + (bytes.length > 200 ? "…" : "") : hexBytes(bytes);
}

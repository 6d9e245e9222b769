import { concatBytes } from "../base/text.ts";
import type { BodyLength, HttpField, HttpRequest, HttpResponse } from "./message.ts";
import { requestBodyLength, responseBodyLength } from "./message.ts";

/** What a parser found in the bytes that it was given. */
export type HttpEvent =
  | { kind: "request"; request: HttpRequest; length: BodyLength }
  | { kind: "response"; response: HttpResponse; length: BodyLength }
  | { kind: "data"; data: Uint8Array }
  /** The message is complete; `trailers` of a chunked one. */
  | { kind: "end"; trailers: HttpField[] }
  /** The bytes are no HTTP; nothing more comes. */
  | { kind: "error"; reason: HttpParseError };

export type HttpParseError =
  | "bad-start-line"
  | "bad-field"
  | "bad-length"
  | "bad-chunk"
  | "too-large"
  | "truncated";

const MAX_HEAD = 65536;
type Phase =
  | "head"
  | "body"
  | "chunk-size"
  | "chunk"
  | "chunk-end"
  | "trailers"
  | "until-close"
  | "tunnel"
  | "failed";

/**
 * An HTTP/1.1 parser without I/O (RFC 9112): bytes go in by `push`, events come out. One for each
 * direction of a connection; messages follow each other in it. All of it is data.
 */
export class HttpParser {
  role: "request" | "response";
  /** Methods of the requests whose responses are awaited, oldest first (responses only). */
  methods: string[] = [];
  phase: Phase = "head";
  buffer: Uint8Array = new Uint8Array(0);
  /** Bytes of the body, or of the chunk, still to come. */
  left = 0;
  trailers: HttpField[] = [];

  constructor(role: "request" | "response") {
    this.role = role;
  }

  /** The other side's request was sent: its response is parsed accordingly. */
  expect(method: string): void {
    this.methods.push(method);
  }

  push(data: Uint8Array): HttpEvent[] {
    this.buffer = this.buffer.length ? concatBytes([this.buffer, data]) : data;
    const events: HttpEvent[] = [];
    while (this.step(events));
    return events;
  }

  /** The connection has ended. */
  end(): HttpEvent[] {
    if (this.phase === "until-close") {
      this.phase = "head";
      return [{ kind: "end", trailers: [] }];
    }
    const idle = this.phase === "head" && this.buffer.length === 0;
    if (idle || this.phase === "tunnel" || this.phase === "failed") return [];
    this.phase = "failed";
    return [{ kind: "error", reason: "truncated" }];
  }

  /** What was not parsed: after CONNECT or an upgrade it belongs to the tunnel. */
  takeRest(): Uint8Array {
    const rest = this.buffer;
    this.buffer = new Uint8Array(0);
    return rest;
  }

  step(events: HttpEvent[]): boolean {
    switch (this.phase) {
      case "head":
        return this.head(events);
      case "body":
        return this.body(events, "end");
      case "chunk":
        return this.body(events, "chunk-end");
      case "chunk-size":
        return this.chunkSize(events);
      case "chunk-end": {
        const line = this.line(events);
        if (line === null) return false;
        if (line !== "") return this.fail(events, "bad-chunk");
        this.phase = "chunk-size";
        return true;
      }
      case "trailers":
        return this.trailer(events);
      case "until-close":
        if (this.buffer.length) events.push({ kind: "data", data: this.takeRest() });
        return false;
      default:
        return false;
    }
  }

  fail(events: HttpEvent[], reason: HttpParseError): false {
    this.phase = "failed";
    events.push({ kind: "error", reason });
    return false;
  }

  /** A line without its end; null: not whole yet. */
  line(events: HttpEvent[]): string | null {
    const at = this.buffer.indexOf(10);
    if (at < 0) {
      if (this.buffer.length > MAX_HEAD) this.fail(events, "too-large");
      return null;
    }
    const end = at > 0 && this.buffer[at - 1] === 13 ? at - 1 : at;
    const text = latin1(this.buffer.subarray(0, end));
    this.buffer = this.buffer.subarray(at + 1);
    return text;
  }

  head(events: HttpEvent[]): boolean {
    // Empty lines before a request are nothing (RFC 9112 §2.2).
    while (this.buffer[0] === 13 || this.buffer[0] === 10) this.buffer = this.buffer.subarray(1);
    if (this.buffer.length === 0) return false;
    const length = headLength(this.buffer);
    if (length < 0) {
      if (this.buffer.length > MAX_HEAD) return this.fail(events, "too-large");
      // A first line that can be none is told at once, not when the rest is there.
      const newline = this.buffer.indexOf(10);
      if (newline >= 0 && !this.isStart(latin1(this.buffer.subarray(0, newline)).trimEnd()))
        return this.fail(events, "bad-start-line");
      return false;
    }
    const [first = "", ...lines] = latin1(this.buffer.subarray(0, length)).split(/\r?\n/);
    const fields = fieldsOf(lines);
    if (!this.isStart(first)) return this.fail(events, "bad-start-line");
    if (!fields) return this.fail(events, "bad-field");
    this.buffer = this.buffer.subarray(length);
    return this.role === "request"
      ? this.requestHead(events, first, fields)
      : this.responseHead(events, first, fields);
  }

  isStart(line: string): boolean {
    return this.role === "request"
      ? /^[!#$%&'*+.^_`|~0-9A-Za-z-]+ \S+ HTTP\/1\.[01]$/.test(line)
      : /^HTTP\/1\.[01] \d{3}( .*)?$/.test(line);
  }

  requestHead(events: HttpEvent[], first: string, fields: HttpField[]): boolean {
    const [method = "", target = "", version = ""] = first.split(" ");
    const request = { method, target, version: version.slice(5), fields };
    const length = requestBodyLength(request);
    events.push({ kind: "request", request, length });
    if (method === "CONNECT") {
      this.phase = "tunnel";
      return false;
    }
    return this.begin(events, length);
  }

  responseHead(events: HttpEvent[], first: string, fields: HttpField[]): boolean {
    const [, version = "", status = "", reason = ""] =
      /^HTTP\/(1\.[01]) (\d{3}) ?(.*)$/.exec(first) ?? [];
    const response = { version, status: Number(status), reason, fields };
    const method = this.methods[0] ?? "GET";
    const length = responseBodyLength(response, method);
    events.push({ kind: "response", response, length });
    // An interim response is followed by the real one (RFC 9110 §15.2).
    if (response.status < 200 && response.status !== 101) return true;
    this.methods.shift();
    if (response.status === 101 || (method === "CONNECT" && response.status < 300)) {
      this.phase = "tunnel";
      return false;
    }
    return this.begin(events, length);
  }

  begin(events: HttpEvent[], length: BodyLength): boolean {
    if (length === "chunked") this.phase = "chunk-size";
    else if (length === "until-close") this.phase = "until-close";
    else if (!Number.isSafeInteger(length) || length < 0) return this.fail(events, "bad-length");
    else if (length === 0) events.push({ kind: "end", trailers: [] });
    else {
      this.left = length;
      this.phase = "body";
    }
    return true;
  }

  body(events: HttpEvent[], then: "end" | "chunk-end"): boolean {
    if (this.buffer.length === 0) return false;
    const data = this.buffer.subarray(0, this.left);
    this.buffer = this.buffer.subarray(data.length);
    this.left -= data.length;
    events.push({ kind: "data", data });
    if (this.left > 0) return false;
    if (then === "end") {
      this.phase = "head";
      events.push({ kind: "end", trailers: [] });
    } else this.phase = "chunk-end";
    return true;
  }

  chunkSize(events: HttpEvent[]): boolean {
    const line = this.line(events);
    if (line === null) return false;
    const size = /^([0-9a-f]{1,12})\s*(;.*)?$/i.exec(line)?.[1];
    if (size === undefined) return this.fail(events, "bad-chunk");
    this.left = Number.parseInt(size, 16);
    this.phase = this.left === 0 ? "trailers" : "chunk";
    this.trailers = [];
    return true;
  }

  trailer(events: HttpEvent[]): boolean {
    const line = this.line(events);
    if (line === null) return false;
    if (line === "") {
      this.phase = "head";
      events.push({ kind: "end", trailers: this.trailers });
      return true;
    }
    const fields = fieldsOf([line]);
    if (!fields) return this.fail(events, "bad-field");
    this.trailers.push(...fields);
    return true;
  }
}

/** Bytes up to and with the empty line; -1 when it is not there yet. */
function headLength(bytes: Uint8Array): number {
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) {
    if (bytes[at + 1] === 10) return at + 2;
    if (bytes[at + 1] === 13 && bytes[at + 2] === 10) return at + 3;
  }
  return -1;
}

/** Null when one of them is no field (RFC 9112 §5). */
function fieldsOf(lines: readonly string[]): HttpField[] | null {
  const fields: HttpField[] = [];
  for (const line of lines) {
    if (line === "") continue;
    const found = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(line);
    if (!found) return null;
    fields.push([found[1] ?? "", found[2] ?? ""]);
  }
  return fields;
}

function latin1(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

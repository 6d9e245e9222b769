import { SysError } from "../../../base/errno.ts";
import { fromUtf8, utf8 } from "../../../base/text.ts";
import type { Process, Run } from "../../../host/process.ts";
import {
  fieldValue,
  type HttpField,
  type HttpResponse,
  keepsAlive,
} from "../../../http1/message.ts";
import { HttpParser } from "../../../http1/parse.ts";
import { sendAll } from "../../lib/socket.ts";
import { type Connection, type Connector, passedMs } from "./connection.ts";
import { CurlError } from "./error.ts";
import type { Meter } from "./meter.ts";
import type { CurlOptions } from "./options.ts";
import { authority, type CurlUrl } from "./url.ts";

const AGENT = "curl/7.88.1";

/** What a transfer leaves for -w. */
export interface Result {
  response: HttpResponse | null;
  connection: Connection | null;
  reused: boolean;
  connectAt: number;
  firstByteAt: number;
  headSize: number;
  requestSize: number;
  bodySize: number;
  uploadSize: number;
}

/** Where the body, and with -i the head, go. */
export interface Sink {
  write(data: Uint8Array): Run<void>;
  /** The body is shown on a terminal: no "[n bytes data]". */
  tty: boolean;
}

export function methodOf(options: CurlOptions, data: Uint8Array | null): string {
  const chosen = options.get("request");
  if (chosen !== null) return chosen;
  if (options.has("head")) return "HEAD";
  return data === null ? "GET" : "POST";
}

/** The fields in curl's order (lib/http.c, Curl_http). */
export function requestFields(
  options: CurlOptions,
  url: CurlUrl,
  data: Uint8Array | null,
  plainProxy: boolean,
): HttpField[] {
  const custom = options.all("header").filter((line) => line.includes(":") || line.endsWith(";"));
  const own = new Map(
    custom.map((line) => {
      const at = line.search(/[:;]/);
      return [line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim()];
    }),
  );
  const fields: HttpField[] = [];
  const usual = (name: string, value: string | null): void => {
    if (value !== null && !own.has(name.toLowerCase())) fields.push([name, value]);
  };
  const user = options.get("user") ?? url.user;
  const host = own.get("host");
  if (host !== "") fields.push(["Host", host ?? authority(url)]);
  usual("Authorization", user === null ? null : `Basic ${base64(utf8(user))}`);
  usual("User-Agent", options.get("user-agent") ?? AGENT);
  const json = options.has("json");
  usual("Accept", json ? "application/json" : "*/*");
  usual("Accept-Encoding", options.has("compressed") ? "deflate, gzip, br, zstd" : null);
  usual("Referer", options.get("referer"));
  usual("Cookie", options.get("cookie"));
  if (plainProxy) usual("Proxy-Connection", "Keep-Alive");
  for (const line of custom) {
    const at = line.search(/[:;]/);
    const name = line.slice(0, at).trim();
    const value = line.slice(at + 1).trim();
    if (name.toLowerCase() === "host") continue;
    if (value !== "" || line.endsWith(";")) fields.push([name, value]);
  }
  if (data !== null) {
    usual("Content-Length", String(data.length));
    usual("Content-Type", json ? "application/json" : "application/x-www-form-urlencoded");
  }
  return fields;
}

export function base64(bytes: Uint8Array): string {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  let out = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const [a = 0, b = 0, c = 0] = bytes.subarray(i, i + 3);
    const bits = (a << 16) | (b << 8) | c;
    for (let j = 0; j < 4; j++)
      out += i + j > bytes.length ? "=" : letters[(bits >> (18 - 6 * j)) & 63];
  }
  return out;
}

/** One request and its response on a connection that is there. */
export class Exchange {
  p: Process;
  options: CurlOptions;
  connector: Connector;
  meter: Meter;
  result: Result;
  began: number;
  limit: number;
  /** The last thing told was "[n bytes data]". */
  dataTold = false;

  constructor(
    p: Process,
    options: CurlOptions,
    connector: Connector,
    meter: Meter,
    result: Result,
    began: number,
    limit: number,
  ) {
    this.p = p;
    this.options = options;
    this.connector = connector;
    this.meter = meter;
    this.result = result;
    this.began = began;
    this.limit = limit;
  }

  *say(text: string): Run<void> {
    this.dataTold = false;
    yield* this.connector.say(text);
  }

  *sendRequest(
    connection: Connection,
    head: Uint8Array,
    data: Uint8Array | null,
    sink: Sink,
  ): Run<void> {
    for (const line of fromUtf8(head).split("\r\n").slice(0, -1)) yield* this.say(`> ${line}\r\n`);
    const all = new Uint8Array(head.length + (data?.length ?? 0));
    all.set(head);
    if (data) all.set(data, head.length);
    if (data?.length && !sink.tty) yield* this.say(`} [${data.length} bytes data]\n`);
    try {
      const left = yield* sendAll(this.p, connection.sock, all, this.limit);
      if (left) throw this.late();
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      throw new CurlError(55, `Send failure: ${error.message}`);
    }
    this.result.requestSize += head.length;
    this.result.uploadSize += data?.length ?? 0;
    this.meter.sent += data?.length ?? 0;
  }

  late(): CurlError {
    const { bodySize, response } = this.result;
    const length = response ? fieldValue(response.fields, "content-length") : null;
    const of = length === null ? "" : ` out of ${length}`;
    return new CurlError(
      28,
      `Operation timed out after ${passedMs(this.p, this.began)} milliseconds with ${bodySize}${of} bytes received`,
    );
  }

  /** More bytes; null at the end of the stream. */
  *receive(connection: Connection): Run<Uint8Array | null> {
    for (;;) {
      let data: ReturnType<Connection["sock"]["recv"]>;
      try {
        data = connection.sock.recv(16384);
      } catch (error) {
        if (!(error instanceof SysError)) throw error;
        throw new CurlError(56, `Recv failure: ${error.message}`);
      }
      if (data === "EOF") return null;
      if (data !== "EAGAIN") return data;
      if (this.p.sim.now >= this.limit) throw this.late();
      const tick = this.meter.on ? this.meter.next : Number.POSITIVE_INFINITY;
      yield* this.p.wait([connection.sock.readable], Math.min(this.limit, tick));
      yield* this.meter.tick();
    }
  }

  /** The response to `method`; true when the connection may be used again. */
  *response(connection: Connection, method: string, sink: Sink, quietBody: boolean): Run<boolean> {
    const parser = new HttpParser("response");
    parser.expect(method);
    let head: Uint8Array = new Uint8Array(0);
    let reuse = false;
    let ended = false;
    let any = false;
    while (!ended) {
      const data = yield* this.receive(connection);
      if (data === null) {
        if (!any) throw new CurlError(52, "Empty reply from server");
        ended = parser.end().some((event) => event.kind === "end");
        if (ended) break;
        const left = parser.phase === "failed" && parser.left && !parser.methods.length;
        const length = this.result.response
          ? fieldValue(this.result.response.fields, "content-length")
          : null;
        throw new CurlError(
          18,
          left && length !== null
            ? `transfer closed with ${parser.left} bytes remaining to read`
            : "transfer closed with outstanding read data remaining",
        );
      }
      any = true;
      this.result.firstByteAt ||= this.p.sim.now;
      let body = data;
      if (parser.phase === "head") {
        // The head goes to the parser whole, so that what follows it can be counted.
        const joined = new Uint8Array(head.length + data.length);
        joined.set(head);
        joined.set(data, head.length);
        head = joined;
        const end = headEnd(head);
        if (end < 0 && looksLikeHttp(head)) continue;
        if (end < 0) throw new CurlError(1, "Received HTTP/0.9 when not allowed");
        body = head.subarray(end);
        const text = head.subarray(0, end);
        head = new Uint8Array(0);
        for (const event of parser.push(text)) {
          if (event.kind === "error") throw new CurlError(1, "Received HTTP/0.9 when not allowed");
          if (event.kind === "response") {
            this.result.response = event.response;
            reuse = keepsAlive(event.response) && event.length !== "until-close";
            yield* this.showHead(event.response, text, sink, connection);
            if (typeof event.length === "number") this.meter.expected = event.length;
          }
          if (event.kind === "end") ended = true;
        }
      }
      if (body.length === 0) continue;
      if (!sink.tty && !this.dataTold && !quietBody) {
        yield* this.say(`{ [${body.length} bytes data]\n`);
        this.dataTold = true;
      }
      const { expected } = this.meter;
      const excess = expected ? body.length - (expected - this.result.bodySize) : 0;
      if (excess > 0) {
        const before = this.result.bodySize;
        yield* this.say(
          `* Excess found in a read: excess = ${excess}, size = ${expected}, maxdownload = ${expected}, bytecount = ${before}\n`,
        );
        reuse = false;
        body = body.subarray(0, body.length - excess);
      }
      for (const event of parser.push(body)) {
        if (event.kind === "data") {
          this.result.bodySize += event.data.length;
          this.meter.received += event.data.length;
          if (!quietBody) yield* sink.write(event.data);
        } else if (event.kind === "end") ended = true;
        else if (event.kind === "error" && event.reason !== "bad-start-line")
          throw new CurlError(56, "Illegal or missing hexadecimal sequence in chunked-encoding");
      }
      if (ended && parser.phase === "failed") reuse = false;
    }
    return reuse;
  }

  *showHead(
    response: HttpResponse,
    text: Uint8Array,
    sink: Sink,
    connection: Connection,
  ): Run<void> {
    this.result.headSize += text.length;
    if (response.version === "1.0" && !keepsAlive(response))
      yield* this.say("* HTTP 1.0, assume close after body\n");
    const lines = fromUtf8(text).split("\n").slice(0, -1);
    const refused = this.options.has("fail") && response.status >= 400;
    for (const line of refused ? lines.slice(0, -1) : lines) {
      yield* this.say(`< ${line}\n`);
    }
    if (refused) {
      const what = `The requested URL returned error: ${response.status}`;
      yield* this.say(`* ${what}\n* Closing connection ${connection.number}\n`);
      throw new CurlError(22, what);
    }
    if (this.options.has("include") || this.options.has("head")) yield* sink.write(text);
  }
}

function headEnd(bytes: Uint8Array): number {
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) {
    if (bytes[at + 1] === 10) return at + 2;
    if (bytes[at + 1] === 13 && bytes[at + 2] === 10) return at + 3;
  }
  return -1;
}

function looksLikeHttp(bytes: Uint8Array): boolean {
  return "HTTP/".startsWith(fromUtf8(bytes.subarray(0, 5)));
}

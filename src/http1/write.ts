import { concatBytes, utf8 } from "../base/text.ts";
import type { HttpField, HttpRequest, HttpResponse } from "./message.ts";
import { REASONS } from "./message.ts";

function fieldLines(fields: readonly HttpField[]): string {
  return `${fields.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`;
}

/** First line, fields and the empty line of a request. */
export function writeRequestHead(request: HttpRequest): Uint8Array {
  const line = `${request.method} ${request.target} HTTP/${request.version}\r\n`;
  return utf8(line + fieldLines(request.fields));
}

export function writeResponseHead(response: HttpResponse): Uint8Array {
  const line = `HTTP/${response.version} ${response.status} ${response.reason}\r\n`;
  return utf8(line + fieldLines(response.fields));
}

/** One chunk (RFC 9112 §7.1); an empty one would end the body, so nothing is written for it. */
export function writeChunk(data: Uint8Array): Uint8Array {
  if (data.length === 0) return data;
  return concatBytes([utf8(`${data.length.toString(16)}\r\n`), data, utf8("\r\n")]);
}

export function writeLastChunk(): Uint8Array {
  return utf8("0\r\n\r\n");
}

/** A whole response with a body of known length. */
export function writeResponse(
  status: number,
  fields: readonly HttpField[],
  body: Uint8Array | string = "",
): Uint8Array {
  const data = typeof body === "string" ? utf8(body) : body;
  const head = writeResponseHead({
    version: "1.1",
    status,
    reason: REASONS[status] ?? "",
    fields: [...fields, ["Content-Length", String(data.length)]],
  });
  return concatBytes([head, data]);
}

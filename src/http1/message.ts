/** A header field as it stands on the wire: name and value, in order. */
export type HttpField = [string, string];

/** The first line and the fields of a request (RFC 9112 §3). */
export interface HttpRequest {
  method: string;
  /** Origin form ("/a?b"), absolute form, or authority form for CONNECT. */
  target: string;
  /** "1.1" or "1.0". */
  version: string;
  fields: HttpField[];
}

/** The first line and the fields of a response (RFC 9112 §4). */
export interface HttpResponse {
  version: string;
  status: number;
  reason: string;
  fields: HttpField[];
}

/** The value of a field, without regard to case; several are joined by a comma (RFC 9110 §5.2). */
export function fieldValue(fields: readonly HttpField[], name: string): string | null {
  const wanted = name.toLowerCase();
  const found = fields.filter(([key]) => key.toLowerCase() === wanted).map(([, value]) => value);
  return found.length ? found.join(", ") : null;
}

export function hasToken(fields: readonly HttpField[], name: string, token: string): boolean {
  const value = fieldValue(fields, name);
  return value?.split(",").some((part) => part.trim().toLowerCase() === token) ?? false;
}

/** May the connection be used again after this message? (RFC 9112 §9.3) */
export function keepsAlive(message: { version: string; fields: readonly HttpField[] }): boolean {
  if (hasToken(message.fields, "connection", "close")) return false;
  return message.version === "1.1" || hasToken(message.fields, "connection", "keep-alive");
}

/** How the body of a message ends (RFC 9112 §6.3). */
export type BodyLength = number | "chunked" | "until-close";

export function requestBodyLength(request: HttpRequest): BodyLength {
  if (hasToken(request.fields, "transfer-encoding", "chunked")) return "chunked";
  return Number(fieldValue(request.fields, "content-length") ?? 0);
}

/** `method` is the request's: HEAD has no body, nor has a CONNECT that worked. */
export function responseBodyLength(response: HttpResponse, method: string): BodyLength {
  const { status, fields } = response;
  if (method === "HEAD" || status < 200 || status === 204 || status === 304) return 0;
  if (method === "CONNECT" && status < 300) return 0;
  if (hasToken(fields, "transfer-encoding", "chunked")) return "chunked";
  const length = fieldValue(fields, "content-length");
  return length === null ? "until-close" : Number(length);
}

/** Reason phrases that servers send (RFC 9110 §15). */
export const REASONS: Readonly<Record<number, string>> = {
  100: "Continue",
  101: "Switching Protocols",
  200: "OK",
  201: "Created",
  202: "Accepted",
  204: "No Content",
  206: "Partial Content",
  301: "Moved Permanently",
  302: "Found",
  303: "See Other",
  304: "Not Modified",
  307: "Temporary Redirect",
  308: "Permanent Redirect",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  429: "Too Many Requests",
  500: "Internal Server Error",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};

import type { Field } from "./hpack.ts";

/** RFC 9113 §8.2.2: fields about the connection have no place in HTTP/2. */
const CONNECTION_SPECIFIC: ReadonlySet<string> = new Set([
  "connection",
  "proxy-connection",
  "keep-alive",
  "transfer-encoding",
  "upgrade",
]);

const REQUEST = [":method", ":scheme", ":authority", ":path"];
const RESPONSE = [":status"];

/** The first value of a field. */
export function fieldValue(fields: readonly Field[], name: string): string | null {
  return fields.find(([n]) => n === name)?.[1] ?? null;
}

/** RFC 9113 §8.2.1: what no name and no value may hold. */
function badCharacters([name, value]: Field): boolean {
  if (name === "" || /[\x00-\x20A-Z\x7f-\uffff]/.test(name) || /.:/.test(name)) return true;
  return /[\0\r\n]/.test(value) || /^[ \t]|[ \t]$/.test(value);
}

/** RFC 9113 §8.3: pseudo-header fields come first, once, and only those of this kind of message. */
function pseudoFault(fields: readonly Field[], allowed: readonly string[]): string {
  const seen = new Set<string>();
  let regular = false;
  for (const [name] of fields) {
    if (!name.startsWith(":")) {
      regular = true;
      continue;
    }
    if (regular) return `${name} after the regular fields`;
    if (!allowed.includes(name)) return `${name} does not belong here`;
    if (seen.has(name)) return `${name} twice`;
    seen.add(name);
  }
  return "";
}

function requestFault(fields: readonly Field[]): string {
  const method = fieldValue(fields, ":method");
  const scheme = fieldValue(fields, ":scheme");
  const path = fieldValue(fields, ":path");
  if (!method) return "no :method";
  // RFC 9113 §8.5.
  if (method === "CONNECT")
    return scheme !== null || path !== null || !fieldValue(fields, ":authority")
      ? "CONNECT has :authority, and neither :scheme nor :path"
      : "";
  if (!scheme) return "no :scheme";
  if (!path) return "no :path";
  return "";
}

/** Why a message is malformed (RFC 9113 §8.1.1); "" when it is not. */
export function fieldsFault(
  fields: readonly Field[],
  kind: "request" | "response" | "trailers",
): string {
  for (const field of fields) {
    const [name, value] = field;
    if (badCharacters(field)) return `field ${JSON.stringify(name)} has characters it may not have`;
    if (CONNECTION_SPECIFIC.has(name)) return `${name} is of HTTP/1.1`;
    if (name === "te" && value !== "trailers") return "te is not trailers";
  }
  const lengths = fields.filter(([name]) => name === "content-length").map(([, value]) => value);
  if (lengths.some((value) => !/^\d{1,15}$/.test(value) || value !== lengths[0]))
    return "content-length is no length";
  const allowed = kind === "request" ? REQUEST : kind === "response" ? RESPONSE : [];
  const fault = pseudoFault(fields, allowed);
  if (fault) return fault;
  if (kind === "request") return requestFault(fields);
  if (kind === "response" && !/^[1-9]\d\d$/.test(fieldValue(fields, ":status") ?? ""))
    return "no :status";
  return "";
}

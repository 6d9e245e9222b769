/** RFC 8446 §5.1, §4: what a record or the first handshake message in one is. */
const RECORDS: Record<number, string> = {
  20: "TLS Change Cipher Spec",
  21: "TLS Alert",
  22: "TLS Handshake",
  23: "TLS Application Data",
};
const MESSAGES: Record<number, string> = { 1: "TLS Client Hello", 2: "TLS Server Hello" };
const LONGEST = 60;

/** What begins in these bytes of a TCP segment, where they say it themselves: a TLS record, a line of HTTP/1. */
export function payloadWhat(bytes: Uint8Array, from: number, to: number): string {
  const [type = 0, major = 0, minor = 0] = bytes.subarray(from, Math.min(from + 3, to));
  if (RECORDS[type] && major === 3 && minor <= 4)
    return (
      (type === 22 && to > from + 5 && MESSAGES[bytes[from + 5] as number]) || (RECORDS[type] ?? "")
    );
  let line = "";
  for (let i = from; i < to && line.length <= LONGEST; i++) {
    const byte = bytes[i] as number;
    if (byte === 13 || byte === 10) break;
    if (byte < 32 || byte > 126) return "";
    line += String.fromCharCode(byte);
  }
  return /^[A-Z]{3,7} \S+ HTTP\/1\.[01]$|^HTTP\/1\.[01] \d\d\d/.test(line) ? line : "";
}

import type { InputLog } from "../sim/input-log.ts";

/** A link that says more than this is no link that we made. */
const MAX_BYTES = 2_000_000;

/** RFC 4648 §5, without padding: what may stand in an address. */
function toText(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function fromText(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (char) => char.charCodeAt(0));
}

/** An input log as it stands in an address: JSON, deflated. */
export async function encodeLink(log: InputLog): Promise<string> {
  const packed = new Blob([JSON.stringify(log)]).stream();
  const bytes = await new Response(
    packed.pipeThrough(new CompressionStream("deflate-raw")),
  ).arrayBuffer();
  return toText(new Uint8Array(bytes));
}

/** What a link says, not looked at yet; null when it says nothing that can be read. */
export async function decodeLink(text: string): Promise<unknown> {
  try {
    const stream = new Blob([fromText(text)])
      .stream()
      .pipeThrough(new DecompressionStream("deflate-raw"));
    const parts: Uint8Array<ArrayBuffer>[] = [];
    let size = 0;
    const reader = stream.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      size += value.length;
      // A small link can unpack to anything.
      if (size > MAX_BYTES) return null;
      parts.push(value as Uint8Array<ArrayBuffer>);
    }
    return JSON.parse(await new Blob(parts).text());
  } catch {
    return null;
  }
}

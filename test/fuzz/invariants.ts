import { finish, pseudo, sum } from "../../src/wire/checksum.ts";
import { fromHex } from "./bytes.ts";
import type { FuzzState, Outcome } from "./state.ts";

/** What is wrong with an outcome whatever Linux would say. */
export function complaints(state: FuzzState, outcome: Outcome): string[] {
  const spoilt = state.packets.some((packet) => packet.what.startsWith("spoilt"));
  const wrong = outcome.frames.flatMap((frames, i) =>
    frames.flatMap((frame) => {
      const why = frameComplaint(fromHex(frame.hex), spoilt);
      return why ? [`packet ${i}: eth${frame.port} sent ${why}: ${frame.hex}`] : [];
    }),
  );
  for (const line of outcome.rules.split("\n")) {
    const [, packets, bytes] = /^\[(\d+):(\d+)\]/.exec(line) ?? [];
    if (packets !== undefined && Number(bytes) < Number(packets) * 20)
      wrong.push(`too few bytes: ${line}`);
  }
  return wrong;
}

/** Malformed, or with a wrong checksum that it did not come in with. */
function frameComplaint(frame: Uint8Array, spoilt: boolean): string {
  if (frame.length < 14) return "half a frame";
  if (frame[12] !== 8 || frame[13] !== 0) return "";
  const ip = frame.subarray(14);
  const header = ((ip[0] ?? 0) & 15) * 4;
  if ((ip[0] ?? 0) >> 4 !== 4 || header < 20 || header > ip.length) return "no IPv4 header";
  const view = new DataView(ip.buffer, ip.byteOffset, ip.length);
  const total = view.getUint16(2);
  if (total < header || total > ip.length) return "a wrong length";
  if (finish(sum(ip, 0, header)) !== 0) return "a wrong header checksum";
  if (spoilt || view.getUint16(6) & 0x3fff) return "";
  const protocol = ip[9] as number;
  const start =
    protocol === 1 ? 0 : pseudo(view.getUint32(12), view.getUint32(16), protocol, total - header);
  if (protocol === 17 && total >= header + 8 && view.getUint16(header + 6) === 0) return "";
  if ((protocol === 6 && total >= header + 20) || protocol === 17 || protocol === 1)
    if (finish(sum(ip, header, total, start)) !== 0) return "a wrong checksum";
  return "";
}

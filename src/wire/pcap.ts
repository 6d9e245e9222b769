import { concatBytes } from "../base/text.ts";
import type { Bytes } from "./bytes.ts";

/** The classic capture file (draft-ietf-opsawg-pcap), microseconds, little endian: what tcpdump -w writes. */
export const LINKTYPE_ETHERNET = 1;
export const LINKTYPE_LINUX_SLL2 = 276;

export interface PcapRecord {
  /** µs since 1970. */
  time: number;
  data: Bytes;
  length: number;
}

export function pcapHeader(linkType: number, snaplen: number): Bytes {
  const out = new Uint8Array(24);
  const view = new DataView(out.buffer);
  view.setUint32(0, 0xa1b2c3d4, true);
  view.setUint16(4, 2, true);
  view.setUint16(6, 4, true);
  view.setUint32(16, snaplen, true);
  view.setUint32(20, linkType, true);
  return out;
}

export function pcapRecord(record: PcapRecord): Bytes {
  const head = new Uint8Array(16);
  const view = new DataView(head.buffer);
  view.setUint32(0, Math.floor(record.time / 1e6), true);
  view.setUint32(4, Math.floor(record.time % 1e6), true);
  view.setUint32(8, record.data.length, true);
  view.setUint32(12, record.length, true);
  return concatBytes([head, record.data]);
}

/** Read a file; null when it is not one. A cut last record is left out, as tcpdump does. */
export function readPcap(
  bytes: Bytes,
): { linkType: number; snaplen: number; records: PcapRecord[] } | null {
  if (bytes.length < 24) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = view.getUint32(0, true);
  const little = magic === 0xa1b2c3d4 || magic === 0xa1b23c4d;
  if (!little && view.getUint32(0, false) !== 0xa1b2c3d4) return null;
  const scale = magic === 0xa1b23c4d ? 1000 : 1;
  const records: PcapRecord[] = [];
  let at = 24;
  while (at + 16 <= bytes.length) {
    const captured = view.getUint32(at + 8, little);
    if (at + 16 + captured > bytes.length) break;
    records.push({
      time: view.getUint32(at, little) * 1e6 + view.getUint32(at + 4, little) / scale,
      data: bytes.slice(at + 16, at + 16 + captured),
      length: view.getUint32(at + 12, little),
    });
    at += 16 + captured;
  }
  return { linkType: view.getUint32(20, little), snaplen: view.getUint32(16, little), records };
}

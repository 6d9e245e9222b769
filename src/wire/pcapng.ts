import { concatBytes, utf8 } from "../base/text.ts";

/*
 * pcapng (draft-ietf-opsawg-pcapng): a section header, an interface for each device, an enhanced
 * packet block for each packet with its direction and a comment. Little endian, times in ns.
 */
export interface PcapInterface {
  name: string;
  /** LINKTYPE_ETHERNET 1, LINKTYPE_RAW 101. */
  linkType: number;
}

export interface PcapPacket {
  interface: number;
  /** ns since 1970. */
  time: bigint;
  data: Uint8Array;
  /** Length on the wire, when `data` was cut. */
  length: number;
  direction: "in" | "out" | "";
  comment: string;
}

function padded(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array((bytes.length + 3) & ~3);
  out.set(bytes);
  return out;
}

function option(code: number, value: Uint8Array): Uint8Array {
  const head = new Uint8Array(4);
  const view = new DataView(head.buffer);
  view.setUint16(0, code, true);
  view.setUint16(2, value.length, true);
  return concatBytes([head, padded(value)]);
}

function block(type: number, parts: Uint8Array[]): Uint8Array {
  const body = concatBytes(parts);
  const out = new Uint8Array(body.length + 12);
  const view = new DataView(out.buffer);
  view.setUint32(0, type, true);
  view.setUint32(4, out.length, true);
  out.set(body, 8);
  view.setUint32(out.length - 4, out.length, true);
  return out;
}

function words(...values: number[]): Uint8Array {
  const out = new Uint8Array(values.length * 4);
  const view = new DataView(out.buffer);
  values.forEach((value, i) => {
    view.setUint32(i * 4, value >>> 0, true);
  });
  return out;
}

export function sectionHeader(application: string): Uint8Array {
  return block(0x0a0d0d0a, [
    words(0x1a2b3c4d, 0x00000001, 0xffffffff, 0xffffffff),
    option(4, utf8(application)),
    words(0),
  ]);
}

export function interfaceBlock(face: PcapInterface): Uint8Array {
  return block(1, [
    words(face.linkType, 0),
    option(2, utf8(face.name)),
    option(9, Uint8Array.of(9)),
    words(0),
  ]);
}

export function packetBlock(packet: PcapPacket): Uint8Array {
  const parts = [
    words(
      packet.interface,
      Number(packet.time >> 32n),
      Number(packet.time & 0xffffffffn),
      packet.data.length,
      packet.length,
    ),
    padded(packet.data),
  ];
  if (packet.comment) parts.push(option(1, utf8(packet.comment)));
  if (packet.direction) parts.push(option(2, words(packet.direction === "in" ? 1 : 2)));
  parts.push(words(0));
  return block(6, parts);
}

import { parseIpv4 } from "../../../src/wire/address.ts";
import { finish, pseudo, sum } from "../../../src/wire/checksum.ts";
import { toHex } from "../bytes.ts";

/** An IPv4 packet to be made; what is not said is as ordinary as can be. */
export interface IpFields {
  src: string;
  dst: string;
  protocol: number;
  payload: Uint8Array;
  tos?: number;
  ttl?: number;
  id?: number;
  /** Flags and offset as they stand in the header. */
  fragment?: number;
  options?: number[];
}

function address(text: string): number {
  return parseIpv4(text) ?? 0;
}

export function ipv4(f: IpFields): Uint8Array {
  const options = f.options ?? [];
  const header = 20 + options.length;
  const out = new Uint8Array(header + f.payload.length);
  const view = new DataView(out.buffer);
  out[0] = 0x40 | (header / 4);
  out[1] = f.tos ?? 0;
  view.setUint16(2, out.length);
  view.setUint16(4, f.id ?? 0);
  view.setUint16(6, f.fragment ?? 0);
  out[8] = f.ttl ?? 64;
  out[9] = f.protocol;
  view.setUint32(12, address(f.src));
  view.setUint32(16, address(f.dst));
  out.set(options, 20);
  view.setUint16(10, finish(sum(out, 0, header)));
  out.set(f.payload, header);
  return out;
}

/** The transport checksum, over the pseudo header too. */
function checked(
  payload: Uint8Array,
  at: number,
  src: string,
  dst: string,
  protocol: number,
): Uint8Array {
  const start = pseudo(address(src), address(dst), protocol, payload.length);
  new DataView(payload.buffer).setUint16(at, finish(sum(payload, 0, payload.length, start)));
  return payload;
}

export interface TcpFields {
  sport: number;
  dport: number;
  seq: number;
  ack: number;
  flags: number;
  window?: number;
  options?: number[];
  data?: Uint8Array;
}

export function tcp(src: string, dst: string, f: TcpFields): Uint8Array {
  const options = f.options ?? [];
  const header = 20 + options.length;
  const data = f.data ?? new Uint8Array(0);
  const out = new Uint8Array(header + data.length);
  const view = new DataView(out.buffer);
  view.setUint16(0, f.sport);
  view.setUint16(2, f.dport);
  view.setUint32(4, f.seq >>> 0);
  view.setUint32(8, f.ack >>> 0);
  out[12] = (header / 4) << 4;
  out[13] = f.flags;
  view.setUint16(14, f.window ?? 64240);
  out.set(options, 20);
  out.set(data, header);
  return checked(out, 16, src, dst, 6);
}

export function udp(
  src: string,
  dst: string,
  sport: number,
  dport: number,
  data: Uint8Array,
  check = true,
): Uint8Array {
  const out = new Uint8Array(8 + data.length);
  const view = new DataView(out.buffer);
  view.setUint16(0, sport);
  view.setUint16(2, dport);
  view.setUint16(4, out.length);
  out.set(data, 8);
  if (!check) return out;
  checked(out, 6, src, dst, 17);
  if (view.getUint16(6) === 0) view.setUint16(6, 0xffff);
  return out;
}

export function icmp(type: number, code: number, rest: number, data: Uint8Array): Uint8Array {
  const out = new Uint8Array(8 + data.length);
  const view = new DataView(out.buffer);
  out[0] = type;
  out[1] = code;
  view.setUint32(4, rest >>> 0);
  out.set(data, 8);
  view.setUint16(2, finish(sum(out, 0, out.length)));
  return out;
}

export function ethernet(to: string, from: string, packet: Uint8Array, type = 0x0800): string {
  const mac = (text: string) => text.replaceAll(":", "");
  return mac(to) + mac(from) + type.toString(16).padStart(4, "0") + toHex(packet);
}

/** Cut a packet's payload into fragments at these offsets (in units of 8 bytes). */
export function fragments(f: IpFields, cuts: number[]): Uint8Array[] {
  const edges = [0, ...cuts.map((cut) => cut * 8), f.payload.length].filter(
    (at) => at <= f.payload.length,
  );
  return edges.slice(0, -1).map((at, i) => {
    const end = edges[i + 1] as number;
    const more = end < f.payload.length ? 0x2000 : 0;
    return ipv4({ ...f, payload: f.payload.slice(at, end), fragment: more | (at / 8) });
  });
}

import { type Bytes, u8, u16, u32 } from "../wire/bytes.ts";
import { finish, pseudo, sum } from "../wire/checksum.ts";
import type { Ipv4 } from "../wire/ipv4.ts";
import { TCP_HLEN, Tcp } from "../wire/tcp.ts";
import { UDP_HLEN, Udp } from "../wire/udp.ts";
import { flag, hex, type Layer, Tree } from "./tree.ts";

/** Whether the sum over header, data and the addresses is right; null when not all of it is here. */
function checksumValid(
  buf: Bytes,
  ip: Ipv4,
  protocol: number,
  at: number,
  end: number,
): boolean | null {
  if (ip.isFragment) return null;
  return finish(sum(buf, at, end, pseudo(ip.src, ip.dst, protocol, end - at))) === 0;
}

function verdict(valid: boolean | null): string {
  return valid === null ? "[unverified]" : valid ? "[correct]" : "[incorrect]";
}

/** RFC 768. */
export function udp(
  buf: Bytes,
  at: number,
  end: number,
  ip: Ipv4,
): { layer: Layer; udp: Udp } | null {
  if (!Udp.check(buf, at, end)) return null;
  const header = new Udp(buf, at);
  const tree = new Tree(buf);
  tree.u16("udp.srcport", "Source Port", at);
  tree.u16("udp.dstport", "Destination Port", at + 2);
  tree.u16("udp.length", "Length", at + 4);
  const valid = checksumValid(buf, ip, 17, at, header.end);
  tree.u16("udp.checksum", "Checksum", at + 6, (n) =>
    n === 0 ? "0x0000 [zero-value ignored]" : `${hex(n, 4)} ${verdict(valid)}`,
  );
  const title = `User Datagram Protocol, Src Port: ${header.srcPort}, Dst Port: ${header.dstPort}`;
  const layer = { protocol: "udp", title, source: 0, at, length: UDP_HLEN, fields: tree.fields };
  return { layer, udp: header };
}

const FLAGS: readonly [name: string, label: string, mask: number, short: string][] = [
  ["tcp.flags.cwr", "Congestion Window Reduced", 0x80, "CWR"],
  ["tcp.flags.ece", "ECN-Echo", 0x40, "ECE"],
  ["tcp.flags.urg", "Urgent", 0x20, "URG"],
  ["tcp.flags.ack", "Acknowledgment", 0x10, "ACK"],
  ["tcp.flags.push", "Push", 0x08, "PSH"],
  ["tcp.flags.reset", "Reset", 0x04, "RST"],
  ["tcp.flags.syn", "Syn", 0x02, "SYN"],
  ["tcp.flags.fin", "Fin", 0x01, "FIN"],
];

/** "SYN, ACK": from the lowest bit up, as Wireshark says them. */
function flagNames(flags: number): string {
  return [...FLAGS]
    .reverse()
    .filter(([, , mask]) => flags & mask)
    .map(([, , , short]) => short)
    .join(", ");
}

/** RFC 9293 §3.1. */
export function tcp(
  buf: Bytes,
  at: number,
  end: number,
  ip: Ipv4,
): { layer: Layer; tcp: Tcp } | null {
  if (!Tcp.check(buf, at, end)) return null;
  const header = new Tcp(buf, at);
  const { flags, headerLength } = header;
  const tree = new Tree(buf);
  tree.u16("tcp.srcport", "Source Port", at);
  tree.u16("tcp.dstport", "Destination Port", at + 2);
  tree.u32("tcp.seq_raw", "Sequence Number", at + 4);
  tree.u32("tcp.ack_raw", "Acknowledgment Number", at + 8);
  tree.add(
    "tcp.hdr_len",
    "Header Length",
    at + 12,
    1,
    `${headerLength} bytes (${headerLength / 4})`,
  );
  const names = flagNames(flags);
  const all = tree.add("tcp.flags", "Flags", at + 12, 2, `${hex(flags, 3)} (${names || "none"})`);
  const bits = tree.inside(all);
  for (const [name, label, mask] of FLAGS)
    bits.add(name, label, at + 13, 1, flag((flags & mask) !== 0));
  tree.u16("tcp.window_size_value", "Window", at + 14);
  const valid = checksumValid(buf, ip, 6, at, end);
  tree.u16("tcp.checksum", "Checksum", at + 16, (n) => `${hex(n, 4)} ${verdict(valid)}`);
  tree.u16("tcp.urgent_pointer", "Urgent Pointer", at + 18);
  if (headerLength > TCP_HLEN) {
    const length = headerLength - TCP_HLEN;
    const options = tree.add("tcp.options", "Options", at + TCP_HLEN, length, `${length} bytes`);
    tcpOptions(tree.inside(options), at + TCP_HLEN, at + headerLength);
  }
  const size = end - at - headerLength;
  const title = `Transmission Control Protocol, Src Port: ${header.srcPort}, Dst Port: ${header.dstPort}${names && `, [${names}]`}, Len: ${size}`;
  const layer = {
    protocol: "tcp",
    title,
    source: 0,
    at,
    length: headerLength,
    fields: tree.fields,
  };
  return { layer, tcp: header };
}

/** RFC 9293 §3.1, RFC 7323, RFC 2018: kind, length, data. */
function tcpOptions(tree: Tree, from: number, to: number): void {
  const { buf } = tree;
  let at = from;
  while (at < to) {
    const kind = u8(buf, at);
    if (kind === 0) {
      tree.add("tcp.options.eol", "End of Option List", at, 1, "");
      return;
    }
    if (kind === 1) {
      tree.add("tcp.options.nop", "No-Operation", at, 1, "");
      at++;
      continue;
    }
    const length = at + 1 < to ? u8(buf, at + 1) : 0;
    if (length < 2 || at + length > to) return;
    tcpOption(tree, kind, at, length);
    at += length;
  }
}

function tcpOption(tree: Tree, kind: number, at: number, length: number): void {
  const { buf } = tree;
  if (kind === 2 && length === 4) {
    const value = `${u16(buf, at + 2)} bytes`;
    const option = tree.add("tcp.options.mss", "Maximum segment size", at, length, value);
    tree.inside(option).u16("tcp.options.mss_val", "MSS Value", at + 2);
  } else if (kind === 3 && length === 3) {
    const shift = u8(buf, at + 2);
    const value = `${shift} (multiply by ${2 ** shift})`;
    const option = tree.add("tcp.options.wscale", "Window scale", at, length, value);
    tree.inside(option).u8("tcp.options.wscale.shift", "Shift count", at + 2);
  } else if (kind === 4 && length === 2)
    tree.add("tcp.options.sack_perm", "SACK permitted", at, length, "");
  else if (kind === 5) {
    const option = tree.add("tcp.options.sack", "SACK", at, length, "");
    const inside = tree.inside(option);
    for (let edge = at + 2; edge + 8 <= at + length; edge += 8) {
      inside.u32("tcp.options.sack_le", "left edge", edge);
      inside.u32("tcp.options.sack_re", "right edge", edge + 4);
    }
  } else if (kind === 8 && length === 10) {
    const value = `TSval ${u32(buf, at + 2)}, TSecr ${u32(buf, at + 6)}`;
    const option = tree.add("tcp.options.timestamp", "Timestamps", at, length, value);
    const inside = tree.inside(option);
    inside.u32("tcp.options.timestamp.tsval", "Timestamp value", at + 2);
    inside.u32("tcp.options.timestamp.tsecr", "Timestamp echo reply", at + 6);
  } else tree.bytes("tcp.options.unknown", `Unknown (kind ${kind})`, at, length);
}

import { formatIpv4 } from "../wire/address.ts";
import { type Bytes, u8, u16 } from "../wire/bytes.ts";
import { ICMP_ECHO, ICMP_ECHO_REPLY, ICMP_FRAG_NEEDED, Icmp } from "../wire/icmp.ts";
import { IP_DF, IP_MF, IP_OFFSET, Ipv4 } from "../wire/ipv4.ts";
import { flag, hex, type Layer, Tree } from "./tree.ts";

const PROTOCOLS: Readonly<Record<number, string>> = {
  1: "ICMP",
  2: "IGMP",
  6: "TCP",
  17: "UDP",
  47: "Generic Routing Encapsulation",
  58: "ICMPv6",
};
const DSCP: Readonly<Record<number, string>> = {
  0: "Default",
  8: "Class Selector 1",
  10: "Assured Forwarding 11",
  16: "Class Selector 2",
  24: "Class Selector 3",
  32: "Class Selector 4",
  40: "Class Selector 5",
  46: "Expedited Forwarding",
  48: "Class Selector 6",
  56: "Class Selector 7",
};
const ECN = [
  "Not ECN-Capable Transport",
  "ECN-Capable Transport codepoint '01'",
  "ECN-Capable Transport codepoint '10'",
  "Congestion Experienced",
];

export function protocolName(protocol: number): string {
  return `${PROTOCOLS[protocol] ?? "Unknown"} (${protocol})`;
}

/** RFC 791. */
export function ipv4(buf: Bytes, at: number, end: number): { layer: Layer; ip: Ipv4 } | null {
  if (!Ipv4.check(buf, at, end)) return null;
  const ip = new Ipv4(buf, at);
  const tree = new Tree(buf);
  tree.add("ip.version", "Version", at, 1, "4");
  const words = ip.headerLength / 4;
  tree.add("ip.hdr_len", "Header Length", at, 1, `${ip.headerLength} bytes (${words})`);
  const services = tree.add(
    "ip.dsfield",
    "Differentiated Services Field",
    at + 1,
    1,
    hex(ip.tos, 2),
  );
  const inside = tree.inside(services);
  const dscp = ip.tos >> 2;
  const name = DSCP[dscp] ?? "Unknown";
  inside.add(
    "ip.dsfield.dscp",
    "Differentiated Services Codepoint",
    at + 1,
    1,
    `${name} (${dscp})`,
  );
  const ecn = ip.tos & 3;
  const congestion = `${ECN[ecn]} (${ecn})`;
  inside.add("ip.dsfield.ecn", "Explicit Congestion Notification", at + 1, 1, congestion);
  tree.u16("ip.len", "Total Length", at + 2);
  tree.u16("ip.id", "Identification", at + 4, (n) => `${hex(n, 4)} (${n})`);
  const { fragment } = ip;
  const flags = tree.add("ip.flags", "Flags", at + 6, 1, hex(fragment >> 13, 1));
  const bits = tree.inside(flags);
  bits.add("ip.flags.rb", "Reserved bit", at + 6, 1, flag((fragment & 0x8000) !== 0));
  bits.add("ip.flags.df", "Don't fragment", at + 6, 1, flag((fragment & IP_DF) !== 0));
  bits.add("ip.flags.mf", "More fragments", at + 6, 1, flag((fragment & IP_MF) !== 0));
  tree.add("ip.frag_offset", "Fragment Offset", at + 6, 2, String((fragment & IP_OFFSET) * 8));
  tree.u8("ip.ttl", "Time to Live", at + 8);
  tree.u8("ip.proto", "Protocol", at + 9, protocolName);
  const verdict = ip.checksumValid ? "correct" : "incorrect";
  tree.u16("ip.checksum", "Header Checksum", at + 10, (n) => `${hex(n, 4)} [${verdict}]`);
  tree.u32("ip.src", "Source Address", at + 12, formatIpv4);
  tree.u32("ip.dst", "Destination Address", at + 16, formatIpv4);
  if (ip.headerLength > 20) tree.bytes("ip.options", "Options", at + 20, ip.headerLength - 20);
  const title = `Internet Protocol Version 4, Src: ${formatIpv4(ip.src)}, Dst: ${formatIpv4(ip.dst)}`;
  const layer = {
    protocol: "ip",
    title,
    source: 0,
    at,
    length: ip.headerLength,
    fields: tree.fields,
  };
  return { layer, ip };
}

const ICMP_TYPES: Readonly<Record<number, string>> = {
  0: "Echo (ping) reply",
  3: "Destination unreachable",
  4: "Source quench (flow control)",
  5: "Redirect",
  8: "Echo (ping) request",
  11: "Time-to-live exceeded",
  12: "Parameter problem",
  13: "Timestamp request",
  14: "Timestamp reply",
};
const UNREACHABLE = [
  "Network unreachable",
  "Host unreachable",
  "Protocol unreachable",
  "Port unreachable",
  "Fragmentation needed",
  "Source route failed",
  "Network unknown",
  "Host unknown",
  "Source host isolated",
  "Network administratively prohibited",
  "Host administratively prohibited",
  "Network unreachable for TOS",
  "Host unreachable for TOS",
  "Communication administratively filtered",
  "Host precedence violation",
  "Precedence cutoff in effect",
];
const EXCEEDED = ["Time to live exceeded in transit", "Fragment reassembly time exceeded"];

function icmpCode(type: number, code: number): string {
  const names = type === 3 ? UNREACHABLE : type === 11 ? EXCEEDED : [];
  return names[code] ? `${code} (${names[code]})` : String(code);
}

/** RFC 792; `quoted` is where the packet that an error is about begins, or null. */
export function icmp(
  buf: Bytes,
  at: number,
  end: number,
): { layer: Layer; quoted: number | null } | null {
  if (!Icmp.check(buf, at, end)) return null;
  const tree = new Tree(buf);
  const type = tree.u8("icmp.type", "Type", at, (n) => `${n} (${ICMP_TYPES[n] ?? "Unknown"})`);
  const code = tree.u8("icmp.code", "Code", at + 1, (n) => icmpCode(type, n));
  const verdict = Icmp.checksumValid(buf, at, end) ? "correct" : "incorrect";
  tree.u16("icmp.checksum", "Checksum", at + 2, (n) => `${hex(n, 4)} [${verdict}]`);
  const isError = Icmp.isError(type);
  if (type === ICMP_ECHO || type === ICMP_ECHO_REPLY) {
    tree.u16("icmp.ident", "Identifier (BE)", at + 4, (n) => `${n} (${hex(n, 4)})`);
    tree.u16("icmp.seq", "Sequence Number (BE)", at + 6, (n) => `${n} (${hex(n, 4)})`);
    if (end > at + 8) tree.bytes("data.data", "Data", at + 8, end - at - 8);
  } else if (type === 3 && code === ICMP_FRAG_NEEDED)
    tree.u16("icmp.mtu", "MTU of next hop", at + 6);
  else if (type === 5) tree.u32("icmp.redir_gw", "Gateway Address", at + 4, formatIpv4);
  const title = "Internet Control Message Protocol";
  const length = isError ? 8 : end - at;
  const layer = { protocol: "icmp", title, source: 0, at, length, fields: tree.fields };
  return { layer, quoted: isError && end - at >= 28 && u8(buf, at + 8) >> 4 === 4 ? at + 8 : null };
}

/** The packet that an ICMP error quotes: its header, and the ports behind it where they are there. */
export function quotedIp(buf: Bytes, at: number, end: number): Layer {
  const header = (u8(buf, at) & 15) * 4;
  const tree = new Tree(buf);
  tree.u16("ip.len", "Total Length", at + 2);
  tree.u16("ip.id", "Identification", at + 4, (n) => `${hex(n, 4)} (${n})`);
  tree.u8("ip.ttl", "Time to Live", at + 8);
  const protocol = tree.u8("ip.proto", "Protocol", at + 9, protocolName);
  tree.u32("ip.src", "Source Address", at + 12, formatIpv4);
  tree.u32("ip.dst", "Destination Address", at + 16, formatIpv4);
  const ports = at + header;
  if (
    (protocol === 6 || protocol === 17) &&
    end >= ports + 4 &&
    (u16(buf, at + 6) & IP_OFFSET) === 0
  ) {
    const prefix = protocol === 6 ? "tcp" : "udp";
    tree.u16(`${prefix}.srcport`, "Source Port", ports);
    tree.u16(`${prefix}.dstport`, "Destination Port", ports + 2);
  }
  const title = "The packet that this is about";
  return { protocol: "ip", title, source: 0, at, length: end - at, fields: tree.fields };
}

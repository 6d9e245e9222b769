import { formatIpv4 } from "../wire/address.ts";
import { type Bytes, u8, u16, u32 } from "../wire/bytes.ts";
import { DNS_RCODES, dnsTypeName, formatIpv6 } from "../wire/dns.ts";
import { flag, hex, type Layer, Tree, text } from "./tree.ts";

const HEADER = 12;
const SECTIONS = [
  ["dns.qry", "Queries"],
  ["dns.resp", "Answers"],
  ["dns.resp", "Authoritative nameservers"],
  ["dns.resp", "Additional records"],
] as const;

/** A name, pointers followed (RFC 1035 §4.1.4), and where what is behind it begins; null when it is broken. */
function readName(buf: Bytes, start: number, from: number, end: number): [string, number] | null {
  let name = "";
  let at = from;
  let after = -1;
  for (let hops = 0; hops < 64; ) {
    if (at >= end) return null;
    const length = u8(buf, at);
    if ((length & 0xc0) === 0xc0) {
      if (at + 2 > end) return null;
      if (after < 0) after = at + 2;
      at = start + (u16(buf, at) & 0x3fff);
      hops++;
      continue;
    }
    if (length === 0) return [name || "<Root>", after < 0 ? at + 1 : after];
    if (length > 63 || at + 1 + length > end) return null;
    name += (name && ".") + text(buf.subarray(at + 1, at + 1 + length));
    at += 1 + length;
  }
  return null;
}

/** RFC 1035 §4. */
export function dns(buf: Bytes, at: number, end: number): Layer | null {
  if (end - at < HEADER) return null;
  const tree = new Tree(buf);
  tree.u16("dns.id", "Transaction ID", at, (n) => hex(n, 4));
  const flags = u16(buf, at + 2);
  const response = (flags & 0x8000) !== 0;
  const rcode = flags & 15;
  const all = tree.add("dns.flags", "Flags", at + 2, 2, hex(flags, 4));
  const bits = tree.inside(all);
  const bit = (name: string, label: string, mask: number): void => {
    bits.add(name, label, at + 2, 2, flag((flags & mask) !== 0));
  };
  bits.add(
    "dns.flags.response",
    "Response",
    at + 2,
    2,
    response ? "Message is a response" : "Message is a query",
  );
  bits.add("dns.flags.opcode", "Opcode", at + 2, 2, String((flags >> 11) & 15));
  if (response) bit("dns.flags.authoritative", "Authoritative", 0x0400);
  bit("dns.flags.truncated", "Truncated", 0x0200);
  bit("dns.flags.recdesired", "Recursion desired", 0x0100);
  if (response) {
    bit("dns.flags.recavail", "Recursion available", 0x0080);
    bits.add(
      "dns.flags.rcode",
      "Reply code",
      at + 2,
      2,
      `${DNS_RCODES[rcode] ?? "Unknown"} (${rcode})`,
    );
  }
  const counts = [
    tree.u16("dns.count.queries", "Questions", at + 4),
    tree.u16("dns.count.answers", "Answer RRs", at + 6),
    tree.u16("dns.count.auth_rr", "Authority RRs", at + 8),
    tree.u16("dns.count.add_rr", "Additional RRs", at + 10),
  ];
  let next = at + HEADER;
  for (const [section, count] of counts.entries()) {
    const [prefix, label] = SECTIONS[section] ?? ["dns", ""];
    for (let i = 0; i < count; i++) {
      const after = record(tree, prefix, label, at, next, end, section === 0);
      if (after < 0) break;
      next = after;
    }
  }
  const title = `Domain Name System (${response ? "response" : "query"})`;
  return { protocol: "dns", title, source: 0, at, length: end - at, fields: tree.fields };
}

/** One question or record; where the next begins, -1 when it is broken. */
function record(
  tree: Tree,
  prefix: string,
  label: string,
  start: number,
  at: number,
  end: number,
  isQuestion: boolean,
): number {
  const { buf } = tree;
  const named = readName(buf, start, at, end);
  if (!named) return -1;
  const [name, after] = named;
  if (after + (isQuestion ? 4 : 10) > end) return -1;
  const type = dnsTypeName(u16(buf, after));
  const length = isQuestion ? 0 : u16(buf, after + 8);
  const stop = after + (isQuestion ? 4 : 10 + length);
  if (stop > end) return -1;
  const one = tree.add(`${prefix}.record`, label, at, stop - at, `${name}: type ${type}`);
  const inside = tree.inside(one);
  const isService = type === "SRV" && !isQuestion;
  inside.add(isService ? "dns.srv.name" : `${prefix}.name`, "Name", at, after - at, name);
  inside.u16(`${prefix}.type`, "Type", after, (n) => `${dnsTypeName(n)} (${n})`);
  if (type === "OPT" && !isQuestion) {
    edns(inside, after + 2, stop);
    return stop;
  }
  inside.u16(`${prefix}.class`, "Class", after + 2, (n) => (n === 1 ? "IN (0x0001)" : hex(n, 4)));
  if (isQuestion) return stop;
  inside.u32("dns.resp.ttl", "Time to live", after + 4, (n) => `${n} s`);
  inside.u16("dns.resp.len", "Data length", after + 8);
  data(inside, type, start, after + 10, stop);
  return stop;
}

/** RFC 6891 §6.1.2: what stands for class and TTL, and the options. */
function edns(tree: Tree, from: number, end: number): void {
  const { buf } = tree;
  tree.u16("dns.rr.udp_payload_size", "UDP payload size", from);
  tree.u8("dns.resp.ext_rcode", "Higher bits in extended RCODE", from + 2, (n) => hex(n, 2));
  tree.u8("dns.resp.edns0_version", "EDNS0 version", from + 3);
  tree.u16("dns.resp.z", "Z", from + 4, (n) => hex(n, 4));
  tree.u16("dns.resp.len", "Data length", from + 6);
  for (let at = from + 8; at + 4 <= end; ) {
    const code = u16(buf, at);
    const length = u16(buf, at + 2);
    if (at + 4 + length > end) return;
    const name = code === 10 ? "COOKIE" : String(code);
    const option = tree.inside(tree.add("dns.opt", `Option: ${name}`, at, 4 + length, ""));
    option.u16("dns.opt.code", "Option Code", at, () => `${name} (${code})`);
    option.u16("dns.opt.len", "Option Length", at + 2);
    option.bytes("dns.opt.data", "Option Data", at + 4, length);
    at += 4 + length;
  }
}

const SOA_NUMBERS = [
  ["dns.soa.serial_number", "Serial Number"],
  ["dns.soa.refresh_interval", "Refresh Interval"],
  ["dns.soa.retry_interval", "Retry Interval"],
  ["dns.soa.expire_limit", "Expire limit"],
  ["dns.soa.minimum_ttl", "Minimum TTL"],
] as const;

function soa(tree: Tree, start: number, at: number, end: number): void {
  const server = readName(tree.buf, start, at, end);
  if (!server) return;
  tree.add("dns.soa.mname", "Primary name server", at, server[1] - at, server[0]);
  const mailbox = readName(tree.buf, start, server[1], end);
  if (!mailbox) return;
  const who = "Responsible authority's mailbox";
  tree.add("dns.soa.rname", who, server[1], mailbox[1] - server[1], mailbox[0]);
  SOA_NUMBERS.forEach(([name, label], i) => {
    const where = mailbox[1] + 4 * i;
    if (where + 4 <= end) tree.u32(name, label, where);
  });
}

function data(tree: Tree, type: string, start: number, at: number, end: number): void {
  const { buf } = tree;
  const size = end - at;
  const target = readName(buf, start, at, end)?.[0] ?? "";
  switch (type) {
    case "A":
      if (size === 4) tree.add("dns.a", "Address", at, 4, formatIpv4(u32(buf, at)));
      return;
    case "AAAA":
      if (size === 16) tree.add("dns.aaaa", "AAAA Address", at, 16, formatIpv6(buf, at));
      return;
    case "CNAME":
      tree.add("dns.cname", "CNAME", at, size, target);
      return;
    case "PTR":
      tree.add("dns.ptr.domain_name", "Domain Name", at, size, target);
      return;
    case "NS":
      tree.add("dns.ns", "Name Server", at, size, target);
      return;
    case "SOA":
      return soa(tree, start, at, end);
    case "SRV":
      if (size < 7) return;
      tree.u16("dns.srv.priority", "Priority", at);
      tree.u16("dns.srv.weight", "Weight", at + 2);
      tree.u16("dns.srv.port", "Port", at + 4);
      tree.add(
        "dns.srv.target",
        "Target",
        at + 6,
        size - 6,
        readName(buf, start, at + 6, end)?.[0] ?? "",
      );
      return;
    default:
      if (size) tree.bytes("dns.data", "Data", at, size);
  }
}

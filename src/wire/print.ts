import { hex } from "../base/text.ts";
import { formatIpv4, formatMac } from "./address.ts";
import { ARP_REPLY, ARP_REQUEST, Arp } from "./arp.ts";
import type { Bytes } from "./bytes.ts";
import { u16 } from "./bytes.ts";
import { finish, pseudo, sum } from "./checksum.ts";
import { type DnsMessage, decodeDns } from "./dns.ts";
import {
  ETH_P_8021AD,
  ETH_P_8021Q,
  ETH_P_ARP,
  ETH_P_IP,
  ETH_P_IPV6,
  Ethernet,
  VLAN_HLEN,
} from "./ethernet.ts";
import { ETH_P_TEB, GENEVE_PORT, Geneve } from "./geneve.ts";
import {
  ICMP_DEST_UNREACH,
  ICMP_ECHO,
  ICMP_ECHO_REPLY,
  ICMP_FRAG_NEEDED,
  ICMP_HLEN,
  ICMP_REDIRECT,
  ICMP_TIME_EXCEEDED,
  Icmp,
} from "./icmp.ts";
import { IP_DF, IP_MF, IPPROTO_ICMP, IPPROTO_TCP, IPPROTO_UDP, Ipv4 } from "./ipv4.ts";
import { Tcp, TH_ACK, TH_CWR, TH_ECE, TH_FIN, TH_PUSH, TH_RST, TH_SYN, TH_URG } from "./tcp.ts";
import { Udp } from "./udp.ts";
import { VXLAN_HLEN, VXLAN_PORT, Vxlan } from "./vxlan.ts";

/** What a line shows besides the packet itself. */
export interface PrintOptions {
  /** -e: the link header. */
  link: boolean;
  /** `-i any`: there is no Ethernet header to show. */
  cooked: boolean;
  /** -v, -vv */
  verbose: number;
  /** -q: less of the protocol. */
  quick: boolean;
  /** -S: sequence numbers as they are. */
  absolute: boolean;
  /** Names (no -n). */
  names: boolean;
  portName(port: number, transport: "tcp" | "udp"): string | null;
}

export const PLAIN: PrintOptions = {
  link: false,
  cooked: false,
  verbose: 0,
  quick: false,
  absolute: false,
  names: false,
  portName: () => null,
};

const ETHERTYPES: Record<number, string> = {
  [ETH_P_IP]: "IPv4",
  [ETH_P_ARP]: "ARP",
  [ETH_P_IPV6]: "IPv6",
  [ETH_P_8021Q]: "802.1Q",
  [ETH_P_8021AD]: "802.1Q-QinQ",
};
const PROTOCOLS: Record<number, string> = {
  1: "ICMP",
  6: "TCP",
  17: "UDP",
  47: "GRE",
  50: "ESP",
  132: "SCTP",
};

const ECN = ["", ",ECT(1)", ",ECT(0)", ",CE"];

/**
 * Prints packets as tcpdump 4.99 does, a line each. It remembers the connections that it has seen
 * begin, so that sequence numbers are relative.
 */
export class PacketPrinter {
  options: PrintOptions;
  /** Connection -> first sequence numbers, of the side with the smaller key and of the other. */
  connections = new Map<string, { seq: number; ack: number; forward: string }>();

  constructor(options: PrintOptions = PLAIN) {
    this.options = options;
  }

  /** A frame that begins with its Ethernet header. */
  frame(data: Bytes, length = data.length): string {
    if (!Ethernet.check(data, 0, data.length)) return `[|ether]`;
    const eth = new Ethernet(data, 0);
    if (!this.options.link || this.options.cooked)
      return this.network(data, 14, data.length, eth.type);
    const type = `ethertype ${ETHERTYPES[eth.type] ?? "Unknown"} (0x${hex(eth.type, 4)})`;
    const rest = this.network(data, 14, data.length, eth.type, true);
    return `${this.mac(eth.src)} > ${this.mac(eth.dst)}, ${type}, length ${length}: ${rest}`;
  }

  /** Without -n an address is followed by whose it is; what was made at random is nobody's. */
  mac(address: string): string {
    if (!this.options.names) return address;
    if (address === "ff:ff:ff:ff:ff:ff") return "Broadcast";
    return `${address} (oui ${address.startsWith("00:00:00:") ? "Ethernet" : "Unknown"})`;
  }

  network(data: Bytes, at: number, end: number, type: number, link = false): string {
    if ((type === ETH_P_8021Q || type === ETH_P_8021AD) && end - at >= VLAN_HLEN) {
      const tag = u16(data, at);
      const inner = u16(data, at + 2);
      const rest = this.network(data, at + VLAN_HLEN, end, inner, link);
      if (!link) return rest;
      return `vlan ${tag & 0xfff}, p ${tag >> 13}${tag & 0x1000 ? ", DEI" : ""}, ethertype ${ETHERTYPES[inner] ?? "Unknown"} (0x${hex(inner, 4)}), ${rest}`;
    }
    if (type === ETH_P_IP) return this.ip(data, at, end);
    if (type === ETH_P_ARP) return this.arp(data, at, end);
    return `ethertype Unknown (0x${hex(type, 4)}), length ${end - at}`;
  }

  arp(data: Bytes, at: number, end: number): string {
    if (!Arp.check(data, at, end)) return "[|ARP]";
    const arp = new Arp(data, at);
    const hardware = this.options.verbose ? "Ethernet (len 6), IPv4 (len 4), " : "";
    const detail = `${this.options.link ? "" : "ARP, "}${hardware}`;
    const to = formatIpv4(arp.targetIp);
    const from = formatIpv4(arp.senderIp);
    const known = arp.targetMac.some((octet) => octet !== 0)
      ? ` (${this.mac(formatMac(arp.targetMac))})`
      : "";
    const length = `, length ${end - at}`;
    if (arp.operation === ARP_REQUEST)
      return `${detail}Request who-has ${to}${known} tell ${from}${length}`;
    if (arp.operation === ARP_REPLY)
      return `${detail}Reply ${from} is-at ${this.mac(formatMac(arp.senderMac))}${length}`;
    return `${detail}Unknown (${arp.operation})${length}`;
  }

  ip(data: Bytes, at: number, end: number): string {
    if (!Ipv4.check(data, at, end)) return "IP [|ip]";
    const ip = new Ipv4(data, at);
    const { verbose } = this.options;
    const body = this.transport(data, ip);
    // The link header has said what it is.
    const kind = this.options.link ? "" : "IP ";
    if (!verbose) return `${kind}${body}`;
    const flags: string[] = [];
    if (ip.fragment & IP_MF) flags.push("+");
    if (ip.fragment & IP_DF) flags.push("DF");
    const name = PROTOCOLS[ip.protocol] ?? "unknown";
    return `${kind}(tos 0x${hex(ip.tos)}${ECN[ip.tos & 3]}, ttl ${ip.ttl}, id ${ip.id}, offset ${ip.fragmentOffset}, flags [${flags.join(", ") || "none"}], proto ${name} (${ip.protocol}), length ${ip.totalLength})\n    ${body}`;
  }

  port(port: number, transport: "tcp" | "udp"): string {
    return this.options.portName(port, transport) ?? String(port);
  }

  transport(data: Bytes, ip: Ipv4): string {
    const src = formatIpv4(ip.src);
    const dst = formatIpv4(ip.dst);
    const length = ip.end - ip.payload;
    if (ip.fragmentOffset)
      return `${src} > ${dst}: ${(this.options.names && PROTOCOLS[ip.protocol]?.toLowerCase()) || `ip-proto-${ip.protocol}`}`;
    if (ip.protocol === IPPROTO_TCP) {
      if (!Tcp.check(data, ip.payload, ip.end)) return `${src} > ${dst}: [|tcp]`;
      const tcp = new Tcp(data, ip.payload);
      return `${src}.${this.port(tcp.srcPort, "tcp")} > ${dst}.${this.port(tcp.dstPort, "tcp")}: ${this.tcp(data, ip, tcp)}`;
    }
    if (ip.protocol === IPPROTO_UDP) {
      if (length < 8) return `${src} > ${dst}: [|udp]`;
      const udp = new Udp(data, ip.payload);
      return `${src}.${this.port(udp.srcPort, "udp")} > ${dst}.${this.port(udp.dstPort, "udp")}: ${this.udp(data, ip, udp)}`;
    }
    if (ip.protocol === IPPROTO_ICMP && Icmp.check(data, ip.payload, ip.end))
      return `${src} > ${dst}: ${this.icmp(data, ip)}`;
    const name = PROTOCOLS[ip.protocol];
    return name
      ? `${src} > ${dst}: ${name}, length ${length}`
      : `${src} > ${dst}:  ip-proto-${ip.protocol} ${length}`;
  }

  tcp(data: Bytes, ip: Ipv4, tcp: Tcp): string {
    const length = ip.end - tcp.payload;
    if (this.options.quick) return `tcp ${length}`;
    const f = tcp.flags;
    const letters =
      (f & TH_FIN ? "F" : "") +
      (f & TH_SYN ? "S" : "") +
      (f & TH_RST ? "R" : "") +
      (f & TH_PUSH ? "P" : "") +
      (f & TH_ACK ? "." : "") +
      (f & TH_URG ? "U" : "") +
      (f & TH_ECE ? "E" : "") +
      (f & TH_CWR ? "W" : "");
    const { seq, ack, sack } = this.relative(ip, tcp);
    let out = `Flags [${letters || "none"}]`;
    if (this.options.verbose) {
      const right = tcp.checksumValid(ip.src, ip.dst, ip.end);
      const wanted = `incorrect -> 0x${hex(rightChecksum(data, ip), 4)}`;
      out += `, cksum 0x${hex(tcp.checksum, 4)} (${right ? "correct" : wanted})`;
    }
    if (length > 0) out += `, seq ${seq}:${(seq + length) >>> 0}`;
    else if (this.options.verbose > 1 || f & (TH_SYN | TH_FIN | TH_RST)) out += `, seq ${seq}`;
    if (f & TH_ACK) out += `, ack ${ack}`;
    out += `, win ${tcp.window}`;
    if (f & TH_URG) out += `, urg ${tcp.urgent}`;
    const options = optionText(data, tcp, sack);
    if (options) out += `, options [${options}]`;
    out += `, length ${length}`;
    return out + applicationText(data, tcp, length, this.options.verbose > 0);
  }

  /**
   * Sequence numbers relative to the first that were seen of a connection: those of the first
   * segment with ACK, and of every SYN with ACK (tcpdump: print-tcp.c). `sack` is what the numbers of
   * its blocks count from.
   */
  relative(ip: Ipv4, tcp: Tcp): { seq: number; ack: number; sack: number } {
    if (this.options.absolute || !(tcp.flags & TH_ACK))
      return { seq: tcp.seq, ack: tcp.ack, sack: 0 };
    const from = `${ip.src}:${tcp.srcPort}`;
    const to = `${ip.dst}:${tcp.dstPort}`;
    const key = from < to ? `${from} ${to}` : `${to} ${from}`;
    let known = this.connections.get(key);
    if (!known || tcp.flags & TH_SYN) {
      known = { seq: tcp.seq, ack: (tcp.ack - 1) >>> 0, forward: from };
      this.connections.set(key, known);
      return { seq: tcp.seq, ack: tcp.ack, sack: known.ack };
    }
    const [seq, ack] = known.forward === from ? [known.seq, known.ack] : [known.ack, known.seq];
    return { seq: (tcp.seq - seq) >>> 0, ack: (tcp.ack - ack) >>> 0, sack: ack };
  }

  udp(data: Bytes, ip: Ipv4, udp: Udp): string {
    const end = Math.min(udp.end, ip.end);
    const length = udp.length - 8;
    const check = this.options.verbose > 1 ? udpCheck(data, ip, udp) : "";
    const is = (port: number): boolean => udp.srcPort === port || udp.dstPort === port;
    if (this.options.quick) return `UDP, length ${length}`;
    if ((is(53) || is(5353)) && length < 12)
      return `${check}domain [length ${length} < 12] (invalid)`;
    if (is(514) && data[udp.payload] !== 0x3c) return `${check} (invalid)`;
    if (is(53)) {
      const message = decodeDns(data.slice(udp.payload, end));
      if (message) return `${check}${dnsText(message, length, this.options.verbose > 0)}`;
    }
    if (is(GENEVE_PORT) && Geneve.check(data, udp.payload, end))
      return check + this.geneve(data, udp.payload, end);
    if (is(VXLAN_PORT) && Vxlan.check(data, udp.payload, end)) {
      const header = new Vxlan(data, udp.payload);
      const inner = this.inner(data, udp.payload + VXLAN_HLEN, end);
      return `${check}VXLAN, flags [I] (0x${hex(header.flags, 2)}), vni ${header.vni}\n${inner}`;
    }
    return `${check}UDP, length ${length}`;
  }

  geneve(data: Bytes, at: number, end: number): string {
    const header = new Geneve(data, at);
    const flags = `${header.control ? "O" : ""}${header.critical ? "C" : ""}` || "none";
    let text = `Geneve, Flags [${flags}], vni 0x${hex(header.vni)}`;
    if (header.protocol !== ETH_P_TEB) text += `, proto unknown (0x${hex(header.protocol, 4)})`;
    else if (this.options.link) text += ", proto TEB (0x6558)";
    const options = header.options;
    if (options.length) {
      const shown = options.map((o) => {
        return `class Unknown (0x${hex(o.class)}) type 0x${hex(o.type)}${o.type & 0x80 ? "(C)" : ""} len ${4 + o.data.length}${o.data.length ? ` data ${[...o.data].map((b) => hex(b, 2)).join("")}` : ""}`;
      });
      text += `, options [${shown.join(", ")}]`;
    }
    const inner = this.inner(data, at + header.headerLength, end);
    return `${text}${this.options.verbose ? "\n\t" : ": "}${inner}`;
  }

  inner(data: Bytes, at: number, end: number): string {
    if (end - at < 14) return "[|ether]";
    const type = u16(data, at + 12);
    const text = this.network(data, at + 14, end, type);
    if (!this.options.link) return text;
    const eth = new Ethernet(data, at);
    return `${this.mac(eth.src)} > ${this.mac(eth.dst)}, ethertype ${ETHERTYPES[type] ?? "Unknown"} (0x${hex(type, 4)}), length ${end - at}: ${text}`;
  }

  icmp(data: Bytes, ip: Ipv4): string {
    const icmp = new Icmp(data, ip.payload);
    const length = ip.end - ip.payload;
    const { type, code } = icmp;
    if (type === ICMP_ECHO || type === ICMP_ECHO_REPLY)
      return `ICMP echo ${type === ICMP_ECHO ? "request" : "reply"}, id ${icmp.id}, seq ${icmp.seq}, length ${length}`;
    const inner = ip.payload + ICMP_HLEN;
    const about = ip.end - inner >= 20 ? new Ipv4(data, inner) : null;
    const dst = about ? formatIpv4(about.dst) : "?";
    let text = `type-#${type}`;
    if (type === ICMP_DEST_UNREACH) text = this.unreachable(data, code, about, dst, icmp);
    else if (type === ICMP_TIME_EXCEEDED)
      text =
        code === 0
          ? "time exceeded in-transit"
          : code === 1
            ? "ip reassembly time exceeded"
            : `time exceeded-#${code}`;
    else if (type === ICMP_REDIRECT)
      text = `redirect ${dst} to ${code === 0 ? "net" : "host"} ${formatIpv4(icmp.rest)}`;
    let out = `ICMP ${text}, length ${length}`;
    if (this.options.verbose && about && Ipv4.check(data, inner, ip.end))
      out += `\n\t${this.ip(data, inner, ip.end)}`;
    return out;
  }

  unreachable(data: Bytes, code: number, about: Ipv4 | null, dst: string, icmp: Icmp): string {
    switch (code) {
      case 0:
        return `net ${dst} unreachable`;
      case 1:
        return `host ${dst} unreachable`;
      case 2:
        return `${dst} protocol ${about?.protocol ?? "?"} unreachable`;
      case 3: {
        const port = about ? u16(data, about.payload + 2) : 0;
        if (about?.protocol === IPPROTO_TCP)
          return `${dst} tcp port ${this.port(port, "tcp")} unreachable`;
        if (about?.protocol === IPPROTO_UDP)
          return `${dst} udp port ${this.port(port, "udp")} unreachable`;
        return `${dst} protocol ${about?.protocol ?? "?"} port ${port} unreachable`;
      }
      case ICMP_FRAG_NEEDED: {
        const mtu = icmp.rest & 0xffff;
        return mtu
          ? `${dst} unreachable - need to frag (mtu ${mtu})`
          : `${dst} unreachable - need to frag`;
      }
      case 9:
        return `net ${dst} unreachable - admin prohibited`;
      case 10:
        return `host ${dst} unreachable - admin prohibited`;
      case 13:
        return `host ${dst} unreachable - admin prohibited filter`;
      default:
        return `${dst} unreachable - #${code}`;
    }
  }
}

/** Options in the order of the header, as tcpdump abbreviates them. */
function optionText(data: Bytes, tcp: Tcp, first: number): string {
  const out: string[] = [];
  const end = tcp.payload;
  let at = tcp.off + 20;
  const options = tcp.options;
  while (at < end) {
    const kind = data[at] as number;
    if (kind === 0) {
      out.push("eol");
      break;
    }
    if (kind === 1) {
      out.push("nop");
      at++;
      continue;
    }
    const length = data[at + 1] ?? 0;
    if (length < 2 || at + length > end) break;
    if (kind === 2) out.push(`mss ${u16(data, at + 2)}`);
    else if (kind === 3) out.push(`wscale ${data[at + 2]}`);
    else if (kind === 4) out.push("sackOK");
    else if (kind === 5) {
      const blocks = options.sack ?? [];
      out.push(
        `sack ${blocks.length} ${blocks.map(([l, r]) => `{${(l - first) >>> 0}:${(r - first) >>> 0}}`).join("")}`,
      );
    } else if (kind === 8)
      out.push(`TS val ${options.timestamp?.value} ecr ${options.timestamp?.echo}`);
    else out.push(`unknown-${kind}`);
    at += length;
  }
  return out.join(",");
}

/** Ports on which tcpdump looks for HTTP. */
const HTTP_PORTS = new Set([80, 8080, 3128]);

const HTTP_START = /^(HTTP\/|GET |POST |PUT |HEAD |DELETE |OPTIONS |CONNECT |PATCH |TRACE )/;

/** The first line, or with -v all of them as long as they are text (tcpdump: print.c, txtproto_print). */
function applicationText(data: Bytes, tcp: Tcp, length: number, verbose: boolean): string {
  if (length === 0 || (!HTTP_PORTS.has(tcp.srcPort) && !HTTP_PORTS.has(tcp.dstPort))) return "";
  const end = Math.min(tcp.payload + length, data.length);
  const text = new TextDecoder("latin1").decode(data.subarray(tcp.payload, end));
  const known = HTTP_START.test(text);
  if (!verbose) return known ? `: HTTP: ${text.split(/\r?\n/, 1)[0]}` : ": HTTP";
  let out = `: HTTP, length: ${length}`;
  if (!known) return out;
  const lines = text.split(/\r?\n/);
  if (lines[lines.length - 1] === "") lines.pop();
  for (const line of lines) {
    if (/[^\t\x20-\x7e]/.test(line)) break;
    out += `\n\t${line}`;
  }
  return out;
}

/** The checksum of TCP or UDP as it should be. */
function rightChecksum(data: Bytes, ip: Ipv4): number {
  const segment = data.slice(ip.payload, ip.end);
  const at = ip.protocol === IPPROTO_TCP ? 16 : 6;
  segment[at] = 0;
  segment[at + 1] = 0;
  const start = pseudo(ip.src, ip.dst, ip.protocol, segment.length);
  return finish(sum(segment, 0, segment.length, start));
}

function udpCheck(data: Bytes, ip: Ipv4, udp: Udp): string {
  if (udp.checksum === 0) return "[no cksum] ";
  if (udp.checksumValid(ip.src, ip.dst)) return "[udp sum ok] ";
  return `[bad udp cksum 0x${hex(udp.checksum, 4)} -> 0x${hex(rightChecksum(data, ip), 4)}!] `;
}

const RCODES = ["", " FormErr", " ServFail", " NXDomain", " NotImp", " Refused"];

/** tcpdump's shorthand for DNS: id, flags, question or answer counts, records, size. */
function dnsText(m: DnsMessage, length: number, verbose: boolean): string {
  const edns = m.edns ? 1 : 0;
  if (!m.response) {
    const q = m.questions[0];
    const extra = m.additional.length + edns;
    return `${m.id}${m.recursionDesired ? "+" : ""}${extra ? ` [${extra}au]` : ""} ${q ? `${q.type}? ${q.name}` : "?"} (${length})`;
  }
  const flags = `${m.authoritative ? "*" : ""}${m.recursionAvailable ? "" : "-"}${m.truncated ? "|" : ""}`;
  const counts = `${m.answers.length}/${m.authority.length}/${m.additional.length + edns}`;
  const records = m.answers
    .map((r) => `${verbose ? `${r.name} ` : ""}${r.type} ${r.data}`)
    .join(", ");
  return `${m.id}${RCODES[m.rcode] ?? ""}${flags} ${counts}${records ? ` ${records}` : ""} (${length})`;
}

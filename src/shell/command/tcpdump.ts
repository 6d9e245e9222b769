import { SysError } from "../../base/errno.ts";
import { hex } from "../../base/text.ts";
import type { Process, Run } from "../../host/process.ts";
import type { NetDevice } from "../../net/device/device.ts";
import { serviceName } from "../../net/netfilter/names.ts";
import type { NetNs } from "../../net/netns.ts";
import { type CapturedFrame, PacketSock } from "../../net/socket/packet.ts";
import { formatMac } from "../../wire/address.ts";
import { set16, set32 } from "../../wire/bytes.ts";
import { type Filter, matches } from "../../wire/filter.ts";
import { FilterError, parseFilter } from "../../wire/filter-parse.ts";
import {
  LINKTYPE_ETHERNET,
  LINKTYPE_LINUX_SLL2,
  pcapHeader,
  pcapRecord,
  readPcap,
} from "../../wire/pcap.ts";
import { PacketPrinter } from "../../wire/print.ts";
import type { Command } from "../command.ts";

const SLL2 = 20;
/** linux: PACKET_OUTGOING */
const OUTGOING = 4;
const PACKET_TYPES = ["In ", "B  ", "M  ", "P  ", "Out"];

interface Options {
  device: string | null;
  count: number;
  write: string | null;
  read: string | null;
  snaplen: number;
  link: boolean;
  numeric: number;
  verbose: number;
  quick: boolean;
  absolute: boolean;
  time: number;
  hexDump: "" | "x" | "xx" | "X" | "XX" | "A";
  direction: "in" | "out" | "inout";
  number: boolean;
  promiscuous: boolean;
  quietStart: boolean;
  list: boolean;
  expression: string[];
}

class Usage extends Error {}

function parse(argv: readonly string[]): Options {
  const o: Options = {
    device: null,
    count: Number.POSITIVE_INFINITY,
    write: null,
    read: null,
    snaplen: 262144,
    link: false,
    numeric: 0,
    verbose: 0,
    quick: false,
    absolute: false,
    time: 0,
    hexDump: "",
    direction: "inout",
    number: false,
    promiscuous: true,
    quietStart: false,
    list: false,
    expression: [],
  };
  let i = 1;
  for (; i < argv.length; i++) {
    const word = argv[i] as string;
    if (!word.startsWith("-") || word === "-") break;
    if (word === "--number") o.number = true;
    else if (word === "--no-promiscuous-mode") o.promiscuous = false;
    else if (word === "--immediate-mode") continue;
    else if (word.startsWith("--interface=")) o.device = word.slice(12);
    else if (word === "--list-interfaces") o.list = true;
    else if (word.startsWith("--")) throw new Usage(`tcpdump: unrecognized option '${word}'`);
    else
      for (let j = 1; j < word.length; j++) {
        const letter = word[j] as string;
        const value = (): string => {
          const inline = word.slice(j + 1);
          j = word.length;
          const found = inline || argv[++i];
          if (found === undefined)
            throw new Usage(`tcpdump: option requires an argument -- '${letter}'`);
          return found;
        };
        if (letter === "i") o.device = value();
        else if (letter === "c") o.count = count(value());
        else if (letter === "w") o.write = value();
        else if (letter === "r") o.read = value();
        else if (letter === "s") o.snaplen = Number(value()) || 262144;
        else if (letter === "Q") o.direction = value() as Options["direction"];
        else if (letter === "e") o.link = true;
        else if (letter === "n") o.numeric++;
        else if (letter === "v") o.verbose++;
        else if (letter === "q") o.quick = true;
        else if (letter === "S") o.absolute = true;
        else if (letter === "t") o.time++;
        else if (letter === "#") o.number = true;
        else if (letter === "D") o.list = true;
        else if (letter === "A") o.hexDump = "A";
        else if (letter === "x") o.hexDump = o.hexDump === "x" ? "xx" : "x";
        else if (letter === "X") o.hexDump = o.hexDump === "X" ? "XX" : "X";
        else if (letter === "p") o.promiscuous = false;
        else if ("lUKNfbO".includes(letter)) continue;
        else if (letter === "Z" || letter === "G" || letter === "C" || letter === "B") value();
        else throw new Usage(`tcpdump: invalid option -- '${letter}'`);
      }
  }
  o.expression = argv.slice(i) as string[];
  return o;
}

function count(text: string): number {
  if (!/^\d+$/.test(text) || Number(text) <= 0)
    throw new Usage(`tcpdump: invalid packet count ${text}`);
  return Number(text);
}

const USAGE = `tcpdump version 4.99.3
libpcap version 1.10.3 (with TPACKET_V3)
Usage: tcpdump [-AeKlnpqStUvxX#] [ -c count ] [ -i interface ] [ -Q in|out|inout ]
\t\t[ -r file ] [ -s snaplen ] [ -w file ] [ expression ]
`;

/** One frame that passed the filter: to the file or as a line. */
class Sink {
  p: Process;
  o: Options;
  printer: PacketPrinter;
  any: boolean;
  seen = 0;
  previous = 0;
  first = 0;

  constructor(p: Process, o: Options, any: boolean) {
    this.p = p;
    this.o = o;
    this.any = any;
    this.printer = new PacketPrinter({
      link: o.link,
      cooked: any,
      verbose: o.verbose,
      names: o.numeric === 0,
      quick: o.quick,
      absolute: o.absolute,
      portName: o.numeric ? () => null : (port, transport) => serviceName(port, transport),
    });
  }

  /** -t: none, -tt: epoch, -ttt: since the last, -tttt: with the date, -ttttt: since the first. */
  stamp(micros: number): string {
    const { time } = this.o;
    const previous = this.previous || micros;
    this.previous = micros;
    this.first ||= micros;
    if (time === 1) return "";
    const fraction = String(Math.floor(micros % 1e6)).padStart(6, "0");
    if (time === 2) return `${Math.floor(micros / 1e6)}.${fraction} `;
    const date = new Date(micros / 1000).toISOString();
    if (time === 3 || time === 5) {
      const gap = micros - (time === 3 ? previous : this.first);
      const clock = new Date(gap / 1000).toISOString().slice(11, 19);
      return ` ${clock}.${String(Math.floor(gap % 1e6)).padStart(6, "0")} `;
    }
    return time === 4
      ? `${date.slice(0, 10)} ${date.slice(11, 19)}.${fraction} `
      : `${date.slice(11, 19)}.${fraction} `;
  }

  line(frame: CapturedFrame, micros: number): string {
    this.seen++;
    const number = this.o.number ? `${String(this.seen).padStart(5)}  ` : "";
    let text = `${number}${this.stamp(micros)}`;
    if (this.any) {
      text += `${frame.device.padEnd(5)} ${PACKET_TYPES[frame.packetType]} `;
      if (this.o.link) {
        const mac = this.printer.mac(formatMac(frame.data, 6));
        const type = (frame.data[12]! << 8) | frame.data[13]!;
        const name = { 2048: "IPv4", 2054: "ARP", 34525: "IPv6" }[type] ?? "Unknown";
        text += `ifindex ${frame.ifindex} ${mac} ethertype ${name} (0x${hex(type, 4)}), length ${frame.length - 14 + SLL2}: `;
      }
    }
    const body = this.printer.frame(frame.data, frame.length);
    return `${text}${body}\n${this.dump(frame)}`;
  }

  dump(frame: CapturedFrame): string {
    const { hexDump } = this.o;
    if (!hexDump) return "";
    const whole = this.any ? cooked(frame) : frame.data;
    const data = hexDump.length === 2 ? whole : frame.data.subarray(14);
    if (hexDump === "A") return `${asciiText(data)}\n`;
    let out = "";
    for (let at = 0; at < data.length; at += 16) {
      const row = data.subarray(at, at + 16);
      const words: string[] = [];
      for (let i = 0; i < row.length; i += 2)
        words.push(
          hex(row[i] as number, 2) + (i + 1 < row.length ? hex(row[i + 1] as number, 2) : ""),
        );
      out += `\t0x${hex(at, 4)}:  ${words.join(" ").padEnd(hexDump[0] === "X" ? 40 : 0)}`;
      if (hexDump[0] === "X")
        out += ` ${[...row].map((b) => (b > 32 && b < 127 ? String.fromCharCode(b) : ".")).join("")}`;
      out += "\n";
    }
    return out;
  }

  record(frame: CapturedFrame, micros: number): Uint8Array {
    if (!this.any) return pcapRecord({ time: micros, data: frame.data, length: frame.length });
    return pcapRecord({ time: micros, data: cooked(frame), length: frame.length - 14 + SLL2 });
  }
}

/** The frame with a "cooked" header instead of Ethernet's (linux: LINKTYPE_LINUX_SLL2). */
function cooked(frame: CapturedFrame): Uint8Array {
  const data = new Uint8Array(SLL2 + frame.data.length - 14);
  set16(data, 0, (frame.data[12]! << 8) | frame.data[13]!);
  set32(data, 4, frame.ifindex);
  set16(data, 8, 1);
  data[10] = frame.packetType;
  data[11] = 6;
  data.set(frame.data.subarray(6, 12), 12);
  data.set(frame.data.subarray(14), SLL2);
  return data;
}

/** -A: text as it is, but for a CR before its LF, and dots for the rest (tcpdump: print-ascii.c). */
function asciiText(data: Uint8Array): string {
  let text = "";
  data.forEach((byte, i) => {
    if (byte === 13 && data[i + 1] === 10) return;
    const plain = (byte >= 32 && byte < 127) || byte === 9 || byte === 10;
    text += plain ? String.fromCharCode(byte) : ".";
  });
  return text;
}

function* run(p: Process, argv: string[]): Run {
  let o: Options;
  let filter: Filter;
  try {
    o = parse(argv);
  } catch (error) {
    if (!(error instanceof Usage)) throw error;
    yield* p.err(`${error.message}\n${USAGE}`);
    return 1;
  }
  try {
    filter = parseFilter(o.expression.join(" "), o.read !== null);
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    yield* p.err(`tcpdump: ${error.message}\n`);
    return 1;
  }
  if (o.list) {
    yield* p.out(interfaces(p));
    return 0;
  }
  if (o.read !== null) return yield* readFile(p, o, filter);
  return yield* capture(p, o, filter);
}

function interfaces(p: Process): string {
  let number = 0;
  let out = "";
  for (const dev of p.netns.devices.values())
    out += `${++number}.${dev.name} [${dev.up ? "Up, Running" : "none"}${dev.isLoopback ? ", Loopback" : ""}]\n`;
  return `${out}${++number}.any (Pseudo-device that captures on all interfaces) [Up, Running]\n`;
}

function* capture(p: Process, o: Options, filter: Filter): Run {
  const ns = p.netns;
  const up = [...ns.devices.values()].find((dev) => dev.up && !dev.isLoopback) ?? ns.loopback;
  const name = o.device ?? up.name;
  const any = name === "any";
  let dev: NetDevice | null = null;
  if (!any) {
    dev = ns.byName.get(name) ?? null;
    if (!dev) {
      yield* p.err(`tcpdump: ${name}: No such device exists\n(No such device exists)\n`);
      return 1;
    }
    if (!dev.up) {
      yield* p.err(`tcpdump: ${name}: That device is not up\n`);
      return 1;
    }
  }
  const sock = new PacketSock(ns, dev, o.snaplen, o.promiscuous);
  const sink = new Sink(p, o, any);
  p.caught.add("SIGINT");
  p.caught.add("SIGTERM");
  let captured = 0;
  let received = 0;
  let interrupted = false;
  const link = any ? "LINUX_SLL2 (Linux cooked v2)" : "EN10MB (Ethernet)";
  try {
    if (any) yield* p.err("tcpdump: data link type LINUX_SLL2\n");
    if (o.write === null && o.verbose === 0)
      yield* p.err("tcpdump: verbose output suppressed, use -v[v]... for full protocol decode\n");
    const listening = `listening on ${name}, link-type ${link}, snapshot length ${o.snaplen} bytes\n`;
    yield* p.err(o.write === null && o.verbose === 0 ? listening : `tcpdump: ${listening}`);
    const out = o.write === null ? null : yield* openWrite(p, o.write);
    if (o.write !== null && out === null) return 1;
    if (out)
      yield* p.write(out, pcapHeader(any ? LINKTYPE_LINUX_SLL2 : LINKTYPE_ETHERNET, o.snaplen));
    while (captured < o.count) {
      const frame = sock.frames.shift();
      if (!frame) {
        yield { on: [sock.readable], until: Number.POSITIVE_INFINITY };
        interrupted = p.took("SIGINT") || p.took("SIGTERM");
        if (interrupted && sock.frames.length === 0) break;
        continue;
      }
      if (!passes(filter, frame)) continue;
      received++;
      if (!wanted(o, ns, frame)) continue;
      captured++;
      const micros = p.sim.epoch * 1000 + frame.at / 1000;
      if (out) yield* p.write(out, sink.record(frame, micros));
      else yield* p.out(sink.line(frame, micros));
      if (interrupted && sock.frames.length === 0) break;
    }
    // The kernel has let more through than -c asked for.
    for (const frame of sock.frames) if (passes(filter, frame)) received++;
  } finally {
    sock.close();
  }
  const packets = (n: number): string => `${n} packet${n === 1 ? "" : "s"}`;
  // It may have been in the middle of a line (tcpdump.c, main).
  if (interrupted && o.write === null) yield* p.out("\n");
  yield* p.err(
    `${packets(captured)} captured\n${packets(received)} received by filter\n${packets(sock.dropped)} dropped by kernel\n`,
  );
  return 0;
}

function passes(filter: Filter, frame: CapturedFrame): boolean {
  const { data, length, device } = frame;
  return matches(filter, { data, length, device, out: frame.packetType === OUTGOING });
}

/** -Q; and what goes out by `lo` comes in by it as well (libpcap: pcap-linux.c, linux_check_direction). */
function wanted(o: Options, ns: NetNs, frame: CapturedFrame): boolean {
  const outgoing = frame.packetType === OUTGOING;
  if (outgoing && frame.ifindex === ns.loopback.ifindex) return false;
  return o.direction === "inout" || outgoing === (o.direction === "out");
}

/** The descriptor that -w writes to; null after its complaint. */
function* openWrite(p: Process, path: string): Run<number | null> {
  if (path === "-") return 1;
  try {
    const file = p.machine.fs.open(
      p.path(path),
      { write: true, create: true, truncate: true },
      0o644,
      p,
    );
    p.fds.push(file);
    return p.fds.length - 1;
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    yield* p.err(`tcpdump: ${path}: ${error.message}\n`);
    return null;
  }
}

/** -r: a file written before. */
function* readFile(p: Process, o: Options, filter: Filter): Run {
  const path = o.read as string;
  let bytes: Uint8Array;
  try {
    bytes = path === "-" ? yield* p.readAll(0) : p.machine.fs.readFile(p.path(path), p);
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    yield* p.err(`tcpdump: ${path}: ${error.message}\n`);
    return 1;
  }
  const file = readPcap(bytes);
  if (!file) {
    yield* p.err(
      bytes.length < 24
        ? `tcpdump: truncated dump file; tried to read 24 file header bytes, only got ${bytes.length}\n`
        : "tcpdump: unknown file format\n",
    );
    return 1;
  }
  const any = file.linkType === LINKTYPE_LINUX_SLL2;
  const link = any ? "LINUX_SLL2 (Linux cooked v2)" : "EN10MB (Ethernet)";
  yield* p.err(`reading from file ${path}, link-type ${link}, snapshot length ${file.snaplen}\n`);
  if (any) yield* p.err("Warning: interface names might be incorrect\n");
  const sink = new Sink(p, o, any);
  const out = o.write === null ? null : yield* openWrite(p, o.write);
  if (o.write !== null && out === null) return 1;
  if (out) yield* p.write(out, pcapHeader(file.linkType, file.snaplen));
  for (const record of file.records) {
    if (sink.seen >= o.count) break;
    const frame = any ? uncooked(p, record.data, record.length) : plain(record.data, record.length);
    if (!passes(filter, frame)) continue;
    if (out) {
      sink.seen++;
      yield* p.write(out, pcapRecord(record));
    } else yield* p.out(sink.line(frame, record.time));
  }
  return 0;
}

function plain(data: Uint8Array, length: number): CapturedFrame {
  return { at: 0, skb: 0, device: "", ifindex: 0, packetType: 0, data, length, linkHeader: 14 };
}

/** An Ethernet header from the cooked one, so that one printer does for both. */
function uncooked(p: Process, data: Uint8Array, length: number): CapturedFrame {
  const ifindex = ((data[4]! << 24) | (data[5]! << 16) | (data[6]! << 8) | data[7]!) >>> 0;
  const frame = new Uint8Array(data.length - SLL2 + 14);
  frame.set(data.subarray(12, 18), 6);
  frame.set(data.subarray(0, 2), 12);
  frame.set(data.subarray(SLL2), 14);
  return {
    ...plain(frame, length - SLL2 + 14),
    device: p.netns.devices.get(ifindex)?.name ?? `if${ifindex}`,
    ifindex,
    packetType: data[10] ?? 0,
  };
}

const tcpdump: Command = {
  name: "tcpdump",
  summary: "dump traffic on a network",
  man: `tcpdump - dump traffic on a network

SYNOPSIS
  tcpdump [-i DEV|any] [-c COUNT] [-enqSv] [-t…] [-A|-x|-X] [-Q in|out] [-w FILE] [-r FILE] [EXPRESSION]

EXPRESSION
  host A · net P · port N · src|dst … · tcp · udp · icmp · arp · and · or · not · ( )
  tcp[tcpflags] & tcp-syn != 0 · inbound · outbound

EXAMPLES
  tcpdump -ni any tcp port 9080
  tcpdump -eni istioout -c 5
  tcpdump -ni veth52b75946 udp port 6081
`,
  run,
  complete(p, words) {
    return words[words.length - 2] === "-i"
      ? [...p.netns.byName.keys(), "any"]
      : ["-i", "-n", "-e", "-c", "host", "port", "tcp", "udp"];
  },
};
export default tcpdump;

import { u8, u16 } from "../../../wire/bytes.ts";
import { IPPROTO_TCP } from "../../../wire/ipv4.ts";
import { TCP_HLEN } from "../../../wire/tcp.ts";
import { defineMatch, XtUsageError } from "../extension.ts";
import { parseUnsigned } from "../number.ts";
import { not, parsePort, rangeText, value } from "../option.ts";
import { portsText } from "../ports.ts";

const FLAGS: readonly (readonly [string, number])[] = [
  ["FIN", 0x01],
  ["SYN", 0x02],
  ["RST", 0x04],
  ["PSH", 0x08],
  ["ACK", 0x10],
  ["URG", 0x20],
  ["ALL", 0x3f],
  ["NONE", 0],
];

function parseFlags(text: string): number {
  let flags = 0;
  for (const word of text.split(",")) {
    if (word === "") continue;
    const known = FLAGS.find(([name]) => name === word.toUpperCase());
    if (!known) throw new XtUsageError(`Unknown TCP flag \`${word}'`);
    flags |= known[1];
  }
  return flags;
}

function flagsText(flags: number): string {
  return (
    FLAGS.slice(0, 6)
      .filter(([, bit]) => flags & bit)
      .map(([name]) => name)
      .join(",") || "NONE"
  );
}

function parsePorts(text: string): [number, number] {
  const colon = text.indexOf(":");
  if (colon < 0) {
    const port = parsePort(text, "tcp");
    return [port, port];
  }
  const min = text.slice(0, colon);
  const max = text.slice(colon + 1);
  const range: [number, number] = [
    min ? parsePort(min, "tcp") : 0,
    max ? parsePort(max, "tcp") : 0xffff,
  ];
  if (range[0] > range[1]) throw new XtUsageError("invalid portrange (min > max)");
  return range;
}

/** linux: net/netfilter/xt_tcpudp.c, tcp_find_option */
function hasOption(buf: Uint8Array, at: number, end: number, kind: number): boolean {
  for (let i = at; i < end; ) {
    if (u8(buf, i) === kind) return true;
    if (u8(buf, i) < 2) i++;
    else i += (i + 1 < end ? u8(buf, i + 1) : 0) || 1;
  }
  return false;
}

interface TcpInfo {
  src: [number, number];
  srcInvert: boolean;
  dst: [number, number];
  dstInvert: boolean;
  option: number;
  optionInvert: boolean;
  flagMask: number;
  flags: number;
  flagsInvert: boolean;
}

export default defineMatch<TcpInfo>({
  name: "tcp",
  linux: "net/netfilter/xt_tcpudp.c",
  help:
    "tcp match options:\n" +
    "[!] --source-port port[:port]        source port, or range (also --sport)\n" +
    "[!] --destination-port port[:port]   destination port, or range (also --dport)\n" +
    "[!] --tcp-flags mask comp            of the flags in mask, exactly those in comp are set\n" +
    "[!] --syn                            --tcp-flags FIN,SYN,RST,ACK SYN\n" +
    "[!] --tcp-option number              this option is there\n",
  protocol: IPPROTO_TCP,
  options: [
    { name: "source-port", alias: "sport", args: 1, invert: true, lenient: true },
    { name: "destination-port", alias: "dport", args: 1, invert: true, lenient: true },
    { name: "syn", args: 0, invert: true, lenient: true },
    { name: "tcp-flags", args: 2, invert: true, lenient: true },
    { name: "tcp-option", args: 1, invert: true, lenient: true },
  ],
  parse(options) {
    const info: TcpInfo = {
      src: [0, 0xffff],
      srcInvert: false,
      dst: [0, 0xffff],
      dstInvert: false,
      option: 0,
      optionInvert: false,
      flagMask: 0,
      flags: 0,
      flagsInvert: false,
    };
    const seen = new Set<string>();
    for (const option of options) {
      const kind = option.name === "syn" ? "tcp-flags" : option.name;
      if (seen.has(kind))
        throw new XtUsageError(
          kind === "tcp-flags"
            ? "Only one of `--syn' or `--tcp-flags'  allowed"
            : `Only one \`--${kind}' allowed`,
        );
      seen.add(kind);
      if (option.name === "source-port") {
        info.src = parsePorts(value(option));
        info.srcInvert = option.invert;
      } else if (option.name === "destination-port") {
        info.dst = parsePorts(value(option));
        info.dstInvert = option.invert;
      } else if (option.name === "tcp-option") {
        const number = parseUnsigned(value(option), 255, 1);
        if (number === null) throw new XtUsageError(`Bad TCP option "${value(option)}"`);
        info.option = number;
        info.optionInvert = option.invert;
      } else {
        const [mask = "", compare] =
          option.name === "syn" ? ["SYN,RST,ACK,FIN", "SYN"] : option.values;
        if (compare === undefined) throw new XtUsageError("--tcp-flags requires two args.");
        info.flagMask = parseFlags(mask);
        info.flags = parseFlags(compare);
        info.flagsInvert = option.invert;
      }
    }
    return info;
  },
  save(info) {
    let text = "";
    if (info.src[0] !== 0 || info.src[1] !== 0xffff)
      text += `${not(info.srcInvert)} --sport ${rangeText(...info.src)}`;
    if (info.dst[0] !== 0 || info.dst[1] !== 0xffff)
      text += `${not(info.dstInvert)} --dport ${rangeText(...info.dst)}`;
    if (info.option || info.optionInvert)
      text += `${not(info.optionInvert)} --tcp-option ${info.option}`;
    if (info.flagMask || info.flagsInvert)
      text += `${not(info.flagsInvert)} --tcp-flags ${flagsText(info.flagMask)} ${flagsText(info.flags)}`;
    return text;
  },
  print(info, numeric) {
    let text = ` tcp${portsText("spt", info.src, info.srcInvert, "tcp", numeric)}`;
    text += portsText("dpt", info.dst, info.dstInvert, "tcp", numeric);
    if (info.option || info.optionInvert)
      text += ` option=${info.optionInvert ? "!" : ""}${info.option}`;
    if (info.flagMask || info.flagsInvert) {
      const byte = (flags: number): string =>
        `0x${flags.toString(16).toUpperCase().padStart(2, "0")}`;
      const show = numeric ? byte : flagsText;
      text += ` flags:${info.flagsInvert ? "!" : ""}${show(info.flagMask)}/${show(info.flags)}`;
    }
    return text;
  },
  matches(info, skb, par) {
    if (par.fragOffset !== 0) {
      // Offset 1 would overwrite the flags of the first fragment (RFC 1858).
      if (par.fragOffset === 8) par.hotDrop = true;
      return false;
    }
    const at = par.thoff;
    const buf = skb.data;
    if (skb.tail - at < TCP_HLEN) {
      par.hotDrop = true;
      return false;
    }
    const { src, dst } = info;
    const sport = u16(buf, at);
    if ((sport >= src[0] && sport <= src[1]) === info.srcInvert) return false;
    const dport = u16(buf, at + 2);
    if ((dport >= dst[0] && dport <= dst[1]) === info.dstInvert) return false;
    if (((u8(buf, at + 13) & info.flagMask) === info.flags) === info.flagsInvert) return false;
    if (info.option === 0) return true;
    const end = at + (u8(buf, at + 12) >> 4) * 4;
    if (end < at + TCP_HLEN || end > skb.tail) {
      par.hotDrop = true;
      return false;
    }
    return hasOption(buf, at + TCP_HLEN, end, info.option) !== info.optionInvert;
  },
  examples: [
    ["-p tcp -m tcp --dport 15008", "-p tcp -m tcp --dport 15008"],
    ["-p tcp --sport 1:", "-p tcp -m tcp --sport 1:65535"],
    ["-p tcp ! --syn", "-p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN"],
    ["-p tcp --dport http", "-p tcp -m tcp --dport 80"],
    ["-p tcp --dport 100000", null],
    ["-m tcp --dport 80", null],
  ],
});

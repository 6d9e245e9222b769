import { u8 } from "../../../wire/bytes.ts";
import { IPPROTO_ICMP } from "../../../wire/ipv4.ts";
import { defineMatch, XtUsageError } from "../extension.ts";
import { strtoul } from "../number.ts";
import { not, value } from "../option.ts";

/** Name, type, first code, last code; RFC 792, RFC 950, RFC 1256, RFC 1812. */
const TYPES: readonly (readonly [string, number, number, number])[] = [
  ["any", 255, 0, 255],
  ["echo-reply", 0, 0, 255],
  ["pong", 0, 0, 255],
  ["destination-unreachable", 3, 0, 255],
  ["network-unreachable", 3, 0, 0],
  ["host-unreachable", 3, 1, 1],
  ["protocol-unreachable", 3, 2, 2],
  ["port-unreachable", 3, 3, 3],
  ["fragmentation-needed", 3, 4, 4],
  ["source-route-failed", 3, 5, 5],
  ["network-unknown", 3, 6, 6],
  ["host-unknown", 3, 7, 7],
  ["network-prohibited", 3, 9, 9],
  ["host-prohibited", 3, 10, 10],
  ["TOS-network-unreachable", 3, 11, 11],
  ["TOS-host-unreachable", 3, 12, 12],
  ["communication-prohibited", 3, 13, 13],
  ["host-precedence-violation", 3, 14, 14],
  ["precedence-cutoff", 3, 15, 15],
  ["source-quench", 4, 0, 255],
  ["redirect", 5, 0, 255],
  ["network-redirect", 5, 0, 0],
  ["host-redirect", 5, 1, 1],
  ["TOS-network-redirect", 5, 2, 2],
  ["TOS-host-redirect", 5, 3, 3],
  ["echo-request", 8, 0, 255],
  ["ping", 8, 0, 255],
  ["router-advertisement", 9, 0, 255],
  ["router-solicitation", 10, 0, 255],
  ["time-exceeded", 11, 0, 255],
  ["ttl-exceeded", 11, 0, 255],
  ["ttl-zero-during-transit", 11, 0, 0],
  ["ttl-zero-during-reassembly", 11, 1, 1],
  ["parameter-problem", 12, 0, 255],
  ["ip-header-bad", 12, 0, 0],
  ["required-option-missing", 12, 1, 1],
  ["timestamp-request", 13, 0, 255],
  ["timestamp-reply", 14, 0, 255],
  ["address-mask-request", 17, 0, 255],
  ["address-mask-reply", 18, 0, 255],
];

function parseRange(text: string): { min: number; max: number; rest: string } | null {
  const first = strtoul(text, 0, 255);
  if (!first) return null;
  if (!first.rest.startsWith(":")) return { min: first.value, max: first.value, rest: first.rest };
  const second = strtoul(first.rest.slice(1), 0, 255);
  return second && { min: first.value, max: second.value, rest: second.rest };
}

interface IcmpInfo {
  type: number;
  codes: [number, number];
  invert: boolean;
}

/** A name or an unambiguous beginning of one, `type`, or `type/code`. */
function parseType(text: string): Omit<IcmpInfo, "invert"> {
  const found = TYPES.filter(([name]) => name.toLowerCase().startsWith(text.toLowerCase()));
  const [first, second] = found;
  if (first && second)
    throw new XtUsageError(`Ambiguous ICMP type \`${text}': \`${first[0]}' or \`${second[0]}'?`);
  if (first) return { type: first[1], codes: [first[2], first[3]] };
  const type = parseRange(text);
  if (!type) throw new XtUsageError(`Unknown ICMP type \`${text}'`);
  let codes: [number, number] = [0, 255];
  let rest = type.rest;
  if (rest.startsWith("/")) {
    const code = parseRange(rest.slice(1));
    if (!code) throw new XtUsageError(`Unknown ICMP code \`${text}'`);
    codes = [code.min, code.max];
    rest = code.rest;
  }
  if (rest) throw new XtUsageError(`unknown character ${rest.charAt(0)}`);
  if (type.min !== type.max) throw new XtUsageError("ICMP type range not supported");
  return { type: type.min, codes };
}

export default defineMatch<IcmpInfo>({
  name: "icmp",
  linux: "net/netfilter/xt_tcpudp.c",
  help:
    "icmp match options:\n" +
    "[!] --icmp-type typename        a type by name, such as echo-request\n" +
    "[!] --icmp-type type[/code]     or by number\n" +
    `Valid ICMP Types: ${TYPES.map(([name]) => name).join(" ")}\n`,
  protocol: IPPROTO_ICMP,
  options: [{ name: "icmp-type", args: 1, invert: true, required: true }],
  parse([option]) {
    return { ...parseType(option ? value(option) : ""), invert: option?.invert ?? false };
  },
  save(info) {
    if (info.type === 255) return `${not(info.invert)} --icmp-type any`;
    const [min, max] = info.codes;
    return `${not(info.invert)} --icmp-type ${info.type}${min !== 0 || max !== 255 ? `/${min}` : ""}`;
  },
  print(info, numeric) {
    const [min, max] = info.codes;
    const known = numeric
      ? undefined
      : TYPES.find(([, type, from, to]) => type === info.type && from === min && to === max);
    if (known) return ` icmp ${info.invert ? "!" : ""}${known[0]}`;
    // The real tool forgets the space between "icmp" and "type", and we print what it prints.
    let text = ` icmp${not(info.invert)}type ${info.type}`;
    if (min === max) text += ` code ${min}`;
    else if (min !== 0 || max !== 255) text += ` codes ${min}-${max}`;
    return text;
  },
  matches(info, skb, par) {
    if (par.fragOffset !== 0) return false;
    if (skb.tail - par.thoff < 8) {
      par.hotDrop = true;
      return false;
    }
    const type = u8(skb.data, par.thoff);
    const code = u8(skb.data, par.thoff + 1);
    const same = info.type === type && code >= info.codes[0] && code <= info.codes[1];
    return (info.type === 255 || same) !== info.invert;
  },
  examples: [
    ["-p icmp -m icmp --icmp-type echo-request", "-p icmp -m icmp --icmp-type 8"],
    ["-p icmp --icmp-type 3/1", "-p icmp -m icmp --icmp-type 3/1"],
    ["-p icmp --icmp-type any", "-p icmp -m icmp --icmp-type any"],
    ["-p icmp --icmp-type echo", null],
    ["-m icmp --icmp-type 8", null],
  ],
});

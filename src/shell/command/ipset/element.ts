import { parseHostAddress } from "../../../host/resolv.ts";
import { type Element, element } from "../../../net/netfilter/ipset/data.ts";
import { parseIcmp } from "../../../net/netfilter/ipset/icmp.ts";
import { parseProtocol, servicePort } from "../../../net/netfilter/names.ts";
import { formatMac, maskOf, parseIpv4, parseMac } from "../../../wire/address.ts";

/** What ipset says before it asks the kernel: its words after "ipset v7.17: ". */
export class IpsetSyntax extends Error {
  status: number;
  constructor(message: string, status = 1) {
    super(message);
    this.status = status;
  }
}

export function syntax(words: string): IpsetSyntax {
  return new IpsetSyntax(`Syntax error: ${words}`);
}

/** A number in a range (ipset: string_to_number_ll). */
export function parseNumber(text: string, min: number, max: number): number {
  const number = /^(0[xX][0-9a-fA-F]+|\d+)$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(number) && !/^-\d+$/.test(text)) throw syntax(`'${text}' is invalid as number`);
  if (!(number >= min && number <= max)) throw syntax(`'${text}' is out of range ${min}-${max}`);
  return number;
}

/** IFNAMSIZ, without its last byte. */
const NAME_LENGTH = 15;
/** Before the name of a bridge's port. */
const PHYSDEV = "physdev:";

/** More elements in one range than any set takes. */
const TOO_MANY = 1 << 24;

type Addresses = (name: string) => number[];

function parseAddress(text: string, hosts: Addresses): number {
  const address = parseHostAddress(text) ?? hosts(text)[0];
  if (address === undefined) throw syntax(`cannot parse ${text}: resolving to IPv4 address failed`);
  return address;
}

/** `a`, `a/n` or `a-b`: first and last address. */
export function parseRange(
  text: string,
  hosts: Addresses,
): { first: number; last: number; cidr: number } {
  const slash = text.indexOf("/");
  if (slash >= 0) {
    const cidr = parseNumber(text.slice(slash + 1), 0, 32);
    const address = parseAddress(text.slice(0, slash), hosts);
    const first = (address & maskOf(cidr)) >>> 0;
    return { first, last: (first | ~maskOf(cidr)) >>> 0, cidr };
  }
  const dash = text.indexOf("-");
  if (dash < 0 || parseIpv4(text.slice(0, dash)) === null) {
    const address = parseAddress(text, hosts);
    return { first: address, last: address, cidr: 32 };
  }
  const first = parseAddress(text.slice(0, dash), hosts);
  const last = parseAddress(text.slice(dash + 1), hosts);
  return { first: Math.min(first, last), last: Math.max(first, last), cidr: -1 };
}

/** The fewest networks that cover a range (linux: ip_set_range_to_cidr). */
function networks(first: number, last: number): { address: number; cidr: number }[] {
  const out: { address: number; cidr: number }[] = [];
  for (let at = first; at <= last; ) {
    let cidr = 32;
    while (cidr > 1) {
      const size = 2 ** (33 - cidr);
      if (at % size !== 0 || at + size - 1 > last) break;
      cidr--;
    }
    out.push({ address: at, cidr });
    at += 2 ** (32 - cidr);
  }
  return out;
}

function parsePort(text: string, protocol: string): number {
  if (/^\d+$/.test(text)) return parseNumber(text, 0, 65535);
  const port = servicePort(text, protocol);
  if (port === null) throw syntax(`cannot parse '${text}' as a ${protocol} port`);
  return port;
}

/** `[protocol:]port[-port]` (ipset: ipset_parse_proto_port). */
function parseProtocolPort(text: string): { protocol: number; first: number; last: number } {
  const colon = text.indexOf(":");
  const name = colon < 0 ? "tcp" : text.slice(0, colon);
  const rest = colon < 0 ? text : text.slice(colon + 1);
  const protocol = parseProtocol(name.toLowerCase());
  if (protocol === null || protocol === 0) throw syntax(`cannot parse '${name}' as a protocol`);
  if (protocol === 1) {
    const port = parseIcmp(rest);
    if (port === null) throw syntax(`cannot parse '${rest}' as an ICMP type`);
    return { protocol, first: port, last: port };
  }
  if (![6, 17, 132, 136].includes(protocol)) {
    if (rest !== "0") throw syntax(`Protocol ${name} can be used with pseudo port value 0 only.`);
    return { protocol, first: 0, last: 0 };
  }
  const dash = rest.indexOf("-", 1);
  const first = parsePort(dash < 0 ? rest : rest.slice(0, dash), name);
  const last = dash < 0 ? first : parsePort(rest.slice(dash + 1), name);
  return { protocol, first: Math.min(first, last), last: Math.max(first, last) };
}

/** All that one part of an element can be, as fields of elements. */
function parsePart(part: string, text: string, hosts: Addresses, step: number): Partial<Element>[] {
  if (part === "set") return [{ set: text }];
  if (part === "iface") {
    const physdev = text.startsWith(PHYSDEV);
    const iface = physdev ? text.slice(PHYSDEV.length) : text;
    if (iface.length > NAME_LENGTH)
      throw syntax(`interface name '${iface}' is longer than ${NAME_LENGTH} characters`);
    return [{ iface, physdev }];
  }
  if (part === "mac" || part === "mac?") {
    const mac = parseMac(text);
    if (mac === null) throw syntax(`cannot parse '${text}' as ethernet address`);
    return [{ mac: formatMac(mac) }];
  }
  if (part === "mark") return [{ mark: parseNumber(text, 0, 0xffffffff) }];
  if (part === "port") {
    const { protocol, first, last } = parseProtocolPort(text);
    const ports: Partial<Element>[] = [];
    for (let port = first; port <= last; port++) ports.push({ protocol, port });
    return ports;
  }
  if (part === "host" && /[-/]/.test(text) && parseIpv4(text) === null)
    throw syntax(`plain IP address must be supplied: ${text}`);
  const { first, last, cidr } = parseRange(text, hosts);
  const second = part.endsWith("2");
  if (part.startsWith("net")) {
    const nets = cidr >= 0 ? [{ address: first, cidr }] : networks(first, last);
    return nets.map((net) =>
      second ? { ip2: net.address, cidr2: net.cidr } : { ip: net.address, cidr: net.cidr },
    );
  }
  if (cidr === 0) return [{ ip: first, cidr: 0, cidr2: 0 }];
  const hostsOf: Partial<Element>[] = [];
  for (let ip = first; ip <= last && hostsOf.length < TOO_MANY; ip += step)
    hostsOf.push(second ? { ip2: ip } : { ip });
  return hostsOf;
}

/** The parts of an element; a comma at either end of what is left parts nothing (ipset: elem_separator). */
function split(text: string): string[] {
  const at = text.startsWith(",") || text.endsWith(",") ? -1 : text.indexOf(",");
  return at < 0 ? [text] : [text.slice(0, at), ...split(text.slice(at + 1))];
}

/**
 * The elements that a word names: several when it has ranges in it. They come one by one, as the
 * kernel takes them, so that a set that is full stops a large range.
 */
export function* parseElements(
  type: string,
  parts: readonly string[],
  text: string,
  hosts: Addresses,
  step = 1,
): Generator<Element> {
  const words = split(text);
  if (parts[0] === "set" && words.length === 3) {
    // The older way to say before and after.
    const [set = "", way = "", other = ""] = words;
    if (way !== "before" && way !== "after") throw syntax(`Syntax error at \`${way}'`);
    yield element({ set, [way]: other });
    return;
  }
  const count = parts.filter((part) => !part.endsWith("?")).length;
  if (words.length < count)
    throw syntax(`${words.length === 1 ? "Second" : "Third"} element is missing from ${text}.`);
  if (parts.length < words.length) {
    if (parts.length === 1)
      throw syntax(`Elem separator in ${text}, but settype ${type} supports none.`);
    throw syntax(
      parts.length === 2
        ? `Two elem separators in ${text}, but settype ${type} supports one.`
        : `Three elem separators in ${text}, but settype ${type} supports two.`,
    );
  }
  const choices = words.map((word, i) => parsePart(parts[i] as string, word, hosts, step));
  const [first = [], second = [{}], third = [{}]] = choices;
  for (const a of first)
    for (const b of second) for (const c of third) yield element({ ...a, ...b, ...c });
}

import type { CreateOptions, Extensions } from "../../../net/netfilter/ipset/data.ts";
import { IpsetSyntax, parseNumber, parseRange, syntax } from "./element.ts";

const MAX_TIMEOUT = 2147483;
const MAX_COUNTER = Number.MAX_SAFE_INTEGER;
const HASH = ["hashsize", "maxelem", "family", "bucketsize", "initval", "forceadd"];
const COMMON = ["timeout", "counters", "comment", "skbinfo"];
/** Old options that are taken and not looked at. */
const IGNORED = ["probes", "resize", "gc", "from", "to", "network"];
/** Older ways to say a range. */
const RANGE = ["range", "from", "to", "network"];

/** Options may have two dashes (ipset: ipset_match_option). */
function bare(word: string): string {
  return word.startsWith("--") ? word.slice(2) : word;
}

/** The names by which `create` knows its options, for a type. */
function known(type: string): string[] {
  if (type === "list:set") return ["size", ...COMMON];
  if (type === "bitmap:ip") return [...RANGE, "netmask", ...COMMON];
  if (type === "bitmap:ip,mac") return [...RANGE, ...COMMON];
  if (type === "bitmap:port") return ["range", "from", "to", ...COMMON];
  const own: Record<string, string[]> = {
    "hash:ip": ["netmask", "bitmask"],
    "hash:ip,port": ["netmask", "bitmask"],
    "hash:net,net": ["netmask", "bitmask"],
    "hash:ip,mark": ["markmask"],
  };
  return [...HASH, ...COMMON, ...(own[type] ?? []), ...IGNORED];
}

const FLAGS = ["counters", "comment", "skbinfo", "forceadd"];

function missing(name: string): IpsetSyntax {
  return new IpsetSyntax(`Missing mandatory argument of option \`${name}'`, 2);
}

function unknown(word: string): IpsetSyntax {
  return new IpsetSyntax(`Unknown argument: \`${word}'`, 2);
}

/** `range A-B`, or `from A to B`, or `network N/M`. */
function rangeOf(
  type: string,
  name: string,
  value: string,
  before: [number, number] | null,
  hosts: (name: string) => number[],
): [number, number] {
  let from: number;
  let to: number;
  if (type === "bitmap:port") {
    const [first = "", last = first] = value.split("-");
    [from, to] = [parseNumber(first, 0, 65535), parseNumber(last, 0, 65535)];
  } else ({ first: from, last: to } = parseRange(value, hosts));
  if (name === "from") return [from, before?.[1] ?? from];
  return [name === "to" ? (before?.[0] ?? from) : from, to];
}

/** As a kernel without IPv6 would say it. */
function noIpv6(): IpsetSyntax {
  return new IpsetSyntax("Kernel error received: Address family not supported by protocol");
}

/** What follows the type in `create`. */
export function parseCreate(
  type: string,
  words: readonly string[],
  hosts: (name: string) => number[],
): CreateOptions {
  const options: CreateOptions = {
    timeout: null,
    counters: false,
    comment: false,
    skbinfo: false,
    forceadd: false,
    hashsize: 1024,
    maxelem: 65536,
    bucketsize: 12,
    initval: null,
    netmask: 32,
    bitmask: null,
    markmask: 0xffffffff,
    range: null,
    size: 8,
  };
  const names = known(type);
  const said = new Set<string>();
  for (let i = 0; i < words.length; i++) {
    const name = bare(words[i] as string);
    if (name === "-6" && names.includes("family")) throw noIpv6();
    if ((name === "inet" || name === "-4") && names.includes("family")) continue;
    if (!names.includes(name)) throw unknown(words[i] as string);
    if (FLAGS.includes(name)) {
      options[name as "counters"] = true;
      continue;
    }
    const value = words[++i];
    if (value === undefined) throw missing(name);
    if (name === "timeout") options.timeout = parseNumber(value, 0, MAX_TIMEOUT);
    else if (name === "family") {
      if (value !== "inet" && value !== "inet6") throw syntax(`unknown inet family ${value}`);
      if (value === "inet6") throw noIpv6();
    } else if (type.startsWith("bitmap:") && RANGE.includes(name)) {
      said.add(name);
      options.range = rangeOf(type, name, value, options.range, hosts);
    } else if (name === "netmask") options.netmask = parseNumber(value, 1, 32);
    else if (name === "bitmask") {
      options.bitmask = parseRange(value, hosts).first;
      if (options.bitmask === 0)
        throw new IpsetSyntax("The value of the netmask parameter is invalid");
    } else if (!IGNORED.includes(name))
      options[name as "hashsize"] = parseNumber(value, name === "bucketsize" ? 2 : 0, 0xffffffff);
  }
  if (options.bitmask !== null && options.netmask !== 32)
    throw syntax("bitmask and netmask are mutually exclusive, provide only one");
  if (options.bitmask === 0xffffffff) options.bitmask = null;
  if (said.has("from") && !said.has("to"))
    throw new IpsetSyntax("Mandatory option `to' is missing", 2);
  if (type.startsWith("bitmap:") && (!options.range || (said.has("to") && !said.has("from"))))
    throw new IpsetSyntax("Mandatory option `range' is missing", 2);
  if (type.startsWith("bitmap:") && options.range) {
    const [first, last] = options.range;
    options.range = [Math.min(first, last), Math.max(first, last)];
    const places =
      Math.abs(last - first) / (type === "bitmap:ip" ? 2 ** (32 - options.netmask) : 1);
    if (places >= 65536)
      throw new IpsetSyntax("The range you specified exceeds the size limit of the set type");
  }
  return options;
}

export interface ElementOptions extends Extensions {
  before: string | null;
  after: string | null;
  wildcard: boolean;
  /** Which of them were said. */
  said: string[];
}

function counter(text: string): number {
  return parseNumber(text, 0, MAX_COUNTER);
}

/** What follows the element in `add`, `del`, `test`. */
export function parseElementOptions(
  command: string,
  type: string,
  words: readonly string[],
): ElementOptions {
  const options: ElementOptions = {
    timeout: null,
    packets: null,
    bytes: null,
    comment: "",
    nomatch: false,
    skbmark: null,
    skbprio: null,
    skbqueue: null,
    before: null,
    after: null,
    wildcard: false,
    said: [],
  };
  const list = type === "list:set";
  const names = [
    ...(command === "add"
      ? ["timeout", "packets", "bytes", "comment", "skbmark", "skbprio", "skbqueue"]
      : []),
    ...(command !== "del" && type.includes("net") ? ["nomatch"] : []),
    ...(command === "add" && type.includes("iface") ? ["wildcard"] : []),
    ...(list ? ["before", "after"] : []),
  ];
  for (let i = 0; i < words.length; i++) {
    const name = bare(words[i] as string);
    if (!names.includes(name)) throw unknown(words[i] as string);
    options.said.push(name);
    if (name === "nomatch" || name === "wildcard") {
      options[name] = true;
      continue;
    }
    const value = words[++i];
    if (value === undefined) throw missing(name);
    if (name === "timeout") options.timeout = parseNumber(value, 0, MAX_TIMEOUT);
    else if (name === "packets" || name === "bytes") options[name] = counter(value);
    else if (name === "comment") {
      if (value.includes('"')) throw syntax('" character is not permitted in comments');
      if (value.length > 255)
        throw syntax("Comment is longer than the maximum allowed 255 characters");
      options.comment = value;
    } else if (name === "skbmark") {
      if (!/^0x[0-9a-f]+(\/0x[0-9a-f]+)?$/i.test(value))
        throw syntax("Invalid skbmark format, it should be:  MARK/MASK or MARK (see manpage)");
      const [mark = "", mask = "0xffffffff"] = value.split("/");
      options.skbmark = {
        value: parseNumber(mark, 0, 0xffffffff),
        mask: parseNumber(mask, 0, 0xffffffff),
      };
    } else if (name === "skbprio") {
      const [major = "", minor = ""] = value.split(":");
      options.skbprio = ((Number.parseInt(major, 16) << 16) | Number.parseInt(minor, 16)) >>> 0;
    } else if (name === "skbqueue") options.skbqueue = parseNumber(value, 0, 65535);
    else if (name === "before" || name === "after") options[name] = value;
  }
  return options;
}

import { maskOf } from "../../../wire/address.ts";
import { u16 } from "../../../wire/bytes.ts";
import type { Skb } from "../../skb.ts";
import { defineMatch, type GivenOption, type XtParam, XtUsageError } from "../extension.ts";
import { type HashlimitEntry, HashlimitTable } from "../hashlimit-table.ts";
import { parseOptionNumber, strtoul } from "../number.ts";
import { given, parsePrefixLength, value } from "../option.ts";
import { parseRate, rateText } from "../rate.ts";

/** linux: net/netfilter/xt_hashlimit.c, XT_HASHLIMIT_SCALE_v2: periods are kept in µs */
const SCALE = 1_000_000;
const UINT32 = 0xffffffff;
const DEFAULT_BURST = 5;
const MAX_BURST = 1_000_000;
const GC_INTERVAL = 1000;
const BYTE_EXPIRE = 15;
const BYTE_EXPIRE_BURST = 60;
const MODES = ["srcip", "srcport", "dstip", "dstport"] as const;

interface HashlimitInfo {
  above: boolean;
  bytes: boolean;
  /** Period of a packet in 1/SCALE seconds, or the kernel's "cost" of 16 bytes. */
  average: number;
  burst: number;
  mode: string[];
  name: string;
  size: number;
  max: number;
  gcInterval: number;
  expire: number;
  srcLength: number;
  dstLength: number;
  rateMatch: boolean;
  interval: number;
}

function costToBytes(cost: number): number {
  return (Math.floor(UINT32 / (cost || 1)) - 1) * 16;
}

function bytesToCost(bytes: number): number {
  return Math.floor(UINT32 / (Math.floor(bytes / 16) + 1));
}

function factor(letter: string): number {
  return letter === "m" ? 1024 * 1024 : letter === "k" ? 1024 : 1;
}

/** "512kb/s" as a cost; null when it is not of bytes. */
function parseBytes(text: string): number | null {
  const at = text.indexOf("b/s");
  const rate = Number.parseInt(text, 10);
  if (at <= 0 || !rate) return null;
  const cost = bytesToCost(rate * factor(text.charAt(at - 1)));
  if (cost === 0) throw new XtUsageError(`Rate too high "${text}"`);
  return cost;
}

function parseBurst(text: string): number {
  const found = strtoul(text, 1, Number.MAX_SAFE_INTEGER);
  if (!found || (found.rest === "" && found.value > MAX_BURST))
    throw new XtUsageError(
      `bad value for option "--hashlimit-burst", or out of range (1-${MAX_BURST}).`,
    );
  return found.value * factor(found.rest.charAt(0));
}

function unitText(bytes: number, exact: (threshold: number) => boolean): string {
  for (const [unit, threshold] of [
    ["m", 1024 * 1024],
    ["k", 1024],
  ] as const)
    if (bytes >= threshold && exact(threshold)) return `${Math.floor(bytes / threshold)}${unit}b`;
  return `${bytes}b`;
}

function text(info: HashlimitInfo, prefix: string, separator: string): string {
  const option = prefix ? "--hashlimit-" : "";
  let out: string;
  let quantum: number;
  if (info.bytes) {
    const rate = costToBytes(info.average);
    out = ` ${unitText(rate, (t) => bytesToCost(rate - (rate % t)) === info.average)}/s`;
    quantum = info.burst ? BYTE_EXPIRE_BURST : BYTE_EXPIRE;
    if (info.burst) out += ` ${option}burst ${unitText(rate * info.burst, () => true)}`;
  } else {
    // -L shows the rate of the whole interval, iptables-save that of a second.
    const rate = rateText(info.average * ((!prefix && info.interval) || 1), SCALE);
    out = rate.text;
    quantum = rate.seconds;
    out += ` ${option}burst ${info.burst}`;
  }
  if (info.mode.length)
    out += ` ${option}mode ${MODES.filter((mode) => info.mode.includes(mode)).join(separator)}`;
  if (prefix) out += ` --hashlimit-name ${info.name}`;
  if (info.size) out += ` ${option}htable-size ${info.size}`;
  if (info.max) out += ` ${option}htable-max ${info.max}`;
  if (info.gcInterval !== GC_INTERVAL) out += ` ${option}htable-gcinterval ${info.gcInterval}`;
  if (info.expire !== quantum * 1000) out += ` ${option}htable-expire ${info.expire}`;
  if (info.srcLength !== 32) out += ` ${option}srcmask ${info.srcLength}`;
  if (info.dstLength !== 32) out += ` ${option}dstmask ${info.dstLength}`;
  if (info.rateMatch) out += ` ${option}rate-match`;
  if (info.rateMatch && info.interval !== 1) out += ` ${option}rate-interval ${info.interval}`;
  return out;
}

const RATES = ["hashlimit-upto", "hashlimit-above"];

function parse(options: readonly GivenOption[]): HashlimitInfo {
  const limit = options.find((option) => RATES.includes(option.name));
  const find = (name: string): string | null => {
    const option = given(options, `hashlimit-${name}`);
    return option ? value(option) : null;
  };
  const number = (name: string): number =>
    parseOptionNumber("hashlimit", `hashlimit-${name}`, find(name) ?? "0", 0, UINT32);
  const length = (name: string): number =>
    parsePrefixLength("hashlimit", `hashlimit-${name}`, find(name) ?? "32");
  const bad = (name: string, text: string): XtUsageError =>
    new XtUsageError(`hashlimit: Bad value for "--hashlimit-${name}" option: "${text}"`);
  let average = 0;
  let seconds = BYTE_EXPIRE;
  let bytes = false;
  if (limit) {
    const cost = parseBytes(value(limit));
    bytes = cost !== null;
    average = cost ?? 0;
    if (!bytes) {
      const rate = parseRate(value(limit));
      if (!rate) throw bad(limit.name.slice("hashlimit-".length), value(limit));
      seconds = rate.seconds;
      average = Math.floor((SCALE * seconds) / rate.count);
      if (average === 0) throw new XtUsageError(`Rate too fast "${value(limit)}"`);
    }
  }
  const burstText = find("burst");
  let burst = burstText === null ? DEFAULT_BURST : parseBurst(burstText);
  const mode = (find("mode") ?? "").split(/[,|]/).filter((word) => word !== "");
  if (!mode.every((word) => (MODES as readonly string[]).includes(word)))
    throw bad("mode", find("mode") ?? "");
  const intervalText = find("rate-interval");
  let interval = intervalText === null ? 0 : Number.parseInt(intervalText, 10);
  if (intervalText !== null && !(interval > 0)) throw bad("rate-interval", intervalText);
  const sizes = { size: number("htable-size"), max: number("htable-max") };
  const srcLength = length("srcmask");
  const dstLength = length("dstmask");
  if (!limit) throw new XtUsageError("You have to specify --hashlimit");
  let expire = seconds * 1000;
  if (bytes) {
    if (burstText !== null) {
      const rate = costToBytes(average);
      if (burst < rate) throw new XtUsageError(`burst cannot be smaller than ${rate}b`);
      burst = Math.ceil(burst / rate);
      expire = BYTE_EXPIRE_BURST * 1000;
    } else burst = 0;
  } else if (burst > MAX_BURST) parseBurst("0");
  const rateMatch = given(options, "hashlimit-rate-match") !== undefined;
  if (rateMatch) {
    if (!bytes) average = Math.floor(average / seconds);
    if (interval === 0) interval = bytes ? 1 : seconds;
  }
  if (find("htable-expire") !== null) expire = number("htable-expire");
  const name = find("name");
  if (name === null)
    throw new XtUsageError('hashlimit: option "--hashlimit-name" must be specified\n');
  if (name === "") throw new XtUsageError("Argument must have a minimum length of 1 characters\n");
  return {
    above: (limit.name === "hashlimit-above") !== limit.invert,
    bytes,
    average,
    burst,
    mode,
    name,
    ...sizes,
    gcInterval: find("htable-gcinterval") === null ? GC_INTERVAL : number("htable-gcinterval"),
    expire,
    srcLength,
    dstLength,
    rateMatch,
    interval,
  };
}

/** Ports begin the payload of TCP, UDP, DCCP, ESP, SCTP and UDP-Lite (linux: proto_ports_offset); AH's come later. */
const PORTED = [6, 17, 33, 50, 132, 136];
const AH = 51;

/** Null where ports are asked for and the packet is too short (linux: hashlimit_init_dst). */
function keyOf(info: HashlimitInfo, skb: Skb, par: XtParam): string | null {
  const ip = skb.ip;
  // A later fragment has bytes there too, and nobody asks what they are.
  const at = par.thoff + (ip.protocol === AH ? 4 : 0);
  const ports = PORTED.includes(ip.protocol) || ip.protocol === AH;
  if (ports && at + 4 > skb.tail && info.mode.some((mode) => mode.endsWith("port"))) return null;
  const part = (mode: string): number => {
    if (mode === "srcip") return (ip.src & maskOf(info.srcLength)) >>> 0;
    if (mode === "dstip") return (ip.dst & maskOf(info.dstLength)) >>> 0;
    if (!ports) return 0;
    return u16(skb.data, at + (mode === "dstport" ? 2 : 0));
  };
  return MODES.map((mode) => (info.mode.includes(mode) ? part(mode) : "-")).join(" ");
}

/** Is the packet within the rate? Takes its price (linux: hashlimit_mt_common). */
function within(info: HashlimitInfo, entry: HashlimitEntry, length: number, now: number): boolean {
  if (info.rateMatch) {
    const interval = info.interval * 1e9;
    if (now - entry.since >= interval) {
      entry.previous = now - entry.since < 2 * interval ? entry.current : 0;
      entry.current = 0;
      entry.since = now;
    }
    entry.current += info.bytes ? length : 1;
    const allowed = info.bytes ? costToBytes(info.average) : SCALE / info.average;
    return Math.max(entry.current, entry.previous) <= allowed * info.interval;
  }
  const rate = info.bytes ? costToBytes(info.average) / 1e9 : 1;
  const cost = info.bytes ? length : info.average * (1e9 / SCALE);
  const full = info.bytes ? costToBytes(info.average) * (info.burst || 1) : cost * info.burst;
  entry.credit = Math.min(full, entry.credit + (now - entry.at) * rate);
  entry.at = now;
  if (entry.credit < cost) return false;
  entry.credit -= cost;
  return true;
}

export default defineMatch<HashlimitInfo>({
  name: "hashlimit",
  linux: "net/netfilter/xt_hashlimit.c",
  help:
    "hashlimit match options:\n" +
    "  --hashlimit-upto avg, --hashlimit-above avg    as limit's, or bytes: 512kb/s\n" +
    "  --hashlimit-mode srcip,dstip,srcport,dstport   a limit for each of these\n" +
    "  --hashlimit-name name\n" +
    "  --hashlimit-burst, --hashlimit-srcmask, --hashlimit-dstmask number\n" +
    "  --hashlimit-htable-size, -max, -gcinterval, -expire number\n" +
    "  --hashlimit-rate-match, --hashlimit-rate-interval seconds\n",
  options: [
    {
      name: "hashlimit-upto",
      alias: "hashlimit",
      args: 1,
      invert: true,
      excludes: ["hashlimit-above"],
    },
    { name: "hashlimit-above", args: 1, invert: true, excludes: ["hashlimit-upto"] },
    ...[
      "srcmask",
      "dstmask",
      "burst",
      "htable-size",
      "htable-max",
      "htable-gcinterval",
      "htable-expire",
      "mode",
      "name",
      "rate-interval",
    ].map((name) => ({ name: `hashlimit-${name}`, args: 1, invert: false }) as const),
    { name: "hashlimit-rate-match", args: 0, invert: false },
  ],
  parse,
  save: (info) => ` --hashlimit-${info.above ? "above" : "upto"}${text(info, "--", ",")}`,
  print: (info) => ` limit: ${info.above ? "above" : "up to"}${text(info, "", "-")}`,
  attach(info, ns) {
    const tables = ns.netfilter.hashlimits;
    const table = tables.get(info.name) ?? new HashlimitTable(info.name);
    tables.set(info.name, table);
    table.users++;
  },
  detach(info, ns) {
    const table = ns.netfilter.hashlimits.get(info.name);
    if (table && --table.users === 0) ns.netfilter.hashlimits.delete(info.name);
  },
  matches(info, skb, par) {
    const table = par.ns.netfilter.hashlimits.get(info.name);
    if (!table) return false;
    const now = par.ns.sim.now;
    const key = keyOf(info, skb, par);
    if (key === null) {
      par.hotDrop = true;
      return false;
    }
    let entry = table.entries.get(key);
    if (!entry) {
      entry = { credit: Number.POSITIVE_INFINITY, at: now, current: 0, previous: 0, since: now };
      table.entries.set(key, entry);
    }
    return within(info, entry, skb.tail - skb.network, now) !== info.above;
  },
  examples: [
    [
      "-m hashlimit --hashlimit-above 1/sec --hashlimit-burst 5 --hashlimit-mode srcip --hashlimit-name one",
      "-m hashlimit --hashlimit-above 1/sec --hashlimit-burst 5 --hashlimit-mode srcip --hashlimit-name one",
    ],
    [
      "-m hashlimit --hashlimit-upto 4kb/s --hashlimit-name two",
      "-m hashlimit --hashlimit-upto 4kb/s --hashlimit-name two",
    ],
    ["-m hashlimit --hashlimit-upto 1/sec", null],
    ["-m hashlimit", null],
  ],
});

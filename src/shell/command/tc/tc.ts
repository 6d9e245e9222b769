import type { Process, Run } from "../../../host/process.ts";
import type { NetDevice } from "../../../net/device/device.ts";
import { NetlinkError } from "../../../net/netlink.ts";
import { Fifo, type Qdisc, TokenBucket } from "../../../net/sched/qdisc.ts";
import type { Command } from "../../command.ts";
import { type Json, jsonText } from "../../lib/json-writer.ts";
import { IpError, invalidArgument, matches, netlinkMessage, pick, Words } from "../ip/context.ts";

import { qdiscJson, qdiscsOf, qdiscText } from "./text.ts";

const USAGE = `Usage:	tc [ OPTIONS ] OBJECT { COMMAND | help }
	tc [-force] -batch filename
where  OBJECT := { qdisc | class | filter | chain |
		    action | monitor | exec }
       OPTIONS := { -V[ersion] | -s[tatistics] | -d[etails] | -r[aw] |
		    -o[neline] | -j[son] | -p[retty] | -c[olor]
		    -b[atch] [filename] | -n[etns] name | -N[umeric] |
		     -nm | -nam[es] | { -cf | -conf } path
		     -br[ief] }
`;
const TBF_USAGE = `Usage: ... tbf limit BYTES burst BYTES[/BYTES] rate KBPS [ mtu BYTES[/BYTES] ]
	[ peakrate KBPS ] [ latency TIME ] [ overhead BYTES ] [ linklayer TYPE ]
`;
const FIFO_USAGE = "Usage: ... <[p|b]fifo | pfifo_head_drop> [ limit NUMBER ]\n";

interface Context {
  p: Process;
  statistics: boolean;
  /** -j: what is shown is gathered here. */
  list: Json[] | null;
  pretty: boolean;
  out: string;
}

function fail(text: string, status = 1): never {
  throw new IpError(text, status);
}

/** "10k", "3000", "1mb": bytes (iproute2: get_size). */
function parseSize(text: string): number | null {
  const [, number = "", unit = ""] = /^([\d.]+)([a-z]*)$/i.exec(text) ?? [];
  const scale = {
    "": 1,
    b: 1,
    k: 1024,
    kb: 1024,
    m: 1024 ** 2,
    mb: 1024 ** 2,
    kbit: 128,
    mbit: 131072,
  }[unit.toLowerCase()];
  return number === "" || scale === undefined ? null : Math.floor(Number(number) * scale);
}

/** "1mbit", "10kbps": bytes a second (iproute2: get_rate64). */
function parseRate(text: string): number | null {
  const [, number = "", unit = ""] = /^([\d.]+)([a-z]*)$/i.exec(text) ?? [];
  const bits = {
    "": 1,
    bit: 1,
    kbit: 1e3,
    mbit: 1e6,
    gbit: 1e9,
    bps: 8,
    kbps: 8e3,
    mbps: 8e6,
    gbps: 8e9,
  }[unit.toLowerCase()];
  return number === "" || bits === undefined ? null : (Number(number) * bits) / 8;
}

/** "50ms", "1s": seconds (iproute2: get_time). */
function parseTime(text: string): number | null {
  const [, number = "", unit = ""] = /^([\d.]+)([a-z]*)$/i.exec(text) ?? [];
  const scale = { "": 1e-6, us: 1e-6, usec: 1e-6, ms: 1e-3, msec: 1e-3, s: 1, sec: 1 }[unit];
  return number === "" || scale === undefined ? null : Number(number) * scale;
}

/** iproute2: tc/tc_qdisc.c, print_qdisc */
function show(ctx: Context, words: Words): void {
  let only: NetDevice | null = null;
  let part: "root" | "ingress" | null = null;
  while (!words.done) {
    const word = words.next();
    if (word === "dev") only = device(ctx, words.value());
    else if (word === "root") part = "root";
    else if (word === "ingress" || word === "clsact") part = "ingress";
    else fail(`What is "${word}"? Try "tc qdisc help".\n`, 255);
  }
  for (const dev of ctx.p.netns.devices.values()) {
    if (only && dev !== only) continue;
    for (const one of qdiscsOf(dev)) {
      if (part && one.part !== part) continue;
      ctx.list?.push(qdiscJson(one, only ? "" : dev.name, ctx.statistics));
      ctx.out += qdiscText(one, only ? "" : dev.name, ctx.statistics);
    }
  }
}

function device(ctx: Context, name: string): NetDevice {
  return ctx.p.netns.byName.get(name) ?? fail(`Cannot find device "${name}"\n`, 1);
}

interface Given {
  dev: NetDevice | null;
  /** "root", "ingress", or the numbers of a parent. */
  parent: string;
  major: number | null;
  kind: string;
  options: Words;
}

function parse(ctx: Context, words: Words): Given {
  const given: Given = { dev: null, parent: "", major: null, kind: "", options: words };
  const parent = (word: string): void => {
    if (given.parent) fail(`Error: duplicate "parent": "${word}" is the second value.\n`, 255);
    given.parent = word;
  };
  while (!words.done) {
    const word = words.next();
    if (word === "dev") given.dev = device(ctx, words.value());
    else if (word === "root") parent("root");
    else if (word === "parent") parent(words.value());
    else if (word === "handle") {
      const text = words.value();
      const [major = ""] = text.split(":");
      if (!/^[0-9a-f]{1,4}$/i.test(major)) invalidArgument("invalid qdisc ID", text);
      given.major = Number.parseInt(major, 16);
    } else {
      given.kind = word;
      if (word === "clsact" || word === "ingress") parent("ingress");
      break;
    }
  }
  return given;
}

/** The settings of a kind, as its own parser in iproute2 wants them. */
function build(given: Given, dev: NetDevice, major: number): Qdisc {
  const { kind, options } = given;
  if (kind === "pfifo" || kind === "bfifo") {
    let limit = kind === "pfifo" ? dev.txqueuelen : dev.txqueuelen * (dev.mtu + dev.headerLength);
    while (!options.done) {
      const word = options.next();
      if (word !== "limit") fail(`${kind}: unknown parameter "${word}"\n${FIFO_USAGE}`);
      const text = options.value();
      limit = parseSize(text) ?? fail(`${kind}: Illegal value for "limit": "${text}"\n`);
    }
    return new Fifo(dev, major, kind, limit);
  }
  if (kind !== "tbf") throw new NetlinkError("ENOENT", "Specified qdisc kind is unknown");
  let rate = 0;
  let burst = 0;
  let limit = 0;
  let latency: number | null = null;
  while (!options.done) {
    const word = options.next();
    const text = options.value();
    const illegal = (): never => fail(`tbf: Illegal value for "${word}": "${text}"\n`);
    if (word === "rate") rate = parseRate(text) ?? illegal();
    else if (word === "burst" || word === "buffer" || word === "maxburst")
      burst = parseSize(text) ?? illegal();
    else if (word === "limit") limit = parseSize(text) ?? illegal();
    else if (word === "latency") latency = parseTime(text) ?? illegal();
    else if (!["mtu", "minburst", "mpu", "overhead", "linklayer"].includes(word))
      fail(`tbf: unknown parameter "${word}"\n${TBF_USAGE}`);
  }
  if (!rate) fail(`tbf: the "rate" parameter is mandatory.\n${TBF_USAGE}`);
  if (!burst) fail(`tbf: the "burst" parameter is mandatory.\n${TBF_USAGE}`);
  if (!limit && latency === null)
    fail(`tbf: either "limit" or "latency" is required.\n${TBF_USAGE}`);
  // The kernel is told in ticks of 64 ns.
  const ticks = Math.floor(1e6 * (burst / rate) * 15.625);
  burst = Math.floor((rate * (ticks / 15.625)) / 1e6);
  return new TokenBucket(
    dev,
    major,
    rate,
    burst,
    limit || Math.floor(rate * (latency ?? 0) + burst),
  );
}

/** linux: net/sched/sch_api.c, tc_modify_qdisc, tc_get_qdisc */
function modify(ctx: Context, words: Words, verb: "add" | "change" | "replace" | "delete"): void {
  const given = parse(ctx, words);
  const { dev } = given;
  if (!dev) throw new NetlinkError("ENODEV");
  const { qdiscs } = dev;
  if (given.parent === "ingress") {
    if (verb === "delete") {
      if (!qdiscs.ingress) throw new NetlinkError("EINVAL", "Invalid handle");
      if (given.kind && given.kind !== qdiscs.ingress)
        throw new NetlinkError("EINVAL", "Invalid qdisc name: must match existing qdisc");
      qdiscs.ingress = null;
      return;
    }
    if (qdiscs.ingress && verb === "add")
      throw new NetlinkError("EEXIST", "Exclusivity flag on, cannot modify");
    qdiscs.ingress = given.kind as "ingress" | "clsact";
    return;
  }
  if (given.parent !== "root" && given.parent !== "")
    throw new NetlinkError(
      "ENOENT",
      verb === "delete"
        ? "Failed to find qdisc with specified classid"
        : "Failed to find specified qdisc",
    );
  if (verb === "delete") {
    if (!qdiscs.root) throw new NetlinkError("ENOENT", "Cannot delete qdisc with handle of zero");
    if (given.major !== null && given.major !== qdiscs.root.major)
      throw new NetlinkError("EINVAL", "Invalid handle");
    qdiscs.root.reset();
    qdiscs.root = null;
    dev.qdisc = dev.up ? "noqueue" : "noop";
    return;
  }
  const made = given.kind ? build(given, dev, given.major ?? 0) : null;
  if (given.parent === "" && given.major === null)
    throw new NetlinkError("EINVAL", "Handle cannot be zero");
  if (qdiscs.root && verb === "add")
    throw new NetlinkError("EEXIST", "Exclusivity flag on, cannot modify");
  if (!made) throw new NetlinkError("ENOENT", "Specified qdisc kind is unknown");
  if (verb === "change" && made.kind !== qdiscs.root?.kind)
    throw new NetlinkError(
      "EINVAL",
      qdiscs.root ? "Invalid qdisc name" : "Qdisc not found. To create specify NLM_F_CREATE flag",
    );
  const known = qdiscs.root;
  // The same kind again is only set anew, under its old handle.
  if (known && known.kind === made.kind) made.major = known.major;
  else if (made.major === 0) made.major = ctx.p.machine.kernel.nextQdisc++;
  known?.reset();
  qdiscs.root = made;
  dev.qdisc = made.kind;
}

function qdisc(ctx: Context, words: Words): void {
  const verb = words.done ? "show" : words.next();
  const command = pick(verb, ["add", "change", "replace", "link", "delete", "show", "list", "lst"]);
  if (command === "show" || command === "list" || command === "lst") return show(ctx, words);
  if (command === "link" || command === null)
    fail(`Command "${verb}" is unknown, try "tc qdisc help".\n`, 255);
  modify(ctx, words, command);
}

/** Only tbf has a class, the one inside it (linux: tbf_dump_class). */
function classes(ctx: Context, words: Words): void {
  const verb = words.done ? "show" : words.next();
  if (!pick(verb, ["show", "list", "lst"]))
    fail(`Command "${verb}" is unknown, try "tc class help".\n`, 255);
  if (words.done) fail('"dev" is required\n', 255);
  const name = words.next();
  const { root } = device(ctx, name === "dev" ? words.value() : name).qdiscs;
  if (!(root instanceof TokenBucket)) return;
  const major = root.major.toString(16);
  ctx.out += `class tbf ${major}:1 parent ${major}: \n`;
}

/** No qdisc here has filters: there is nothing to list. */
function filters(_ctx: Context, words: Words): void {
  const verb = words.done ? "show" : words.next();
  if (!pick(verb, ["show", "list", "lst"]))
    fail(`Command "${verb}" is unknown, try "tc filter help".\n`, 255);
}

const OBJECTS: readonly [string, (ctx: Context, words: Words) => void][] = [
  ["qdisc", qdisc],
  ["class", classes],
  ["filter", filters],
];

function* run(p: Process, argv: string[]): Run {
  const ctx: Context = { p, statistics: false, list: null, pretty: false, out: "" };
  const words = new Words(argv.slice(1));
  let shows = false;
  try {
    while (words.peek().startsWith("-")) {
      const word = words.next();
      if (word === "-V" || word === "-Version") {
        yield* p.out("tc utility, iproute2-6.1.0, libbpf 1.1.2\n");
        return 0;
      }
      if (matches(word, "-json")) ctx.list = [];
      else if (matches(word, "-pretty")) ctx.pretty = true;
      else if (matches(word, "-statistics") || word === "-stats") ctx.statistics = true;
      else if (word === "-n" || matches(word, "-netns")) {
        const name = words.value();
        const ns = p.machine.kernel.named.get(name);
        if (!ns) fail(`Cannot open network namespace "${name}": No such file or directory\n`, 1);
        p.netns = ns;
      } else if (!/^-(d|r|o|N|nm|c)/.test(word))
        fail(`Option "${word}" is unknown, try "tc -help".\n`, 255);
    }
    const name = words.next();
    if (name === "" || matches(name, "help")) {
      yield* p.err(USAGE);
      return name === "" ? 0 : 0;
    }
    const object = OBJECTS.find(([full]) => matches(name, full));
    if (!object) fail(`Object "${name}" is unknown, try "tc help".\n`, 255);
    // Classes are shown as text all the same.
    shows = object[0] !== "class" && ["", "show", "list", "lst"].includes(words.peek());
    object[1](ctx, words);
  } catch (error) {
    const known = error instanceof IpError || error instanceof NetlinkError;
    if (!known) throw error;
    yield* p.err(error instanceof IpError ? error.message : netlinkMessage(error));
    return error instanceof IpError ? error.status : 2;
  }
  yield* p.out(ctx.list && shows ? jsonText(ctx.list, ctx.pretty) : ctx.out);
  return 0;
}

export const tc: Command = {
  name: "tc",
  sbin: true,
  summary: "show / manipulate traffic control settings",
  group: "network",
  man: `tc - show / manipulate traffic control settings

SYNOPSIS
  tc [-s] [-n NETNS] qdisc [show [dev DEV]]
  tc qdisc add|change|replace dev DEV root [handle N:] pfifo|bfifo [limit N]
  tc qdisc add|change|replace dev DEV root [handle N:] tbf rate RATE burst SIZE latency TIME|limit SIZE
  tc qdisc add dev DEV clsact|ingress
  tc qdisc del dev DEV root|clsact|ingress

EXAMPLE
  tc qdisc add dev eth0 root tbf rate 1mbit burst 10k latency 50ms
`,
  run,
  complete: (p, words) =>
    words[words.length - 2] === "dev"
      ? [...p.netns.byName.keys()]
      : ["qdisc", "show", "add", "del", "dev", "root", "pfifo", "bfifo", "tbf", "clsact"],
};

import { SysError } from "../../base/errno.ts";
import type { Process, Run } from "../../host/process.ts";
import { parseHostAddress, RESOLVE_ERRORS } from "../../host/resolv.ts";
import type { NetDevice } from "../../net/device/device.ts";
import { ipRouteOutput } from "../../net/fib/output.ts";
import { flow, RouteError } from "../../net/fib/route.ts";
import { ownerOf } from "../../net/socket/owner.ts";
import { type CapturedFrame, PacketSock } from "../../net/socket/packet.ts";
import { UdpSock } from "../../net/udp/sock.ts";
import { SEC, USEC } from "../../sim/sim.ts";
import { formatIpv4, formatMac, MAC_BROADCAST } from "../../wire/address.ts";
import { ARP_LEN, ARP_REPLY, ARP_REQUEST, Arp } from "../../wire/arp.ts";
import type { Bytes } from "../../wire/bytes.ts";
import { ETH_HLEN, ETH_P_ARP } from "../../wire/ethernet.ts";
import type { Command } from "../command.ts";
import { getopt } from "../lib/options.ts";
import { lookupHost } from "../lookup.ts";

/* iputils 20221126: arping.c, whose functions are named here. */

const OPTIONS = "h?bfDUAqc:w:i:s:I:V";
const INT_MAX = 2147483647;
/** linux: PACKET_HOST, PACKET_MULTICAST */
const HOST = 0;
const MULTICAST = 2;

const USAGE = `
Usage:
  arping [options] <destination>

Options:
  -f            quit on first reply
  -q            be quiet
  -b            keep on broadcasting, do not unicast
  -D            duplicate address detection mode
  -U            unsolicited ARP mode, update your neighbours
  -A            ARP answer mode, update your neighbours
  -V            print version and exit
  -c <count>    how many packets to send
  -w <timeout>  how long to wait for a reply
  -i <interval> set interval between packets (default: 1 second)
  -I <device>   which ethernet device to use
  -s <source>   source ip address
  <destination> dns name or ip address

For more details see arping(8).
`;

const VERSION = `arping from iputils 20221126
libcap: yes, IDN: yes, NLS: no, error.h: yes, getrandom(): yes, __fpending(): yes
`;

/** It ends before it begins: what is said, where, and the exit status. */
class Exit extends Error {
  status: number;
  /** On standard output. */
  told: boolean;

  constructor(text: string, status: number, told = false) {
    super(text);
    this.status = status;
    this.told = told;
  }
}

/** glibc's error(3). */
function failed(message: string, status = 2): Exit {
  return new Exit(`arping: ${message}\n`, status);
}

/** What a system call does; `call` names it where it fails. Throws Exit. */
function attempt(call: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    if (error instanceof SysError) throw failed(`${call}: ${error.message}`);
    throw error;
  }
}

/** iputils: iputils_common.c, strtol_or_err */
function whole(text: string, low: number): number {
  if (!/^\s*[+-]?\d+$/.test(text)) throw failed(`invalid argument: '${text}'`, 1);
  const value = Number(text);
  if (value >= low && value <= INT_MAX) return value;
  throw failed(`invalid argument: '${text}': out of range: ${low} <= value <= ${INT_MAX}`, 1);
}

/** iputils: struct run_state */
interface Settings {
  broadcastOnly: boolean;
  duplicate: boolean;
  unsolicited: boolean;
  advert: boolean;
  quiet: boolean;
  quitOnReply: boolean;
  /** -1: until it is told to stop. */
  count: number;
  /** Seconds; 0: none. */
  timeout: number;
  interval: number;
  device: string;
  source: string | null;
}

/** The settings, and the destination. Throws Exit. */
function parse(argv: readonly string[]): { settings: Settings; target: string } {
  const options = getopt(argv, OPTIONS);
  const settings: Settings = {
    broadcastOnly: false,
    duplicate: false,
    unsolicited: false,
    advert: false,
    quiet: false,
    quitOnReply: false,
    count: -1,
    timeout: 0,
    interval: 1,
    device: "",
    source: null,
  };
  // In their order: the first that is wrong is told of, and -V says nothing of what follows.
  for (const [letter, value] of options.list) {
    const given = value ?? "";
    if (letter === "b") settings.broadcastOnly = true;
    else if (letter === "D") settings.duplicate = settings.quitOnReply = true;
    else if (letter === "U") settings.unsolicited = true;
    else if (letter === "A") settings.advert = settings.unsolicited = true;
    else if (letter === "q") settings.quiet = true;
    else if (letter === "f") settings.quitOnReply = true;
    else if (letter === "c") settings.count = whole(given, 1);
    else if (letter === "w") settings.timeout = whole(given, 0);
    else if (letter === "i") settings.interval = whole(given, 0);
    else if (letter === "I") settings.device = given;
    else if (letter === "s") settings.source = given;
    else if (letter === "V") throw new Exit(VERSION, 0, true);
    else throw new Exit(USAGE, 2);
  }
  if (options.error !== null) throw new Exit(`${options.error.split("\n")[0]}\n${USAGE}`, 2);
  const [target = ""] = options.operands;
  if (options.operands.length !== 1) throw new Exit(USAGE, 2);
  return { settings, target };
}

/** The device to ask on: the one that was named, or the route's (guess_device, check_device). Throws Exit. */
function deviceFor(p: Process, { device, quiet, duplicate }: Settings, target: number): NetDevice {
  const ns = p.netns;
  let name = device;
  if (name === "") {
    const route = ipRouteOutput(ns, flow({ dst: target }));
    if (route instanceof RouteError) throw failed("NETLINK_ROUTE unexpected iov element", 1);
    name = route.dev.name;
  }
  const dev = ns.byName.get(name);
  const say = (text: string): string => (quiet ? "" : `Interface "${name}" is ${text}\n`);
  if (dev && !dev.up) throw new Exit(say("down"), 2, true);
  if (dev && (dev.noArp || dev.isLoopback))
    throw new Exit(say("not ARPable"), duplicate ? 0 : 2, true);
  if (!dev || dev.headerLength === 0) throw failed(`Device ${name} not available.`);
  return dev;
}

/** The address to ask from, 0 for none: what was named, or what a socket would take (main). Throws Exit. */
function sourceFor(p: Process, settings: Settings, dev: NetDevice, target: number): number {
  const { source, duplicate, unsolicited } = settings;
  if (duplicate && source === null) return 0;
  let from = 0;
  if (source !== null) {
    const named = parseHostAddress(source);
    if (named === null) throw failed(`invalid source ${source}`);
    from = named;
  } else if (unsolicited) from = target;
  const probe = new UdpSock(p.netns, ownerOf(p));
  probe.boundDevice = dev;
  try {
    if (source !== null || from !== 0) {
      attempt("bind", () => probe.bind(from, 0));
      return from;
    }
    if (unsolicited) return target;
    probe.dontRoute = true;
    attempt("connect", () => probe.connect(target, 1025));
    return probe.src;
  } finally {
    probe.close();
  }
}

/** Asks, and hears what is answered. */
class ArpingRun {
  p: Process;
  settings: Settings;
  dev: NetDevice;
  sock: PacketSock;
  target: number;
  source: number;
  /** To whom the next one goes: everybody, then who has answered. */
  peer: Bytes = MAC_BROADCAST;
  unicasting = false;
  /** When the last one was sent, ns. */
  last = 0;
  sent = 0;
  broadcasts = 0;
  received = 0;
  receivedBroadcasts = 0;
  requests = 0;
  wentDown = false;

  constructor(p: Process, settings: Settings, dev: NetDevice, target: number, source: number) {
    this.p = p;
    this.settings = settings;
    this.dev = dev;
    this.target = target;
    this.source = source;
    this.sock = new PacketSock(p.netns, dev, ETH_HLEN + ARP_LEN);
    this.sock.protocol = ETH_P_ARP;
  }

  /** iputils: send_pack. What cannot be sent is not told. */
  send(): void {
    const { advert } = this.settings;
    const packet = new Uint8Array(ARP_LEN);
    Arp.write(packet, 0, {
      operation: advert ? ARP_REPLY : ARP_REQUEST,
      senderMac: this.dev.mac,
      senderIp: this.source,
      targetMac: advert ? this.dev.mac : this.peer,
      targetIp: this.target,
    });
    try {
      this.sock.sendTo(packet, this.peer, ETH_P_ARP);
    } catch (error) {
      if (error instanceof SysError) return;
      throw error;
    }
    this.last = this.p.sim.now;
    this.sent++;
    if (!this.unicasting) this.broadcasts++;
  }

  /** Is it an answer to what we asked (iputils: recv_pack)? */
  concerns(arp: Arp, packetType: number): boolean {
    const { senderIp, targetIp, operation } = arp;
    const own = formatMac(this.dev.mac, 0);
    if (packetType > MULTICAST || (operation !== ARP_REQUEST && operation !== ARP_REPLY))
      return false;
    if (senderIp !== this.target) return false;
    if (!this.settings.duplicate)
      return targetIp === this.source && formatMac(arp.targetMac, 0) === own;
    // Somebody else has the address; whom they tell does not matter to who asks from nowhere.
    if (formatMac(arp.senderMac, 0) === own) return false;
    return this.source === 0 || this.source === targetIp;
  }

  /** True: that is all (iputils: recv_pack, FINAL_PACKS). */
  *hear({ data, packetType, linkHeader, at }: CapturedFrame): Run<boolean> {
    const { broadcastOnly, count, quiet, quitOnReply, timeout } = this.settings;
    if (!Arp.check(data, linkHeader, data.length)) return false;
    const arp = new Arp(data, linkHeader);
    if (!this.concerns(arp, packetType)) return false;
    if (!quiet) yield* this.p.out(this.line(arp, packetType, at));
    this.received++;
    if (timeout > 0 && this.received === count) return true;
    if (packetType !== HOST) this.receivedBroadcasts++;
    if (arp.operation === ARP_REQUEST) this.requests++;
    if (quitOnReply) return true;
    if (!broadcastOnly) {
      this.peer = arp.senderMac;
      this.unicasting = true;
    }
    return false;
  }

  line(arp: Arp, packetType: number, at: number): string {
    const cast = packetType === HOST ? "Unicast" : "Broadcast";
    const kind = arp.operation === ARP_REPLY ? "reply" : "request";
    let line = `${cast} ${kind} from ${formatIpv4(arp.senderIp)} [${upper(arp.senderMac)}] `;
    const elsewhere = arp.targetIp !== this.source;
    if (elsewhere) line += `for ${formatIpv4(arp.targetIp)} `;
    const mac = upper(arp.targetMac);
    if (mac !== upper(this.dev.mac)) line += `${elsewhere ? "" : "for "}[${mac}]`;
    return `${line} ${this.sent ? `${tripTime(at - this.last)}ms` : "UNSOLICITED?"}\n`;
  }

  /** iputils: event_loop. A device that is taken down is told of, and asked on all the same. */
  *loop(): Run<void> {
    const { p, sock } = this;
    const { count, interval, timeout } = this.settings;
    const end = timeout ? p.sim.now + timeout * SEC : Number.POSITIVE_INFINITY;
    let due = interval ? p.sim.now + interval * SEC : Number.POSITIVE_INFINITY;
    let turns = 1;
    this.send();
    for (let over = false; !over; ) {
      const idle = sock.frames.length === 0 && sock.error === null && p.pending.length === 0;
      if (idle && p.sim.now < Math.min(due, end))
        yield* p.wait([sock.readable], Math.min(due, end));
      if (p.took("SIGINT") || p.took("SIGQUIT") || p.took("SIGTERM")) over = true;
      if (p.sim.now >= due) {
        due += interval * SEC;
        turns++;
        if (count > 0 && count < turns) over = true;
        else this.send();
      }
      if (p.sim.now >= end) over = true;
      try {
        const frame = sock.recv();
        if (frame && (yield* this.hear(frame))) over = true;
      } catch (error) {
        if (!(error instanceof SysError)) throw error;
        yield* p.err(`arping: recvfrom: ${error.message}\n`);
        this.wentDown ||= error.code === "ENETDOWN";
      }
    }
  }

  /** iputils: finish, and what event_loop makes of it: the exit status is of bits. */
  *finish(): Run {
    const { count, duplicate, quiet, timeout, unsolicited } = this.settings;
    const { received, requests, receivedBroadcasts } = this;
    const some = [
      ...(requests ? [`${requests} request(s)`] : []),
      ...(receivedBroadcasts ? [`${receivedBroadcasts} broadcast(s)`] : []),
    ].join(", ");
    if (!quiet)
      yield* this.p.out(
        `Sent ${this.sent} probes (${this.broadcasts} broadcast(s))\nReceived ${received} response(s)${some ? ` (${some})` : ""}\n`,
      );
    const failure = this.wentDown ? 2 : 0;
    if (duplicate) return failure | (received || this.broadcasts === received ? 1 : 0);
    if (unsolicited) return failure;
    // With a time and without a number one answer is enough, else each question wants its own.
    const enough = timeout && count < 0 ? received > 0 : received > 0 && this.sent === received;
    return failure | (enough ? 0 : 1);
  }
}

function upper(mac: Bytes): string {
  return formatMac(mac, 0).toUpperCase();
}

/** As it is printed: half a millisecond more than it took (iputils: recv_pack, "usecs"). */
function tripTime(ns: number): string {
  const taken = Math.round(ns / USEC);
  const ms = Math.floor((taken + 500) / 1000);
  return `${ms}.${String(taken - (ms * 1000 - 500)).padStart(3, "0")}`;
}

/** The address of the destination, by whatever name. Throws Exit. */
function* resolve(p: Process, target: string): Run<number> {
  const found = yield* lookupHost(p, target);
  if (typeof found === "string") throw failed(`${target}: ${RESOLVE_ERRORS[found]}`);
  return found.addresses[0] as number;
}

function* run(p: Process, argv: string[]): Run {
  const { settings, target: name } = parse(argv);
  const target = yield* resolve(p, name);
  const dev = deviceFor(p, settings, target);
  const source = sourceFor(p, settings, dev, target);
  const asks = new ArpingRun(p, settings, dev, target, source);
  try {
    if (!settings.quiet)
      yield* p.out(`ARPING ${formatIpv4(target)} from ${formatIpv4(source)} ${dev.name}\n`);
    if (settings.source === null && source === 0 && !settings.duplicate)
      throw failed("no source address in not-DAD mode");
    for (const signal of ["SIGINT", "SIGQUIT", "SIGTERM"] as const) p.caught.add(signal);
    yield* asks.loop();
    return yield* asks.finish();
  } finally {
    asks.sock.close();
  }
}

export const arping: Command = {
  name: "arping",
  summary: "send ARP REQUEST to a neighbour host",
  group: "network",
  man: `arping [-AbDfqU] [-c COUNT] [-w SECONDS] [-i SECONDS] [-I DEVICE] [-s SOURCE] DESTINATION

Ask by ARP who has an address, every second until Ctrl-C, and print each answer.
First everybody is asked, then who has answered.

  -c COUNT      stop after COUNT questions
  -w SECONDS    stop after that time
  -i SECONDS    time between questions
  -I DEVICE     on this device
  -s SOURCE     from this address
  -f            stop at the first answer
  -b            ask everybody each time
  -D            is it in use? Asks from 0.0.0.0; the status is 1 when somebody has it
  -U, -A        tell everybody that DESTINATION is ours, as a question or as an answer
  -q            print nothing

Example: arping -c 2 -I eth0 10.0.0.2`,
  *run(p, argv) {
    try {
      return yield* run(p, argv);
    } catch (error) {
      if (!(error instanceof Exit)) throw error;
      yield* error.told ? p.out(error.message) : p.err(error.message);
      return error.status;
    }
  },
};

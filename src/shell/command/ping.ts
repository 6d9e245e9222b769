import { SysError, strerror } from "../../base/errno.ts";
import { hex } from "../../base/text.ts";
import type { Process, Run } from "../../host/process.ts";
import { parseHostAddress, RESOLVE_ERRORS } from "../../host/resolv.ts";
import { ownerOf } from "../../net/socket/owner.ts";
import { type PmtuDiscovery, RawSock } from "../../net/socket/raw.ts";
import { UdpSock } from "../../net/udp/sock.ts";
import { MSEC, SEC, USEC } from "../../sim/sim.ts";
import { formatIpv4, parseIpv4 } from "../../wire/address.ts";
import { ICMP_ECHO, ICMP_ECHO_REPLY, ICMP_HLEN, ICMP_REDIRECT, Icmp } from "../../wire/icmp.ts";
import { IPPROTO_ICMP, Ipv4 } from "../../wire/ipv4.ts";
import type { Command } from "../command.ts";
import { icmpText } from "../lib/icmp-text.ts";
import { getopt, type Parsed } from "../lib/options.ts";
import { lookupAddress, lookupHost } from "../lookup.ts";

const OPTIONS = "h?4bRT:6F:N:aABc:CdDe:fi:I:l:Lm:M:nOp:qQ:rs:S:t:UvVw:W:";
const LONG_MAX = "9223372036854775807";

const USAGE = `
Usage
  ping [options] <destination>

Options:
  <destination>      dns name or ip address
  -a                 use audible ping
  -A                 use adaptive ping
  -B                 sticky source address
  -c <count>         stop after <count> replies
  -C                 call connect() syscall on socket creation
  -D                 print timestamps
  -d                 use SO_DEBUG socket option
  -e <identifier>    define identifier for ping session, default is random for
                     SOCK_RAW and kernel defined for SOCK_DGRAM
                     Imply using SOCK_RAW (for IPv4 only for identifier 0)
  -f                 flood ping
  -h                 print help and exit
  -I <interface>     either interface name or address
  -i <interval>      seconds between sending each packet
  -L                 suppress loopback of multicast packets
  -l <preload>       send <preload> number of packages while waiting replies
  -m <mark>          tag the packets going out
  -M <pmtud opt>     define mtu discovery, can be one of <do|dont|want>
  -n                 no dns name resolution
  -O                 report outstanding replies
  -p <pattern>       contents of padding byte
  -q                 quiet output
  -Q <tclass>        use quality of service <tclass> bits
  -s <size>          use <size> as number of data bytes to be sent
  -S <size>          use <size> as SO_SNDBUF socket option value
  -t <ttl>           define time to live
  -U                 print user-to-user latency
  -v                 verbose output
  -V                 print version and exit
  -w <deadline>      reply wait <deadline> in seconds
  -W <timeout>       time to wait for response

IPv4 options:
  -4                 use IPv4
  -b                 allow pinging broadcast
  -R                 record route
  -T <timestamp>     define timestamp, can be one of <tsonly|tsandaddr|tsprespec>

IPv6 options:
  -6                 use IPv6
  -F <flowlabel>     define flow label, default is random
  -N <nodeinfo opt>  use icmp6 node info query, try <help> as argument

For more details see ping(8).
`;

/** A wrong command line: what to say, and the exit status. */
class Usage extends Error {
  status: number;
  constructor(text: string, status: number) {
    super(text);
    this.status = status;
  }
}

/** iputils: iputils_common.c, strtol_or_err */
function whole(text: string, low: number, high: number, highText = String(high)): number {
  if (!/^\s*[+-]?\d+$/.test(text)) throw new Usage(`ping: invalid argument: '${text}'\n`, 1);
  const value = Number(text);
  if (value < low || value > high)
    throw new Usage(
      `ping: invalid argument: '${text}': out of range: ${low} <= value <= ${highText}\n`,
      1,
    );
  return value;
}

/** What the data is filled with, sixteen bytes at most (iputils: ping_common.c, fill). */
function hexBytes(text: string): number[] {
  const wrong = text.search(/[^0-9a-f]/i);
  if (wrong >= 0)
    throw new Usage(`ping: patterns must be specified as hex digits: ${text.slice(wrong)}\n`, 2);
  return (text.match(/..?/g) ?? []).slice(0, 16).map((pair) => Number.parseInt(pair, 16));
}

function decimal(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || Number.isNaN(value) || value < 0)
    throw new Usage(`ping: bad timing interval: ${text}\n`, 1);
  return value;
}

/** What one run of ping knows (iputils: struct ping_rts). */
class PingRun {
  p: Process;
  options: Parsed;
  sock: RawSock;
  hostname = "";
  target = 0;
  numeric: boolean;
  quiet: boolean;
  flood: boolean;
  stamps: boolean;
  count = 0;
  /** Nanoseconds. */
  interval = SEC;
  linger = 10 * SEC;
  deadline = 0;
  size = 56;
  /** -p: what the bytes after the time are filled with; else they count. */
  pattern: number[] = [];
  identity: number;
  transmitted = 0;
  received = 0;
  repeats = 0;
  errors = 0;
  pipe = 0;
  acked = 0;
  started = 0;
  /** When the last one was sent. */
  current = -1;
  sentAt = new Map<number, number>();
  seen = new Set<number>();
  min = Number.POSITIVE_INFINITY;
  max = 0;
  sum = 0;
  squares = 0;
  ewma = 0;
  lastName: [number, string] | null = null;

  constructor(p: Process, options: Parsed, sock: RawSock) {
    this.p = p;
    this.options = options;
    this.sock = sock;
    this.numeric = options.has("n");
    this.quiet = options.has("q");
    this.flood = options.has("f");
    this.stamps = options.has("D");
    this.identity = p.sim.rng(`ping/${p.netns.id}`).below(65536);
  }

  get timing(): boolean {
    return this.size >= 16;
  }

  stamp(): string {
    if (!this.stamps) return "";
    const us = Math.floor(this.p.sim.now / USEC) + this.p.sim.epoch * 1000;
    return `[${Math.floor(us / 1e6)}.${String(us % 1e6).padStart(6, "0")}] `;
  }

  /** `name (address)`, or the address alone with -n. */
  *nameOf(address: number): Run<string> {
    if (this.lastName?.[0] === address) return this.lastName[1];
    const text = formatIpv4(address);
    let shown = text;
    if (!this.numeric) shown = `${(yield* lookupAddress(this.p, address)) ?? text} (${text})`;
    this.lastName = [address, shown];
    return shown;
  }

  acknowledge(seq: number): void {
    const diff = (this.transmitted - seq) & 0xffff;
    if (diff <= 0x7fff && diff + 1 > this.pipe) this.pipe = diff + 1;
  }

  *send(): Run<void> {
    const { p, sock } = this;
    const seq = (this.transmitted + 1) & 0xffff;
    const packet = new Uint8Array(ICMP_HLEN + this.size);
    const { pattern } = this;
    for (let i = 0; i < this.size; i++)
      packet[ICMP_HLEN + i] = pattern.length ? (pattern[i % pattern.length] as number) : i;
    if (this.timing) {
      // struct timeval, as a 64-bit little-endian machine has it.
      const us = Math.floor(p.sim.now / USEC) + p.sim.epoch * 1000;
      littleEndian(packet, ICMP_HLEN, Math.floor(us / 1e6));
      littleEndian(packet, ICMP_HLEN + 4, 0);
      littleEndian(packet, ICMP_HLEN + 8, us % 1e6);
      littleEndian(packet, ICMP_HLEN + 12, 0);
    }
    const rest = this.identity * 65536 + seq;
    Icmp.write(packet, 0, packet.length, ICMP_ECHO, 0, rest >>> 0);
    this.seen.delete(seq);
    this.sentAt.set(seq, p.sim.now);
    let failed: string | null = null;
    try {
      sock.sendTo(packet, this.target);
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      failed =
        error.code === "EMSGSIZE" && sock.pmtuDiscovery === "do" ? "mtu" : strerror(error.code);
      if (failed === "mtu" && !this.quiet) this.errors++;
    }
    this.transmitted++;
    if (failed === null) {
      if (this.flood && !this.quiet) yield* p.out(".");
      return;
    }
    // What an OUTPUT rule drops is not told (recorded, test/conformance/ping/output-refused).
    if (this.quiet || failed === strerror("EPERM")) return;
    if (failed === "mtu") {
      const route = sock.ns.pmtu.get(this.target)?.mtu ?? this.deviceMtu();
      yield* p.err(`ping: local error: message too long, mtu=${route}\n`);
    } else yield* p.err(`ping: sendmsg: ${failed}\n`);
  }

  deviceMtu(): number {
    const probe = new UdpSock(this.p.netns);
    try {
      const { dev, mtu } = probe.route(this.target, 1);
      return mtu || dev.mtu;
    } finally {
      probe.close();
    }
  }

  /** Everything that came; true when something did. */
  *collect(): Run<void> {
    for (let error = this.sock.recvError(); error; error = this.sock.recvError()) {
      const inner = new Ipv4(error.quoted, 0);
      const at = inner.headerLength;
      if (error.quoted.length < at + ICMP_HLEN || inner.dst !== this.target) continue;
      const echo = new Icmp(error.quoted, at);
      if (echo.type !== ICMP_ECHO || echo.id !== this.identity || error.type === ICMP_REDIRECT)
        continue;
      this.acknowledge(echo.seq);
      this.errors++;
      if (this.quiet) continue;
      if (this.flood) {
        yield* this.p.out("\bE");
        continue;
      }
      const from = yield* this.nameOf(error.from);
      const text = icmpText(error.type, error.code, error.info);
      yield* this.p.out(`${this.stamp()}From ${from} icmp_seq=${echo.seq} ${text}\n`);
    }
    for (;;) {
      let packet: ReturnType<RawSock["recv"]>;
      try {
        packet = this.sock.recv();
      } catch (error) {
        if (error instanceof SysError) continue;
        throw error;
      }
      if (!packet) return;
      yield* this.reply(packet.packet, packet.at);
    }
  }

  *reply(packet: Uint8Array, at: number): Run<void> {
    const ip = new Ipv4(packet, 0);
    const off = ip.headerLength;
    if (packet.length < off + ICMP_HLEN) return;
    const icmp = new Icmp(packet, off);
    if (icmp.type === ICMP_REDIRECT) return yield* this.redirected(packet, off);
    if (icmp.type !== ICMP_ECHO_REPLY || icmp.id !== this.identity) return;
    const { seq } = icmp;
    const sent = this.sentAt.get(seq);
    if (sent === undefined) return;
    const time = Math.floor((at - sent) / USEC);
    const duplicate = this.seen.has(seq);
    if (duplicate) this.repeats++;
    else this.received++;
    this.seen.add(seq);
    this.acknowledge(seq);
    if (this.timing) {
      this.sum += time;
      this.squares += time * time;
      this.min = Math.min(this.min, time);
      this.max = Math.max(this.max, time);
      this.ewma = this.ewma === 0 ? time * 8 : this.ewma + time - this.ewma / 8;
    }
    if (this.quiet) return;
    if (this.flood) return yield* this.p.out("\b \b");
    const from = yield* this.nameOf(ip.src);
    let line = `${this.stamp()}${packet.length - off} bytes from ${from}: icmp_seq=${seq} ttl=${ip.ttl}`;
    if (this.timing) line += ` time=${tripTime(time)} ms`;
    if (duplicate) line += " (DUP!)";
    if (this.options.has("a")) line += "\x07";
    yield* this.p.out(`${line}\n`);
  }

  *redirected(packet: Uint8Array, off: number): Run<void> {
    const inner = off + ICMP_HLEN;
    if (packet.length < inner + 28 || this.quiet || this.flood) return;
    const ip = new Ipv4(packet, inner);
    const echo = new Icmp(packet, inner + ip.headerLength);
    if (ip.dst !== this.target || echo.id !== this.identity) return;
    const icmp = new Icmp(packet, off);
    const from = yield* this.nameOf(new Ipv4(packet, 0).src);
    const text = icmpText(icmp.type, icmp.code, icmp.rest);
    yield* this.p.out(`${this.stamp()}From ${from}: icmp_seq=${echo.seq} ${text}\n`);
  }

  /** iputils: ping_common.c, main_loop */
  *loop(): Run<void> {
    const { p } = this;
    this.started = p.sim.now;
    const end = this.deadline ? p.sim.now + this.deadline : Number.POSITIVE_INFINITY;
    let alarm = end;
    let lingering = false;
    let next = p.sim.now;
    const preload = Number(this.options.get("l") ?? 1);
    for (;;) {
      if (p.took("SIGINT")) return;
      if (p.took("SIGQUIT")) yield* this.status();
      if (p.sim.now >= alarm) return;
      if (this.count && this.received + this.errors >= this.count) return;
      if (this.deadline && this.errors) return;
      const enough = this.count > 0 && this.transmitted >= this.count && !this.deadline;
      if (!enough && p.sim.now >= next) {
        this.current = p.sim.now;
        yield* this.send();
        const ahead = this.transmitted < preload;
        // A flood without answers is held to a hundred a second.
        const pause =
          this.interval || (this.transmitted - this.received >= preload ? 10 * MSEC : 0);
        next = ahead ? p.sim.now : this.current + pause;
        if (this.count && this.transmitted >= this.count && !this.deadline && !lingering) {
          lingering = true;
          const wait = this.received ? Math.max(2 * this.max * USEC, this.interval) : this.linger;
          alarm = Math.min(alarm, p.sim.now + wait);
        }
        continue;
      }
      const before = this.received;
      yield* this.collect();
      if (this.count && this.received + this.errors >= this.count) return;
      if (this.interval === 0 && this.received > before) next = p.sim.now;
      if (this.deadline && this.errors) return;
      if (p.sim.now >= alarm || p.pending.length) continue;
      const waiting = this.count > 0 && this.transmitted >= this.count && !this.deadline;
      const until = waiting ? alarm : Math.min(next, alarm);
      if (until > p.sim.now) yield* p.wait([this.sock.readable], until);
    }
  }

  *status(): Run<void> {
    const lost = this.transmitted
      ? Math.round(((this.transmitted - this.received) * 100) / this.transmitted)
      : 0;
    const n = this.received + this.repeats;
    const times = n
      ? `, min/avg/ewma/max = ${ms(this.min)}/${ms(this.sum / n)}/${ms(this.ewma / 8)}/${ms(this.max)} ms`
      : "";
    yield* this.p.err(`\r${this.received}/${this.transmitted} packets, ${lost}% loss${times}\n`);
  }

  /** iputils: ping_common.c, finish */
  *finish(): Run {
    let line = `\n--- ${this.hostname} ping statistics ---\n`;
    line += `${this.transmitted} packets transmitted, ${this.received} received`;
    if (this.repeats) line += `, +${this.repeats} duplicates`;
    if (this.errors) line += `, +${this.errors} errors`;
    if (this.transmitted) {
      const loss = ((this.transmitted - this.received) * 100) / this.transmitted;
      const passed = Math.floor((this.current - this.started) / MSEC);
      line += `, ${Number(loss.toPrecision(6))}% packet loss, time ${passed}ms`;
    }
    line += "\n";
    let comma = "";
    if (this.received && this.timing) {
      const total = this.received + this.repeats;
      const average = Math.floor(this.sum / total);
      const deviation = Math.floor(
        Math.sqrt(Math.max(this.squares / total - (this.sum / total) ** 2, 0)),
      );
      line += `rtt min/avg/max/mdev = ${ms(this.min)}/${ms(average)}/${ms(this.max)}/${ms(deviation)} ms`;
      comma = ", ";
    }
    if (this.pipe > 1) {
      line += `${comma}pipe ${this.pipe}`;
      comma = ", ";
    }
    if (this.received && (this.interval === 0 || this.flood) && this.transmitted > 1) {
      const gap = Math.floor((this.current - this.started) / USEC / (this.transmitted - 1));
      line += `${comma}ipg/ewma ${ms(gap)}/${ms(this.ewma / 8)} ms`;
    }
    yield* this.p.out(`${line}\n`);
    const short = this.deadline > 0 && this.received < this.count;
    return this.received === 0 || short ? 1 : 0;
  }
}

/** Microseconds as milliseconds with three decimals. */
function ms(us: number): string {
  const whole = Math.floor(us);
  return `${Math.floor(whole / 1000)}.${String(whole % 1000).padStart(3, "0")}`;
}

/** Fewer decimals the longer it took (iputils: gather_statistics). */
function tripTime(us: number): string {
  if (us >= 99_950) return String(Math.floor((us + 500) / 1000));
  if (us >= 9_995) return `${Math.floor((us + 50) / 1000)}.${Math.floor(((us + 50) % 1000) / 100)}`;
  if (us >= 1000)
    return `${Math.floor((us + 5) / 1000)}.${String(Math.floor(((us + 5) % 1000) / 10)).padStart(2, "0")}`;
  return ms(us);
}

function configure(run: PingRun, options: Parsed): void {
  const { sock } = run;
  const value = (name: string): string | null => options.get(name);
  const count = value("c");
  if (count !== null) run.count = whole(count, 1, Number.MAX_VALUE, LONG_MAX);
  const interval = value("i");
  if (run.flood) run.interval = 0;
  if (interval !== null) run.interval = Math.round(decimal(interval) * 1000) * MSEC;
  const linger = value("W");
  if (linger !== null) run.linger = Math.round(decimal(linger) * SEC) || 10 * SEC;
  const deadline = value("w");
  if (deadline !== null) run.deadline = whole(deadline, 0, 2147483647) * SEC;
  const size = value("s");
  if (size !== null) run.size = whole(size, 0, 127_992);
  const ttl = value("t");
  if (ttl !== null) sock.ttl = whole(ttl, 0, 255);
  const mark = value("m");
  if (mark !== null)
    sock.mark = /^0x/i.test(mark) ? Number(mark) >>> 0 : whole(mark, 0, 4294967295);
  const tos = value("Q");
  if (tos !== null) sock.tos = /^0x/i.test(tos) ? Number(tos) & 255 : whole(tos, 0, 255);
  const identity = value("e");
  if (identity !== null) run.identity = whole(identity, 0, 65535);
  const pattern = value("p");
  if (pattern !== null) run.pattern = hexBytes(pattern);
  const discovery = value("M");
  if (discovery !== null) {
    if (!["do", "dont", "want"].includes(discovery))
      throw new Usage(`ping: invalid -M argument: ${discovery}\n`, 1);
    sock.pmtuDiscovery = discovery as PmtuDiscovery;
  }
  sock.broadcast = options.has("b");
}

/** Bind, and find the address that we send from (iputils: ping.c, ping4_run). */
function* chooseSource(run: PingRun): Run<string> {
  const { p, sock, options } = run;
  let shown = "";
  for (const from of options.all("I")) {
    const address = parseIpv4(from);
    if (address !== null) {
      try {
        sock.bind(address);
      } catch (error) {
        if (error instanceof SysError) throw new Usage(`ping: bind: ${error.message}\n`, 2);
        throw error;
      }
      continue;
    }
    const dev = p.netns.byName.get(from);
    if (!dev) throw new Usage(`ping: SO_BINDTODEVICE ${from}: ${strerror("ENODEV")}\n`, 2);
    sock.boundDevice = dev;
    shown = from;
  }
  let source = sock.src;
  if (source === 0) {
    const probe = new UdpSock(p.netns, ownerOf(p));
    probe.boundDevice = sock.boundDevice;
    probe.mark = sock.mark;
    probe.tos = sock.tos;
    try {
      probe.connect(run.target, 1025);
      source = probe.src;
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      if (error.code !== "EACCES") throw new Usage(`ping: connect: ${error.message}\n`, 2);
      if (!options.has("b"))
        throw new Usage(
          "ping: Do you want to ping broadcast? Then -b. If not, check your local firewall rules\n",
          2,
        );
      yield* p.err("WARNING: pinging broadcast address\n");
    } finally {
      probe.close();
    }
  }
  return options.has("I") ? ` from ${formatIpv4(source)} ${shown}:` : "";
}

export const ping: Command = {
  name: "ping",
  aliases: ["ping4"],
  summary: "send ICMP ECHO_REQUEST to network hosts",
  group: "network",
  man: `ping [-4bDfnqOv] [-c COUNT] [-i SECONDS] [-I DEVICE|ADDRESS] [-m MARK] [-M do|want|dont]
     [-s SIZE] [-t TTL] [-w DEADLINE] [-W TIMEOUT] DESTINATION

Send an ICMP echo request every second and print each reply, until Ctrl-C.

  -c COUNT      stop after COUNT replies
  -i SECONDS    time between requests
  -I WHERE      send from this device, or with this source address
  -m MARK       mark of the packets
  -M do         never fragment; "want" is usual, "dont" leaves DF off
  -s SIZE       bytes of data (56)
  -t TTL        time to live
  -w SECONDS    stop after that time, whatever came
  -W SECONDS    time to wait for a reply

Example: ping -c 3 10.0.0.2`,
  *run(p, argv) {
    const options = getopt(argv, OPTIONS);
    if (options.error !== null) {
      yield* p.err(`${options.error.split("\n")[0]}\n${USAGE}`);
      return 2;
    }
    if (options.has("h", "?")) {
      yield* p.err(USAGE);
      return 2;
    }
    if (options.has("V")) {
      yield* p.out(
        "ping from iputils 20221126\nlibcap: yes, IDN: yes, NLS: no, error.h: yes, getrandom(): yes, __fpending(): yes\n",
      );
      return 0;
    }
    const sock = new RawSock(p.netns, IPPROTO_ICMP, ownerOf(p));
    sock.receiveErrors = true;
    try {
      const run = new PingRun(p, options, sock);
      configure(run, options);
      if (run.pattern.length && !run.quiet)
        yield* p.out(`PATTERN: 0x${run.pattern.map((byte) => hex(byte, 2)).join("")}\n`);
      const target = options.operands[0];
      if (target === undefined)
        throw new Usage("ping: usage error: Destination address required\n", 1);
      if (options.has("6"))
        throw new Usage(`ping: ${target}: Address family for hostname not supported\n`, 2);
      const literal = parseHostAddress(target);
      if (literal !== null) run.numeric = true;
      const found = yield* lookupHost(p, target);
      if (typeof found === "string")
        throw new Usage(`ping: ${target}: ${RESOLVE_ERRORS[found]}\n`, 2);
      run.target = found.addresses[0] as number;
      run.hostname = literal === null ? found.canonical : target;
      const from = yield* chooseSource(run);
      const whole = run.size + 28;
      p.caught.add("SIGINT");
      p.caught.add("SIGQUIT");
      yield* p.out(
        `PING ${run.hostname} (${formatIpv4(run.target)})${from} ${run.size}(${whole}) bytes of data.\n`,
      );
      yield* run.loop();
      return yield* run.finish();
    } catch (error) {
      if (!(error instanceof Usage)) throw error;
      yield* p.err(error.message);
      return error.status;
    } finally {
      sock.close();
    }
  },
};

function littleEndian(b: Uint8Array, at: number, value: number): void {
  b[at] = value;
  b[at + 1] = value >>> 8;
  b[at + 2] = value >>> 16;
  b[at + 3] = value >>> 24;
}

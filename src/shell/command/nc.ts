import { SysError, strerror } from "../../base/errno.ts";
import type { OpenFile } from "../../host/file.ts";
import { type Process, type Run, STEP_COST } from "../../host/process.ts";
import { RESOLVE_ERRORS, type ResolveError } from "../../host/resolv.ts";
import { ownerOf } from "../../net/socket/owner.ts";
import { TcpSock } from "../../net/tcp/sock.ts";
import { UdpSock } from "../../net/udp/sock.ts";
import { MSEC, SEC } from "../../sim/sim.ts";
import type { WaitQueue } from "../../sim/wait.ts";
import { formatIpv4, parseIpv4 } from "../../wire/address.ts";
import type { Command } from "../command.ts";
import { getopt, type Parsed } from "../lib/options.ts";
import { connectTcp, serviceName, servicePort } from "../lib/socket.ts";
import { lookupAddress, lookupHost } from "../resolve.ts";

const USAGE = `usage: nc [-46CDdFhklNnrStUuvZz] [-I length] [-i interval] [-M ttl]
	  [-m minttl] [-O length] [-P proxy_username] [-p source_port]
	  [-q seconds] [-s sourceaddr] [-T keyword] [-V rtable] [-W recvlimit]
	  [-w timeout] [-X proxy_protocol] [-x proxy_address[:port]]
	  [destination] [port]
`;
const CHUNK = 16384;

/** Ends the program: what to say on standard error. */
class Failure extends Error {}

interface Settings {
  listen: boolean;
  keep: boolean;
  udp: boolean;
  verbose: boolean;
  scan: boolean;
  numeric: boolean;
  shutdown: boolean;
  /** -d: nothing is read from standard input. */
  detached: boolean;
  /** -w, -q and -i in nanoseconds; -1: not given. */
  timeout: number;
  quit: number;
  source: string | null;
  sourcePort: string | null;
  /** -b: SO_BROADCAST */
  broadcast: boolean;
}

function settings(options: Parsed): Settings {
  const seconds = (text: string | null, what: string): number => {
    if (text === null) return -1;
    if (!/^-?\d+$/.test(text)) throw new Failure(`nc: ${what} invalid: ${text}\n`);
    return Number(text) * SEC;
  };
  return {
    listen: options.has("l"),
    keep: options.has("k"),
    udp: options.has("u"),
    verbose: options.has("v"),
    scan: options.has("z"),
    numeric: options.has("n"),
    shutdown: options.has("N"),
    detached: options.has("d"),
    timeout: seconds(options.get("w"), "timeout"),
    quit: seconds(options.get("q"), "quit timer"),
    broadcast: options.has("b"),
    source: options.get("s"),
    sourcePort: options.get("p"),
  };
}

function portOf(text: string): number {
  const known = servicePort(text);
  if (known !== null) return known;
  if (!/^\d+$/.test(text) || Number(text) < 1)
    throw new Failure(
      `nc: port number ${/^-?\d+$/.test(text) ? "too small" : "invalid"}: ${text}\n`,
    );
  if (Number(text) > 65535) throw new Failure(`nc: port number too large: ${text}\n`);
  return Number(text);
}

/** "80", "20-25", "http": each port in order (netcat.c, build_ports). */
function portsOf(text: string): number[] {
  const range = /^(\w+)-(\w+)$/.exec(text);
  if (!range || servicePort(text) !== null) return [portOf(text)];
  const ends = [portOf(range[1] ?? ""), portOf(range[2] ?? "")].sort((a, b) => a - b);
  const [low = 0, high = 0] = ends;
  return Array.from({ length: high - low + 1 }, (_, i) => low + i);
}

function* addressOf(p: Process, s: Settings, host: string, port: string): Run<number> {
  const literal = parseIpv4(host);
  let failed: ResolveError = "EAI_NONAME";
  if (literal !== null) return literal;
  if (!s.numeric) {
    const found = yield* lookupHost(p, host);
    if (typeof found !== "string") return found.addresses[0] as number;
    failed = found;
  }
  throw new Failure(`nc: getaddrinfo for host "${host}" port ${port}: ${RESOLVE_ERRORS[failed]}\n`);
}

/** `Connection received on NAME PORT` (netcat.c, report_sock). */
function* report(p: Process, s: Settings, what: string, address: number, port: number): Run<void> {
  let name = formatIpv4(address);
  if (!s.numeric) {
    const known = yield* lookupAddress(p, address);
    if (known === null && p.machine.fs.readFile("/etc/resolv.conf").length === 0) {
      yield* p.err(`nc: getnameinfo: ${RESOLVE_ERRORS.EAI_AGAIN}\n`);
      return;
    }
    name = known ?? name;
  }
  yield* p.err(`${what} ${name} ${port}\n`);
}

/** What nc reads from and writes to: TCP and UDP behind one face. */
class Net {
  sock: TcpSock | UdpSock;

  constructor(sock: TcpSock | UdpSock) {
    this.sock = sock;
  }

  /** Null: nothing yet; empty: the end. */
  read(): Uint8Array | null {
    if (this.sock instanceof UdpSock) return this.sock.recvFrom()?.data ?? null;
    const data = this.sock.recv(CHUNK);
    if (data === "EAGAIN") return null;
    return data === "EOF" ? new Uint8Array(0) : data;
  }

  write(data: Uint8Array): number {
    return this.sock instanceof UdpSock ? this.sock.sendTo(data) : this.sock.send(data);
  }

  shutdownWrite(): void {
    if (this.sock instanceof TcpSock && this.sock.isConnected) this.sock.shutdown("write");
  }
}

/** Copy both ways until it is over (netcat.c, readwrite). */
function* readWrite(p: Process, s: Settings, net: Net): Run<void> {
  const { sock } = net;
  const input: OpenFile | null = s.detached ? null : (p.fds[0] ?? null);
  const output: Uint8Array[] = [];
  let toNet = new Uint8Array(0);
  let stdin = input !== null;
  let netIn = true;
  let netOut = true;
  let quitAt = Number.POSITIVE_INFINITY;
  let last = p.sim.now;
  for (;;) {
    if (!stdin && !netIn && toNet.length === 0) return;
    if (s.listen && !netIn && toNet.length === 0) return;
    let moved = false;
    if (stdin && toNet.length === 0 && input) {
      const data = input.read(CHUNK);
      if (data === "EOF") {
        stdin = false;
        moved = true;
        if (s.shutdown) net.shutdownWrite();
        if (s.shutdown) netOut = false;
        if (s.quit === 0 && netOut) netOut = s.udp || !s.quit;
        if (s.quit >= 0) quitAt = p.sim.now + s.quit;
      } else if (data !== "EAGAIN") {
        toNet = data.slice();
        moved = true;
      }
    }
    if (toNet.length) {
      if (netOut) {
        const sent = net.write(toNet);
        if (sent) moved = true;
        toNet = toNet.subarray(sent).slice();
      } else toNet = new Uint8Array(0);
    }
    while (netIn) {
      const data = net.read();
      if (data === null) break;
      moved = true;
      if (data.length === 0 && sock instanceof TcpSock) netIn = false;
      else output.push(data);
      if (data.length === 0) break;
    }
    for (const data of output.splice(0)) yield* p.write(1, data);
    if (moved) {
      // What the system calls of this turn cost: time in which an ACK may come back.
      yield* p.sleep(STEP_COST);
      last = p.sim.now;
      continue;
    }
    if (p.sim.now >= quitAt && toNet.length === 0) return;
    const idle = s.timeout >= 0 ? last + s.timeout : Number.POSITIVE_INFINITY;
    if (p.sim.now >= idle) return;
    const on: WaitQueue[] = [sock.readable];
    if (stdin && toNet.length === 0 && input) on.push(input.readable);
    if (toNet.length) on.push(sock.writable);
    yield* p.wait(on, Math.min(idle, quitAt));
  }
}

function* listenTcp(p: Process, s: Settings, address: number, port: number): Run {
  const listener = new TcpSock(p.netns, ownerOf(p));
  listener.reuseAddr = true;
  listener.reusePort = true;
  try {
    listener.bind(address, port);
    listener.listen(1);
    if (s.verbose) yield* report(p, s, "Listening on", address, listener.srcPort);
    do {
      let child = listener.accept();
      while (!child) {
        yield* p.wait([listener.readable]);
        child = listener.accept();
      }
      if (!s.keep) listener.close();
      try {
        if (s.verbose) yield* report(p, s, "Connection received on", child.dst, child.dstPort);
        child.owner = ownerOf(p);
        yield* readWrite(p, s, new Net(child));
      } catch (error) {
        if (!(error instanceof SysError)) throw error;
      } finally {
        child.close();
      }
    } while (s.keep);
    return 0;
  } finally {
    listener.close();
  }
}

/** The first datagram says who the peer is; then only the peer is heard (netcat.c, main). */
function* listenUdp(p: Process, s: Settings, address: number, port: number): Run {
  const sock = new UdpSock(p.netns, ownerOf(p));
  sock.reuseAddr = true;
  sock.reusePort = true;
  try {
    sock.bind(address, port);
    if (s.verbose) yield* report(p, s, "Bound on", address, port);
    if (s.keep) {
      yield* readWrite(p, { ...s, detached: true }, new Net(sock));
      return 0;
    }
    while (sock.queue.length === 0) yield* p.wait([sock.readable]);
    const first = sock.queue[0];
    if (first) {
      sock.connect(first.address, first.port);
      if (s.verbose) yield* report(p, s, "Connection received on", first.address, first.port);
    }
    yield* readWrite(p, s, new Net(sock));
    return 0;
  } finally {
    sock.close();
  }
}

function* bindSource(p: Process, s: Settings, sock: TcpSock | UdpSock): Run<void> {
  if (s.source === null && s.sourcePort === null) return;
  sock.reuseAddr = true;
  const address = s.source === null ? 0 : yield* addressOf(p, s, s.source, s.sourcePort ?? "0");
  try {
    sock.bind(address, s.sourcePort === null ? 0 : portOf(s.sourcePort));
  } catch (error) {
    if (error instanceof SysError) throw new Failure(`nc: bind failed: ${error.message}\n`);
    throw error;
  }
}

/** What goes wrong once it is connected ends the talk and is no failure of it. */
function* talk(p: Process, s: Settings, sock: TcpSock | UdpSock): Run<void> {
  try {
    yield* readWrite(p, s, new Net(sock));
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
  }
}

function* client(p: Process, s: Settings, host: string, ports: string): Run {
  let status = 1;
  const kind = s.udp ? "udp" : "tcp";
  for (const port of portsOf(ports)) {
    const address = yield* addressOf(p, s, host, String(port));
    const where = parseIpv4(host) !== null ? host : `${host} (${formatIpv4(address)})`;
    const sock = s.udp ? new UdpSock(p.netns, ownerOf(p)) : new TcpSock(p.netns, ownerOf(p));
    try {
      sock.broadcast = s.broadcast;
      yield* bindSource(p, s, sock);
      if (sock instanceof TcpSock) {
        const until = s.timeout >= 0 ? p.sim.now + s.timeout : Number.POSITIVE_INFINITY;
        const failed = yield* connectTcp(p, sock, address, port, until);
        if (failed) {
          const why =
            failed === "timeout"
              ? `timed out: ${strerror("EINPROGRESS")}`
              : `failed: ${strerror(failed)}`;
          if (s.verbose) yield* p.err(`nc: connect to ${where} port ${port} (tcp) ${why}\n`);
          continue;
        }
      } else {
        sock.connect(address, port);
        if ((s.verbose || s.scan) && !(yield* udpTest(p, sock))) continue;
      }
      status = 0;
      if (s.verbose) {
        const service = (s.numeric ? null : serviceName(port, kind)) ?? "*";
        yield* p.err(`Connection to ${where} ${port} port [${kind}/${service}] succeeded!\n`);
      }
      if (!s.scan) yield* talk(p, s, sock);
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      status = 1;
      if (sock instanceof UdpSock && s.verbose)
        yield* p.err(`nc: connect to ${where} port ${port} (udp) failed: ${error.message}\n`);
    } finally {
      sock.close();
    }
    if (!s.scan && status === 0) break;
  }
  return status;
}

/** Is anybody there? Nobody says so by an ICMP error (netcat.c, udptest). */
function* udpTest(p: Process, sock: UdpSock): Run<boolean> {
  try {
    for (let i = 0; i < 3; i++) {
      sock.sendTo(Uint8Array.of(0x58));
      yield* p.sleep(MSEC);
    }
    return sock.takeError() === null;
  } catch (error) {
    if (error instanceof SysError) return false;
    throw error;
  }
}

export const nc: Command = {
  name: "nc",
  aliases: ["netcat"],
  summary: "arbitrary TCP and UDP connections and listens",
  group: "network",
  man: `nc [-dkNnuvz] [-p PORT] [-q SECONDS] [-s ADDRESS] [-w SECONDS] DESTINATION PORT[-PORT]
nc -l [-dkNnuv] [-q SECONDS] [ADDRESS] PORT

Connect, or wait for a connection with -l, and copy standard input to the network and the network
to standard output.

  -k  keep listening after a connection ends     -N  end our side when standard input ends
  -n  no names are looked up                     -q  quit that long after standard input ends
  -u  UDP                                        -v  say what happens
  -w  give up after that long without progress   -z  only look whether somebody listens

Example: nc -l 8080 &  echo hello | nc -N 127.0.0.1 8080`,
  *run(p, argv) {
    const options = getopt(argv, "46bCDdFhI:i:klM:m:NnO:P:p:q:rSs:T:tUuV:vW:w:X:x:Zz");
    if (options.error !== null) {
      yield* p.err(`nc: ${options.error.split("\n")[0]?.replace(/^[^:]*: /, "")}\n${USAGE}`);
      return 1;
    }
    try {
      const s = settings(options);
      const [first, second] = options.operands;
      if (!s.listen) {
        if (first === undefined) throw new Failure(USAGE);
        if (second === undefined) throw new Failure("nc: missing port number\n");
        return yield* client(p, s, first, second);
      }
      // `nc -l PORT`, `nc -l ADDRESS PORT`, `nc -l -p PORT`.
      const port = second ?? first ?? s.sourcePort;
      if (port === null || port === undefined) throw new Failure("nc: missing port number\n");
      const host = second !== undefined ? first : s.sourcePort !== null ? first : undefined;
      const number =
        s.sourcePort === "0"
          ? 0
          : portOf(second === undefined && s.sourcePort !== null ? s.sourcePort : port);
      const address = host === undefined ? 0 : yield* addressOf(p, s, host, port);
      return yield* s.udp ? listenUdp(p, s, address, number) : listenTcp(p, s, address, number);
    } catch (error) {
      if (error instanceof Failure) yield* p.err(error.message);
      else if (error instanceof SysError) yield* p.err(`nc: ${error.message}\n`);
      else throw error;
      return 1;
    }
  },
};

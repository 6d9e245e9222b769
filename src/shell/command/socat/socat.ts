import { SysError, strerror } from "../../../base/errno.ts";
import { makePipe } from "../../../host/pipe.ts";
import { Process, type Run } from "../../../host/process.ts";
import { RESOLVE_ERRORS } from "../../../host/resolv.ts";
import { ownerOf } from "../../../net/socket/owner.ts";
import { TcpSock } from "../../../net/tcp/sock.ts";
import { SEC } from "../../../sim/sim.ts";
import type { WaitQueue } from "../../../sim/wait.ts";
import { formatIpv4, parseIpv4 } from "../../../wire/address.ts";
import type { Command } from "../../command.ts";
import { formatDate } from "../../lib/date.ts";
import { connectTcp, servicePort } from "../../lib/socket.ts";
import { lookupHost } from "../../resolve.ts";
import { spawn } from "../../spawn.ts";
import { type Address, isOn, parseAddress, SocatError } from "./address.ts";
import { type End, FileEnd, SockEnd } from "./end.ts";

interface Settings {
  /** How many -d: two of them bring notices. */
  verbosity: number;
  /** -u: only from the first address to the second, "back" where the second was opened first. */
  oneWay: "forth" | "back" | null;
  /** -t, in ns: how long the other direction may go on after one has ended. */
  linger: number;
}

/** "2026/11/28 11:57:35 socat[42] E connect(…): Connection refused" */
function* log(p: Process, level: "E" | "N", text: string): Run<void> {
  const at = new Date(p.sim.epoch + Math.floor(p.sim.now / 1e6));
  yield* p.err(`${formatDate("%Y/%m/%d %H:%M:%S", at)} socat[${p.pid}] ${level} ${text}\n`);
}

function* notice(p: Process, s: Settings, text: string): Run<void> {
  if (s.verbosity >= 2) yield* log(p, "N", text);
}

const named = (address: number, port: number): string => `AF=2 ${formatIpv4(address)}:${port}`;

function portOf(text: string): number {
  const known = servicePort(text);
  if (known !== null) return known;
  if (!/^\d+$/.test(text))
    throw new SocatError(
      `getaddrinfo"NULL", "${text}", {1,2,1,0}, {}): Servname not supported for ai_socktype`,
    );
  return Number(text) & 0xffff;
}

function* hostOf(p: Process, text: string): Run<number> {
  const literal = parseIpv4(text);
  if (literal !== null) return literal;
  const found = yield* lookupHost(p, text);
  if (typeof found === "string")
    throw new SocatError(`getaddrinfo("${text}", "NULL", {1,0,1,6}, {}): ${RESOLVE_ERRORS[found]}`);
  return found.addresses[0] as number;
}

/** What is set on a socket before it is used, and `bind=ADDRESS:PORT`. */
function* prepare(p: Process, address: Address, sock: TcpSock, port: number): Run<void> {
  sock.transparent = isOn(address, "transparent");
  sock.reuseAddr = isOn(address, "reuseaddr");
  const bind = address.options.get("bind") ?? null;
  const listens = address.kind === "listen";
  if (bind === null && !listens) return;
  const [host = "", own] = (bind ?? "").split(":");
  const src = host === "" ? 0 : yield* hostOf(p, host);
  const srcPort = own === undefined ? port : portOf(own);
  try {
    sock.bind(src, srcPort);
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    throw new SocatError(`bind(5, {${named(src, srcPort)}}, 16): ${error.message}`);
  }
}

function* connect(p: Process, s: Settings, address: Address): Run<End> {
  const [host = "", service = ""] = address.params;
  const dst = yield* hostOf(p, host);
  const port = portOf(service);
  const sock = new TcpSock(p.netns, ownerOf(p));
  let connected = false;
  try {
    yield* prepare(p, address, sock, 0);
    yield* notice(p, s, `opening connection to ${named(dst, port)}`);
    const failed = yield* connectTcp(p, sock, dst, port);
    if (failed)
      throw new SocatError(
        `connect(5, ${named(dst, port)}, 16): ${strerror(failed === "timeout" ? "ETIMEDOUT" : failed)}`,
      );
    connected = true;
  } finally {
    if (!connected) sock.close();
  }
  const own = named(sock.src, sock.srcPort);
  yield* notice(p, s, `successfully connected from local address ${own}`);
  return new SockEnd(sock);
}

/** A program, with its input and output on pipes. */
function program(p: Process, argv: string[]): End {
  const down = makePipe(p.sim);
  const up = makePipe(p.sim);
  const child = spawn(p, argv, { stdin: down.read, stdout: up.write });
  if (!child) throw new SocatError(`execvp("${argv[0]}", ...): ${strerror("ENOENT")}`);
  return new FileEnd(up.read, down.write, true, child);
}

function* open(p: Process, s: Settings, address: Address): Run<End> {
  const [first = ""] = address.params;
  switch (address.kind) {
    case "connect":
      return yield* connect(p, s, address);
    case "system":
      return program(p, ["sh", "-c", first]);
    case "exec":
      return program(p, first.split(/\s+/));
    default: {
      const input = address.kind === "stdout" ? null : (p.fds[0] ?? null);
      const output = address.kind === "stdin" ? null : (p.fds[1] ?? null);
      yield* notice(p, s, "reading from and writing to stdio");
      return new FileEnd(input, output);
    }
  }
}

/** One direction, and what of it is still on its way. */
class Flow {
  from: End;
  to: End;
  rest: Uint8Array = new Uint8Array(0);
  ended = false;

  constructor(from: End, to: End) {
    this.from = from;
    this.to = to;
  }

  /** Did anything move? */
  turn(): boolean {
    if (this.ended) return false;
    if (this.rest.length === 0) {
      const data = this.from.read();
      if (data === "EAGAIN") return false;
      if (data === "EOF") {
        this.ended = true;
        this.to.finish();
        return true;
      }
      this.rest = data.slice();
    }
    const wrote = this.to.write(this.rest);
    if (wrote === "EPIPE") {
      this.ended = true;
      return true;
    }
    this.rest = this.rest.subarray(wrote);
    return wrote > 0;
  }

  get waitsFor(): WaitQueue | null {
    if (this.ended) return null;
    return this.rest.length ? this.to.writable : this.from.readable;
  }
}

/** Copy until both directions have ended, or one has and the other is quiet for too long (socat: _socat). */
function* transfer(p: Process, s: Settings, left: End, right: End): Run {
  try {
    const flows: Flow[] = [];
    if (s.oneWay !== "back") flows.push(new Flow(left, right));
    if (s.oneWay !== "forth") flows.push(new Flow(right, left));
    for (;;) {
      let moved = false;
      for (const flow of flows) while (flow.turn()) moved = true;
      if (flows.every((flow) => flow.ended)) return 0;
      if (moved) continue;
      const half = flows.some((flow) => flow.ended);
      const on = flows.map((flow) => flow.waitsFor).filter((queue) => queue !== null);
      const until = half ? p.sim.now + s.linger : Number.POSITIVE_INFINITY;
      if (!(yield* p.wait(on, until)) && half) return 0;
    }
  } finally {
    left.close();
    right.close();
  }
}

/** Everything after the first end is open. What goes wrong is logged; the status. */
function* join(p: Process, s: Settings, first: End, address: Address): Run {
  try {
    const second = yield* open(p, s, address);
    return yield* transfer(p, s, first, second);
  } catch (error) {
    if (error instanceof SocatError) yield* log(p, "E", error.message);
    else if (error instanceof SysError) yield* log(p, "E", `write(): ${error.message}`);
    else throw error;
    return 1;
  } finally {
    first.close();
  }
}

/** Programs are told whom they talk to (socat: xio-socket.c, SOCAT_SOCKADDR and others). */
function tell(p: Process, sock: TcpSock): void {
  p.env.set("SOCAT_SOCKADDR", formatIpv4(sock.src));
  p.env.set("SOCAT_SOCKPORT", String(sock.srcPort));
  p.env.set("SOCAT_PEERADDR", formatIpv4(sock.dst));
  p.env.set("SOCAT_PEERPORT", String(sock.dstPort));
}

function* listen(p: Process, s: Settings, address: Address, other: Address): Run {
  const port = portOf(address.params[0] ?? "");
  const listener = new TcpSock(p.netns, ownerOf(p));
  try {
    yield* prepare(p, address, listener, port);
    listener.listen(5);
    for (;;) {
      yield* notice(p, s, `listening on ${named(listener.src, listener.srcPort)}`);
      let sock = listener.accept();
      while (!sock) {
        yield* p.wait([listener.readable]);
        sock = listener.accept();
      }
      const [peer, own] = [named(sock.dst, sock.dstPort), named(sock.src, sock.srcPort)];
      yield* notice(p, s, `accepting connection from ${peer} on ${own}`);
      if (!isOn(address, "fork")) {
        listener.close();
        tell(p, sock);
        sock.owner = ownerOf(p);
        return yield* join(p, s, new SockEnd(sock), other);
      }
      const child = new Process(p.machine, p, p.argv);
      tell(child, sock);
      sock.owner = ownerOf(child);
      child.start(join(child, s, new SockEnd(sock), other));
      yield* notice(p, s, `forked off child process ${child.pid}`);
    }
  } finally {
    listener.close();
  }
}

export const socat: Command = {
  name: "socat",
  summary: "join two streams: sockets, programs, standard input and output",
  group: "network",
  man: `socat [-d -d] [-u] [-t SECONDS] ADDRESS ADDRESS

Copy between two addresses, both ways, or with -u from the first to the second only.

  -                           standard input and output (also STDIO, STDIN, STDOUT)
  TCP-LISTEN:PORT             wait for a connection
  TCP:HOST:PORT               connect
  SYSTEM:COMMAND EXEC:PROGRAM a shell's command, a program; it finds both ends' addresses in
                              $SOCAT_SOCKADDR, $SOCAT_SOCKPORT, $SOCAT_PEERADDR, $SOCAT_PEERPORT

Options follow an address after commas:
  fork         listen again, for each connection a child     reuseaddr    SO_REUSEADDR
  bind=ADDRESS the own address                               transparent  IP_TRANSPARENT

Example: socat TCP-LISTEN:8080,reuseaddr,fork TCP:10.2.0.10:80`,
  *run(p, argv) {
    const s: Settings = { verbosity: 0, oneWay: null, linger: SEC / 2 };
    const words = argv.slice(1);
    try {
      while (words[0]?.startsWith("-") && words[0] !== "-") {
        const word = words.shift() as string;
        if (/^-d+$/.test(word)) s.verbosity += word.length - 1;
        else if (word === "-u") s.oneWay = "forth";
        else if (word.startsWith("-t")) {
          const value = word.slice(2) || words.shift();
          if (value === undefined)
            throw new SocatError('option -t requires an argument; use option "-h" for help');
          s.linger = Math.round(Number.parseFloat(value) * SEC) || 0;
        } else if (word === "-V") {
          yield* p.out(
            "socat by Gerhard Rieger and contributors - see www.dest-unreach.org\nsocat version 1.7.4.4 on 06 Nov 2022 08:15:51\n",
          );
          return 0;
        } else throw new SocatError(`unknown option "${word}"; use option "-h" for help`);
      }
      if (words.length !== 2)
        throw new SocatError(
          `exactly 2 addresses required (there are ${words.length}); use option "-h" for help`,
        );
      const [left, right] = words.map(parseAddress) as [Address, Address];
      if (left.kind === "listen") return yield* listen(p, s, left, right);
      if (right.kind === "listen")
        return yield* listen(p, { ...s, oneWay: s.oneWay && "back" }, right, left);
      return yield* join(p, s, yield* open(p, s, left), right);
    } catch (error) {
      if (error instanceof SocatError) yield* log(p, "E", error.message);
      else if (error instanceof SysError) yield* log(p, "E", error.message);
      else throw error;
      return 1;
    }
  },
};

import type { Process, Run } from "../../host/process.ts";
import { RawSock } from "../../net/socket/raw.ts";
import type { Sock } from "../../net/socket/sock.ts";
import { RequestSock } from "../../net/tcp/listen.ts";
import { TcpSock } from "../../net/tcp/sock.ts";
import type { TcpState } from "../../net/tcp/state.ts";
import { TimeWaitSock } from "../../net/tcp/time-wait.ts";
import { UdpSock } from "../../net/udp/sock.ts";
import { MSEC } from "../../sim/sim.ts";
import { formatIpv4, maskOf, parsePrefix } from "../../wire/address.ts";
import type { Command } from "../command.ts";
import { getopt, type Parsed } from "../lib/options.ts";
import { serviceName, servicePort } from "../lib/socket.ts";

const USAGE = `Usage: ss [ OPTIONS ]
       ss [ OPTIONS ] [ FILTER ]
   -h, --help          this message
   -V, --version       output version information
   -n, --numeric       don't resolve service names
   -a, --all           display all sockets
   -l, --listening     display listening sockets
   -o, --options       show timer information
   -e, --extended      show detailed socket information
   -p, --processes     show process using socket
   -i, --info          show internal TCP information
   -s, --summary       show socket usage summary
   -4, --ipv4          display only IP version 4 sockets
   -t, --tcp           display only TCP sockets
   -u, --udp           display only UDP sockets
   -w, --raw           display only RAW sockets
   -H, --no-header     Suppress header line
   FILTER := [ state STATE-FILTER ] [ EXPRESSION ]
`;

/** What ss calls the states (iproute2: misc/ss.c, sstate_name). */
const NAMES: Readonly<Record<TcpState, string>> = {
  CLOSED: "UNCONN",
  LISTEN: "LISTEN",
  "SYN-SENT": "SYN-SENT",
  "SYN-RECEIVED": "SYN-RECV",
  ESTABLISHED: "ESTAB",
  "FIN-WAIT-1": "FIN-WAIT-1",
  "FIN-WAIT-2": "FIN-WAIT-2",
  "CLOSE-WAIT": "CLOSE-WAIT",
  CLOSING: "CLOSING",
  "LAST-ACK": "LAST-ACK",
  "TIME-WAIT": "TIME-WAIT",
};
const ALL = Object.values(NAMES);
const CONNECTED = ALL.filter(
  (name) => !["LISTEN", "UNCONN", "TIME-WAIT", "SYN-RECV"].includes(name),
);
const BUCKET = ["SYN-RECV", "TIME-WAIT"];

/** Names that `state` takes (misc/ss.c, scan_state); null: it takes no such name. */
function scanState(name: string): readonly string[] | null {
  const lower = name.toLowerCase();
  if (lower === "all") return ALL;
  if (lower === "connected") return ALL.filter((state) => state !== "UNCONN" && state !== "LISTEN");
  if (lower === "synchronized")
    return ALL.filter((state) => !["UNCONN", "LISTEN", "SYN-SENT"].includes(state));
  if (lower === "bucket") return BUCKET;
  if (lower === "big") return ALL.filter((state) => !BUCKET.includes(state));
  const known: Record<string, string> = {
    established: "ESTAB",
    listening: "LISTEN",
    listen: "LISTEN",
    closed: "UNCONN",
    close: "UNCONN",
    unconnected: "UNCONN",
    "syn-recv": "SYN-RECV",
  };
  const one = known[lower] ?? ALL.find((state) => state.toLowerCase() === lower);
  return one === undefined ? null : [one];
}

class Wrong extends Error {}

type Netid = "raw" | "udp" | "tcp";

function netidOf(sock: Sock): Netid | null {
  if (sock instanceof RawSock) return "raw";
  if (sock instanceof UdpSock) return sock.srcPort === 0 ? null : "udp";
  if (sock instanceof TcpSock) return sock.state === "CLOSED" ? null : "tcp";
  return sock instanceof RequestSock || sock instanceof TimeWaitSock ? "tcp" : null;
}

function stateOf(sock: Sock): string {
  if (sock instanceof TcpSock || sock instanceof RequestSock || sock instanceof TimeWaitSock)
    return NAMES[sock.state];
  return sock.dst === 0 ? "UNCONN" : "ESTAB";
}

/** Recv-Q and Send-Q; of a listener, who waits to be accepted and how many may. */
function queues(sock: Sock): [number, number] {
  if (sock instanceof UdpSock || sock instanceof RawSock) return [sock.queuedBytes, 0];
  if (!(sock instanceof TcpSock)) return [0, 0];
  if (sock.state === "LISTEN") return [sock.accepted.length, sock.backlog];
  return [sock.rx.length, sock.unacknowledged];
}

type Test = (sock: Sock) => boolean;

/** `sport = :80`, `dst 10.0.0.0/8`, `( … or … )`, `not` (misc/ssfilter.y). */
class Filter {
  words: string[];
  at = 0;

  constructor(words: string[]) {
    this.words = words
      .flatMap((word) => word.replace(/([()])/g, " $1 ").split(/\s+/))
      .filter(Boolean);
  }

  any(): Test {
    let left = this.every();
    while (["or", "|", "||"].includes(this.words[this.at] ?? "")) {
      this.at++;
      const [a, b] = [left, this.every()];
      left = (sock) => a(sock) || b(sock);
    }
    return left;
  }

  every(): Test {
    let left = this.one();
    for (;;) {
      const word = this.words[this.at];
      if (word === undefined || word === ")" || ["or", "|", "||"].includes(word)) return left;
      if (["and", "&", "&&"].includes(word)) this.at++;
      const [a, b] = [left, this.one()];
      left = (sock) => a(sock) && b(sock);
    }
  }

  one(): Test {
    const word = this.words[this.at++];
    if (word === "(") {
      const inside = this.any();
      this.at++;
      return inside;
    }
    if (word === "not" || word === "!") {
      const inner = this.one();
      return (sock) => !inner(sock);
    }
    if (word === "sport" || word === "dport") return this.port(word === "sport");
    if (word === "src" || word === "dst") return this.address(word === "src");
    throw new Wrong(`ss: bison bellows (while parsing filter): "syntax error!" Sorry.\n${USAGE}`);
  }

  operator(): string {
    const word = this.words[this.at] ?? "";
    if (!/^(=|==|!=|>|<|>=|<=|eq|ne|neq|gt|lt|ge|le|geq|leq)$/.test(word)) return "=";
    this.at++;
    const names: Record<string, string> = {
      eq: "=",
      "==": "=",
      ne: "!=",
      neq: "!=",
      gt: ">",
      lt: "<",
      ge: ">=",
      geq: ">=",
      le: "<=",
      leq: "<=",
    };
    return names[word] ?? word;
  }

  port(local: boolean): Test {
    const operator = this.operator();
    const text = (this.words[this.at++] ?? "").replace(/^.*:/, "");
    const port = servicePort(text) ?? Number(text);
    if (text === "" || Number.isNaN(port))
      throw new Wrong(`Error: an inet prefix is expected rather than "${text}".\n`);
    return (sock) => {
      const have = local ? sock.srcPort : sock.dstPort;
      switch (operator) {
        case "!=":
          return have !== port;
        case ">":
          return have > port;
        case "<":
          return have < port;
        case ">=":
          return have >= port;
        case "<=":
          return have <= port;
      }
      return have === port;
    };
  }

  address(local: boolean): Test {
    const operator = this.operator();
    const text = this.words[this.at++] ?? "";
    const found = /^([\d./]*|\*)(?::(\w+|\*))?$/.exec(text);
    const prefix = parsePrefix(found?.[1] ?? "");
    const wild = found?.[1] === "*" || found?.[1] === "";
    if (!found || (!prefix && !wild))
      throw new Wrong(`Error: an inet prefix is expected rather than "${text}".\n`);
    const port =
      found[2] === undefined || found[2] === "*"
        ? null
        : (servicePort(found[2]) ?? Number(found[2]));
    return (sock) => {
      const address = local ? sock.src : sock.dst;
      const mask = prefix ? maskOf(prefix.length) : 0;
      const fits =
        (!prefix || ((address ^ prefix.address) & mask) === 0) &&
        (port === null || (local ? sock.srcPort : sock.dstPort) === port);
      return operator === "!=" ? !fits : fits;
    };
  }
}

/** misc/ss.c, print_ms_timer */
function timerText(ns: number): string {
  const ms = Math.max(Math.floor(ns / MSEC), 0);
  const minutes = Math.floor(ms / 60_000);
  let seconds = Math.floor(ms / 1000) % 60;
  let rest = ms % 1000;
  let text = "";
  if (minutes) {
    rest = 0;
    text += `${minutes}min`;
    if (minutes > 9) seconds = 0;
  }
  if (seconds) {
    if (seconds > 9) rest = 0;
    text += `${seconds}${rest ? "." : "sec"}`;
  }
  return rest ? `${text}${String(rest).padStart(3, "0")}ms` : text;
}

function timerOf(sock: Sock): string {
  const { now } = sock.ns.sim;
  if (sock instanceof TimeWaitSock) return ` timer:(timewait,${timerText(sock.due - now)},0)`;
  if (sock instanceof RequestSock)
    return ` timer:(on,${timerText(sock.due - now)},${sock.retransmits})`;
  if (!(sock instanceof TcpSock)) return "";
  if (sock.xmitKind === "probe")
    return ` timer:(persist,${timerText(sock.xmitDue - now)},${sock.probesOut})`;
  if (sock.xmitKind !== "none")
    return ` timer:(on,${timerText(sock.xmitDue - now)},${sock.retransmits})`;
  if (sock.keepAlive && sock.keepaliveTimer?.pending)
    return ` timer:(keepalive,${timerText(sock.keepaliveTimer.at - now)},${sock.probesOut})`;
  return "";
}

/** What -i adds (misc/ss.c, tcp_stats_print), as far as we keep it. */
function infoOf(sock: TcpSock): string {
  const ms = (ns: number): string => String(Number((ns / MSEC).toFixed(3)));
  const name = sock.congestionName || sock.ns.sysctl.text("tcp_congestion_control");
  if (sock.state === "LISTEN") return ` ${name} cwnd:${sock.cwnd}`;
  let text = "";
  if (sock.timestamps) text += " ts";
  if (sock.sackOk) text += " sack";
  text += ` ${name}`;
  if (sock.scaling) text += ` wscale:${sock.sndWscale},${sock.rcvWscale}`;
  text += ` rto:${Math.floor(sock.rtt.rto / MSEC)}`;
  if (sock.backoff) text += ` backoff:${sock.backoff}`;
  if (sock.rtt.srtt) text += ` rtt:${ms(sock.rtt.srtt)}/${ms(sock.rtt.mdev)}`;
  if (sock.ato) text += ` ato:${Math.floor(sock.ato / MSEC)}`;
  text += ` mss:${sock.mss} pmtu:${sock.pmtu} rcvmss:${sock.rcvMss} advmss:${sock.advmss} cwnd:${sock.cwnd}`;
  if (sock.ssthresh < 0x7fffffff) text += ` ssthresh:${sock.ssthresh}`;
  if (sock.bytesAcked > 1) text += ` bytes_acked:${sock.bytesAcked}`;
  if (sock.bytesReceived) text += ` bytes_received:${sock.bytesReceived}`;
  text += ` segs_out:${sock.segsOut} segs_in:${sock.segsIn}`;
  if (sock.rtxQueue.length) text += ` unacked:${sock.rtxQueue.length}`;
  if (sock.totalRetrans) text += ` retrans:${sock.retransOut}/${sock.totalRetrans}`;
  text += ` rcv_space:${sock.rcvSpace} rcv_ssthresh:${sock.rcvSsthresh}`;
  if (sock.rtt.minRtt) text += ` minrtt:${ms(sock.rtt.minRtt)}`;
  return `${text} snd_wnd:${sock.sndWnd}`;
}

function extras(sock: Sock, options: Parsed): string {
  let text = "";
  const { owner } = sock;
  if (options.has("p") && owner.pid) {
    const fd = sock instanceof TcpSock && sock.listener ? 4 : 3;
    text += ` users:(("${owner.command}",pid=${owner.pid},fd=${fd}))`;
  }
  if (options.has("o", "e")) text += timerOf(sock);
  if (options.has("e")) {
    if (owner.uid) text += ` uid:${owner.uid}`;
    const inode =
      sock instanceof TimeWaitSock || sock instanceof RequestSock ? 0 : 20_000 + sock.id;
    text += ` ino:${inode} sk:${sock.id.toString(16)}`;
    if (sock.mark) text += ` fwmark:0x${sock.mark.toString(16)}`;
    if (inode) text += " cgroup:/";
    const shut = sock instanceof TcpSock ? sock : null;
    text += ` ${shut?.shutRead ? "-" : "<"}-${shut?.shutWrite ? "-" : ">"}`;
  }
  return text;
}

/** Columns as wide as their widest cell (misc/ss.c, render_calc_width). */
function render(header: boolean, rows: string[][], extra: string[], shown: boolean[]): string {
  const titles = [
    "Netid",
    "State",
    "Recv-Q",
    "Send-Q",
    "Local Address:",
    "Port",
    "Peer Address:",
    "Port",
    "Process",
  ];
  const before = ["", " ", " ", " ", " ", "", " ", "", ""];
  const table = header ? [titles, ...rows] : rows;
  const widths = titles.map((_, i) => {
    // The real one measures a cell when the next one begins: the very last never is.
    const measured = i === titles.length - 1 ? table.slice(0, rows.length ? -1 : undefined) : table;
    return Math.max(0, ...measured.map((row) => row[i]?.length ?? 0));
  });
  // With a second line for each socket the first one is not filled up.
  const open = extra.some((more) => more !== "");
  const line = (row: readonly string[], last = false): string => {
    let text = "";
    let first = true;
    row.forEach((cell, i) => {
      if (!shown[i]) return;
      const width = widths[i] as number;
      if (i === 8 && last && open && cell === "") return;
      const padded = i === 4 || i === 6 ? cell.padStart(width) : cell.padEnd(width);
      text += (first || width === 0 ? "" : before[i]) + padded;
      first = false;
    });
    return text;
  };
  let text = header ? `${line(titles)}${open ? "       " : ""}\n` : "";
  rows.forEach((row, i) => {
    text += `${line(row, true)}${extra[i] ?? ""}\n`;
  });
  return text;
}

function summary(p: Process): string {
  const all = [...p.netns.sockets.all];
  const count = (netid: Netid): number =>
    all.filter((s) => netidOf(s) === netid && !(s instanceof TimeWaitSock)).length;
  const [raw, udp, tcp] = [count("raw"), count("udp"), count("tcp")];
  const waiting = all.filter((s) => s instanceof TimeWaitSock).length;
  const orphans = all.filter((s) => s instanceof TcpSock && s.orphan).length;
  const established = all.filter((s) => s instanceof TcpSock && s.state === "ESTABLISHED").length;
  const row = (name: string, n: number): string =>
    `${name}\t  ${String(n).padEnd(9)} ${String(n).padEnd(9)} ${"0".padEnd(9)}\n`;
  return (
    `Total: ${raw + udp + tcp}\n` +
    `TCP:   ${tcp + waiting} (estab ${established}, closed ${waiting}, orphaned ${orphans}, timewait ${waiting})\n\n` +
    `Transport Total     IP        IPv6\n${row("RAW", raw)}${row("UDP", udp)}${row("TCP", tcp)}` +
    `${row("INET", raw + udp + tcp)}${row("FRAG", 0)}\n`
  );
}

function* show(p: Process, options: Parsed): Run {
  const wanted: Netid[] = [];
  if (options.has("w")) wanted.push("raw");
  if (options.has("u")) wanted.push("udp");
  if (options.has("t")) wanted.push("tcp");
  const unix = options.has("x") && wanted.length === 0;
  const families: Netid[] = wanted.length || unix ? wanted : ["raw", "udp", "tcp"];
  const words = options.operands.slice();
  let states: readonly string[] | null = null;
  while (words[0] === "state" || words[0] === "exclude") {
    const name = words[1] ?? "";
    const found = scanState(name);
    if (!found) throw new Wrong(`ss: wrong state name: ${name}\n`);
    if (words[0] === "state") states = [...(states ?? []), ...found];
    else states = (states ?? ALL).filter((state) => !found.includes(state));
    words.splice(0, 2);
  }
  if (states === null) {
    if (options.has("a")) states = ALL;
    else if (options.has("l")) states = ["LISTEN", "UNCONN"];
    else states = unix || families.includes("tcp") ? CONNECTED : ["ESTAB"];
  }
  const chosen = states;
  const test = words.length ? new Filter(words).any() : () => true;
  const numeric = options.has("n");
  const socks = [...p.netns.sockets.all]
    .filter((sock) => chosen.includes(stateOf(sock)) && test(sock))
    .sort(
      (a, b) => Number(stateOf(b) === "LISTEN") - Number(stateOf(a) === "LISTEN") || a.id - b.id,
    );
  const rows: string[][] = [];
  const extra: string[] = [];
  for (const netid of families)
    for (const sock of socks) {
      if (netidOf(sock) !== netid) continue;
      const port = (number: number): string => {
        if (number === 0) return "*";
        if (netid === "raw")
          return numeric ? String(number) : number === 1 ? "icmp" : String(number);
        return (numeric ? null : serviceName(number, netid)) ?? String(number);
      };
      const [received, sending] = queues(sock);
      const device = sock.boundDevice ? `%${sock.boundDevice.name}` : "";
      rows.push([
        netid,
        stateOf(sock),
        String(received).padEnd(6),
        String(sending).padEnd(6),
        `${formatIpv4(sock.src)}${device}:`,
        port(sock.srcPort),
        `${formatIpv4(sock.dst)}:`,
        port(sock.dstPort),
        extras(sock, options),
      ]);
      extra.push(options.has("i") && sock instanceof TcpSock ? `\n\t${infoOf(sock)}` : "");
    }
  const shown = Array<boolean>(9).fill(true);
  shown[0] = families.length !== 1;
  shown[1] = chosen.length > 1;
  yield* p.out(render(!options.has("H"), rows, extra, shown));
  return 0;
}

export const ss: Command = {
  name: "ss",
  summary: "another utility to investigate sockets",
  group: "network",
  man: `ss [-t] [-u] [-w] [-a | -l] [-n] [-p] [-o] [-e] [-i] [-s] [-H] [state STATE] [FILTER]

Show sockets: which are open, between whom, in which state.

  -t -u -w  TCP, UDP, raw            -a  all, -l  only those that listen
  -n  numbers, not names             -p  whose they are
  -o  timers   -e  details, marks    -i  what TCP knows of the path
  -s  a summary                      -H  no heading

  state established, state time-wait, exclude listening ...
  sport = :80   dport gt :1024   src 10.0.0.0/8   dst 10.0.0.2   ( ... or ... )   not ...

Example: ss -tan dst 10.0.0.2`,
  *run(p, argv) {
    const long = {
      help: "h",
      version: "V",
      numeric: "n",
      all: "a",
      listening: "l",
      options: "o",
      extended: "e",
      processes: "p",
      info: "i",
      summary: "s",
      ipv4: "4",
      tcp: "t",
      udp: "u",
      raw: "w",
      "no-header": "H",
      memory: "m",
      oneline: "O",
      resolve: "r",
    };
    const options = getopt(argv, "hVnraloempisu46twxHOKZ", long);
    if (options.error !== null) {
      yield* p.err(`${options.error.split("\n")[0]}\n${USAGE}`);
      return 255;
    }
    if (options.has("h")) {
      yield* p.out(USAGE);
      return 0;
    }
    if (options.has("V")) {
      yield* p.out("ss utility, iproute2-6.1.0, libbpf 1.1.2\n");
      return 0;
    }
    if (options.has("Z")) {
      yield* p.err("ss: SELinux is not enabled.\n");
      return 1;
    }
    if (options.has("s")) {
      yield* p.out(summary(p));
      return 0;
    }
    try {
      return yield* show(p, options);
    } catch (error) {
      if (!(error instanceof Wrong)) throw error;
      yield* p.err(error.message);
      return 255;
    }
  },
};

import type { Process, Run } from "../../host/process.ts";
import {
  type Conntrack,
  IPS_ASSURED,
  IPS_DST_NAT,
  IPS_SEEN_REPLY,
  IPS_SRC_NAT,
} from "../../net/conntrack/entry.ts";
import type { ConntrackListener } from "../../net/conntrack/table.ts";
import { conntrackText } from "../../net/conntrack/text.ts";
import { ctSetting } from "../../net/conntrack/timeouts.ts";
import type { Sim } from "../../sim/sim.ts";
import { WaitQueue } from "../../sim/wait.ts";
import { formatIpv4, maskOf, parsePrefix } from "../../wire/address.ts";
import type { Command } from "../command.ts";

const VERSION = "conntrack v1.4.7 (conntrack-tools)";
const PROTOCOLS: Record<string, number> = { icmp: 1, tcp: 6, udp: 17 };

/** What an entry must be like: each a test that is data. */
interface Filter {
  protocol: number | null;
  addresses: { which: "src" | "dst"; dir: 0 | 1; address: number; mask: number }[];
  ports: { which: "srcPort" | "dstPort"; dir: 0 | 1; port: number }[];
  mark: { value: number; mask: number } | null;
  state: string | null;
  nat: "src" | "dst" | "any" | null;
  status: string | null;
  zone: number | null;
}

const LONG: Record<string, string> = {
  "--dump": "-L",
  "--delete": "-D",
  "--flush": "-F",
  "--count": "-C",
  "--event": "-E",
  "--get": "-G",
  "--stats": "-S",
};

class Usage extends Error {}

interface Given {
  command: string;
  filter: Filter;
  output: string;
  events: string[];
}

function parse(argv: readonly string[]): Given {
  const filter: Filter = {
    protocol: null,
    addresses: [],
    ports: [],
    mark: null,
    state: null,
    nat: null,
    status: null,
    zone: null,
  };
  const given: Given = { command: "", filter, output: "", events: [] };
  for (let i = 1; i < argv.length; i++) {
    const word = argv[i] as string;
    const value = (): string => {
      const next = argv[++i];
      if (next === undefined) throw new Usage(`option \`${word}' requires an argument`);
      return next;
    };
    const address = (which: "src" | "dst", dir: 0 | 1): void => {
      const text = value();
      const prefix = parsePrefix(text);
      if (!prefix) throw new Usage(`Invalid IP address \`${text}'`);
      filter.addresses.push({ which, dir, address: prefix.address, mask: maskOf(prefix.length) });
    };
    const port = (which: "srcPort" | "dstPort", dir: 0 | 1): void => {
      filter.ports.push({ which, dir, port: Number(value()) });
    };
    switch (word) {
      case "-L":
      case "--dump":
      case "-D":
      case "--delete":
      case "-F":
      case "--flush":
      case "-C":
      case "--count":
      case "-E":
      case "--event":
      case "-G":
      case "--get":
      case "-S":
      case "--stats": {
        if (given.command) throw new Usage(`Cannot use \`${word}' with \`${given.command}'`);
        given.command = LONG[word] ?? word;
        const table = argv[i + 1];
        if (table === "conntrack") i++;
        break;
      }
      case "-p":
      case "--protonum":
      case "--proto": {
        const text = value();
        const number = PROTOCOLS[text] ?? (/^\d+$/.test(text) ? Number(text) : null);
        if (number === null) throw new Usage(`\`${text}' unsupported protocol`);
        filter.protocol = number;
        break;
      }
      case "-s":
      case "--src":
      case "--orig-src":
        address("src", 0);
        break;
      case "-d":
      case "--dst":
      case "--orig-dst":
        address("dst", 0);
        break;
      case "-r":
      case "--reply-src":
        address("src", 1);
        break;
      case "-q":
      case "--reply-dst":
        address("dst", 1);
        break;
      case "--sport":
      case "--orig-port-src":
        port("srcPort", 0);
        break;
      case "--dport":
      case "--orig-port-dst":
        port("dstPort", 0);
        break;
      case "--reply-port-src":
        port("srcPort", 1);
        break;
      case "--reply-port-dst":
        port("dstPort", 1);
        break;
      case "-m":
      case "--mark": {
        const [v = "", mask] = value().split("/");
        filter.mark = { value: Number(v), mask: mask === undefined ? 0xffffffff : Number(mask) };
        break;
      }
      case "--state":
        filter.state = value();
        break;
      case "-u":
      case "--status":
        filter.status = value();
        break;
      case "-w":
      case "--zone":
        filter.zone = Number(value());
        break;
      case "-n":
      case "--src-nat":
        filter.nat = "src";
        if (/^[\d.]+$/.test(argv[i + 1] ?? "")) i++;
        break;
      case "-g":
      case "--dst-nat":
        filter.nat = "dst";
        if (/^[\d.]+$/.test(argv[i + 1] ?? "")) i++;
        break;
      case "-j":
      case "--any-nat":
        filter.nat = "any";
        if (/^[\d.]+$/.test(argv[i + 1] ?? "")) i++;
        break;
      case "-o":
      case "--output":
        given.output = value();
        break;
      case "-e":
      case "--event-mask":
        given.events = value().split(",");
        break;
      case "-f":
      case "--family":
        value();
        break;
      case "-h":
      case "--help":
        given.command = "-h";
        break;
      case "-V":
      case "--version":
        given.command = "-V";
        break;
      default:
        throw new Usage(`unknown option \`${word}'`);
    }
  }
  return given;
}

function fits(ct: Conntrack, f: Filter): boolean {
  if (f.protocol !== null && ct.tuples[0].protocol !== f.protocol) return false;
  for (const a of f.addresses)
    if ((ct.tuples[a.dir][a.which] & a.mask) >>> 0 !== (a.address & a.mask) >>> 0) return false;
  for (const p of f.ports) if (ct.tuples[p.dir][p.which] !== p.port) return false;
  if (f.mark && (ct.mark & f.mark.mask) >>> 0 !== f.mark.value) return false;
  if (f.state && ct.tcp?.state !== f.state) return false;
  if (f.zone !== null && ct.zone !== f.zone) return false;
  if (f.status === "ASSURED" && !(ct.status & IPS_ASSURED)) return false;
  if (f.status === "SEEN_REPLY" && !(ct.status & IPS_SEEN_REPLY)) return false;
  if (f.status === "UNREPLIED" && ct.status & IPS_SEEN_REPLY) return false;
  if (f.nat === "src" && !(ct.status & IPS_SRC_NAT)) return false;
  if (f.nat === "dst" && !(ct.status & IPS_DST_NAT)) return false;
  return f.nat !== "any" || (ct.status & (IPS_SRC_NAT | IPS_DST_NAT)) !== 0;
}

/** Gathers events for `-E`: lines, and a queue to wait on. */
class Events implements ConntrackListener {
  sim: Sim;
  given: Given;
  lines: string[] = [];
  ready = new WaitQueue();
  count = 0;

  constructor(sim: Sim, given: Given) {
    this.sim = sim;
    this.given = given;
  }

  conntrackEvent(kind: "NEW" | "UPDATE" | "DESTROY", ct: Conntrack): void {
    const wanted = this.given.events;
    const long = { NEW: "NEW", UPDATE: "UPDATES", DESTROY: "DESTROY" }[kind];
    if (wanted.length && !wanted.includes("ALL") && !wanted.includes(long)) return;
    if (!fits(ct, this.given.filter)) return;
    const text = conntrackText(ct, { now: this.sim.now, listing: false, accounting: false });
    this.lines.push(`${`[${kind}]`.padStart(9)} ${text}\n`);
    this.count++;
    this.ready.wakeAll(this.sim);
  }
}

function* events(p: Process, given: Given): Run {
  const table = p.netns.conntrack;
  const listener = new Events(p.sim, given);
  table.listeners.push(listener);
  p.caught.add("SIGINT");
  p.caught.add("SIGTERM");
  try {
    for (;;) {
      const lines = listener.lines.splice(0);
      if (lines.length) yield* p.out(lines.join(""));
      else yield { on: [listener.ready], until: Number.POSITIVE_INFINITY };
      if (p.took("SIGINT") || p.took("SIGTERM")) break;
    }
  } finally {
    table.listeners = table.listeners.filter((other) => other !== listener);
  }
  yield* p.err(`${VERSION}: ${listener.count} flow events have been shown.\n`);
  return 0;
}

function* run(p: Process, argv: string[]): Run {
  let given: Given;
  try {
    given = parse(argv);
  } catch (error) {
    if (!(error instanceof Usage)) throw error;
    yield* p.err(
      `${VERSION}: ${error.message}\nTry \`conntrack -h' or 'conntrack --help' for more information.\n`,
    );
    return 2;
  }
  const table = p.netns.conntrack;
  const accounting = ctSetting(p.netns, "acct") !== 0;
  const line = (ct: Conntrack): string => {
    const family = given.output.split(",").includes("extended") ? "ipv4     2 " : "";
    return `${family}${conntrackText(ct, { now: p.sim.now, listing: true, accounting })}\n`;
  };
  const found = [...table.entries].filter((ct) => fits(ct, given.filter));
  switch (given.command) {
    case "-L":
      yield* p.err(`${VERSION}: ${found.length} flow entries have been shown.\n`);
      yield* p.out(found.map(line).join(""));
      return 0;
    case "-G":
      yield* p.err(`${VERSION}: ${found.length} flow entries have been shown.\n`);
      yield* p.out(found.slice(0, 1).map(line).join(""));
      return found.length ? 0 : 1;
    case "-C":
      yield* p.out(`${table.entries.size}\n`);
      return 0;
    case "-D": {
      const text = found.map(line).join("");
      for (const ct of found) table.kill(ct);
      yield* p.err(`${VERSION}: ${found.length} flow entries have been deleted.\n`);
      yield* p.out(text);
      return found.length ? 0 : 1;
    }
    case "-F":
      for (const ct of [...table.entries]) table.kill(ct);
      yield* p.err(`${VERSION}: connection tracking table has been emptied.\n`);
      return 0;
    case "-E":
      return yield* events(p, given);
    case "-V":
      yield* p.out("conntrack v1.4.7 (conntrack-tools)\n");
      return 0;
    case "-S":
      yield* p.err(`${VERSION}: statistics are not kept here\n`);
      return 1;
    default:
      yield* p.out(MAN);
      return 0;
  }
}

const MAN = `conntrack - the connection tracking table of this namespace

SYNOPSIS
  conntrack -L [FILTER]   list     -D [FILTER]  delete     -F  flush     -C  count
  conntrack -E [-e NEW,UPDATES,DESTROY] [FILTER]  follow events

FILTER
  -p PROTO  -s ADDR  -d ADDR  -r REPLY-SRC  -q REPLY-DST  --sport N  --dport N
  -m MARK[/MASK]  --state STATE  -n | -g | -j (translated)  -u ASSURED|SEEN_REPLY

EXAMPLE
  conntrack -L -p tcp --dport 9080
`;

const conntrack: Command = {
  name: "conntrack",
  sbin: true,
  summary: "command line interface for netfilter connection tracking",
  man: MAN,
  run,
  complete: (p, words) =>
    words[words.length - 2] === "-s" || words[words.length - 2] === "-d"
      ? [
          ...new Set(
            [...p.netns.conntrack.entries].flatMap((ct) => [
              formatIpv4(ct.tuples[0].src),
              formatIpv4(ct.tuples[0].dst),
            ]),
          ),
        ]
      : ["-L", "-D", "-F", "-C", "-E", "-p", "-s", "-d"],
};
export default conntrack;

import type { Process, Run } from "../../../host/process.ts";
import type { Conntrack } from "../../../net/conntrack/entry.ts";
import type { ConntrackListener } from "../../../net/conntrack/table.ts";
import { type ConntrackTextOptions, conntrackText } from "../../../net/conntrack/text.ts";
import { ctSetting } from "../../../net/conntrack/timeouts.ts";
import type { Sim } from "../../../sim/sim.ts";
import { WaitQueue } from "../../../sim/wait.ts";
import { formatIpv4 } from "../../../wire/address.ts";
import type { Command } from "../../command.ts";
import { fits, type Given, parse, Usage } from "./options.ts";

const VERSION = "conntrack v1.4.7 (conntrack-tools)";

/** An entry with what `-o` adds to it. */
function entryText(ct: Conntrack, given: Given, options: ConntrackTextOptions): string {
  const family = given.output.includes("extended") ? "ipv4     2 " : "";
  const id = given.output.includes("id") ? ` id=${ct.id}` : "";
  return `${family}${conntrackText(ct, options)}${id}`;
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

  conntrackEvent(kind: "NEW" | "UPDATE" | "DESTROY", ct: Conntrack, by: string): void {
    const wanted = this.given.events;
    const long = { NEW: "NEW", UPDATE: "UPDATES", DESTROY: "DESTROY" }[kind];
    if (wanted.length && !wanted.includes("ALL") && !wanted.includes(long)) return;
    if (!fits(ct, this.given.filter)) return;
    const text = entryText(ct, this.given, { now: this.sim.now, uses: 0, accounting: false });
    const user = by
      ? ` [USERSPACE] portid=${this.sim.rng("portid").below(1 << 30)} progname=${by}`
      : "";
    this.lines.push(`${`[${kind}]`.padStart(9)} ${text}${user}\n`);
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
  const line = (ct: Conntrack, uses = 1): string =>
    `${entryText(ct, given, { now: p.sim.now, uses, accounting })}\n`;
  const found = [...table.entries].filter((ct) => fits(ct, given.filter));
  switch (given.command) {
    case "-L":
      if (given.table === "expect") {
        yield* p.err(`${VERSION}: 0 expectations have been shown.\n`);
        return 0;
      }
      // An entry is in the table or it is gone: there are no lists of the unconfirmed and the dying.
      if (given.table !== "conntrack") found.length = 0;
      yield* p.err(`${VERSION}: ${found.length} flow entries have been shown.\n`);
      yield* p.out(found.map((ct) => line(ct)).join(""));
      return 0;
    case "-G": {
      const one = found[0];
      if (!one) {
        yield* p.err(`${VERSION}: Operation failed: such conntrack doesn't exist\n`);
        return 1;
      }
      yield* p.err(`${VERSION}: 1 flow entries have been shown.\n`);
      // The answer to a question holds one too.
      yield* p.out(line(one, 2));
      return 0;
    }
    case "-C":
      yield* p.out(`${table.entries.size}\n`);
      return 0;
    case "-D": {
      const text = found.map((ct) => line(ct)).join("");
      for (const ct of found) table.kill(ct, "conntrack");
      yield* p.err(`${VERSION}: ${found.length} flow entries have been deleted.\n`);
      yield* p.out(text);
      return found.length ? 0 : 1;
    }
    case "-F":
      for (const ct of [...table.entries]) table.kill(ct, "conntrack");
      yield* p.err(`${VERSION}: connection tracking table has been emptied.\n`);
      return 0;
    case "-E":
      return yield* events(p, given);
    case "-V":
      yield* p.out("conntrack v1.4.7 (conntrack-tools)\n");
      return 0;
    case "-S":
      for (let cpu = 0; cpu < p.machine.kernel.cpus; cpu++)
        yield* p.out(statisticsLine(cpu, cpu === 0 ? table.statistics : {}));
      return 0;
    default:
      yield* p.out(MAN);
      return 0;
  }
}

/** What the kernel counts for each CPU; ours does all its work on the first. */
const STATISTICS = [
  "found",
  "invalid",
  "insert",
  "insert_failed",
  "drop",
  "early_drop",
  "error",
  "search_restart",
  "clash_resolve",
  "chaintoolong",
];

function statisticsLine(cpu: number, counted: Readonly<Record<string, number>>): string {
  const fields = STATISTICS.map((name) => `${name}=${counted[name] ?? 0} `);
  return `cpu=${String(cpu).padEnd(4)}\t${fields.join("")}\n`;
}

const MAN = `conntrack - the connection tracking table of this namespace

SYNOPSIS
  conntrack -L [FILTER]   list     -D [FILTER]  delete     -F  flush     -C  count
  conntrack -G -p PROTO -s ADDR -d ADDR …  get one          -S  statistics
  conntrack -E [-e NEW,UPDATES,DESTROY] [FILTER]  follow events

FILTER
  -p PROTO  -s ADDR  -d ADDR  -r REPLY-SRC  -q REPLY-DST  --sport N  --dport N
  -m MARK[/MASK]  --state STATE  -n | -g | -j (translated)  -u ASSURED|SEEN_REPLY
  -w ZONE  --orig-zone ZONE  --reply-zone ZONE   (ports and states after -p)

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

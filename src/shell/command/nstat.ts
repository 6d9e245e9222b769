import { SysError } from "../../base/errno.ts";
import { fromUtf8 } from "../../base/text.ts";
import type { Process, Run } from "../../host/process.ts";
import { netstat, snmp } from "../../net/snmp.ts";
import type { Command } from "../command.ts";
import { getopt } from "../lib/options.ts";
import { matches } from "../pattern.ts";

const USAGE = `Usage: nstat [OPTION] [ PATTERN [ PATTERN ] ]
   -h, --help          this message
   -a, --ignore        ignore history
   -d, --scan=SECS     sample every statistics every SECS
   -j, --json          format output in JSON
   -n, --nooutput      do history only
   -p, --pretty        pretty print
   -r, --reset         reset history
   -s, --noupdate      don't update history
   -t, --interval=SECS report average over the last SECS
   -V, --version       output version information
   -z, --zeros         show entries with zero activity
`;

/** What is stated rather than counted (misc/nstat.c, useless_numbers). */
const STATED =
  /^(IpForwarding|IpDefaultTTL|TcpRtoAlgorithm|TcpRtoMin|TcpRtoMax|TcpMaxConn|TcpCurrEstab)$/;

/** What the kernel counts, by name, in its order. */
function counters(p: Process): Map<string, number> {
  const found = new Map<string, number>();
  const lines = `${snmp(p.netns)}${netstat(p.netns)}`.trimEnd().split("\n");
  for (let at = 0; at + 1 < lines.length; at += 2) {
    const [group = "", ...names] = (lines[at] as string).split(" ");
    const values = (lines[at + 1] as string).split(" ").slice(1);
    for (const [i, name] of names.entries()) {
      const full = group.slice(0, -1) + name;
      if (!STATED.test(full)) found.set(full, Number(values[i]));
    }
  }
  return found;
}

const row = ([name, value]: [string, number]): string =>
  `${name.padEnd(32)}${String(value).padEnd(16)}${"0.0".padStart(6)}\n`;

const shown = (rows: [string, number][]): string => `#kernel\n${rows.map(row).join("")}`;

/** The history that a run before this one has left; a text that is none is an error. */
function parse(text: string): { source: string; counts: Map<string, number> } | null {
  const counts = new Map<string, number>();
  let source = "";
  for (const line of text.split("\n").filter(Boolean)) {
    if (line.startsWith("#")) source = line.slice(1);
    else {
      const [, name, count] = /^(\S+)\s+(\d+)\s+[\d.]+/.exec(line) ?? [];
      if (!name) return null;
      counts.set(name, Number(count));
    }
  }
  return { source, counts };
}

/** nstat of iproute2 6.1 (misc/nstat.c), without its daemon (-d, -t). */
export const nstat: Command = {
  name: "nstat",
  summary: "what the kernel has counted, since nstat was asked last",
  group: "network",
  man: `nstat [-a] [-z] [-s | -n | -r] [-j [-p]] [PATTERN ...]

Print the kernel's counters of this network namespace: packets received, refused, answered, and why not.
Without options only what has changed since the last call, which is kept in /tmp/.nstat.u0.
  -a in all, not since the last call   -z those that are 0 too   -s leave the history as it is
  -n only write the history   -r forget the history first   -j as JSON, -p indented

  nstat -n; curl -s -m 2 10.0.0.1; nstat
  nstat -az '*ReversePathFilter' IpInDiscards 'Tcp*Resets'`,
  *run(p, argv): Run {
    const options = getopt(argv, "h?vVzrnasd:t:jp", {
      help: "h",
      ignore: "a",
      "scan=": "d",
      nooutput: "n",
      json: "j",
      reset: "r",
      noupdate: "s",
      pretty: "p",
      "interval=": "t",
      version: "V",
      zeros: "z",
    });
    if (options.error || options.has("h", "?")) {
      const [why = ""] = options.error?.split("\n") ?? [];
      yield* p.err(`${why && `${why}\n`}${USAGE}`);
      return 255;
    }
    if (options.has("V", "v")) {
      yield* p.out("nstat utility, iproute2-6.1.0\n");
      return 0;
    }
    if (options.has("d", "t")) {
      yield* p.err("nstat: averages need its daemon, which is not here\n");
      return 255;
    }
    const path = p.env.get("NSTAT_HISTORY") ?? `/tmp/.nstat.u${p.uid}`;
    const now = counters(p);
    let before = new Map<string, number>();
    const { fs } = p.machine;
    try {
      if (!options.has("a") || !options.has("s"))
        fs.open(path, { read: true, write: true, create: true }, 0o600, p).release();
      if (!options.has("a", "r")) {
        const text = fromUtf8(fs.readFile(path, p));
        const history = parse(text);
        if (!history) {
          yield* p.err("nstat.c:146: error parsing history file\n");
          return 254;
        }
        if (history.source && history.source !== "kernel")
          yield* p.err("nstat: history is stale, ignoring it.\n");
        else before = history.counts;
      }
      const zeros = options.has("z");
      if (!options.has("n")) {
        const rows = [...now]
          .map(([name, value]): [string, number] => [
            name,
            Math.max(0, value - (before.get(name) ?? 0)),
          ])
          .filter(
            ([name, value]) =>
              (zeros || value > 0) &&
              (!options.operands.length || options.operands.some((one) => matches(one, name))),
          );
        const json = { kernel: Object.fromEntries(rows) };
        yield* p.out(
          options.has("j")
            ? `${options.has("p") ? JSON.stringify(json, null, 4) : JSON.stringify(json)}\n`
            : shown(rows),
        );
      }
      if (!options.has("s")) {
        const rows = [...now].filter(([, value]) => zeros || value > 0);
        fs.writeFile(path, shown(rows), undefined, p);
      }
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      yield* p.err(`nstat: open history file: ${error.message}\n`);
      return 255;
    }
    return 0;
  },
};

import { type Process, type Run, SIGNALS, type Signal } from "../../host/process.ts";
import { signalOf } from "../builtin/jobs.ts";
import type { Command } from "../command.ts";
import { formatDate } from "../lib/date.ts";
import { getopt } from "../lib/options.ts";
import { userName } from "./identity.ts";

/** Looking at processes and signalling them: ps, kill, pkill, pgrep, pidof (procps). */

function all(p: Process): Process[] {
  return [...p.machine.processes.values()].sort((a, b) => a.pid - b.pid);
}

function clock(ns: number, hours: boolean): string {
  const seconds = Math.floor(ns / 1e9);
  const two = (n: number) => String(n).padStart(2, "0");
  const minutes = Math.floor(seconds / 60);
  return hours
    ? `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}:${two(seconds % 60)}`
    : `${minutes}:${two(seconds % 60)}`;
}

function stateOf(one: Process): string {
  const state = one.stopped ? "T" : one.running ? "R" : "S";
  const leader = one.sid === one.pid ? "s" : "";
  const foreground = one.tty && one.tty.foreground === one.pgid ? "+" : "";
  return state + leader + foreground;
}

function field(p: Process, one: Process, name: string): string {
  const start = formatDate("%H:%M", new Date(p.sim.epoch + one.started / 1e6));
  switch (name) {
    case "pid":
      return String(one.pid);
    case "ppid":
      return String(one.parent?.pid ?? 0);
    case "pgid":
    case "pgrp":
      return String(one.pgid);
    case "sid":
    case "sess":
      return String(one.sid);
    case "user":
    case "uname":
    case "euser":
      return userName(p, one.uid);
    case "uid":
      return String(one.uid);
    case "tty":
    case "tt":
      return one.tty?.name ?? "?";
    case "stat":
      return stateOf(one);
    case "s":
    case "state":
      return stateOf(one).slice(0, 1);
    case "comm":
    case "ucmd":
      return one.comm;
    case "args":
    case "cmd":
    case "command":
      return one.argv.join(" ");
    case "start":
    case "stime":
    case "lstart":
      return start;
    case "time":
      return clock(0, true);
    case "etime":
      return clock(p.sim.now - one.started, false).padStart(5, "0");
    case "etimes":
      return String(Math.floor((p.sim.now - one.started) / 1e9));
    case "netns":
      return String(4026531840 + one.netns.id);
    case "ni":
    case "pri":
      return "0";
    case "%cpu":
    case "pcpu":
    case "%mem":
    case "pmem":
      return "0.0";
    case "vsz":
      return "4096";
    case "rss":
      return "3072";
  }
  return "-";
}

const TITLES: Record<string, string> = {
  comm: "COMMAND",
  args: "COMMAND",
  command: "COMMAND",
  tty: "TT",
  stime: "STIME",
  "%cpu": "%CPU",
  "%mem": "%MEM",
};
const RIGHT = new Set([
  "pid",
  "ppid",
  "pgid",
  "sid",
  "uid",
  "%cpu",
  "%mem",
  "vsz",
  "rss",
  "etime",
  "netns",
  "etimes",
]);

function* table(
  p: Process,
  list: Process[],
  columns: string[],
  titles: (string | null)[],
  widths: number[],
): Run<void> {
  const wide = columns.map((name, i) =>
    Math.max(
      widths[i] ?? 0,
      (titles[i] ?? "").length,
      ...list.map((one) => field(p, one, name).length),
    ),
  );
  const line = (cells: string[]) =>
    `${cells
      .map((cell, i) => {
        if (RIGHT.has(columns[i] as string)) return cell.padStart(wide[i] as number);
        return i === cells.length - 1 ? cell : cell.padEnd(wide[i] as number);
      })
      .join(" ")}\n`;
  if (titles.some((title) => title !== "")) yield* p.out(line(titles.map((title) => title ?? "")));
  for (const one of list) yield* p.out(line(columns.map((name) => field(p, one, name))));
}

const ps: Command = {
  name: "ps",
  summary: "report a snapshot of the current processes",
  group: "processes",
  man: `ps [OPTION]...

  ps       the processes of this terminal
  ps aux   all of them, by user          ps -ef   all of them, with their parents
  ps -o pid,ppid,comm,args,netns [-e] [-p PID]   these columns`,
  *run(p, argv) {
    const words = argv.slice(1);
    const bsd = words.find((word) => /^[auxwfelj]+$/.test(word));
    const options = getopt(
      ["ps", ...words.filter((word) => word !== bsd && !/^\d+$/.test(word))],
      "eAafFljwo:p:u:C:HN",
      {
        "format=": "o",
        "pid=": "p",
        "no-headers": "noh",
        "sort=": "sort",
        "ppid=": "ppid",
        forest: "H",
      },
    );
    if (options.error) {
      yield* p.err(
        "error: unsupported option (BSD syntax)\n\nUsage:\n ps [options]\n\n Try 'ps --help <simple|list|output|threads|misc|all>'\n  or 'ps --help <s|l|o|t|m|a>'\n for additional help text.\n\nFor more details see ps(1).\n",
      );
      return 1;
    }
    let list = all(p);
    const pids = [
      ...options.all("p").flatMap((text) => text.split(/[ ,]+/)),
      ...words.filter((word) => /^\d+$/.test(word)),
    ];
    const names = options.all("C");
    if (pids.length) list = list.filter((one) => pids.includes(String(one.pid)));
    else if (names.length) list = list.filter((one) => names.includes(one.comm));
    else if (options.has("ppid"))
      list = list.filter((one) => String(one.parent?.pid) === options.get("ppid"));
    else if (!options.has("e", "A") && !bsd?.includes("x") && !bsd?.includes("a"))
      list = list.filter((one) => one.tty === p.tty);
    const formats = options.all("o");
    if (formats.length) {
      const specs = formats.flatMap((text) => (text.includes("=") ? [text] : text.split(/[ ,]+/)));
      const columns = specs.map((spec) => spec.split("=")[0] as string);
      const titles = specs.map((spec, i) => {
        const at = spec.indexOf("=");
        return at < 0
          ? (TITLES[columns[i] as string] ?? (columns[i] as string).toUpperCase())
          : spec.slice(at + 1);
      });
      yield* table(
        p,
        list,
        columns,
        options.has("noh") ? titles.map(() => "") : titles,
        columns.map((name) => ({ pid: 7, ppid: 7 })[name] ?? 0),
      );
    } else if (bsd?.includes("u"))
      yield* table(
        p,
        list,
        ["user", "pid", "%cpu", "%mem", "vsz", "rss", "tty", "stat", "start", "time", "args"],
        ["USER", "PID", "%CPU", "%MEM", "VSZ", "RSS", "TTY", "STAT", "START", "TIME", "COMMAND"],
        [8, 11 - 4, 4, 4, 6, 5, 8, 4, 7, 6, 0],
      );
    else if (options.has("f", "F"))
      yield* table(
        p,
        list,
        ["user", "pid", "ppid", "pri", "stime", "tty", "time", "args"],
        ["UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"],
        [8, 7, 7, 1, 5, 8, 8, 0],
      );
    else
      yield* table(
        p,
        list,
        ["pid", "tty", "time", bsd ? "args" : "comm"],
        ["PID", "TTY", "TIME", bsd ? "COMMAND" : "CMD"],
        [7, 8, 8, 0],
      );
    return list.length ? 0 : 1;
  },
};

const kill: Command = {
  name: "kill",
  summary: "send a signal to a process",
  group: "processes",
  man: "kill [-SIGNAL] PID...      kill -l\n\nSIGNAL is a name or a number; TERM when there is none. In bash %1 names a job.",
  *run(p, argv) {
    let signal: Signal | "EXIT" = "SIGTERM";
    let words = argv.slice(1);
    const [first = ""] = words;
    if (first === "-l") {
      yield* p.out(
        `${Object.keys(SIGNALS)
          .map((name) => name.slice(3))
          .join(" ")}\n`,
      );
      return 0;
    }
    if (/^-./.test(first) && first !== "--") {
      const spec = first === "-s" || first === "-n" ? (words[1] ?? "") : first.slice(1);
      const found = signalOf(spec);
      if (!found) {
        yield* p.err(`kill: invalid signal name or number: ${spec}\n`);
        return 1;
      }
      signal = found;
      words = words.slice(first === "-s" || first === "-n" ? 2 : 1);
    }
    let status = 0;
    for (const word of words.filter((one) => one !== "--")) {
      const pid = Number(word);
      const targets = all(p).filter((one) => (pid < 0 ? one.pgid === -pid : one.pid === pid));
      if (targets.length === 0) {
        yield* p.err(`kill: (${word}): No such process\n`);
        status = 1;
      }
      if (signal !== "EXIT") for (const target of targets) target.kill(signal);
    }
    return status;
  },
};

/** pgrep and pkill choose in the same way. */
function* matching(
  p: Process,
  argv: string[],
  tool: string,
): Run<{ list: Process[]; options: ReturnType<typeof getopt> } | number> {
  let signal: string | null = null;
  const words = argv.slice(1).filter((word) => {
    if (tool === "pkill" && /^-([A-Z]\w+|\d+)$/.test(word)) {
      signal = word.slice(1);
      return false;
    }
    return true;
  });
  const options = getopt([tool, ...words], "afluxvcnod:P:s:g:t:u:", {
    full: "f",
    "list-name": "l",
    "list-full": "a",
    exact: "x",
    newest: "n",
    oldest: "o",
    "signal=": "signal",
    "parent=": "P",
    count: "c",
  });
  if (signal !== null) options.list.push(["signal", signal]);
  const [pattern] = options.operands;
  const parent = options.get("P");
  if (options.error || (pattern === undefined && parent === null)) {
    yield* p.err(
      options.error?.replace(/Try.*\n/, "") ??
        `${tool}: no matching criteria specified\nTry \`${tool} --help' for more information.\n`,
    );
    return 2;
  }
  let regex: RegExp;
  try {
    regex = new RegExp(options.has("x") ? `^(?:${pattern ?? ""})$` : (pattern ?? ""));
  } catch {
    yield* p.err(`${tool}: Invalid regular expression\n`);
    return 2;
  }
  let list = all(p).filter((one) => {
    if (one === p) return false;
    const hit = regex.test(options.has("f") ? one.argv.join(" ") : one.comm);
    return hit !== options.has("v") && (parent === null || String(one.parent?.pid) === parent);
  });
  if (options.has("n")) list = list.slice(-1);
  if (options.has("o")) list = list.slice(0, 1);
  return { list, options };
}

const pgrep: Command = {
  name: "pgrep",
  summary: "look up processes based on name",
  group: "processes",
  man: "pgrep [-f] [-l|-a] [-x] [-P PPID] [-n|-o] PATTERN\n\nPrint the ids of processes whose name (with -f: command line) matches.",
  *run(p, argv) {
    const found = yield* matching(p, argv, "pgrep");
    if (typeof found === "number") return found;
    const { list, options } = found;
    if (options.has("c")) yield* p.out(`${list.length}\n`);
    else
      for (const one of list)
        yield* p.out(
          options.has("a")
            ? `${one.pid} ${one.argv.join(" ")}\n`
            : options.has("l")
              ? `${one.pid} ${one.comm}\n`
              : `${one.pid}\n`,
        );
    return list.length ? 0 : 1;
  },
};

const pkill: Command = {
  name: "pkill",
  aliases: ["killall"],
  summary: "signal processes based on name",
  group: "processes",
  man: "pkill [-SIGNAL] [-f] [-x] PATTERN      killall NAME...\n\nSignal every process whose name matches.",
  *run(p, argv) {
    if (argv[0] === "killall") {
      const names = argv.slice(1).filter((word) => !word.startsWith("-"));
      const spec = argv.slice(1).find((word) => word.startsWith("-") && word !== "-q");
      const signal = spec ? signalOf(spec.slice(1)) : "SIGTERM";
      let status = 0;
      for (const name of names) {
        const list = all(p).filter((one) => one.comm === name && one !== p);
        if (list.length === 0) {
          yield* p.err(`${name}: no process found\n`);
          status = 1;
        }
        if (signal && signal !== "EXIT") for (const one of list) one.kill(signal);
      }
      return status;
    }
    const found = yield* matching(p, argv, "pkill");
    if (typeof found === "number") return found;
    const signal = signalOf(found.options.get("signal") ?? "TERM");
    if (!signal) {
      yield* p.err(`pkill: Unknown signal "${found.options.get("signal")}".\n`);
      return 2;
    }
    if (signal !== "EXIT") for (const one of found.list) one.kill(signal);
    return found.list.length ? 0 : 1;
  },
};

const pidof: Command = {
  name: "pidof",
  sbin: false,
  summary: "find the process ID of a running program",
  group: "processes",
  man: "pidof [-s] NAME...\n\nPrint the ids of the processes of that name, newest first.",
  *run(p, argv) {
    const names = argv.slice(1).filter((word) => !word.startsWith("-"));
    const list = all(p)
      .filter((one) => names.includes(one.comm))
      .reverse();
    const shown = argv.includes("-s") ? list.slice(0, 1) : list;
    if (shown.length) yield* p.out(`${shown.map((one) => one.pid).join(" ")}\n`);
    return shown.length ? 0 : 1;
  },
};

export const processTools: readonly Command[] = [kill, pgrep, pidof, pkill, ps];

import { SIGNALS } from "../../host/process.ts";
import { SEC } from "../../sim/sim.ts";
import { signalOf } from "../builtin/jobs.ts";
import type { Command } from "../command.ts";
import { getopt } from "../lib/options.ts";
import { exec, spawn } from "../spawn.ts";
import { durationOf } from "./sleep.ts";

/** Running a program under other conditions: timeout, nohup, setsid, nice. */

const timeout: Command = {
  name: "timeout",
  summary: "run a command with a time limit",
  group: "processes",
  man: `timeout [-s SIGNAL] [-k DURATION] [--preserve-status] DURATION COMMAND [ARG]...

Run COMMAND and end it with SIGTERM when it takes longer; the status is then 124.
  -s SIGNAL   another signal   -k DURATION   SIGKILL so long after it`,
  *run(p, argv) {
    const options = getopt(argv, "+s:k:vf", {
      "signal=": "s",
      "kill-after=": "k",
      "preserve-status": "preserve",
      foreground: "f",
      verbose: "v",
    });
    const help = "Try 'timeout --help' for more information.\n";
    if (options.error) {
      yield* p.err(options.error);
      return 125;
    }
    const [word, ...command] = options.operands;
    if (word === undefined || command.length === 0) {
      yield* p.err(`timeout: missing operand\n${help}`);
      return 125;
    }
    const seconds = durationOf(word);
    if (seconds === null) {
      yield* p.err(`timeout: invalid time interval ‘${word}’\n${help}`);
      return 125;
    }
    const spec = options.get("s") ?? "TERM";
    const signal = signalOf(spec);
    if (!signal || signal === "EXIT") {
      yield* p.err(`timeout: ${spec}: invalid signal\n${help}`);
      return 125;
    }
    const child = spawn(p, command);
    if (!child) {
      yield* p.err(`timeout: failed to run command ‘${command[0]}’: No such file or directory\n`);
      return 127;
    }
    // What reaches timeout goes to the command.
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const) p.caught.add(name);
    let deadline = seconds === 0 ? Number.POSITIVE_INFINITY : p.sim.now + seconds * SEC;
    let timedOut = false;
    while (child.status === null) {
      yield { on: [child.exited], until: deadline };
      for (const name of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const)
        if (p.took(name) && child.pgid !== p.pgid) child.kill(name);
        else if (name === "SIGTERM" && p.took(name)) child.kill(name);
      if (child.status === null && p.sim.now >= deadline) {
        child.kill(timedOut ? "SIGKILL" : signal);
        child.kill("SIGCONT");
        const after = options.get("k");
        deadline =
          !timedOut && after !== null
            ? p.sim.now + (durationOf(after) ?? 0) * SEC
            : Number.POSITIVE_INFINITY;
        timedOut = true;
      }
    }
    if (!timedOut) return child.status;
    if (options.has("preserve")) return child.status;
    if (child.killedBy !== "SIGKILL") return 124;
    // As the real one does, it ends in the same way, so that the shell tells of it.
    p.killedBy = "SIGKILL";
    return 128 + SIGNALS.SIGKILL;
  },
};

const nohup: Command = {
  name: "nohup",
  summary: "run a command immune to hangups",
  group: "processes",
  man: "nohup COMMAND [ARG]...\n\nRun COMMAND without SIGHUP; what it would write on the terminal goes to nohup.out.",
  *run(p, argv) {
    if (argv.length < 2) {
      yield* p.err("nohup: missing operand\nTry 'nohup --help' for more information.\n");
      return 125;
    }
    p.ignored.add("SIGHUP");
    const input = p.isTty(0);
    const output = p.isTty(1);
    if (input) p.setFd(0, p.machine.fs.open("/dev/null", { read: true }, 0, p));
    if (output) {
      const file = p.machine.fs.open(
        p.path("nohup.out"),
        { write: true, create: true, append: true },
        0o600,
        p,
      );
      p.setFd(1, file);
      yield* p.err(`nohup: ${input ? "ignoring input and " : ""}appending output to 'nohup.out'\n`);
    } else if (input) yield* p.err("nohup: ignoring input\n");
    if (p.isTty(2)) {
      const out = p.fd(1);
      out.hold();
      p.setFd(2, out);
    }
    const result = yield* exec(p, argv.slice(1));
    if (typeof result === "number") return result;
    yield* p.err(`nohup: failed to run command '${argv[1]}': No such file or directory\n`);
    return 127;
  },
};

const setsid: Command = {
  name: "setsid",
  summary: "run a program in a new session",
  group: "processes",
  man: "setsid COMMAND [ARG]...\n\nRun COMMAND in a session of its own, away from the terminal.",
  *run(p, argv) {
    p.sid = p.pid;
    p.pgid = p.pid;
    p.tty = null;
    const words = argv.slice(1).filter((word, i) => i > 0 || !word.startsWith("-"));
    const result = yield* exec(p, words);
    if (typeof result === "number") return result;
    yield* p.err(`setsid: failed to execute ${words[0]}: No such file or directory\n`);
    return 127;
  },
};

const nice: Command = {
  name: "nice",
  aliases: ["stdbuf"],
  summary: "run a program with modified scheduling priority",
  group: "processes",
  man: "nice [-n N] COMMAND [ARG]...      stdbuf -oL COMMAND [ARG]...\n\nRun COMMAND; priorities and buffers change nothing on an emulated machine.",
  *run(p, argv) {
    let i = 1;
    while (argv[i]?.startsWith("-")) i += /^-[noie]$/.test(argv[i] as string) ? 2 : 1;
    const result = yield* exec(p, argv.slice(i));
    if (typeof result === "number") return result;
    yield* p.err(`${argv[0]}: ‘${argv[i]}’: No such file or directory\n`);
    return 127;
  },
};

export const runners: readonly Command[] = [nice, nohup, setsid, timeout];

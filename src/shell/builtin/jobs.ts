import { type Run, SIGNALS, type Signal } from "../../host/process.ts";
import { currentJobs, findJob, type Job, jobLine, reap, signalWords } from "../job.ts";
import { foreground } from "../run.ts";
import type { Shell } from "../shell.ts";
import { takeSignals } from "../trap.ts";
import type { Builtin } from "./builtin.ts";

/** bash "Job Control Builtins". */

const jobs: Builtin = function* (sh, argv) {
  const flags = argv
    .slice(1)
    .filter((word) => /^-./.test(word))
    .join("");
  const specs = argv.slice(1).filter((word) => !/^-./.test(word));
  let status = 0;
  const wanted: Job[] = [];
  for (const spec of specs) {
    const job = findJob(sh, spec);
    if (job) wanted.push(job);
    else {
      yield* sh.complain(`jobs: ${spec}: no such job`);
      status = 1;
    }
  }
  for (const job of specs.length ? wanted : [...sh.jobs]) {
    if (flags.includes("r") && job.state !== "Running") continue;
    if (flags.includes("s") && job.state !== "Stopped") continue;
    yield* sh.p.out(
      flags.includes("p") ? `${job.processes[0]?.pid}\n` : jobLine(sh, job, flags.includes("l")),
    );
    if (job.state === "Done") job.told = true;
  }
  reap(sh);
  return status;
};

function* pick(sh: Shell, who: string, spec: string | undefined): Run<Job | null> {
  const job = findJob(sh, spec ?? "%+");
  if (job && job.state !== "Done") return job;
  yield* sh.complain(`${who}: ${spec ?? "current"}: no such job`);
  return null;
}

const fg: Builtin = function* (sh, argv) {
  if (!sh.options.has("monitor")) {
    yield* sh.complain("fg: no job control");
    return 1;
  }
  const job = yield* pick(sh, "fg", argv[1]);
  if (!job) return 1;
  yield* sh.p.out(`${job.text}\n`);
  job.background = false;
  for (const process of job.processes) process.kill("SIGCONT");
  const status = yield* foreground(sh, job.processes, () => job.text, job);
  if (job.state === "Done") sh.jobs.splice(sh.jobs.indexOf(job), 1);
  return status;
};

const bg: Builtin = function* (sh, argv) {
  if (!sh.options.has("monitor")) {
    yield* sh.complain("bg: no job control");
    return 1;
  }
  const job = yield* pick(sh, "bg", argv[1]);
  if (!job) return 1;
  if (job.state === "Running") {
    yield* sh.complain(`bg: job ${job.id} already in background`);
    return 0;
  }
  job.background = true;
  const mark = currentJobs(sh)[0] === job ? "+" : "-";
  yield* sh.p.out(`[${job.id}]${mark} ${job.text} &\n`);
  for (const process of job.processes) process.kill("SIGCONT");
  return 0;
};

/** Wait for these; a trapped signal ends it early with 128 + n. */
function* waitJobs(sh: Shell, wanted: Job[], any: boolean): Run {
  for (;;) {
    const signal = sh.p.pending.find((one) => one !== "SIGCHLD");
    if (signal) {
      yield* takeSignals(sh);
      return 128 + SIGNALS[signal];
    }
    const open = wanted.filter((job) => job.state === "Running");
    if (open.length === 0 || (any && open.length < wanted.length)) return 0;
    const queues = open.flatMap((job) => job.processes).filter((p) => p.status === null);
    yield { on: queues.map((p) => p.exited), until: Number.POSITIVE_INFINITY };
  }
}

function* tellKilled(sh: Shell, job: Job): Run<void> {
  const { last } = job;
  // bash is built with DONT_REPORT_SIGTERM.
  const quiet = ["SIGINT", "SIGPIPE", "SIGTERM"];
  if (!last.killedBy || quiet.includes(last.killedBy) || sh.interactive) return;
  const words = signalWords(last.killedBy).padEnd(24);
  yield* sh.p.err(`${sh.prefix}${String(last.pid).padStart(5)} ${words}${job.text}\n`);
}

const wait: Builtin = function* (sh, argv) {
  const any = argv.includes("-n");
  const specs = argv.slice(1).filter((word) => !/^-[nfp]+$/.test(word));
  if (specs.length === 0) {
    const all = [...sh.jobs];
    if (any && all.length === 0) return 127;
    const interrupted = yield* waitJobs(sh, all, any);
    if (interrupted) return interrupted;
    const done = all.filter((job) => job.state === "Done");
    const first = done[0];
    for (const job of any && first ? [first] : done) {
      job.told = !sh.interactive || any;
      yield* tellKilled(sh, job);
    }
    const status = any ? (first?.last.status ?? 0) : 0;
    if (any && first) sh.jobs.splice(sh.jobs.indexOf(first), 1);
    else if (!sh.interactive) reap(sh);
    return status;
  }
  let status = 0;
  for (const spec of specs) {
    const job = findJob(sh, spec);
    if (!job) {
      const ended = sh.ended.get(Number(spec));
      if (ended !== undefined) {
        status = ended;
        continue;
      }
      yield* sh.complain(
        /^\d+$/.test(spec)
          ? `wait: pid ${spec} is not a child of this shell`
          : `wait: ${spec}: no such job`,
      );
      status = 127;
      continue;
    }
    const interrupted = yield* waitJobs(sh, [job], false);
    if (interrupted) return interrupted;
    const asked = job.processes.find((p) => String(p.pid) === spec) ?? job.last;
    status = asked.status ?? 0;
    job.told = true;
    yield* tellKilled(sh, job);
    for (const p of job.processes) sh.ended.set(p.pid, p.status ?? 0);
    sh.jobs.splice(sh.jobs.indexOf(job), 1);
  }
  return status;
};

/** `TERM`, `SIGTERM`, `15`; null when there is no such signal. */
export function signalOf(word: string): Signal | "EXIT" | null {
  const upper = word.toUpperCase();
  if (upper === "0" || upper === "EXIT") return "EXIT";
  for (const [name, number] of Object.entries(SIGNALS))
    if (upper === name || `SIG${upper}` === name || word === String(number)) return name as Signal;
  return null;
}

const kill: Builtin = function* (sh, argv) {
  let signal: Signal | "EXIT" = "SIGTERM";
  let args = argv.slice(1);
  const first = args[0];
  if (first === "-l" || first === "-L") {
    const word = args[1];
    if (word === undefined) {
      const all = Object.entries(SIGNALS).sort((a, b) => a[1] - b[1]);
      yield* sh.p.out(
        `${all.map(([name, n]) => `${String(n).padStart(2)}) ${name}`).join("\t")}\n`,
      );
      return 0;
    }
    const number = Number(word) > 128 ? String(Number(word) - 128) : word;
    const found = signalOf(number);
    if (!found) {
      yield* sh.complain(`kill: ${word}: invalid signal specification`);
      return 1;
    }
    yield* sh.p.out(
      /^\d+$/.test(word)
        ? `${found.replace(/^SIG/, "")}\n`
        : `${found === "EXIT" ? 0 : SIGNALS[found]}\n`,
    );
    return 0;
  }
  if (first === undefined) {
    yield* sh.p.err(
      "kill: usage: kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]\n",
    );
    return 2;
  }
  let spec: string | null = null;
  if (first === "-s" || first === "-n") {
    spec = args[1] ?? "";
    args = args.slice(2);
  } else if (first === "--") args = args.slice(1);
  else if (/^-./.test(first)) {
    spec = first.slice(1);
    args = args.slice(1);
  }
  if (spec !== null) {
    const found = signalOf(spec);
    if (!found) {
      yield* sh.complain(`kill: ${spec}: invalid signal specification`);
      return 1;
    }
    signal = found;
  }
  let status = 0;
  for (const word of args) {
    if (word.startsWith("%")) {
      const job = findJob(sh, word);
      if (!job) {
        yield* sh.complain(`kill: ${word}: no such job`);
        status = 1;
      } else
        for (const process of job.processes) {
          if (signal !== "EXIT") process.kill(signal);
          if (signal === "SIGTERM" || signal === "SIGHUP") process.kill("SIGCONT");
        }
      continue;
    }
    if (!/^-?\d+$/.test(word)) {
      yield* sh.complain(`kill: ${word}: arguments must be process or job IDs`);
      status = 1;
      continue;
    }
    const all = [...sh.p.machine.processes.values()];
    const id = Number(word);
    const targets =
      id === -1
        ? all.filter((p) => p !== sh.p && p.pid !== 1)
        : id < 0
          ? all.filter((p) => p.pgid === -id)
          : id === 0
            ? all.filter((p) => p.pgid === sh.p.pgid)
            : all.filter((p) => p.pid === id);
    if (targets.length === 0) {
      if (sh.jobs.some((job) => job.processes.some((p) => p.pid === id && p.status === null)))
        continue;
      yield* sh.complain(`kill: (${word}) - No such process`);
      status = 1;
    }
    if (signal !== "EXIT") for (const target of targets) target.kill(signal);
  }
  if (sh.p.pending.length) yield* takeSignals(sh);
  return status;
};

const disown: Builtin = function* (sh, argv) {
  const specs = argv.slice(1).filter((word) => !/^-/.test(word));
  if (argv.includes("-a")) {
    sh.jobs = [];
    return 0;
  }
  for (const spec of specs.length ? specs : ["%+"]) {
    const job = findJob(sh, spec);
    if (!job) {
      yield* sh.complain(`disown: ${specs.length ? spec : "current"}: no such job`);
      return 1;
    }
    sh.jobs.splice(sh.jobs.indexOf(job), 1);
  }
  return 0;
};

export const jobControl: Record<string, Builtin> = { jobs, fg, bg, wait, kill, disown };

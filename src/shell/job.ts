import type { Process, Run, Signal } from "../host/process.ts";
import type { Shell } from "./shell.ts";

/** A pipeline in the background, or one that Ctrl-Z stopped (bash "Job Control"). */
export class Job {
  id: number;
  pgid: number;
  processes: Process[];
  text: string;
  /** Has its end been told, or asked for with `wait`? */
  told = false;
  background: boolean;
  /** In the order of use: the highest is `%+`. */
  used: number;

  constructor(id: number, pgid: number, processes: Process[], text: string, background: boolean) {
    this.id = id;
    this.pgid = pgid;
    this.processes = processes;
    this.text = text;
    this.background = background;
    this.used = id;
  }

  get last(): Process {
    return this.processes[this.processes.length - 1] as Process;
  }

  get state(): "Running" | "Stopped" | "Done" {
    if (this.processes.every((p) => p.status !== null)) return "Done";
    return this.processes.some((p) => p.stopped) ? "Stopped" : "Running";
  }
}

const WORDS: Partial<Record<Signal, string>> = {
  SIGHUP: "Hangup",
  SIGINT: "Interrupt",
  SIGQUIT: "Quit",
  SIGABRT: "Aborted",
  SIGALRM: "Alarm clock",
  SIGKILL: "Killed",
  SIGPIPE: "Broken pipe",
  SIGTERM: "Terminated",
  SIGUSR1: "User defined signal 1",
  SIGUSR2: "User defined signal 2",
};

/** glibc's strsignal. */
export function signalWords(signal: Signal): string {
  return WORDS[signal] ?? signal;
}

export function addJob(sh: Shell, processes: Process[], text: string, background: boolean): Job {
  const id = Math.max(0, ...sh.jobs.map((job) => job.id)) + 1;
  const first = processes[0] as Process;
  const job = new Job(id, first.pgid, processes, text, background);
  job.used = Math.max(0, ...sh.jobs.map((other) => other.used)) + 1;
  sh.jobs.push(job);
  return job;
}

/** `%+`, then `%-`: stopped jobs first, then the newest. */
export function currentJobs(sh: Shell): Job[] {
  return [...sh.jobs].sort(
    (a, b) => Number(b.state === "Stopped") - Number(a.state === "Stopped") || b.used - a.used,
  );
}

/** `%1`, `%+`, `%sleep`, `%?eep`, or a process id. */
export function findJob(sh: Shell, spec: string): Job | null {
  if (/^\d+$/.test(spec))
    return sh.jobs.find((job) => job.processes.some((p) => p.pid === Number(spec))) ?? null;
  const name = spec.replace(/^%/, "");
  if (name === "" || name === "+" || name === "%") return currentJobs(sh)[0] ?? null;
  if (name === "-") return currentJobs(sh)[1] ?? currentJobs(sh)[0] ?? null;
  if (/^\d+$/.test(name)) return sh.jobs.find((job) => job.id === Number(name)) ?? null;
  if (name.startsWith("?")) return sh.jobs.find((job) => job.text.includes(name.slice(1))) ?? null;
  return sh.jobs.find((job) => job.text.startsWith(name)) ?? null;
}

/** `[1]+  Running                 sleep 60 &` */
export function jobLine(sh: Shell, job: Job, withPid = false): string {
  const order = currentJobs(sh);
  const mark = order[0] === job ? "+" : order[1] === job ? "-" : " ";
  const { last } = job;
  let state: string = job.state;
  if (state === "Done") {
    if (last.killedBy) state = signalWords(last.killedBy);
    else if (last.status) state = `Exit ${last.status}`;
  }
  const pid = withPid ? `${last.pid} ` : "";
  const tail = job.state === "Running" && job.background ? " &" : "";
  return `[${job.id}]${mark}  ${pid}${state.padEnd(24)}${job.text}${tail}\n`;
}

/** Tell about background jobs that have ended, once; an interactive shell does before a prompt. */
export function reap(sh: Shell): string {
  let out = "";
  for (const job of [...sh.jobs])
    if (job.state === "Done") {
      if (!job.told && sh.interactive && job.background) out += jobLine(sh, job);
      for (const p of job.processes) sh.ended.set(p.pid, p.status ?? 0);
      sh.jobs.splice(sh.jobs.indexOf(job), 1);
    }
  return out;
}

/** Wait until none of them runs: each has ended or stopped. */
export function* waitAll(sh: Shell, processes: readonly Process[]): Run<void> {
  for (;;) {
    const alive = processes.filter((p) => p.status === null && !p.stopped);
    if (alive.length === 0) return;
    yield { on: alive.map((p) => p.exited), until: Number.POSITIVE_INFINITY };
    if (sh.p.pending.includes("SIGHUP")) return;
  }
}

import { SysError } from "../base/errno.ts";
import { utf8 } from "../base/text.ts";
import type { NetNs } from "../net/netns.ts";
import type { Sim, Timer, Wakeable } from "../sim/sim.ts";
import { USEC } from "../sim/sim.ts";
import { WaitQueue } from "../sim/wait.ts";
import type { OpenFile } from "./file.ts";
import { absolute, type OpenFlags } from "./fs.ts";
import type { Machine } from "./machine.ts";
import type { Tty } from "./tty.ts";

/**
 * What a program yields when it must wait: any of the queues, or the time (ns, virtual), or a
 * signal. It is resumed without being told which: it looks at what it waits for again.
 */
export interface Wait {
  on: readonly WaitQueue[];
  until: number;
  /** Code that has not come yet (sim/part.ts): nothing at all happens until it has. */
  part?: string;
}

/** A running program. It exists only while a command runs, so it is never part of a keyframe. */
export type Run<T = number> = Generator<Wait, T, void>;

export type Signal =
  | "SIGABRT"
  | "SIGALRM"
  | "SIGSTOP"
  | "SIGTTIN"
  | "SIGTTOU"
  | "SIGHUP"
  | "SIGINT"
  | "SIGQUIT"
  | "SIGKILL"
  | "SIGPIPE"
  | "SIGTERM"
  | "SIGCHLD"
  | "SIGCONT"
  | "SIGTSTP"
  | "SIGUSR1"
  | "SIGUSR2"
  | "SIGWINCH";

export const SIGNALS: Record<Signal, number> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGABRT: 6,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGUSR2: 12,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
  SIGCHLD: 17,
  SIGCONT: 18,
  SIGSTOP: 19,
  SIGTSTP: 20,
  SIGTTIN: 21,
  SIGTTOU: 22,
  SIGWINCH: 28,
};

const STOPS: ReadonlySet<Signal> = new Set<Signal>(["SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU"]);

/** What fork, exec and exit of one simple command cost in virtual CPU time. */
export const EXEC_COST = 500 * USEC;
/** What a builtin or a turn of a loop costs: a busy loop moves the clock. */
export const STEP_COST = 20 * USEC;

/** Why a process is woken whose code has come. */
const ARRIVED = "part";

/** Unwinds a program that a signal or `exit` ends; never shown to anybody. */
export class Exit extends Error {
  status: number;
  constructor(status: number) {
    super(`exit ${status}`);
    this.status = status;
  }
}

export class Process implements Wakeable {
  pid: number;
  parent: Process | null;
  /** Process group: what Ctrl-C reaches. */
  pgid: number;
  machine: Machine;
  netns: NetNs;
  uid = 0;
  gid = 0;
  /** Session, and its terminal: what Ctrl-C and /dev/tty go by. */
  sid: number;
  tty: Tty | null;
  umask: number;
  cwd: string;
  env: Map<string, string>;
  argv: string[];
  fds: (OpenFile | null)[];
  /** Signals that the program handles itself, and those that arrived for it. */
  caught = new Set<Signal>();
  ignored = new Set<Signal>();
  pending: Signal[] = [];
  /** Null while it runs; then 0..255, 128 + n after a signal. */
  status: number | null = null;
  killedBy: Signal | null = null;
  stopped = false;
  /** Woken when it ends (or stops): `wait`. */
  exited = new WaitQueue();
  started: number;
  program: Run | null = null;
  waiting: readonly WaitQueue[] = [];
  timer: Timer | null = null;
  /** True while its program is on the CPU. */
  running = false;

  constructor(machine: Machine, parent: Process | null, argv: string[]) {
    this.machine = machine;
    this.parent = parent;
    this.pid = machine.nextPid++;
    this.pgid = parent?.pgid ?? this.pid;
    this.sid = parent?.sid ?? this.pid;
    this.tty = parent?.tty ?? null;
    this.umask = parent?.umask ?? 0o022;
    this.netns = parent?.netns ?? machine.netns;
    this.cwd = parent?.cwd ?? "/root";
    this.env = new Map(parent?.env ?? machine.environment());
    this.uid = parent?.uid ?? 0;
    this.gid = parent?.gid ?? 0;
    this.argv = argv;
    this.fds = parent ? parent.fds.slice() : [];
    for (const file of this.fds) file?.hold();
    this.started = machine.sim.now;
    machine.processes.set(this.pid, this);
  }

  /** The name that `ps` and `pgrep` know it by (15 characters, as TASK_COMM_LEN has it). */
  get comm(): string {
    return (this.argv[0] ?? "").replace(/^-/, "").replace(/.*\//, "").slice(0, 15);
  }

  get sim(): Sim {
    return this.machine.sim;
  }

  /** Begin to run `program` after `delay` of virtual time. */
  start(program: Run, delay = 0): void {
    this.program = program;
    this.timer = this.sim.after(delay, this, "run");
  }

  /** The queue or the timer that it waited for, or a signal. */
  wake(reason: string, _arg: unknown): void {
    if (this.status !== null || this.stopped) return;
    if (reason === ARRIVED) this.turn(null);
    else this.resume();
  }

  resume(): void {
    if (!this.program) return;
    this.forgetWait();
    this.turn(this.takeFatal());
  }

  turn(fatal: Signal | null): void {
    const program = this.program;
    if (!program) return;
    try {
      if (fatal) {
        this.killedBy = fatal;
        program.return(128 + SIGNALS[fatal]);
        this.exit(128 + SIGNALS[fatal]);
        return;
      }
      this.running = true;
      const turn = program.next();
      this.running = false;
      if (turn.done) {
        this.program = null;
        this.finished(turn.value);
        return;
      }
      if (turn.value.part !== undefined) return this.sim.hold(turn.value.part, this, ARRIVED);
      this.waiting = turn.value.on;
      for (const queue of this.waiting) queue.add(this);
      if (turn.value.until !== Number.POSITIVE_INFINITY)
        this.timer = this.sim.at(turn.value.until, this, "run");
      // A signal may have arrived before it could wait.
      if (this.pending.length) this.timer ??= this.sim.after(0, this, "run");
    } catch (error) {
      this.running = false;
      if (error instanceof Exit) this.exit(error.status);
      else throw error;
    }
  }

  /** Its program has returned; a login shell goes on to its next prompt instead. */
  finished(status: number): void {
    this.exit(status);
  }

  forgetWait(): void {
    for (const queue of this.waiting) queue.remove(this);
    this.waiting = [];
    this.timer?.cancel();
    this.timer = null;
  }

  takeFatal(): Signal | null {
    for (const signal of this.pending)
      if (!this.caught.has(signal) || signal === "SIGKILL") {
        this.pending = [];
        return signal;
      }
    return null;
  }

  /** Did `signal` arrive since the last look? For programs that catch it. */
  took(signal: Signal): boolean {
    const at = this.pending.indexOf(signal);
    if (at < 0) return false;
    this.pending.splice(at, 1);
    return true;
  }

  kill(signal: Signal): void {
    if (this.status !== null) return;
    if (signal === "SIGCONT") {
      if (this.stopped) {
        this.stopped = false;
        this.timer?.cancel();
        this.timer = this.sim.after(0, this, "run");
      }
      return;
    }
    if (signal === "SIGSTOP" || (STOPS.has(signal) && !this.caught.has(signal))) {
      if (this.ignored.has(signal) && signal !== "SIGSTOP") return;
      this.stopped = true;
      this.exited.wakeAll(this.sim);
      return;
    }
    const quiet = signal === "SIGCHLD" || signal === "SIGWINCH";
    if (signal !== "SIGKILL" && this.ignored.has(signal) && !this.caught.has(signal)) return;
    if (quiet && !this.caught.has(signal)) return;
    if (!this.pending.includes(signal)) this.pending.push(signal);
    // A stopped process sees its signals when it goes on; only SIGKILL does not wait.
    if (this.stopped && signal !== "SIGKILL") return;
    this.stopped = false;
    this.timer?.cancel();
    this.timer = this.sim.after(0, this, "run");
  }

  exit(status: number): void {
    if (this.status !== null) return;
    this.forgetWait();
    this.status = status & 255;
    this.program = null;
    for (const file of this.fds) file?.release();
    this.fds = [];
    this.machine.processes.delete(this.pid);
    this.exited.wakeAll(this.sim);
    this.parent?.kill("SIGCHLD");
  }

  // What programs call. Each may wait, so each is used with `yield*`.

  *sleep(ns: number): Run<void> {
    const until = this.sim.now + ns;
    while (this.sim.now < until) yield { on: [], until };
  }

  /** Wait until any queue is woken or the time has come; true if it was not the time. */
  *wait(on: readonly WaitQueue[], until: number = Number.POSITIVE_INFINITY): Run<boolean> {
    yield { on, until };
    return this.sim.now < until;
  }

  /** A path of its own made absolute. */
  path(path: string): string {
    if (path === "") throw new SysError("ENOENT");
    return absolute(path, this.cwd);
  }

  /** open(2): the lowest free descriptor. */
  open(path: string, flags: OpenFlags = { read: true }, mode = 0o666): number {
    return this.install(this.machine.fs.open(this.path(path), flags, mode, this));
  }

  install(file: OpenFile, from = 0): number {
    let fd = from;
    while (this.fds[fd]) fd++;
    while (this.fds.length < fd) this.fds.push(null);
    this.fds[fd] = file;
    return fd;
  }

  /** dup2(2): `file` becomes descriptor `fd`, which gives up what it was. The caller's hold passes on. */
  setFd(fd: number, file: OpenFile | null): void {
    const old = this.fds[fd];
    while (this.fds.length < fd) this.fds.push(null);
    this.fds[fd] = file;
    old?.release();
  }

  close(fd: number): void {
    this.setFd(fd, null);
  }

  isTty(fd: number): boolean {
    return this.fds[fd]?.isTty ?? false;
  }

  fd(number: number): OpenFile {
    const file = this.fds[number];
    if (!file) throw new SysError("EBADF");
    return file;
  }

  /** Write all of it; ends the process by SIGPIPE when nobody can read it any more. */
  *write(number: number, data: Uint8Array | string): Run<void> {
    let rest = typeof data === "string" ? utf8(data) : data;
    const file = this.fd(number);
    while (rest.length) {
      const wrote = file.write(rest);
      if (wrote === "EPIPE") {
        if (!this.ignored.has("SIGPIPE")) {
          this.killedBy = "SIGPIPE";
          throw new Exit(128 + SIGNALS.SIGPIPE);
        }
        throw new SysError("EPIPE");
      }
      rest = rest.subarray(wrote);
      if (rest.length) yield { on: [file.writable], until: Number.POSITIVE_INFINITY };
    }
  }

  /** Up to `max` bytes; null at the end of the file. */
  *read(number: number, max = 65536): Run<Uint8Array | null> {
    const file = this.fd(number);
    for (;;) {
      const data = file.read(max);
      if (data === "EOF") return null;
      if (data !== "EAGAIN") return data;
      yield { on: [file.readable], until: Number.POSITIVE_INFINITY };
    }
  }

  /** Everything until the end of the file. */
  *readAll(number: number): Run<Uint8Array> {
    const parts: Uint8Array[] = [];
    let length = 0;
    for (;;) {
      const part = yield* this.read(number);
      if (part === null) break;
      parts.push(part);
      length += part.length;
    }
    const all = new Uint8Array(length);
    let at = 0;
    for (const part of parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }

  *out(text: string): Run<void> {
    yield* this.write(1, text);
  }

  *err(text: string): Run<void> {
    yield* this.write(2, text);
  }
}

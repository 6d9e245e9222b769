import { SysError } from "../base/errno.ts";
import { fromUtf8 } from "../base/text.ts";
import type { Dictionary } from "../base/words.ts";
import type { PageRequest } from "../host/request.ts";
import { JourneyReader } from "../journey/reader.ts";
import type { LessonRun } from "../lesson/run.ts";
import { openSession, type Session as Terminal } from "../shell/session.ts";
import { ENGINE_VERSION, type Input, type InputLog } from "../sim/input-log.ts";
import { SEC } from "../sim/sim.ts";
import { parseIpv4 } from "../wire/address.ts";
import { inject } from "../world/inject.ts";
import type { WorldSpec } from "../world/spec.ts";
import { World } from "../world/world.ts";
import { MoveReader } from "./moves.ts";
import type {
  EditRequest,
  JourneyLines,
  LessonProgress,
  Question,
  Topology,
  Update,
} from "./protocol.ts";
import type { Sieve } from "./sieve.ts";
import { topologyKey, topologyOf } from "./topology.ts";

export type LessonInput = Input & { kind: "lesson" | "step" | "reply" };

/** A world that somebody works in: its terminals, its input log, its journeys. Synchronous. */
export class WorldSession {
  world: World;
  log: InputLog;
  terminals = new Map<number, Terminal>();
  nextTerminal = 1;
  /** What terminals have printed and the page has not been told. */
  printed = new Map<number, string>();
  reader: JourneyReader;
  /** What it says to people, where that is not English. */
  dictionary: Dictionary;
  /** The trace event at which the world had started. */
  since: number;
  /** The display filter of the lists that were asked for. */
  sieve: Sieve | null = null;
  moves: MoveReader;
  requests = new Map<number, PageRequest>();
  nextRequest = 1;
  /** Numbers of requests that the page has not heard of. */
  untold: number[] = [];
  topologySeen = "";
  crash: string | null = null;
  /** The part that the world waits for, while it is fetched. */
  fetching: string | null = null;
  /** The page has been told of it. */
  crashTold = false;
  lesson: LessonRun | null = null;
  /** Follows what is done in a lesson when it is done again. */
  coach: { did(input: LessonInput): void } | null = null;
  /** The progress that the page was told last, as text. */
  lessonSeen = "";
  /** The world's events at the last look: nothing new happened, nothing can have passed. */
  lessonAt = -1;

  /** `boot` false: the machines are there, with their shells; `boot` is called when the programs are. */
  constructor(spec: WorldSpec, seed = spec.seed, boot = true, dictionary: Dictionary = {}) {
    this.dictionary = dictionary;
    this.world = new World(spec, { seed, boot });
    this.log = { version: ENGINE_VERSION, world: spec.name, seed, entries: [] };
    const { trace } = this.world.sim;
    // What agents did while the world was made is not the learner's doing.
    this.since = trace.next;
    this.reader = new JourneyReader(trace, trace.next, this.dictionary);
    this.moves = new MoveReader(trace, trace.next);
    this.topologySeen = topologyKey(this.world);
    for (const machine of this.world.machines.values()) machine.page = true;
  }

  /** The machine's crash, in words: the first is what counts. */
  fail(error: unknown): void {
    this.crash ??=
      error instanceof Error ? `${error.message}\n${error.stack ?? ""}` : String(error);
  }

  /** Let the world's nodes and agents start; what they do is not the learner's doing. */
  boot(): void {
    if (this.world.booted) return;
    this.world.boot();
    const { trace } = this.world.sim;
    this.since = trace.next;
    this.reader.next = trace.next;
    this.moves.next = trace.next;
    for (const machine of this.world.machines.values()) machine.page = true;
  }

  /** The trace was taken back to event `next`: what was read beyond it has not happened. */
  forget(next: number): void {
    const { trace } = this.world.sim;
    this.reader = new JourneyReader(trace, Math.max(this.since, trace.first), this.dictionary);
    this.moves = new MoveReader(trace, next);
    this.sieve = null;
    this.untold = [...this.requests.keys()];
  }

  /** Do an input and write it down. Answers the id of a terminal that it opened. */
  input(input: Input): number {
    const { sim } = this.world;
    this.log.entries.push({ at: sim.now, steps: sim.steps, input });
    return this.apply(input);
  }

  apply(input: Input): number {
    switch (input.kind) {
      case "open": {
        const machine = this.world.machine(input.machine);
        if (!machine) return 0;
        const id = input.terminal;
        this.nextTerminal = Math.max(this.nextTerminal, id + 1);
        this.terminals.set(id, openSession(machine, { rows: input.rows, columns: input.columns }));
        return id;
      }
      case "close":
        this.terminals.get(input.terminal)?.terminal.hangUp();
        this.terminals.delete(input.terminal);
        return 0;
      case "type":
        this.terminals.get(input.terminal)?.terminal.type(input.text);
        return 0;
      case "resize":
        this.terminals.get(input.terminal)?.terminal.resize(input.rows, input.columns);
        return 0;
      case "write":
        this.world.machine(input.machine)?.fs.writeFile(input.path, input.text);
        return 0;
      case "lesson":
      case "step":
      case "reply":
        this.coach?.did(input);
        return 0;
      case "inject":
        return this.inject(input);
      case "answer": {
        const request = this.requests.get(input.request);
        request?.close(this.world.sim, input.answer);
        this.requests.delete(input.request);
        return 0;
      }
    }
  }

  /** The number of the packet; 0 when there is no such place or protocol. */
  inject(input: Input & { kind: "inject" }): number {
    const { protocol } = input;
    if (protocol !== "TCP" && protocol !== "UDP" && protocol !== "ICMP") return 0;
    for (const machine of this.world.machines.values())
      for (const ns of machine.kernel.namespaces) {
        if (ns.id !== input.ns) continue;
        const device = [...ns.devices.values()].find((one) => one.ifindex === input.ifindex);
        if (input.ifindex && !device) return 0;
        return inject(ns, device ?? null, { ...input, protocol });
      }
    return 0;
  }

  /** What would become of a packet: it is made, and the world goes on until its way is over. */
  whatIf(question: Question): number {
    const [src, dst] = [parseIpv4(question.src), parseIpv4(question.dst)];
    if (src === null || dst === null) return 0;
    const skb = this.input({ kind: "inject", ...question, src, dst });
    this.world.sim.runUntil(this.world.sim.now + SEC);
    this.reader.read();
    return skb;
  }

  openTerminal(machine: string, rows: number, columns: number): number {
    return this.input({ kind: "open", terminal: this.nextTerminal, machine, rows, columns });
  }

  /** Write a file of a machine; the words of what is wrong, or null. */
  writeFile(machine: string, path: string, text: string): string | null {
    try {
      this.input({ kind: "write", machine, path, text });
      return null;
    } catch (error) {
      if (error instanceof SysError) return `${path}: ${error.message}`;
      throw error;
    }
  }

  readFile(machine: string, path: string): string | null {
    try {
      const found = this.world.machine(machine);
      return found ? fromUtf8(found.fs.readFile(path)) : null;
    } catch (error) {
      if (error instanceof SysError) return null;
      throw error;
    }
  }

  /**
   * Let the world run until `time`, at most `budget` events, or until it needs a part that has not come.
   * False: there is more to do.
   */
  run(time: number, budget: number): boolean {
    const { sim } = this.world;
    // Before the start there are only the shells, at the beginning of time.
    if (!this.world.booted) time = 0;
    for (let i = 0; i < budget; i++) {
      if (sim.absent !== null) return true;
      if (!sim.step(time)) {
        if (time > sim.now) sim.now = time;
        return true;
      }
    }
    return false;
  }

  /** Number what programs ask of the page: each is answered by its number. */
  takeRequests(): void {
    for (const machine of this.world.machines.values())
      for (const request of machine.requests.splice(0)) {
        const id = this.nextRequest++;
        this.requests.set(id, request);
        this.untold.push(id);
      }
  }

  /** What programs ask of the page, and it has not been told yet. */
  edits(): EditRequest[] {
    this.takeRequests();
    return this.untold.splice(0).flatMap((id) => {
      const request = this.requests.get(id);
      if (!request) return [];
      const { process, path, line } = request;
      const { machine } = process;
      const text = this.readFile(machine.name, path) ?? "";
      return [{ id, machine: machine.name, path, text, line }];
    });
  }

  /** Everything that is new since the last call. */
  /** Take what terminals have printed: the lesson hears of it at the step where it was, the page when it is told. */
  listen(): void {
    for (const [id, session] of this.terminals) {
      const text = fromUtf8(session.terminal.drain());
      if (text === "") continue;
      this.lesson?.saw(session.machine.name, text);
      this.printed.set(id, (this.printed.get(id) ?? "") + text);
    }
  }

  update(): Update {
    this.listen();
    const terminals: Update["terminals"] = [];
    for (const [id, session] of this.terminals) {
      const text = this.printed.get(id) ?? "";
      const ended = session.status !== null;
      if (text !== "" || ended) terminals.push({ id, text, ended });
      if (ended) this.terminals.delete(id);
    }
    this.printed.clear();
    const touched = this.reader.read();
    const key = topologyKey(this.world);
    const changed = key !== this.topologySeen;
    this.topologySeen = key;
    return {
      now: this.world.sim.now,
      terminals,
      moves: this.moves.read(this.reader),
      journeys: touched.size > 0,
      topology: changed,
      edits: this.edits(),
      lesson: this.lessonNews(terminals.length > 0),
      crash: this.crash,
    };
  }

  progress(): LessonProgress | null {
    const { lesson } = this;
    if (!lesson) return null;
    lesson.observe();
    const wrong: Record<string, string> = {};
    for (const task of lesson.current.tasks) {
      const text = lesson.wrong(task.id);
      if (text !== null) wrong[task.id] = text;
    }
    return { step: lesson.step, passed: [...lesson.passed], wrong };
  }

  /** The lesson's progress when it changed; looked at only when something happened. */
  lessonNews(shown: boolean): LessonProgress | null {
    const { lesson } = this;
    if (!lesson) return null;
    // What leaves no trace (a rule, a route) counts for what comes after it, too.
    const { trace, steps } = this.world.sim;
    const now = lesson.hurries ? steps : trace.next;
    if (!shown && now === this.lessonAt) return null;
    this.lessonAt = now;
    const progress = this.progress();
    const text = JSON.stringify(progress);
    if (text === this.lessonSeen) return null;
    this.lessonSeen = text;
    return progress;
  }

  topology(): Topology {
    return topologyOf(this.world);
  }

  /** The newest journeys; those that a filter lets through: journeysOf (reading.ts). */
  journeys(limit: number): JourneyLines {
    this.reader.read();
    const all = this.reader.journeys(limit);
    return {
      lines: all.map((journey) => ({ ...journey, count: journey.packets.length })),
      problem: null,
    };
  }
}

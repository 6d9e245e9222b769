import type { Dissection, Field, Layer } from "../dissect/tree.ts";
import type { FilterProblem } from "../journey/display-filter.ts";
import type { Sight } from "../journey/sights.ts";
import type { Journey, PacketStory } from "../journey/story.ts";
import type { Answer } from "../lesson/ask.ts";
import type { Drawing } from "../lesson/figure.ts";
import type { FigureSpec, LessonSpec } from "../lesson/spec.ts";
import type {
  Completion,
  Completions,
  Hover,
  Preview,
  Problem,
} from "../shell/language/language.ts";
import type { InputLog } from "../sim/input-log.ts";
import type { DeviceNote, StateRow, StateSection, StateTopic } from "../world/tables.ts";
import type { Command, Undo } from "./undo.ts";

export type {
  Answer,
  Command,
  Completion,
  Completions,
  DeviceNote,
  Dissection,
  Field,
  FilterProblem,
  Hover,
  InputLog,
  Layer,
  Preview,
  Problem,
  Sight,
  StateRow,
  StateSection,
  StateTopic,
  Undo,
};

/*
 * What the page and the worker say to each other: plain data, this file is all that the page knows
 * of the engine.
 */

export interface WorldInfo {
  name: string;
  title: string;
  summary: string;
}

/** A device on the map. */
export interface MapDevice {
  ifindex: number;
  name: string;
  kind: string;
  up: boolean;
  mtu: number;
  mac: string;
  addresses: string[];
  /** "geneve id 1001 remote 10.4.4.18" and the like; "" for the rest. */
  detail: string;
}

export interface MapNamespace {
  id: number;
  name: string;
  /** The node that it is on. */
  node: string;
  kind: "node" | "pod" | "netns";
  /** Its app label: what it is, in a word. */
  app: string;
  /** The machine whose terminal opens there; "" for a bare namespace. */
  machine: string;
  ip: string;
  devices: MapDevice[];
}

export interface MapEnd {
  ns: number;
  ifindex: number;
}

export interface MapLink {
  kind: "veth" | "wire" | "tunnel";
  a: MapEnd;
  b: MapEnd;
}

export interface Topology {
  world: WorldInfo;
  /** A command that sends something, for who has done nothing yet. */
  try: string;
  /** Where the world is not like the real one. */
  differs: string[];
  namespaces: MapNamespace[];
  links: MapLink[];
  /** Machines that a terminal can be opened on, the first being the world's own choice. */
  machines: { name: string; label: string; node: string }[];
}

/** A packet went from one device to another, or died. */
export interface Move {
  skb: number;
  at: number;
  from: MapEnd;
  /** Null: it died there. */
  to: MapEnd | null;
  look: "plain" | "tunnel" | "arp" | "dropped";
  what: string;
}

export interface JourneyLine extends Journey {
  count: number;
}

export interface JourneyLines {
  lines: JourneyLine[];
  /** What is wrong with the filter; null when it could be read. */
  problem: FilterProblem | null;
}

export interface PacketLine {
  skb: number;
  /** Whether it fits the filter, where there is one. */
  fits: boolean;
  at: number;
  what: string;
  from: string;
  to: string;
  end: PacketStory["end"];
  reason: string;
  /** Devices crossed, in order, each with its namespace. */
  path: Hop[];
}

export interface Hop {
  ns: number;
  device: string;
}

export interface EditRequest {
  id: number;
  machine: string;
  path: string;
  text: string;
  line: number;
}

/** What the engine knows of a file that is being edited. */
export interface FileLanguage {
  name: "iptables" | "yaml" | "shell" | "plain";
  /** Words to colour, by what they are. */
  words: Record<string, string[]>;
  /** What makes the file take effect, as it is typed; null: nothing does, or who asked for it will. */
  command: string | null;
  /** The terminal that asked for the file; 0: none. */
  terminal: number;
}

export interface LessonInfo {
  slug: string;
  title: string;
  summary: string;
  minutes: number;
  world: string;
  steps: number;
}

/** A lesson as the panel shows it: its text, and how far somebody has come. */
export interface LessonView {
  spec: LessonSpec;
  progress: LessonProgress;
  /** Terminals in which the steps before this one were played. */
  terminals: Opened["terminals"];
}

export interface LessonProgress {
  step: number;
  /** "step/task" of everything that has passed. */
  passed: string[];
  /** What is wrong with each task of this step that has not passed, by task id. */
  wrong: Record<string, string>;
}

/** What doing a learner's log again has shown: how many of a lesson's tasks pass. */
export interface Verdict {
  slug: string;
  title: string;
  done: number;
  of: number;
  /** Why nothing could be shown; null when it could. */
  problem: string | null;
}

/** What a figure shows: lines of tables, a packet's way, or its headers. */
export type FigureView =
  | Exclude<Drawing, { kind: "header" }>
  | { kind: "header"; skb: number; what: string; layers: Layer[] };

/** What is new since the last time. */
export interface Update {
  /** Virtual time, ns. */
  now: number;
  terminals: { id: number; text: string; ended: boolean }[];
  moves: Move[];
  /** Something was added to the journeys. */
  journeys: boolean;
  /** Devices, pods or addresses changed: ask for the topology. */
  topology: boolean;
  edits: EditRequest[];
  /** Tasks of the open lesson, when something about them changed. */
  lesson: LessonProgress | null;
  /** The engine threw: what, and where. The input log can be had still. */
  crash: string | null;
}

export interface OpenOptions {
  world: string;
  /** Opened when nobody knows that one. */
  otherwise?: string;
  /** A lesson's slug: its world is opened in place of that one. */
  lesson?: string;
  seed?: number;
  /** Replayed after the world is made; the last entry is left out when `dropLast` says so. */
  log?: InputLog;
  dropLast?: boolean;
  /** Virtual time, ns: the log is replayed up to here, and the world goes no further. */
  until?: number;
  /** A link's state: says which world, and what was done in it. */
  link?: string;
}

/** What a worker's name says, as JSON. */
export interface WorkerName {
  /** The page's language. */
  lang: string;
  /** What to open at once; null: nothing yet. */
  first: OpenOptions | null;
}

/** A world that was opened, with the terminals that a replayed log left open. */
export interface Opened {
  topology: Topology;
  terminals: { id: number; machine: string }[];
  /** Why the log could not be replayed, in a sentence; the world is then a fresh one. */
  refused: string | null;
  /** The lesson that was open where the log ends. */
  lesson: LessonView | null;
}

/** A packet on the timeline. */
export interface Tick {
  skb: number;
  /** Virtual time, ns. */
  at: number;
  look: Move["look"];
}

/** What happened when: packets in their order, and the commands that were typed. */
export interface History {
  /** The oldest packet that is remembered. */
  first: number;
  ticks: Tick[];
  commands: Command[];
}

/** A packet that somebody wants to follow without sending it. */
export interface Question {
  /** Numbers of the namespace and of the device that it comes in by; 0: it is made there. */
  ns: number;
  ifindex: number;
  protocol: string;
  /** "10.4.4.19" */
  src: string;
  dst: string;
  srcPort: number;
  dstPort: number;
  mark: number;
}

/** The worker, as the page sees it through Comlink. */
export interface WorkerApi {
  /** The world that the worker's name asks for (OpenOptions as JSON). */
  first(): Promise<Opened | null>;
  worlds(): Promise<WorldInfo[]>;
  /** The world stands still until somebody listens. */
  open(options: OpenOptions): Promise<Opened>;
  /**
   * Called for every batch of news, and now and then for the clock's sake. The next batch waits for
   * the answer, and so does the world when it takes long: the page is never flooded.
   */
  listen(update: (update: Update) => Promise<void>): Promise<void>;
  topology(): Promise<Topology>;
  /** 1 is as fast as the wall clock; 0 is paused. */
  setRate(rate: number): Promise<void>;
  openTerminal(machine: string, rows: number, columns: number): Promise<number>;
  closeTerminal(id: number): Promise<void>;
  type(id: number, text: string): Promise<void>;
  resize(id: number, rows: number, columns: number): Promise<void>;
  /** The newest; with a display filter, those of which a packet fits. */
  journeys(limit: number, filter: string): Promise<JourneyLines>;
  packets(journey: number, filter: string): Promise<PacketLine[]>;
  story(skb: number): Promise<PacketStory | null>;
  /** The story as text. */
  storyText(skb: number): Promise<string>;
  /** Devices that saw a packet, in order. */
  sights(skb: number): Promise<Sight[]>;
  /** What one of them saw, byte by byte (`Sight.n`); null when it is no longer remembered. */
  dissect(n: number): Promise<Dissection | null>;
  readFile(machine: string, path: string): Promise<string | null>;
  writeFile(machine: string, path: string, text: string): Promise<string | null>;
  /** Of the file of an EditRequest that has not been answered; `text` is what it would be. */
  language(request: number, text: string): Promise<FileLanguage | null>;
  check(request: number, text: string): Promise<Problem[]>;
  complete(request: number, text: string, offset: number): Promise<Completions | null>;
  hover(request: number, text: string, offset: number): Promise<Hover | null>;
  /** What its command would change; for a file without one, what saving would. */
  preview(request: number, text: string): Promise<Preview | null>;
  answerEdit(id: number, answer: "saved" | "closed"): Promise<void>;
  inputLog(): Promise<InputLog | null>;
  /** What is done so far, as it stands in a link. */
  link(): Promise<string>;
  /** Makes a packet and lets its way come to an end; its number, 0 when it cannot be. */
  whatIf(question: Question): Promise<number>;
  /** Packets with a number above `after`, and every command. */
  history(after: number): Promise<History>;
  /** What a namespace's tables say now; none when it is gone. */
  tables(ns: number, topic: StateTopic): Promise<StateSection[]>;
  /** Null when there is no such device. */
  deviceNote(ns: number, ifindex: number): Promise<DeviceNote | null>;
  /**
   * Make the world of a moment of the past: what the log says, up to `at` (virtual time, ns); null: the
   * same log as the last time. The next moment, earlier or later, is made from the nearest that is
   * remembered. For a worker of its own: its world stands still.
   */
  seek(at: number, log: InputLog | null): Promise<Opened>;
  /** The log without the last command; null when there is none. */
  undo(): Promise<Undo | null>;
  lessons(): Promise<LessonInfo[]>;
  /**
   * Opens a lesson on the world that is open now (open its world first), at a step: the solutions of the
   * steps before it are typed there. `passed`: tasks that passed another time.
   */
  openLesson(slug: string, step: number, passed: string[]): Promise<LessonView>;
  /** A lesson as it is now, new or in place of the old; one that is open goes on at its step. */
  reviseLesson(spec: LessonSpec): Promise<LessonProgress | null>;
  /** An answer to a question of the step. */
  answerTask(task: string, answer: Answer): Promise<LessonProgress>;
  /** What was done in the open lesson, as text that `verify` reads; "" when none is open. */
  completionCode(): Promise<string>;
  /** Does again what a completion code says, in this worker; whatever else was open is gone. */
  verify(code: string): Promise<Verdict>;
  /** A figure of the lesson, as it is drawn now; null when there is nothing to draw yet. */
  figure(figure: FigureSpec): Promise<FigureView | null>;
  closeLesson(): Promise<void>;
  /** Tasks ("step/task") of the open lesson that passed in a world of another time. */
  recall(passed: string[]): Promise<LessonProgress | null>;
  goToStep(step: number): Promise<LessonProgress>;
  /** pcapng files by namespace name; of one namespace or device when it is named. */
  captures(place?: { ns: number; ifindex?: number }): Promise<{ name: string; data: Uint8Array }[]>;
}

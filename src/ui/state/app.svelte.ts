import { fill } from "../../base/words.ts";
import type { PacketStory } from "../../journey/story.ts";
import type { Opened, OpenOptions, Question, Topology, Undo } from "../../worker/protocol.ts";
import type { Journeys } from "../journey/journeys.svelte.ts";
import { Lessons } from "../lesson/lessons.svelte.ts";
import type { Flight } from "../map/flight.svelte.ts";
import type { Tabs } from "../terminal/tabs.svelte.ts";
import { language, read } from "../text/language.ts";
import { text } from "../text/page.ts";
import { count } from "../text/words.ts";
import { Bench } from "./bench.svelte.ts";
import { DEFAULT_WORLD, Engine } from "./engine.ts";
import type { Machine } from "./machine.svelte.ts";
import { Settings } from "./settings.svelte.ts";
import { remember, remembered } from "./storage.ts";

export type Area = "lesson" | "map" | "terminal" | "journeys";

/** What stands beside the map. */
export type Side = "journeys" | "tables";

type Asked = "palette" | "keys" | "what if" | "progress" | "workshop" | "share";

/** A lesson, the step at which it begins, and what has passed. */
interface Begun {
  slug: string;
  step: number;
  passed?: readonly string[];
}

/** What others are compared with. */
export interface Pinned {
  story: PacketStory;
  name: string;
  of: Bench;
}

/** What was taken back by an undo. */
function undone({ command, others }: Undo): string {
  const { done, doneMore, lastLine } = text.undo;
  const what = { command: command || lastLine };
  return others ? count(doneMore, others, what) : fill(done, what);
}

/** Each has a worker of its own. */
const MOST_BRANCHES = 4;

/** All that the parts of the page share. */
export class App {
  settings = new Settings();
  /** The course of events that goes on. */
  live: Bench;
  /** Those that began at a moment of the past, oldest first. */
  branches = $state.raw<readonly Bench[]>([]);
  /** How many there have been. */
  branched = 0;
  /** The one that is shown. */
  bench: Bench = $state.raw() as Bench;
  lessons: Lessons;
  /** A dialog that somebody asked for. */
  asked = $state<Asked | null>(null);
  /** A packet's story that others are compared with: it outlives its course of events. */
  pinned = $state.raw<Pinned | null>(null);
  /** A world is being made, with what was done in it. */
  opening = $state(false);
  /** The world that was asked for last is open. */
  opened: Promise<void> = Promise.resolve();
  /** Virtual time, ns, that is being gone back to; null when nobody waits. */
  goingTo = $state<number | null>(null);
  /** Which area a phone shows. */
  area = $state<Area>("terminal");
  besideMap = $state<Side>("journeys");
  /** The journeys take the map's place too. */
  wide = $state(false);
  /** The map takes the whole width: several nodes are wide and low, and a lesson leaves little beside it. */
  across = $derived.by(() => {
    const { map, roomy } = this.settings;
    if (this.wide || map !== "auto") return !this.wide && map === "across";
    if (!this.lessons.spec || !roomy) return false;
    const nodes = this.live.machine.topology?.namespaces.filter(({ kind }) => kind === "node");
    return (nodes?.length ?? 0) > 1;
  });

  /** What is done here is for the browser to remember. */
  keeps: boolean;

  /** `keeps`: the browser remembers how far somebody has come in lessons, and the layout. */
  constructor(engine: Engine, keeps = true) {
    this.live = new Bench(engine, this.settings);
    this.bench = this.live;
    this.lessons = new Lessons(this.live.machine, this.live.tabs, keeps);
    this.keeps = keeps;
    if (keeps && remembered<string>("side", "journeys") === "tables") this.besideMap = "tables";
    // A lesson is about the course that goes on: what it types is to be seen.
    this.lessons.onType = () => this.show(this.live);
    this.lessons.onAnew = (slug, step) => void this.openLesson(slug, step);
    this.live.journeys.onChoose = (packet) => this.lessons.point({ packet });
  }

  get side(): Side {
    return this.besideMap;
  }

  set side(side: Side) {
    this.besideMap = side;
    if (this.keeps) remember("side", side);
  }

  get machine(): Machine {
    return this.bench.machine;
  }

  get tabs(): Tabs {
    return this.bench.tabs;
  }

  get journeys(): Journeys {
    return this.bench.journeys;
  }

  get flight(): Flight {
    return this.bench.flight;
  }

  /** Something is on its way that may take a while. */
  get busy(): boolean {
    const { past } = this.bench.timeline;
    return this.opening || this.goingTo !== null || (past.wanted !== null && !past.ready);
  }

  /** What the map shows: the world as it is, or as it was at the moment that is looked at. */
  get topology(): Topology | null {
    const { past } = this.bench.timeline;
    return (past.ready ? past.topology : null) ?? this.machine.topology;
  }

  /** Ask the world that the map shows. */
  async askShown<T>(question: (api: Engine["api"]) => Promise<T>): Promise<T | null> {
    const { past } = this.bench.timeline;
    return past.ready && past.engine
      ? question(past.engine.api).catch(() => null)
      : this.machine.ask(question);
  }

  /** What the page's address asks for. */
  async start(query: URLSearchParams, opening: Promise<Opened>): Promise<void> {
    const isLinked = location.hash.startsWith("#s=");
    const world = isLinked ? "" : query.get("world") || DEFAULT_WORLD;
    const lesson = query.get("lesson");
    const step = Number(query.get("step") ?? Number.NaN) - 1;
    await this.open({ world }, isLinked && lesson ? { slug: lesson, step: 0 } : null, opening);
    if (isLinked) {
      // What is done from here on is not what the link says.
      const { spec } = this.lessons;
      const name = this.machine.topology?.world.name ?? DEFAULT_WORLD;
      this.name(spec ? { lesson: spec.slug } : { world: name });
      if (spec) this.area = "lesson";
      if (spec && step >= 0) await this.lessons.go(step);
    }
    await Promise.all([this.machine.loadWorlds(), this.lessons.load()]);
    const live = document.querySelector<HTMLMetaElement>('meta[name="hopscope-live"]');
    if (live) await (await import("../lesson/live.ts")).followLessons(this, live.content);
    else if (import.meta.env.PROD) void import("../offline/keep.ts").then(({ keep }) => keep());
    if (location.hash.startsWith("#w=")) this.ask("workshop");
    if (lesson && !this.lessons.list.some(({ slug }) => slug === lesson))
      this.machine.notice ||= fill(text.failure.noLesson, { name: lesson });
    else if (lesson && !isLinked) await this.openLesson(lesson, step);
  }

  /** Open a world, with a lesson on it or without: everything that shows one begins anew. */
  open(
    options: OpenOptions,
    lesson: Begun | null = null,
    opening?: Promise<Opened>,
  ): Promise<void> {
    // One after the other: the news of one world must not be taken for another's.
    const next = (): Promise<void> => this.openNow(options, lesson, opening);
    this.opened = this.opened.then(next, next);
    return this.opened;
  }

  /** A new worker in place of one that is gone: what it was asked to open it will not. */
  renew(): void {
    this.opened = Promise.resolve();
    this.machine.renew();
  }

  async openNow(
    options: OpenOptions,
    lesson: Begun | null,
    opening: Promise<Opened> | undefined,
  ): Promise<void> {
    this.closeBranches();
    const { machine } = this.live;
    this.opening = true;
    try {
      const opened = await machine.open(options, opening);
      if (!opened) return;
      // A log says which lesson it is of, and what has passed.
      const begun = opened.lesson;
      if (begun && (!lesson || lesson.slug === begun.spec.slug)) await this.lessons.goOn(begun);
      else if (lesson) await this.lessons.attach(lesson.slug, lesson.step, lesson.passed);
      else this.lessons.forget();
    } finally {
      this.opening = false;
    }
    this.live.begin();
    // What a log or a lesson's steps have sent already is no news.
    this.live.journeys.refresh();
    this.live.timeline.refresh();
    await machine.listen();
  }

  /**
   * Go back to a moment of the course that is shown: its world is made anew in a worker of its own, up
   * to there, and stands still.
   */
  async goTo(at: number): Promise<void> {
    if (this.goingTo !== null) return;
    this.goingTo = at;
    const { timeline } = this.bench;
    const given = await timeline.past.give(at);
    this.goingTo = null;
    if (!given) {
      this.machine.notice = fill(text.timeline.failed, { why: timeline.past.problem });
      return;
    }
    timeline.leave();
    const { engine, opened } = given;
    const { name } = opened.topology.world;
    await this.branchOff(engine, { world: name }, at, Promise.resolve(opened));
  }

  /** A course in a worker of its own, beside the others, or in the place of one; it stands still. */
  async branchOff(
    engine: Engine,
    options: OpenOptions,
    since: number,
    opening?: Promise<Opened>,
    instead?: Bench,
  ): Promise<void> {
    const bench = new Bench(engine, this.settings, since);
    bench.number = ++this.branched;
    bench.machine.paused = true;
    if (!(await bench.machine.open(options, opening))) {
      this.machine.notice = fill(text.timeline.failed, {
        why: bench.machine.failure?.details ?? "",
      });
      return bench.end();
    }
    const [oldest] = this.branches;
    if (instead) this.closeBranch(instead);
    else if (oldest && this.branches.length === MOST_BRANCHES) this.closeBranch(oldest);
    this.branches = [...this.branches, bench];
    this.bench = bench;
    bench.begin();
    bench.journeys.refresh();
    bench.timeline.refresh();
    await bench.machine.listen();
  }

  /**
   * What would become of a packet: it is followed in a branch, which ends with "back to now". False
   * when there can be no such packet.
   */
  async whatIf(question: Question): Promise<boolean> {
    if (this.bench.since === null) await this.goTo(this.machine.now);
    const { bench } = this;
    if (bench.since === null) return false;
    const skb = await bench.machine.ask((api) => api.whatIf(question));
    if (!skb) return false;
    this.area = "journeys";
    await bench.journeys.fetch();
    await bench.journeys.reveal(skb);
    bench.timeline.refresh();
    return true;
  }

  /** Over the whole width, or beside the journeys: from now on, in every world. */
  setAcross(on: boolean): void {
    this.wide = false;
    this.settings.setMap(on ? "across" : "beside");
  }

  ask(what: Asked): void {
    this.asked = what;
  }

  pin(story: PacketStory | null): void {
    const name = story ? `${story.head.protocol} ${story.what}`.trim() : "";
    this.pinned = story && { story, name, of: this.bench };
  }

  /** Show the other course. */
  show(bench: Bench): void {
    this.bench = bench;
  }

  closeBranch(branch: Bench): void {
    if (this.bench === branch) this.bench = this.live;
    this.branches = this.branches.filter((one) => one !== branch);
    branch.end();
  }

  closeBranches(): void {
    for (const branch of this.branches) this.closeBranch(branch);
  }

  /** The address names what is open, so that it can be passed on. */
  name(what: { world?: string; lesson?: string }): void {
    const address = new URL(location.href);
    address.hash = "";
    for (const key of ["world", "lesson"] as const) {
      const value = what[key];
      if (value) address.searchParams.set(key, value);
      else address.searchParams.delete(key);
    }
    history.replaceState(null, "", address);
  }

  /** Another world, by the chooser. */
  async choose(world: string): Promise<void> {
    this.name({ world });
    await this.open({ world });
  }

  /**
   * A lesson, in a fresh copy of its world, at a step; else where it was left. What the steps before it
   * ask for is done in that world.
   */
  async openLesson(slug: string, step = Number.NaN): Promise<void> {
    const { lessons } = this;
    const info = lessons.list.find((lesson) => lesson.slug === slug);
    if (!info) return;
    const kept = lessons.kept[slug];
    const left = kept && !kept.finished ? kept.step : 0;
    const wanted = Math.max(0, Math.min(Number.isInteger(step) ? step : left, info.steps - 1));
    this.name({ lesson: slug });
    await this.open({ world: info.world }, { slug, step: wanted });
    this.area = "lesson";
  }

  async closeLesson(): Promise<void> {
    const world = this.machine.topology?.world.name;
    if (world) this.name({ world });
    if (this.area === "lesson") this.area = "terminal";
    await this.lessons.close();
  }

  /** The address of the world as it is now, with its lesson; null when the machine is gone. */
  async linkToNow(): Promise<URL | null> {
    const state = await this.machine.ask((api) => api.link());
    const address = new URL(location.href);
    address.search = "";
    address.hash = `s=${state}`;
    return state === null ? null : address;
  }

  /** The address of a lesson's step, in a fresh world. */
  linkToStep(slug: string, step: number): URL {
    const address = new URL(location.href);
    address.search = new URLSearchParams({ lesson: slug, step: String(step + 1) }).toString();
    address.hash = "";
    return address;
  }

  /** A link to the world as it is now, into the clipboard. */
  async copyLink(): Promise<void> {
    const address = await this.linkToNow();
    if (!address) return;
    try {
      await navigator.clipboard.writeText(address.href);
      this.machine.notice = text.link.copied;
    } catch {
      // The address itself can be copied by hand.
      history.replaceState(null, "", address);
      this.machine.notice = text.link.inAddress;
    }
  }

  /** The page anew in another language, with the world as it is now. */
  async readIn(tag: string): Promise<void> {
    if (tag === language) return;
    const state = await this.machine.ask((api) => api.link());
    const address = new URL(location.href);
    if (state !== null) address.hash = `s=${state}`;
    read(tag, address);
  }

  /** The world as it was before the last command. */
  async undo(): Promise<void> {
    const undo = await this.machine.ask((api) => api.undo());
    if (!undo) {
      this.machine.notice = text.undo.nothing;
      return;
    }
    const options = { world: undo.log.world, log: undo.log };
    const { since } = this.bench;
    // What is undone in a branch leaves the course that goes on as it is.
    if (since === null) await this.open(options);
    else await this.branchOff(new Engine(null), options, since, undefined, this.bench);
    this.machine.notice = undone(undo);
  }

  /** The same world and lesson again, from the first moment. */
  async reset(): Promise<void> {
    const world = this.machine.topology?.world.name ?? DEFAULT_WORLD;
    const { spec } = this.lessons;
    await this.open({ world }, spec && { slug: spec.slug, step: 0 });
  }
}
